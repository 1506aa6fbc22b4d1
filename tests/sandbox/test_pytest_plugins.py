"""Plugins of pytest are loaded as what they are, and nothing else is taken for one."""

from __future__ import annotations

import sys
from pathlib import Path

from refusals import LIMITS, REQUEST
from soa.sandbox import Job
from soa.sandbox.process import PlainProcess

CONFIGURATION = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
required_plugins = pytest-asyncio
"""


async def test_a_plugin_that_is_called_like_a_module_which_is_imported_before_it(project):
    (project / "pytest.ini").write_text(CONFIGURATION)
    (project / "subject.py").write_text("import asyncio\n")
    (project / "test_subject.py").write_text(
        "import asyncio, subject\nasync def test_it():\n    assert subject.asyncio is asyncio\n"
    )
    module = {"name": "subject", "file": str(project / "subject.py")}
    request = {**REQUEST, "module": module, "project": [{"key": 1, "name": "test_subject.py::test_it"}]}
    sandbox = await PlainProcess.start(Path(sys.executable))
    report = await sandbox.run(Job(project, {**request, "generated": [], "roots": [str(project)]}, {}, LIMITS))
    assert [e["outcome"] for e in report.answer["events"] if "result" in e] == ["passed"], report
