"""How a run is shown while it goes on: as lines, and as a tree."""

from __future__ import annotations

import io

from rich.console import Console

from soa.cli.lines import PlainLines, plain_line
from soa.cli.live import LiveTree
from soa.contracts import Address, Status, Usage
from soa.crew import Crew
from soa.events import Event

WHOLE, PART = Address("src/a.py", "parse"), Address("src/a.py", "parse_line")


def event(kind, agent="a1", **more):
    named = {"a1": ("mother", WHOLE, 0, ""), "a2": ("child", PART, 1, "a1")}[agent]
    role, address, depth, parent = named
    return Event("ab12", kind, agent, parent, role, address, depth, **more)


STORY = [
    Event("ab12", "run-started"),
    event("agent-started"),
    event("call-started", step="skeleton"),
    event("call-ended", usage=Usage(1, 100, 20, 100)),
    event("agent-started", "a2"),
    event("call-started", "a2", step="write"),
    event("call-ended", "a2", usage=Usage(1, 50, 5, 50)),
    event("refused", "a2", text="there is\nno code"),
    event("tested", "a2", passed=3, failed=1),
    event("agent-ended", "a2", status=Status.VERIFIED),
    event("tested", passed=2),
    event("agent-ended", status=Status.FAILED, text="wrong"),
    Event("ab12", "warning", text="slow"),
    Event("ab12", "run-ended"),
]


def test_where_there_is_no_sandbox_both_say_so():
    told = Event("ab12", "run-started", sandbox="process")
    assert plain_line(told) == "started  run ab12, without a sandbox"
    tree = LiveTree(Console(file=io.StringIO(), width=100))
    tree.show(told)
    console = Console(file=io.StringIO(), width=100)
    console.print(tree)
    assert console.file.getvalue().rstrip().endswith("0 tokens, without a sandbox")


def test_plain_lines_have_stable_prefixes(capsys):
    with PlainLines() as lines:
        for told in STORY:
            lines.show(told)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "started  run ab12",
        "agent    mother  src/a.py::parse",
        "asks     mother  src/a.py::parse  skeleton",
        "agent    child     src/a.py::parse_line",
        "asks     child     src/a.py::parse_line  write",
        "refused  child     src/a.py::parse_line  there is no code",
        "tested   child     src/a.py::parse_line  3 passed, 1 failed",
        "ended    child     src/a.py::parse_line  verified",
        "tested   mother  src/a.py::parse  2 passed, 0 failed",
        "ended    mother  src/a.py::parse  failed: wrong",
        "warning  slow",
    ]


def test_a_line_cannot_steer_a_terminal():
    assert "\x1b" not in plain_line(Event("ab12", "warning", text="\x1b[2J"))


def test_the_crew_is_a_tree():
    crew = Crew()
    for told in STORY[:10]:
        crew.hear(told, 0.0)
    (mother,) = crew.first
    (child,) = mother.below
    assert (crew.calls, crew.tokens, crew.at_work) == (2, 175, 1)
    assert (child.passed, child.failed, child.tokens, child.status) == (3, 1, 55, Status.VERIFIED)
    assert [a.address.qualname for a in mother.family()] == ["parse", "parse_line"]


def drawn(events, height=20):
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100, height=height, color_system=None)
    with LiveTree(console) as tree:
        for told in events:
            tree.show(told)
    return file.getvalue()


def test_the_live_tree_shows_every_agent():
    last = drawn(STORY)
    assert "✗ mother src/a.py::parse  failed" in last
    assert "  ✓ child parse_line  verified  3 passed, 1 failed  55 tokens" in last
    assert "0 of 2 agents at work, 2 calls, 175 tokens" in last
    assert "warning: slow" in last


def test_a_large_tree_is_cut_to_the_height():
    many = [Event("ab12", "agent-started", f"a{i}", "", "child", Address("a.py", f"f{i}")) for i in range(50)]
    last = drawn(many, height=12)
    assert "50 of 50 agents at work, 41 not shown" in last
