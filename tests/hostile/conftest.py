"""A camp for each test: as whoever runs the tests, and as a plain user where that is somebody else."""

from __future__ import annotations

import os

import pytest

from siege.camp import camps, plain_user


@pytest.fixture(params=["ourselves", "plain user"])
def camp(request):
    yield from camps(os.getuid() if request.param == "ourselves" else plain_user())
