"""Where a project's interpreter is."""

from __future__ import annotations

from soa.workspace import find_python


def test_an_interpreter_is_told_without_steps_upward_and_stays_the_link_that_it_is(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "venv").mkdir()
    real = tmp_path / "python3"
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    (tmp_path / "venv" / "python").symlink_to(real)
    found = find_python(tmp_path / "project", f"{tmp_path}/project/../venv/python")
    assert found == tmp_path.resolve() / "venv" / "python"
