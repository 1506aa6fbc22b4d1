"""Hovers: what they tell in each state, and that nothing of a model's or a program's can take them over."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol.types import MarkupKind, Position
from markdown_it import MarkdownIt

from showing import LEDGER, URI, begins, ends, failed, failure, passed, proposal_of, ready, running, stale, view_of
from soa.contracts import Address, AgentNode, Candidate, Helper, Status, Usage
from soa.events import Event
from soa.evidence import Evidence, Outcome, Test, TestResult
from soa.lsp.hover import hover_at, judges
from soa.lsp.markup import Markup
from soa.lsp.traits import Traits
from soa.session.folders import NO_TRUST
from soa.settings import Settings

MARKDOWN = Traits(markdown=True)
TRUSTED = Traits(markdown=True, command_links=True)
PLAIN = Traits()
NOW = 1150.0
LONGEST = 20_000


def hover(traits=MARKDOWN, *, line=10, view=None, runs=(), **known):
    return hover_at(view or view_of(Ledger_post=known), Position(line, 4), traits, now=NOW, runs=runs)


def told(traits=MARKDOWN, **known):
    found = hover(traits, **known)
    assert len(found.contents.value) < LONGEST
    return found.contents.value


def tokens_of(markdown):
    found = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").parse(markdown)
    return [t for token in found for t in (token, *(token.children or ()))]


# Where


def test_from_the_decorators_to_the_end_of_the_stub():
    text = '@first\n@second\ndef f():\n    """Doc.\n    """\n    ...\n\nx = 1\n'
    view = view_of(text)
    assert [hover(view=view, line=line) is not None for line in range(8)] == [True] * 6 + [False] * 2
    found = hover(view=view, line=1).range
    assert (found.start, found.end) == (Position(0, 0), Position(5, 7))


def test_positions_outside_of_the_document():
    assert hover(view=view_of("def f():\n    'Doc.'"), line=9999) is not None
    assert hover(view=view_of(""), line=9999) is None


# Before


def test_before_a_proposal_a_child_would_write_it():
    found = told()
    assert "**`Ledger.post`** has no body yet." in found
    assert "A child would write it (size 2.5: 1 sentence, 1 parameter, 1 example; one agent takes up to 24)." in found
    assert re.search(r"About 1 call; a prompt has about \d{3} tokens", found)
    assert "6k tokens at most" in found
    assert "Judged by 1 example of its docstring and the project's tests that reach it." in found


def test_a_large_contract_goes_to_a_mother():
    text = 'def f():\n    """Do it.\n\n' + "".join(f"    - Step {n}.\n" for n in range(20)) + '    """\n'
    found = hover(view=view_of(text), line=0).contents.value
    assert "A mother would split it into helpers for children (size 41.5: 20 steps, 1 sentence" in found
    assert "1 call for the skeleton and about 1 for each helper" in found
    flat = hover(view=view_of(text, settings=Settings(depth=0)), line=0).contents.value
    assert "A child would write it" in flat
    assert "nothing may be delegated at depth 0" in flat


def test_a_signature_that_no_prompt_can_hold():
    text = f"def f({', '.join(f'parameter_{n}' for n in range(3000))}):\n    'Do it.'\n"
    assert "✗ The signature of f makes a prompt of" in hover(view=view_of(text), line=0).contents.value


def test_what_would_judge():
    contract = view_of().stubs[0].stub.contract
    without = view_of().stubs[2].stub.contract
    assert judges(without, Settings()) == (
        "Judged by the project's tests that reach it; without any, by tests derived from the contract."
    )
    assert judges(contract, Settings()) == "Judged by 1 example of its docstring and the project's tests that reach it."
    assert judges(without, Settings(generate_tests="never")) == "Judged by the project's tests that reach it."
    assert judges(contract, Settings(generate_tests="always")).endswith(", and by tests derived from the contract.")
    assert "nothing" in judges(contract, Settings(sandbox="off")).lower()


def test_where_nothing_can_be_implemented():
    found = hover(view=view_of(problem="pyproject.toml cannot be read: [x](command:evil)."), line=10).contents.value
    assert "cannot be implemented here: pyproject.toml cannot be read" in found
    assert not [t for t in tokens_of(found) if t.type == "link_open"]


def test_where_nothing_may_run_it_says_so_and_offers_nothing():
    view = evolve(view_of(problem=NO_TRUST.problem), trusted=False)
    found = hover(TRUSTED, view=view).contents.value
    assert found == f"**`Ledger.post`** has no body yet.\n\n{NO_TRUST.problem}"
    assert "until you trust this workspace" in found


# Meanwhile


def test_what_is_under_way_is_shown_where_the_settings_have_become_wrong():
    found = hover(TRUSTED, view=view_of(problem="pyproject.toml cannot be read.", Ledger_post=running())).contents.value
    assert "is being written" in found
    assert "command:soa.cancel" in found


def test_while_it_is_written_the_agents_are_shown():
    at_work = running(
        begins("a1", role="mother"),
        begins("a2", "_first", "a1", depth=1),
        Event("r1", "call-started", "a2", step="write"),
        Event("r1", "call-ended", "a2", usage=Usage(1, 1000, 200)),
        Event("r1", "tested", "a2", passed=3, failed=1),
        begins("a3", "_second", "a1", depth=1),
        ends("a3"),
        begins("a9", "parse"),
    )
    found = told(**at_work)
    assert "**`Ledger.post`** is being written." in found
    rows = [line for line in found.splitlines() if line.lstrip().startswith("- ")]
    assert rows[0].startswith("- … mother `Ledger.post`: starting · 0 tokens · ")
    assert rows[1].startswith("  - … child `_first`: tested · 3/4 tests · 1.2k tokens · ")
    assert rows[2].startswith("  - ✓ child `_second`: verified · ")
    assert len(rows) == 3
    assert "1/4 agents of its run" in found


def test_before_its_first_agent_begins():
    assert "No agent has begun yet." in told(**running())


def test_many_agents_are_counted():
    crowd = running(begins("a0", role="mother"), *(begins(f"a{n}", f"_h{n}", "a0", depth=1) for n in range(1, 101)))
    assert "… 77 more agents" in told(**crowd)


# Afterwards


def test_a_proposal_is_told_in_full():
    candidate = Candidate(
        "return _total(amount)",
        (Helper("_total", "def _total(amount):\n    return Decimal(amount)"),),
        ("from decimal import Decimal",),
    )
    tree = AgentNode(
        "mother", Address("src/ledger.py", "Ledger.post"), 0, Status.VERIFIED,
        children=(AgentNode("child", Address("src/ledger.py", "_total"), 1, Status.FAILED, "no usable reply"),),
    )  # fmt: skip
    results = (
        passed(),
        failed(),
        failed("test_empty", "generated", expected="", actual="", traceback="Traceback\n  x\nValueError: no\n"),
        TestResult(Test("project", "tests/a.py::test_b"), Outcome.INCONCLUSIVE, reason="it never reached the function"),
        TestResult(Test("doctest", "example 2"), Outcome.FAILED, expected="3", actual="4", suspected=True),
    )
    proposal = proposal_of(
        candidate=candidate, tree=tree, results=results, status=Status.UNVERIFIED, reason="who knows"
    )
    found = told(**ready(proposal))
    block = found[found.index("```python\n") : found.index("\n```\n")]
    assert block.splitlines()[1:] == [
        "from decimal import Decimal",
        "",
        "def _total(amount):",
        "    return Decimal(amount)",
        "",
        "def post(self, amount: Decimal) -> None:",
        "    return _total(amount)",
    ]
    assert "? not verified: who knows" in found
    assert "- ✗ `tests/test_ledger.py::test_post` expected `1`, got `2`" in found
    assert "- ✗ generated `test_empty` ValueError: no" in found
    assert "- ? doctest `example 2` doubted, not obeyed: expected `3`, got `4`" in found
    assert "- ✓ doctest `example 1`" in found
    assert "- ? `tests/a.py::test_b` it never reached the function" in found
    assert "- ✓ mother `Ledger.post`\n  - ✗ child `_total`: no usable reply" in found
    assert "2 agents · 2 calls · 1.2k tokens · 2 min ago" in found


def test_a_verified_one_and_a_skeleton():
    assert "✓ verified: 1/1 tests" in told(**ready())
    skeleton = proposal_of(status=Status.UNVERIFIED, results=(), skeleton=True, reason="a skeleton")
    assert "Skeleton: its helpers are stubs that are still to be implemented." in told(**ready(skeleton))


def test_how_long_its_run_took_is_told_where_it_is_known():
    view = view_of(Ledger_post=ready())
    run = evolve(running()["run"], keys=frozenset([view.stubs[0].key]), status="done", seconds=12.3)
    assert "a run of 12 s" in hover(view=view, runs=[run]).contents.value


def test_what_kept_a_candidate_from_being_judged():
    odd = Evidence(
        refused="no sandbox works here",
        broken="Traceback\n  ...\nImportError: no module x",
        unresolved=("`a.b` is not there.",),
    )
    found = told(**ready(proposal_of(evidence=odd, status=Status.UNVERIFIED)))
    assert "- ? nothing was run: no sandbox works here" in found
    assert "- ✗ its module could not be run: ImportError: no module x" in found
    assert "- ✗ `a.b` is not there." in found


def test_a_failure_and_a_stale_proposal():
    lost = told(**failure("2 of 7 tests failed; example 1: got 2"))
    assert "✗ failed: 2 of 7 tests failed; example 1: got 2" in lost
    assert "Try again with another model" in lost
    old = told(**stale())
    assert "~ The contract of **`Ledger.post`** has changed since this was written: it is not used." in old
    assert "self.amounts.append(amount)" in old


def test_a_flaky_test_is_told_with_what_came_when_it_failed():
    said = "flaky: it passed and failed with the same code"
    flaky = evolve(failed(), outcome=Outcome.INCONCLUSIVE, flaky=True, reason=said, expected="8", actual="0")
    odd = proposal_of(status=Status.UNVERIFIED, results=(passed("example 1"), flaky), reason=f"test_post is {said}")
    found = told(**ready(odd))
    assert f"? not verified, 1 flaky test: `test_post` is {said}" in found
    first, second, *_ = (line for line in found.splitlines() if line.startswith("- "))
    assert first == f"- ? `tests/test_ledger.py::test_post` {said}: expected `8`, got `0`"
    assert second.startswith("- ✓")


def test_how_long_a_test_took_is_told_if_it_was_long():
    slow, quick = (evolve(passed(f"example {s}"), seconds=s) for s in (2.5, 0.5))
    found = told(**ready(proposal_of(results=(slow, quick))))
    assert "- ✓ doctest `example 2.5` 2.5 s" in found
    assert "- ✓ doctest `example 0.5`\n" in found


def test_many_tests_are_counted_and_failures_come_first():
    results = (*(passed(f"example {n}") for n in range(100)), failed())
    found = told(**ready(proposal_of(results=results)))
    assert "… 85 more tests" in found
    assert "- ✗ `tests/test_ledger.py::test_post`" in found


# Links


def test_commands_are_linked_where_the_client_trusts_them():
    links = [t.attrs["href"] for t in tokens_of(told(TRUSTED, **ready())) if t.type == "link_open"]
    assert [link.partition("?")[0] for link in links] == [
        "command:soa.accept", "command:soa.showDiff", "command:soa.regenerate", "command:soa.reject",
    ]  # fmt: skip
    assert json.loads(unquote(links[0].partition("?")[2])) == [{"uri": URI, "name": "Ledger.post"}]
    for known in ({}, running(), failure(), stale()):
        assert "command:soa." in told(TRUSTED, **known)
        assert "command:" not in told(MARKDOWN, **known)
        assert "command:" not in told(Traits(command_links=True), **known)


def test_plain_text_has_no_markup():
    found = hover(PLAIN, **ready())
    assert found.contents.kind is MarkupKind.PlainText
    assert "`" not in found.contents.value
    assert found.contents.value.startswith("def post(self")


# Hostile texts

NASTY = (
    "[Accept](command:soa.accept?x) <img src=x onerror=y> **b** `code` ``` \n```\n# h\n\n---\n1. one\n- two\n"
    "| a | b |\n|---|---|\nhttps://evil.example www.evil.example me@evil.example &lt; \\ ~~x~~ $x$ ![i](u) <a@b.c>"
)


def hostile(text):
    return proposal_of(
        candidate=Candidate(f"return {text!r}\n{text}", (Helper("h", text),), (text,)),
        reason=text,
        results=(
            failed(text, expected=text, actual=text, suspected=True),
            failed(text, "generated", expected="", actual="", traceback=text),
            TestResult(Test("doctest", text), Outcome.INCONCLUSIVE, reason=text),
        ),
        tree=AgentNode("child", Address("a.py", text), 0, Status.FAILED, text),
        status=Status.UNVERIFIED,
    )  # fmt: skip


def assert_harmless(markdown):
    types = {t.type for t in tokens_of(markdown)}
    assert not types & {"link_open", "image", "html_block", "html_inline", "heading_open", "hr", "table_open"}
    assert not types & {"ordered_list_open", "blockquote_open", "s_open", "code_block"}
    assert sum(t.type == "fence" for t in tokens_of(markdown)) <= 1


def test_nothing_that_a_model_or_a_test_says_becomes_markup():
    assert_harmless(told(**ready(hostile(NASTY))))
    assert_harmless(told(**failure(NASTY)))
    broken = Evidence(refused=NASTY, broken=NASTY, unresolved=(NASTY,) * 20)
    assert_harmless(told(**ready(proposal_of(evidence=broken, status=Status.UNVERIFIED))))


@given(st.text(st.sampled_from("`*_[]()<>#|~&$!@\\/:.-+=1 \n\tawhtps\x1b\u202e"), max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_becomes_markup(text):
    markup = Markup(markdown=True, links=False)
    assert_harmless(markup.rows([(0, f"✓ {markup.text(text)} {markup.code(text)}")]))
    assert_harmless(markup.text(text))
    assert_harmless(markup.join([markup.block(text), markup.code(text)]).value)
    read = [t.content for t in tokens_of(markup.code(text)) if t.type == "code_inline"]
    assert "".join(read).strip() == markup.__class__(markdown=False, links=False).code(text).strip()


@pytest.mark.parametrize("text", ["https://evil.example", "x www.evil.example", "me@evil.example", "ftp://a"])
def test_what_looks_like_an_address_is_shown_as_code(text):
    found = tokens_of(Markup(markdown=True, links=False).text(text))
    plain = "".join(token.content for token in found if token.type == "text")
    assert not any(sign in plain for sign in ("://", "www.", "e@"))


def test_names_and_values_are_readable_where_an_editor_shows_escapes():
    text = Markup(markdown=True, links=False).text
    assert text("helper _parse_orders: 2 of 2 tests failed") == "helper `_parse_orders:` 2 of 2 tests failed"
    assert text("example 1: expected [1, 2], got [1, 1]") == "example 1: expected `[1, 2],` got `[1, 1]`"
    assert text("reply with `_x` in one block") == "reply with `_x` in one block"
    assert text("No connection to http://127.0.0.1:8777/v1") == "No connection to `http://127.0.0.1:8777/v1`"


def test_control_characters_are_made_visible():
    proposal = proposal_of(candidate=Candidate("return 1  # \x1b[31m \u202e"))
    found = told(**ready(proposal))
    assert "\\x1b[31m \\u202e" in found
    assert "\x1b" not in found


@pytest.mark.parametrize("traits", [MARKDOWN, TRUSTED, PLAIN])
def test_it_stays_bounded(traits):
    huge = hostile("x" * 50_000 + "\n" + "y ` \n" * 50_000)
    told(traits, **ready(huge))
    told(traits, **failure("z" * 100_000))
    crowd = running(*(begins(f"a{n}", "n" * 10_000) for n in range(500)), *(begins(f"b{n}") for n in range(500)))
    told(traits, **crowd)
    hover(traits, view=view_of(LEDGER, problem="p" * 100_000))


# With a server

MODULE = """
    def double(n):
        \"\"\"Twice n.

        >>> double(2)
        4
        \"\"\"
