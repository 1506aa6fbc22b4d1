"""The user types on, everywhere in the files, while runs go on: nothing of theirs is lost or moved, nothing stale is
applied, every run ends.

Hypothesis draws what the user, the editor and the model do; an interpreter does it over the real protocol. The model
answers when its turn comes, each time with another number in the code, so that each edit can be traced to the contract
that it was written for. To look longer: `pytest tests/lsp/test_typing_on.py --hypothesis-profile=long`.
"""

from __future__ import annotations

import asyncio
import gc
import re
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from editor import Editor, Refused, opened
from gated import GatedModel
from soa.errors import ModelUnreachable
from soa.source.edits import Edit, apply
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from soa.contracts import Stub
    from soa.model import Query

EXAMPLES = settings().max_examples // 2
DEADLINE = 10.0
"""Seconds in which everything has to have ended."""

LEDGER = '''"""A ledger. 🦉"""

import os


class Ledger:
    """What was spent."""

    def post(self, amount):
        """Add an amount, e\u0301 too."""
        ...

    @property
    def balance(self):
        """The sum."""
        raise NotImplementedError  # soon


def parse(line, /, *, strict=False):
    """Read an amount.

    >>> 1 + 1
    2
    """


def scan(text): "All amounts 🦉 of a text."


async def fetch(url):
    """Fetch
    it."""
    pass
'''
EMPTY = ""
PAIR = 'if os:\n    def pair(a):\n        """Two of it."""\nelse:\n    def pair(a):\n        """Two of it."""\n'
FILES = [LEDGER, LEDGER.replace("\n", "\r\n"), LEDGER + PAIR, EMPTY]
STUB = '\n\ndef more(a, b):\n    """Sum of a and b."""\n'
PIECES = (
    "x", "\n", " ", "    ", "#", '"""', "🦉", "e\u0301", "(", ")", "\t", "\r\n", "...", "pass", "\f", "\u2028", "'",
    "return 1\n", "import os\n", "\n\n", STUB, STUB.replace("\n", "\r\n"), "class C:\n", "# soa: be quick\n", "a, b=1",
    '"""Another thing."""', "\n    ", "\x85", "\\", ":",
)  # fmt: skip
FILLER = r"\s|\.\.\.|pass|;|raise NotImplementedError(?:\(.*?\))?"
PLACEHOLDER = re.compile(f"(?:{FILLER})*")
GAP = re.compile(rf"(?:{FILLER}|#[^\r\n]*)*")
NUMBER = re.compile(r"7\d{6}")

RULES = (
    *("write", "write", "write", "erase", "overwrite", "write_above", "write_below", "write_stub"),
    *("reword", "reword", "fill", "undo", "undo", "save", "save", "reopen", "write_everything"),
    *("implement", "implement", "implement_file", "regenerate", "reject", "cancel", "cancel_all", "withdraw"),
    *("accept", "accept", "accept", "accept_all", "accept_by_action", "accept_by_action"),
    *("reply", "reply", "reply", "reply", "reply_all", "reply_with_helper", "reply_garbage", "fail"),
    *("make", "make", "make", "refuse_next", "type_before_next", "lag_next", "breathe", "rest"),
)
number = st.integers(0, 999)
steps = st.lists(st.tuples(st.sampled_from(RULES), number, number, number), min_size=12, max_size=60)
plans = st.fixed_dictionaries(
    {
        "files": st.lists(st.sampled_from(FILES[:3]), min_size=1, max_size=2),
        "mode": st.sampled_from(["off", "propose", "propose", "apply", "apply"]),
        "encoding": st.sampled_from(["utf-8", "utf-16", "utf-32"]),
        "made": st.booleans(),
        "ending": st.sampled_from(["answered", "cancelled", "left"]),
    }
)


def squeezed(text: str) -> str:
    return "".join(text.split())


