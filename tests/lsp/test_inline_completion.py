"""Ghost text: where it is offered, and that what it inserts is what accepting the proposal would."""

from __future__ import annotations

import pytest
from lsprotocol.types import Position, StringValue

from showing import URI, failure, proposal_of, ready, running, stale, view_of
from soa.contracts import Candidate, Helper, Status
from soa.lsp.inline_completion import completions
from soa.session.lines import Lines, Place
from soa.source.beside import add_beside
from soa.source.splice import splice
from soa.source.stubs import find_stubs

BODY = "if text:\n    return 1\nreturn 0"
WHOLE = Candidate("return _one(sqrt(4))", (Helper("_one", "def _one(x):\n    return x"),), ("from math import sqrt",))
TEXTS = {
    "nothing": 'x = 1\n\n\ndef f(text):\n    """Doc."""\n\n\ny = 2\n',
    "several lines": 'def f(text):\n    """Doc.\n\n    More.\n    """\n',
    "placeholder": 'def f(text):\n    """Doc."""\n    ...\n\n\ny = 2\n',
    "pass and comment": 'def f(text):\n    """Doc."""\n    # Well.\n    pass  # that\n',
    "same line": 'def f(text):\n    """Doc."""; ...\n',
    "method with tabs": 'class A:\n\tdef f(self, text):\n\t\t"""Doc."""\n\t\traise NotImplementedError()\n\n\ty = 2\n',
    "carriage returns": 'def f(text):\r\n    """Doc."""\r\n    ...\r\n\r\ny = 2\r\n',
    "no end": 'def f(text):\n  """Doc."""',
    "white space": 'def f(text):\n    """Doc."""  \n    \n\ny = 2\n',
    "wide": 'def f(text="😀"):\n    """Doc 😀."""\n    ...  \n',
    "indented": 'if 1:\n    def f(text):\n        """Doc."""\n\n    y = 2\n',
}


def view(text, candidate=None, **changes):
    name = find_stubs(text)[0].contract.qualname
    made = proposal_of(text, name, candidate=candidate or Candidate(BODY), **changes)
    return view_of(text, **{name.replace(".", "_"): ready(made)})


def everywhere(shown, encoding="utf-16"):
    """All offsets with what is offered there, and the text after it was inserted."""
    for offset in range(len(shown.text) + 1):
        place = shown.lines.place(offset, encoding)
        for item in completions(shown, Position(place.line, place.column), encoding):
            yield offset, item, inserted(shown.text, item, encoding)


def inserted(text, item, encoding):
    lines = Lines.of(text)
    start, end = (
        lines.offset(Place(p.line, p.character), encoding) for p in (item.range.start, item.range.end)
    )  # fmt: skip
    return text[:start] + item.insert_text + text[end:]


def without_blank_lines(text):
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_inserted_is_what_accepting_would_insert(text, encoding):
    shown = view(text)
    wanted = splice(text, [(find_stubs(text)[0], Candidate(BODY))]).text
    found = list(everywhere(shown, encoding))
    assert found
    for offset, item, after in found:
        assert [line.rstrip() for line in without_blank_lines(after)] == [
            line.rstrip() for line in without_blank_lines(wanted)
        ], offset
        assert item.range.start.line == item.range.end.line
        assert item.command is None


def offered(text):
    """The text with a mark wherever something is offered."""
    found = {offset for offset, *_ in everywhere(view(text))}
    return "".join(f"|{c}" if n in found else c for n, c in enumerate([*text, ""]))


def test_where_it_is_offered():
    assert offered(TEXTS["nothing"]) == 'x = 1\n\n\ndef f(text):\n    """Doc."""|\n|\n\ny = 2\n'
    assert offered(TEXTS["placeholder"]) == 'def f(text):\n    """Doc."""\n|    |.|.|.|\n\n\ny = 2\n'.replace(
        "|    |", "| | | | |"
    )
    assert offered(TEXTS["white space"]) == 'def f(text):\n    """Doc."""| | |\n| | | | |\n\ny = 2\n'
    assert offered(TEXTS["no end"]) == 'def f(text):\n  """Doc."""|'
    assert offered('def f(text):\n    "Doc."\n\n\n    \ny = 1\n') == (
        'def f(text):\n    "Doc."|\n|\n\n| | | | |\ny = 1\n'
    )
    assert offered('def f(text):\n    "Doc."  # why\n') == 'def f(text):\n    "Doc."  # why|\n|'


def test_not_where_one_insertion_cannot_do():
    for text in ('def f(text): "Doc."\n', 'def f(text):\n    "Doc."\n    ...\n    # note\n    pass\n'):
        assert not list(everywhere(view(text)))


