"""A user's own processes leave room for those of a run, and a run leaves room for the user's."""

from __future__ import annotations

import pytest

import crowded
from nobody import PLAIN, run_as_nobody
from soa.sandbox import Limits


@pytest.mark.parametrize("kind", crowded.KINDS)
def test_a_user_with_many_processes(kind):
    shown = run_as_nobody(crowded.__file__, kind, PLAIN)
    assert shown[0] == "0"
    assert all(0 < int(started) < Limits().processes + 4000 for started in shown[1:])