class Model(GatedModel):
    """Answers each question with another number, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[str, str] = {}
        """The contract as the question showed it, by the number in the answer to it."""

    def code(self, query: Query, helper: str = "") -> str:
        contract = re.search(r"```python\n(.*?)\n```", query.messages[-1].content, re.DOTALL)[1]
        given = str(7_000_000 + len(self.shown))
        self.shown[given] = squeezed(contract)
        if helper:
            name = f"_{helper}{given}"
            return f"import math\n\n\ndef {name}():\n    return {given}\n\n\n{contract}\n    return {name}()\n"
        return f"{contract}\n    return {given}\n"


class Play:
    """One editor, one user, one model."""

    def __init__(self, editor: Editor, model: Model, uris: Sequence[str]) -> None:
        self.editor, self.model, self.uris = editor, model, uris
        self.undos: dict[str, list[str]] = {uri: [] for uri in uris}
        self.work: set[asyncio.Task[Any]] = set()
        self.idents: list[int] = []
        self.moods: list[tuple[str, int, int, int]] = []
        """How the next edits of the server are received."""
        self.owed: list[dict[str, Any]] = []
        """Changes that the editor has made and not told yet."""
        self.wrong: list[BaseException] = []
        self.counts: Counter[str] = Counter()
        editor.answers["workspace/applyEdit"] = self.receive

    # -- what the editor does

    def tell_owed(self) -> None:
        owed, self.owed = self.owed, []
        for message in owed:
            self.editor.notify("textDocument/didChange", message)

    def change(self, uri: str, edits: Sequence[Edit], *, lag: bool = False) -> None:
        """Edit a document, as one change of several pieces, from the last to the first."""
        document = self.editor.documents[uri]
        self.undos[uri].append(document.text)
        changes = [
            {
                "range": {"start": self.position(uri, edit.start), "end": self.position(uri, edit.end)},
                "text": edit.text,
            }
            for edit in reversed(edits)
        ]
        document.text = apply(document.text, edits)
        document.version += 1
        self.owed.append({"textDocument": {"uri": uri, "version": document.version}, "contentChanges": changes})
        if not lag:
            self.tell_owed()

    def position(self, uri: str, offset: int) -> dict[str, int]:
        return self.editor.position(self.editor.text(uri), offset)

    def type(self, uri: str, start: int, end: int, text: str) -> None:
        held = self.editor.text(uri)
        start, end = (at - (held[max(at - 1, 0) : at + 1] == "\r\n") for at in (start, end))
        self.change(uri, [Edit(start, end, text)])

    def receive(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Take in an edit of the server, or refuse it."""
        self.tell_owed()
        self.counts["asked to apply"] += 1
        mood, *numbers = self.moods.pop(0) if self.moods else ("", 0, 0, 0)
        if mood == "refuse":
            return {"applied": False, "failureReason": "not now"}
        if mood == "type":
            self.write(*numbers)
        try:
            return {"applied": self.take(params["edit"], lag=mood == "lag")}
        except AssertionError as error:
            self.wrong.append(error)
            return {"applied": False}

    def take(self, edit: Mapping[str, Any], *, lag: bool = False) -> bool:
        for change in edit["documentChanges"]:
            uri, version = change["textDocument"]["uri"], change["textDocument"]["version"]
            document = self.editor.documents.get(uri)
            if document is None or document.version != version:
                self.counts["late"] += 1
                return False
            edits = [self.as_edit(document.text, one) for one in change["edits"]]
            edits.sort(key=lambda e: (e.start, e.end))
            self.judge(document.text, edits)
            self.change(uri, edits, lag=lag)
            self.counts["applied"] += 1
        return True

    def as_edit(self, text: str, edit: Mapping[str, Any]) -> Edit:
        start, end = (self.editor.offset(text, edit["range"][side]) for side in ("start", "end"))
        return Edit(start, end, edit["newText"])

    def judge(self, before: str, edits: Sequence[Edit]) -> None:
        """What an edit of the server may do: fill stubs whose contracts are what the model was shown, no more."""
        after = apply(before, edits)
        assert all(one.end <= other.start for one, other in pairwise(edits))
        stubs = find_stubs(before)
        for edit in edits:
            assert PLACEHOLDER.fullmatch(before[edit.start : edit.end]), "something of the user's was removed"
        filled = [stub for stub in stubs if any(self.fills(before, stub, edit) for edit in edits)]
        assert filled, f"no stub was filled: {before!r} {edits}"
        digests = [stub.contract.digest for stub in stubs if stub not in filled]
        assert [stub.contract.digest for stub in find_stubs(after)] == digests, (
            f"other stubs were touched: {before!r} {edits}"
        )
        for stub in filled:
            text = "".join(edit.text for edit in edits if self.fills(before, stub, edit))
            assert any(self.model.shown[n] == squeezed(stub.contract.render()) for n in NUMBER.findall(text)), (
                "written for another contract"
            )
        written = set(NUMBER.findall("".join(edit.text for edit in edits)))
        contracts = {squeezed(stub.contract.render()) for stub in filled}
        assert {self.model.shown[n] for n in written} <= contracts

    @staticmethod
    def fills(before: str, stub: Stub, edit: Edit) -> bool:
        """Whether an edit gives a stub its body: right after its docstring, its placeholders and its comments."""
        if edit.start < stub.docstring.end or "def _" in edit.text or not NUMBER.search(edit.text):
            return False
        return GAP.fullmatch(before, stub.docstring.end, edit.start) is not None

    # -- what the user types

    def uri(self, a: int) -> str:
        return self.uris[a % len(self.uris)]

    def place(self, a: int, b: int) -> tuple[str, int]:
        uri = self.uri(a)
        return uri, b * (len(self.editor.text(uri)) + 1) // 1000

    def write(self, a: int, b: int, c: int) -> None:
        uri, at = self.place(a, b)
        self.type(uri, at, at, PIECES[c % len(PIECES)])

    def erase(self, a: int, b: int, c: int) -> None:
        uri, at = self.place(a, b)
        self.type(uri, at, min(at + c % 12, len(self.editor.text(uri))), "")

    def overwrite(self, a: int, b: int, c: int) -> None:
        uri, at = self.place(a, b)
        self.type(uri, at, min(at + a % 6, len(self.editor.text(uri))), PIECES[c % len(PIECES)])

    def write_above(self, a: int, _: int, c: int) -> None:
        self.type(self.uri(a), 0, 0, PIECES[c % len(PIECES)])

    def write_below(self, a: int, _: int, c: int) -> None:
        end = len(self.editor.text(self.uri(a)))
        self.type(self.uri(a), end, end, PIECES[c % len(PIECES)])

    def write_stub(self, a: int, b: int, c: int) -> None:
        uri = self.uri(a)
        ends = [stub.definition.end for stub in self.stubs(uri)] or [0]
        at = ends[b % len(ends)]
        self.type(uri, at, at, STUB.replace("more", f"more{c % 3}"))

    def write_everything(self, a: int, b: int, c: int) -> None:
        uri = self.uri(a)
        if b % 3:
            self.type(uri, 0, len(self.editor.text(uri)), FILES[c % len(FILES)])
        else:
            self.tell_owed()
            self.undos[uri].append(self.editor.text(uri))
            self.editor.rewrite(uri, FILES[c % len(FILES)])

    def reword(self, a: int, b: int, c: int) -> None:
        """Change a contract."""
        if stub := self.stub(a, b):
            at = stub.docstring.end - 1 - 2 * self.editor.text(self.uri(a)).startswith('"""', stub.docstring.end - 3)
            self.type(self.uri(a), at, at, (" more", "!", " 🦉", ".")[c % 4])

    def fill(self, a: int, b: int, c: int) -> None:
        """Write a body by hand."""
        if stub := self.stub(a, b):
            self.type(self.uri(a), stub.docstring.end, stub.docstring.end, f"\n{stub.body_indent}return {c}")

    def undo(self, a: int, *_: int) -> None:
        uri = self.uri(a)
        if self.undos[uri]:
            before, now = self.undos[uri].pop(), self.editor.text(uri)
            start = next(
                (n for n, (x, y) in enumerate(zip(before, now, strict=False)) if x != y), min(len(before), len(now))
            )
            start -= now[start - 1 : start] == "\r" or before[start - 1 : start] == "\r"
            self.change(uri, [Edit(start, len(now), before[start:])])
            self.undos[uri].pop()
            assert self.editor.text(uri) == before

    def save(self, a: int, *_: int) -> None:
        self.tell_owed()
        self.editor.save(self.uri(a))

    def reopen(self, a: int, b: int, c: int) -> None:
        uri = self.uri(a)
        self.tell_owed()
        text = self.editor.text(uri)
        self.editor.close(uri)
        self.editor.open(uri, text if b % 2 else FILES[c % len(FILES)])
        self.undos[uri].clear()

    # -- what the user asks for

    def stubs(self, uri: str) -> Sequence[Stub]:
        return find_stubs(self.editor.text(uri))

    def stub(self, a: int, b: int) -> Stub | None:
        stubs = self.stubs(self.uri(a))
        return stubs[b % len(stubs)] if stubs else None

    def ready(self, a: int, b: int) -> dict[str, Any]:
        """A stub that can be accepted as the user sees it, if there is one."""
        view = self.editor.server.session.snapshot(self.uri(a))
        names = [stub.name for stub in view.stubs if stub.state == "ready"] if view else []
        return {"uri": self.uri(a), "name": names[b % len(names)]} if names else self.named(a, b)

    def named(self, a: int, b: int) -> dict[str, Any]:
        """A stub as commands name it; it need not exist."""
        stub = self.stub(a, b)
        return {"uri": self.uri(a), "name": stub.contract.qualname if stub else "nonesuch"}

    def execute(self, command: str, arguments: dict[str, Any]) -> None:
        self.tell_owed()
        ident, future = self.editor.ask("workspace/executeCommand", {"command": command, "arguments": [arguments]})
        self.idents.append(ident)
        self.start(future)

    def start(self, work: Awaitable[Any]) -> None:
        task = asyncio.create_task(self.endure(work))
        self.work.add(task)
        task.add_done_callback(self.work.discard)

    async def endure(self, work: Awaitable[Any]) -> None:
        try:
            await work
        except (Refused, ConnectionResetError) as error:
            self.counts[type(error).__name__] += 1

    def implement(self, a: int, b: int, _: int) -> None:
        self.execute("soa.implement", self.named(a, b))

    def implement_file(self, a: int, *_: int) -> None:
        self.execute("soa.implementFile", {"uri": self.uri(a)})

    def regenerate(self, a: int, b: int, c: int) -> None:
        self.execute("soa.regenerate", {**self.named(a, b), "remark": f"number {c}, please"})

    def accept(self, a: int, b: int, _: int) -> None:
        self.execute("soa.accept", self.ready(a, b))

    def accept_all(self, a: int, *_: int) -> None:
        self.execute("soa.accept", {"uri": self.uri(a)})

    def reject(self, a: int, b: int, _: int) -> None:
        self.execute("soa.reject", self.ready(a, b))

    def cancel(self, a: int, b: int, _: int) -> None:
        self.execute("soa.cancel", self.named(a, b))

    def cancel_all(self, *_: int) -> None:
        self.execute("soa.cancel", {})

    def withdraw(self, a: int, *_: int) -> None:
        if self.idents:
            self.editor.cancel(self.idents[a % len(self.idents)])

    def accept_by_action(self, a: int, b: int, _: int) -> None:
        name = self.ready(a, b)["name"]
        if stub := next((s for s in self.stubs(self.uri(a)) if s.contract.qualname == name), None):
            self.tell_owed()
            self.start(self.choose(self.uri(a), self.position(self.uri(a), stub.header.start)))

    async def choose(self, uri: str, position: dict[str, int]) -> None:
        named = {"uri": uri}
        where = {"start": position, "end": position}
        context = {"diagnostics": [], "triggerKind": 1}
        actions = await self.editor.request(
            "textDocument/codeAction", {"textDocument": named, "range": where, "context": context}
        )
        for action in actions:
            if action["title"].startswith("Accept") and "disabled" not in action:
                self.tell_owed()
                resolved = await self.editor.request("codeAction/resolve", action)
                self.tell_owed()
                self.counts["by action"] += self.take(resolved["edit"])
                break

    # -- what the model and the editor do next

    def reply(self, a: int, b: int = 0, c: int = 0, *, helper: str = "") -> None:
        waiting = [asked for asked in self.model.waiting if not asked.answer.done()]
        if waiting:
            asked = waiting[a % len(waiting)]
            asked.answer.set_result(self.model.code(asked.query, helper))

    def reply_all(self, *_: int) -> None:
        for _ in self.model.waiting:
            self.reply(0)

    def reply_with_helper(self, a: int, *_: int) -> None:
        self.reply(a, helper="part")

    def reply_garbage(self, a: int, b: int, _: int) -> None:
        waiting = [asked for asked in self.model.waiting if not asked.answer.done()]
        if waiting:
            waiting[a % len(waiting)].answer.set_result(
                ("", "I cannot.", "def other():\n    return 1\n", "def ((")[b % 4]
            )

    def fail(self, a: int, *_: int) -> None:
        waiting = [asked for asked in self.model.waiting if not asked.answer.done()]
        if waiting:
            waiting[a % len(waiting)].answer.set_exception(ModelUnreachable("Nobody answers."))

    def refuse_next(self, *_: int) -> None:
        self.moods.append(("refuse", 0, 0, 0))

    def type_before_next(self, a: int, b: int, c: int) -> None:
        self.moods.append(("type", a, b, c))

    def lag_next(self, *_: int) -> None:
        self.moods.append(("lag", 0, 0, 0))

    async def breathe(self, *_: int) -> None:
        """Let the server catch up: it holds what the editor holds, whatever else is under way."""
        await self.turn()
        for uri in self.uris:
            lenses = await self.editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
            view = self.editor.server.session.snapshot(uri)
            if not self.owed and view.version == self.editor.documents[uri].version:
                assert view.text == self.editor.text(uri)
                assert [s.stub for s in view.stubs] == list(self.stubs(uri))
            assert len(lenses) >= len(view.stubs)

    async def turn(self) -> None:
        """Let the server take in what it was sent, and answer."""
        self.tell_owed()
        if self.wrong:
            raise self.wrong[0]
        await self.editor.request("textDocument/codeLens", {"textDocument": {"uri": "file:///none.py"}})

    async def rest(self, *_: int) -> None:
        """Wait until nothing is under way but what waits for the model."""
        await self.until(lambda: not self.work or bool(self.model.waiting))

    async def make(self, a: int, *_: int) -> None:
        """Have a file implemented, without a fault."""
        self.implement_file(a)
        while not self.quiet:
            self.reply_all()
            await self.turn()

    @property
    def quiet(self) -> bool:
        return not self.work and not self.running

    @property
    def running(self) -> bool:
        return any(run.status == "running" for run in self.editor.server.session.runs())

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await self.turn()

    async def go(self, steps: Sequence[tuple[str, int, int, int]]) -> None:
        for rule, *numbers in steps:
            outcome = getattr(self, rule)(*numbers)
            if asyncio.iscoroutine(outcome):
                await outcome
            await asyncio.sleep(0)

    async def end(self, how: str) -> None:
        """Every run ends: because it was answered, because it was cancelled, or because the editor leaves."""
        self.tell_owed()
        session = self.editor.server.session
        if how == "left":
            return
        while not self.quiet:
            if how == "answered":
                self.reply_all()
            else:
                await self.editor.execute("soa.cancel", {})
            await self.turn()
        await self.breathe()
        for uri in self.uris:
            assert session.snapshot(uri).text == self.editor.text(uri)


