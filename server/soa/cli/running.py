"""Running a coroutine so that Ctrl-C and SIGTERM stop it at once, and a second Ctrl-C leaves on the spot."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from soa.cli.boundary import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Coroutine

Result = TypeVar("Result")
STOPPING = (signal.SIGINT, signal.SIGTERM)


def run_stoppable(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end, or until a signal cancels it; what it returns after being cancelled is its result.

    Raises
    ------
    KeyboardInterrupt
        It was cancelled and had nothing to return.
    """
    return asyncio.run(_watched(work))


async def _watched(work: Coroutine[Any, Any, Result]) -> Result:
    if sys.platform == "win32":
        return await work  # Ctrl-C cancels it: there are no handlers of signals to be set on a loop
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in STOPPING:
            loop.add_signal_handler(number, os._exit, INTERRUPTED)
        click.echo("soa: stopping; once more to leave at once", err=True)
        task.cancel()

    for number in STOPPING:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        for number in STOPPING:
            loop.remove_signal_handler(number)