"""
REPLIES = "=== write m.py::double\ndef double(n):\n    return n * 2\n"


async def test_before_and_after_a_run(open_editor, file):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", MODULE))
    before = await editor.request("textDocument/hover", editor.place(uri, "Twice"))
    assert "A child would write it" in before["contents"]["value"]
    await editor.execute("soa.implement", uri)
    after = await editor.request("textDocument/hover", editor.place(uri, "double"))
    assert after["contents"]["kind"] == "markdown"
    assert "```python\ndef double(n):\n    return n * 2\n```" in after["contents"]["value"]
    assert "- ✓ doctest `example 1`" in after["contents"]["value"]
    assert "a run of " in after["contents"]["value"]
    assert after["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 5, "character": 7}}


async def test_links_for_a_client_that_asks_for_them(open_editor, file):
    editor = await open_editor(REPLIES, start={"options": {"commandLinks": True}})
    uri = editor.open(file("m.py", MODULE))
    found = await editor.request("textDocument/hover", editor.place(uri, "Twice"))
    assert "[Implement](command:soa.implement?" in found["contents"]["value"]


async def test_documents_that_are_not_ours(open_editor):
    editor = await open_editor()
    where = {"textDocument": {"uri": "untitled:x"}, "position": {"line": 0, "character": 0}}
    assert await editor.request("textDocument/hover", where) is None