async def play(folder: Path, plan: dict[str, Any], steps: Sequence[tuple[str, int, int, int]]) -> Counter[str]:
    root = folder / "project"
    root.mkdir()
    model = Model()
    options = {"generateTests": "never", "depth": 0, "attempts": 1, "onSave": plan["mode"]}
    options["sandbox"] = "auto" if plan["mode"] == "apply" else "off"
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(str(context)))
    async with asyncio.timeout(DEADLINE):
        async with opened(
            root, replies=model, settings={None: options}, capabilities=capable(plan["encoding"])
        ) as editor:
            uris = []
            for name, text in enumerate(plan["files"]):
                (root / f"file{name}.py").write_bytes(text.encode())
                uris.append(editor.open(root / f"file{name}.py"))
            game = Play(editor, model, uris)
            if plan["made"]:
                await game.make(0)
            await game.go(steps)
            await game.end(plan["ending"])
        while game.work:
            await asyncio.wait(game.work)
    assert not game.wrong, game.wrong[0]
    assert not model.waiting
    assert all(run.status != "running" for run in editor.server.session.runs())
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left
    gc.collect()
    assert not faults
    return game.counts


def capable(encoding: str) -> dict[str, Any]:
    from editor import CAPABILITIES

    return {**CAPABILITIES, "general": {"positionEncodings": [encoding]}}


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(plans, steps)
def test_nothing_is_lost_nothing_stale_is_applied_and_every_run_ends(plan: dict[str, Any], steps: list[Any]):
    with tempfile.TemporaryDirectory() as folder:
        counts = asyncio.run(play(Path(folder), plan, steps))
    note(str(counts))
