"""Ctrl-C and SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from soa.cli.running import run_stoppable


async def interrupted_by(number):
    try:
        os.kill(os.getpid(), number)
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return "what was kept"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_and_what_is_returned_counts(capsys, number):
    assert run_stoppable(interrupted_by(number)) == "what was kept"
    assert "stopping" in capsys.readouterr().err


def test_without_a_result_it_is_an_interrupt():
    async def forever():
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        run_stoppable(forever())


def test_without_a_signal_it_runs_to_the_end():
    async def work():
        return 3

    assert run_stoppable(work()) == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
