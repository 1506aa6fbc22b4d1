"""What a candidate's process has given up, tried inside: by ourselves, by a plain user, and without bubblewrap."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import refusals
import soa
from nobody import PLAIN, run_as_nobody
from soa.sandbox.depth import Depth, inspect
from soa.sandbox.harness.landlock import SCOPES_ABI, abi

ROOT = Path(__file__).parents[2]
landlocked = pytest.mark.skipif(abi() < SCOPES_ABI, reason="the kernel has no Landlock, or too old a one")


@pytest.fixture(scope="module")
def as_ourselves(zygote):
    return asyncio.run(refusals.look(zygote))


@pytest.fixture(scope="module")
def as_plain_user():
    return run_as_nobody(refusals.__file__, "zygote", PLAIN)


@pytest.fixture(scope="module")
def by_itself():
    """The plain process. Bubblewrap is around the whole, server and all: nothing is tried without a sandbox."""
    needed = [p for p in (str(ROOT), sys.prefix) if p.startswith("/tmp/")]  # the project may lie there itself
    again = [argument for path in needed for argument in ("--ro-bind", path, path)]
    shown = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", *again]
    given_up = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--cap-drop", "ALL", "--die-with-parent"]
    python = sys.executable
    done = subprocess.run(
        [shutil.which("bwrap"), *shown, *given_up, "--", python, refusals.__file__, "process", python],
        env={"PYTHONPATH": f"{Path(soa.__file__).parents[1]}", "PATH": os.environ["PATH"], "HOME": "/tmp"},
        stdout=subprocess.PIPE,
        check=True,
        timeout=100,
    )
    return json.loads(done.stdout)


@pytest.fixture(params=["as ourselves", "as plain user", "by itself"])
def found(request):
    return request.getfixturevalue(request.param.replace(" ", "_"))


def test_calls_that_lead_out_are_refused(found):
    assert len(found["calls"]) == len(refusals.calls()) > 50
    assert set(found["calls"].values()) == {"EPERM"}


def test_no_namespace_can_be_made(found):
    assert set(found["namespaces"].values()) == {"EPERM"}
    assert found["clone3"] == "ENOSYS"


def test_only_ordinary_sockets_can_be_made(found):
    assert set(found["families"].values()) == {"EPERM"}
    assert found["pairs"] == ["no error", "EPERM"]


def test_other_numbers_of_the_same_calls_do_not_help(found):
    assert found["x32"] == "EPERM"
    assert found["32 bits"] in ("EPERM", "killed")


def test_children_are_held_as_well(found):
    assert found["children"] == "EPERM"


@landlocked
def test_nothing_is_written_outside_of_the_home(found):
    assert found["process"] == "EACCES"
    assert found["devices"] == "EACCES"


@landlocked
def test_what_landlock_holds_without_any_help(found):
    """A child with rights to one folder only, against its own parent: bubblewrap has no part in it."""
    outside, inside, moved, parent, itself, memory, abstract, connected, bound = found["deeper"]
    assert (inside, itself) == ("no error", "no error")
    assert (outside, moved, memory) == ("EACCES", "EACCES", "EACCES")
    assert (parent, abstract, connected, bound) == ("EPERM", "EPERM", "EACCES", "EACCES")


async def test_the_look_from_inside_tells_of_it(zygote):
    assert zygote.depth == Depth.of(await inspect(zygote)) == Depth(seccomp=True, landlock=abi())
