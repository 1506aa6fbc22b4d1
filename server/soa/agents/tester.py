"""Where tests come from: the docstring's examples, the project's own tests, a tester who sees only the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from soa.agents.assertions import read_tests
from soa.agents.briefs import Brief, Refused
from soa.agents.ending import Ending
from soa.agents.fences import plain_text
from soa.agents.scope import alone
from soa.contracts import Status
from soa.errors import LimitReached, ModelError
from soa.verify import doctests

if TYPE_CHECKING:
    from soa.agents.colony import Colony, Member
    from soa.contracts import Contract
    from soa.evidence import Test

TRIES = 2


async def collect_tests(colony: Colony, member: Member) -> tuple[Test, ...]:
    """The tests for an entry, in order of authority; asks a tester where the setting and the lack of others say so.

    Where there are other tests, a tester who cannot be asked is done without.
    """
    entry = member.entry
    examples = doctests(entry.contract)
    project = await colony.surroundings.project_tests(entry)
    choice = colony.settings.generate_tests
    tests = (*examples, *project)
    if choice == "never" or (choice == "missing" and tests):
        return tests
    try:
        return (*tests, *await generate_tests(colony, member))
    except (LimitReached, ModelError):
        if not tests:
            raise
        return tests


async def generate_tests(colony: Colony, parent: Member) -> tuple[Test, ...]:
    """Ask a tester for tests of an entry's contract; none if no usable ones come back, or the tester was stopped."""
    if any(one.role == "tester" and one.stopped for one in parent.below):
        return ()
    member = colony.enlist("tester", parent.entry, parent)
    try:
        tests = await alone(colony, member, _ask(colony, member))
    except (LimitReached, ModelError) as error:
        colony.dismiss(member, Ending(Status.FAILED, str(error)))
        raise
    if tests is None:
        return ()
    status = Status.VERIFIED if tests else Status.FAILED
    colony.dismiss(member, Ending(status, f"{len(tests)} tests" if tests else "no usable test came back"))
    return tests


async def _ask(colony: Colony, member: Member) -> tuple[Test, ...]:
    entry = member.entry
    context = await colony.surroundings.context(entry, bodies=False)
    brief = Brief("tester", "tests", entry.contract, entry.address.path, context)
    for _ in range(TRIES):
        reply = await colony.ask(member, brief)
        tests = read_tests(reply.text, entry.contract)
        if tests:
            return tests
        brief = evolve(brief, refused=Refused(_no_test(entry.contract), plain_text(reply.text)))
    return ()


def _no_test(contract: Contract) -> str:
    return f"It holds no test that calls `{contract.name}` and agrees with the examples of its docstring."