@pytest.mark.parametrize(
    "known",
    [
        {},
        running(),
        failure(),
        stale(),
        ready(proposal_of(skeleton=True, status=Status.UNVERIFIED)),
        ready(proposal_of(status=Status.FAILED)),
    ],
    ids=["empty", "running", "failed", "stale", "skeleton", "not writable"],
)
def test_only_what_can_be_accepted_is_offered(known):
    assert not list(everywhere(view_of(Ledger_post=known)))
    assert list(everywhere(view_of(Ledger_post=ready())))
    assert list(everywhere(view_of(Ledger_post=ready(proposal_of(status=Status.UNVERIFIED, results=())))))
    assert not list(everywhere(view_of(Ledger_post=ready(), problem="pyproject.toml cannot be read.")))


def test_a_placeholder_is_what_an_editor_filters_by():
    items = [item for _, item, _ in everywhere(view(TEXTS["placeholder"]))]
    assert {item.filter_text for item in items} <= {f"{' ' * n}..." for n in range(5)}
    assert {item.filter_text for _, item, _ in everywhere(view(TEXTS["nothing"]))} == {None}
    assert not any(isinstance(item.insert_text, StringValue) for item in items), "a body may hold dollar signs"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_helpers_and_imports_come_by_the_command(text):
    shown = view(text, WHOLE)
    stub = shown.stubs[0].stub
    wanted = splice(text, [(stub, WHOLE)]).text
    for _, item, after in everywhere(shown):
        arguments = [{"uri": URI, "name": stub.contract.qualname, "beside": True}]
        assert (item.command.command, item.command.arguments) == ("soa.accept", arguments)
        assert [line.rstrip() for line in without_blank_lines(add_beside(after, stub.contract, WHOLE).text)] == [
            line.rstrip() for line in without_blank_lines(wanted)
        ]


def test_positions_outside_of_the_document():
    assert completions(view_of(""), Position(10, 10), "utf-16") == []
    shown = view(TEXTS["no end"])
    assert len(completions(shown, Position(999, 999), "utf-16")) == 1


# With a server

MODULE = """
    def double(n):
        \"\"\"Twice n.

        >>> double(2)
        4
        \"\"\"
        ...
"""
REPLIES = "=== write m.py::double\ndef double(n):\n    return n * 2\n"


async def ask(editor, place):
    return await editor.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 2}})


async def test_a_ready_proposal_is_offered_in_the_empty_body(open_editor, file):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", MODULE))
    assert await ask(editor, editor.place(uri, "...\n")) == []
    await editor.execute("soa.implement", uri)
    (item,) = await ask(editor, editor.place(uri, "...\n"))
    start, end = (editor.offset(editor.text(uri), item["range"][side]) for side in ("start", "end"))
    editor.replace(uri, start, end, item["insertText"])
    assert editor.text(uri).endswith('    """\n    return n * 2\n')


async def test_what_the_body_needs_is_added_by_its_command(open_editor, file):
    whole = """
        === write m.py::double
        from math import prod

        def _factors(n):
            return (2, n)

        def double(n):
            return prod(_factors(n))
    """
    editor = await open_editor(whole)
    uri = editor.open(file("m.py", MODULE))
    await editor.execute("soa.implement", uri)
    (item,) = await ask(editor, editor.place(uri, "...\n"))
    start, end = (editor.offset(editor.text(uri), item["range"][side]) for side in ("start", "end"))
    editor.replace(uri, start, end, item["insertText"])
    command = item["command"]
    answer = await editor.execute(command["command"], *command["arguments"])
    assert answer == {"applied": True, "reason": "", "names": ["double"]}
    assert editor.text(uri).startswith(
        "from math import prod\n\n\ndef _factors(n):\n    return (2, n)\n\n\ndef double(n):"
    )
    assert editor.text(uri).endswith("    return prod(_factors(n))\n")


async def test_helpers_are_not_added_to_another_body(open_editor, file):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", MODULE))
    nothing = await editor.execute("soa.accept", {"uri": uri, "name": "double", "beside": True})
    assert (nothing["applied"], nothing["reason"]) == (False, "There is no proposal for double at hand.")
    await editor.execute("soa.implement", uri)
    place = editor.text(uri).index("...\n")
    editor.replace(uri, place, place + 3, "return 7")
    refused = await editor.execute("soa.accept", {"uri": uri, "name": "double", "beside": True})
    assert not refused["applied"]
    assert "does not have the proposed body any more" in refused["reason"]


async def test_documents_that_are_not_ours(open_editor):
    editor = await open_editor()
    assert await ask(editor, {"textDocument": {"uri": "untitled:x"}, "position": {"line": 0, "character": 0}}) == []
