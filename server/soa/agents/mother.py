"""A mother: writes a skeleton, has its helpers implemented side by side, and sends what failed back down."""

from __future__ import annotations

import ast
import asyncio
import re
from typing import TYPE_CHECKING

from attrs import evolve

from soa.agents.board import Entry, assemble
from soa.agents.briefs import ACCEPTED, Brief, Refused
from soa.agents.ending import Ending
from soa.agents.fences import plain_text, prose_of
from soa.agents.gate import is_stub_source, leftover_stubs
from soa.agents.harvest import harvest, names_used
from soa.agents.judge import gate, judge
from soa.agents.pieces import docstring_node, is_function, parse
from soa.agents.replies import Refusal, read_reply
from soa.agents.report import report
from soa.agents.tester import collect_tests
from soa.contracts import Address, Candidate, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from soa.agents.colony import Colony, Member
    from soa.agents.harvest import Harvest
    from soa.contracts import Contract, Helper, Step, Stub
    from soa.evidence import Test

    Delegate = Callable[[Entry, Member], Coroutine[Any, Any, Ending]]
    Modify = Callable[[Entry, str], Coroutine[Any, Any, Ending]]


_IS_RIGHT = re.compile(
    r"(?:(?:it|this|is|it's|already|seems|looks)\s+)*"
    r"(?:ok|okay|fine|right|correct|good|unchanged|no changes?)(?:\s+needed)?[.!]?",
    re.IGNORECASE,
)
"""What is said of a function that nothing is wrong with."""


class Mother:
    """One agent on one entry, with the agents of her helpers below her.

    Parameters
    ----------
    delegate
        Implements a helper's entry, by a child or by another mother.
    modify
        Lets the agent of a helper's entry change its work after an observation.
    """

    def __init__(self, colony: Colony, member: Member, delegate: Delegate, modify: Modify) -> None:
        self._colony = colony
        self._member = member
        self._delegate = delegate
        self._modify = modify
        self._tests: tuple[Test, ...] = ()

    @property
    def _entry(self) -> Entry:
        return self._member.entry

    async def decompose(self) -> Ending:
        """Only the skeleton: what a person may change before any helper is written."""
        skeleton = await self._skeleton("skeleton", "", "", self._colony.settings.attempts)
        if isinstance(skeleton, str):
            return Ending(Status.FAILED, skeleton, refused=True)
        self._entry.candidate = skeleton
        return Ending(Status.UNVERIFIED, "a skeleton: its helpers are still to be implemented")

    async def implement(self) -> Ending:
        """Skeleton, helpers, the whole; on failure her observation goes down, up to the limit of attempts."""
        attempts = self._colony.settings.attempts
        async with asyncio.TaskGroup() as group:
            tests = group.create_task(collect_tests(self._colony, self._member))
            first = group.create_task(self._skeleton("skeleton", "", "", attempts))
        self._tests = tests.result()
        skeleton = first.result()
        if isinstance(skeleton, str):
            return Ending(Status.FAILED, f"no usable skeleton: {skeleton}", refused=True)
        await self._adopt(skeleton)
        return await self._refine(attempts - 1)

    async def modify(self, observation: str, extra: tuple[Test, ...] = ()) -> Ending:
        """Change skeleton or helpers after what the mother above or the project's tests have shown."""
        self._tests = tuple(dict.fromkeys((*self._tests, *extra)))
        await self._send_down(observation)
        return await self._refine(max(1, self._colony.settings.attempts // 2))

    async def _refine(self, rounds: int) -> Ending:
        ending = Ending(Status.FAILED)
        for left in range(rounds, -1, -1):
            ending, observation = await self._whole()
            if ending.good or not left:
                break
            await self._send_down(observation)
        return ending

    async def _whole(self) -> tuple[Ending, str]:
        """Judge the assembled whole, or say which helper failed. One that was stopped stays a stub: she goes on."""
        children = self._entry.children.values()
        failed = [c for c in children if c.ending and not c.ending.good and not c.stopped]
        if failed:
            reasons = "\n".join(f"The helper `{c.contract.name}` failed: {c.ending.reason}" for c in failed if c.ending)
            first = failed[0].ending.reason if failed[0].ending else ""
            return Ending(Status.FAILED, f"helper {failed[0].contract.name}: {first}"), reasons
        assert self._entry.candidate is not None
        evidence = await judge(self._colony, self._member, self._entry.candidate, self._tests)
        return Ending.of(evidence, self._entry.missing), report(evidence)

    async def _skeleton(self, step: Step, feedback: str, code: str, attempts: int) -> Candidate | str:
        """Ask for a skeleton until one passes the gate; the last reason if none does."""
        refused = ACCEPTED
        for _ in range(max(1, attempts)):
            draft = await self._draft(step, feedback, code, refused)
            if isinstance(draft, Candidate):
                return draft
            refused = draft
            self._colony.tell(self._member, self._colony.event("refused", refused.reason))
        return refused.reason

    async def _draft(self, step: Step, feedback: str, code: str, refused: Refused) -> Candidate | Refused:
        colony, entry = self._colony, self._entry
        context = await colony.surroundings.context(entry)
        brief = Brief.about(entry, "mother", step, refused, context=context, code=code, feedback=feedback)
        reply = await colony.ask(self._member, brief)
        answer = read_reply(reply.text, entry.contract, cut=reply.cut)
        if isinstance(answer, Refusal):
            return Refused(answer.reason, plain_text(reply.text))
        view = await colony.surroundings.view(entry)
        found = harvest(answer, entry.contract, view.known)
        reasons = refuse_skeleton(found, entry.contract) or await gate(colony, entry, found.candidate)
        return Refused("\n".join(reasons), plain_text(reply.text)) if reasons else found.candidate

    async def _adopt(self, skeleton: Candidate) -> None:
        """Take a skeleton: keep the helpers it leaves as they are, have the new ones implemented side by side."""
        entry = self._entry
        old = entry.children
        skeleton = _restore(skeleton, entry)
        entry.children, entry.candidate = {}, skeleton
        stubs = await self._colony.surroundings.helper_stubs(entry, leftover_stubs(skeleton))
        for name, stub in stubs.items():
            known = old.get(name)
            same = known is not None and known.contract.digest == stub.contract.digest
            entry.children[name] = known if known is not None and same else _child_entry(entry, stub)
        async with asyncio.TaskGroup() as group:
            for child in entry.children.values():
                if not child.settled:
                    group.create_task(self._delegate(child, self._member))

    async def _send_down(self, observation: str) -> None:
        """The modification phase: find out which parts are concerned, and have only these changed."""
        entry = self._entry
        code = self._code()
        concerned: dict[str, str] = {}
        helpers = [name for name, child in entry.children.items() if not child.stopped]
        if helpers:
            brief = Brief("mother", "feedback", entry.contract, entry.address.path, "", code, observation)
            reply = await self._colony.ask(self._member, brief)
            concerned = read_feedback(reply.text, [*helpers, entry.contract.name])
        if entry.contract.name in concerned or not concerned:
            told = f"{observation}\n\nYour diagnosis: {concerned.get(entry.contract.name, '')}".rstrip()
            revised = await self._skeleton("revise", told, code, 2)
            if isinstance(revised, Candidate):
                await self._adopt(revised)
        async with asyncio.TaskGroup() as group:
            for name, words in concerned.items():
                child = entry.children.get(name)
                if child is not None and not child.stopped:
                    group.create_task(self._modify(child, f"{words}\n\nSeen in the whole:\n{observation}"))

    def _code(self) -> str:
        whole = assemble(self._entry, lambda e: e.candidate is not None)
        return whole.source if whole else ""


def _child_entry(entry: Entry, stub: Stub) -> Entry:
    address = Address(entry.address.path, stub.contract.qualname)
    return Entry(entry.document, address, stub.contract, entry.depth + 1, parent=entry)


def _restore(revised: Candidate, entry: Entry) -> Candidate:
    """Where a revision repeats a helper's implementation unchanged, put its stub back, so that its agent stays."""
    stubs = {h.name: h for h in entry.candidate.helpers} if entry.candidate else {}
    whole = assemble(entry, lambda e: e.settled)
    filled = {h.name: h for h in whole.helpers} if whole else {}
    helpers = tuple(
        stubs[h.name] if h.name in entry.children and h.name in filled and _same(h.source, filled[h.name].source) else h
        for h in revised.helpers
    )
    return evolve(revised, helpers=helpers)


def _same(one: str, other: str) -> bool:
    return ast.dump(parse(one)) == ast.dump(parse(other))


def refuse_skeleton(found: Harvest, contract: Contract) -> tuple[str, ...]:
    """Why a skeleton cannot be taken: a helper is unused, shadows a name, promises nothing, or is the whole task."""
    reasons = [_never_called(found.unused, contract.name)] if found.unused else []
    reasons += [f"The name `{n}` exists in this file already: choose another for the helper." for n in found.repeated]
    stubs = [h for h in found.candidate.helpers if is_stub_source(h)]
    reasons += [f"The helper `{h.name}` has no docstring: say all that it must do." for h in stubs if not _promises(h)]
    if len(stubs) == 1 and _only_passes_on(found.candidate.body, stubs[0].name, contract):
        reasons.append(
            f"The helper `{stubs[0].name}` is the whole task under another name: split the work into parts instead."
        )
    return tuple(reasons)


def _never_called(names: Sequence[str], name: str) -> str:
    """What to do about helpers that neither the body of a function nor a helper's docstring names."""
    return (
        f"Helpers that are never called: {', '.join(f'`{n}`' for n in names)}. Call each in the body of `{name}`, or "
        "name it in the docstring of the helper that calls it; else remove it, and fold its contract into the "
        "docstring of the helper that does its work."
    )


def _promises(helper: Helper) -> bool:
    node = parse(helper.source).body[0]
    return is_function(node) and docstring_node(node) is not None


def _only_passes_on(body: str, helper: str, contract: Contract) -> bool:
    """Whether a body is one call of the helper with just the task's own parameters."""
    value = _only_value(parse(f"async def _():\n{_indented(body)}").body[0].body)  # type: ignore[attr-defined]
    call = value.value if isinstance(value, ast.Await | ast.YieldFrom) else value
    if not isinstance(call, ast.Call) or helper not in names_used([call.func]):
        return False
    parts = [*call.args, *(k.value for k in call.keywords)]
    plain = [p.value if isinstance(p, ast.Starred) else p for p in parts]
    own = {p.name for p in contract.parameters}
    return all(isinstance(p, ast.Name) and p.id in own for p in plain)


def _only_value(statements: list[ast.stmt]) -> ast.expr | None:
    """The value of a body that is a single expression, returned or not, also by way of a variable."""
    first, last = statements[0], statements[-1]
    if len(statements) == 1 and isinstance(first, ast.Return | ast.Expr):
        return first.value
    if len(statements) == 2 and isinstance(first, ast.Assign) and isinstance(last, ast.Return) and last.value:
        return first.value if ast.dump(first.targets[0]).replace("Store", "Load") == ast.dump(last.value) else None
    return None


def _indented(body: str) -> str:
    return "\n".join(f" {line}" for line in body.split("\n"))


def read_feedback(reply: str, names: list[str]) -> dict[str, str]:
    """What a mother says of each function, by name; names she does not mention are not concerned."""
    text = prose_of(reply)
    name = "|".join(map(re.escape, names))
    mention = re.compile(
        rf"^[ \t>#*\-\u2022\d.)]*`?(?:\w+\.)*({name})(?:\([^()\n]*\))?[`*]*[ \t]*(?:[:\u2013\u2014]|-(?=\s)|$)[`* \t]*",
        re.MULTILINE,
    )
    found = list(mention.finditer(text))
    ends = [*(m.start() for m in found[1:]), len(text)]
    said: dict[str, list[str]] = {}
    for match, end in zip(found, ends, strict=False):
        words = text[match.end() : end].strip()
        if not _IS_RIGHT.fullmatch(words):
            said.setdefault(match[1], []).append(words)
    return {n: "\n".join(words) for n, words in said.items()}
