"""Who is called in its own file sees who calls it, as a mother's helper does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soa.source.context import ContextBuilder
from soa.source.project import ProjectIndex
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from pathlib import Path

    from soa.source.context import Context

CALLER = "the function that calls it"
NAMED = "used in the header, docstring or examples, from this file"
FOR_CALLERS = "used in the header, docstring, examples or caller, from this file"

CRON = '''
FIELDS = ("minute", "hour")
OTHER = 1

class Schedule:
    """The values of each field.

    At length."""
    minute: int
    def matches(self, moment):
        """Whether it is due.

        At length."""
        return _covers(self.minute, moment)

def _bounds(part: str) -> tuple[int, int]:
    """First and last value.

    >>> Schedule(1).matches(_bounds("1"))
    True
    """

def _step(part: str) -> int:
    """The step.

    At length."""

def _covers(minute, moment):
    """Whether a minute is covered."""

def parse(line):
    """Read a line.

    At length."""
    # _covers
    return [Schedule(range(*_bounds(p), _step(p)) if p else shown(p)) for p in FIELDS]

def shown(value):
    """Show it.

    At length."""
    return f"{value} _step"

def next_due(schedule):
    """When it is due."""
'''


async def build(root: Path, qualname: str, text: str = CRON, **options: object) -> Context:
    path = root / "cron.py"
    path.write_text(text)
    stub = next(s for s in find_stubs(text) if s.contract.qualname == qualname)
    return await ContextBuilder(ProjectIndex(root), None, 4000).build(stub, text, path, **options)


def section(context: Context, title: str) -> str:
    return next((s.text for s in context.sections if s.title == title), "")


async def test_a_private_function_sees_its_caller_and_what_that_uses_and_no_more(tmp_path: Path) -> None:
    found = await build(tmp_path, "_bounds")
    assert [s.title for s in found.sections] == [CALLER, FOR_CALLERS]
    assert section(found, CALLER).startswith('def parse(line):\n    """Read a line. [...]"""\n')
    assert "range(*_bounds(p), _step(p))" in section(found, CALLER)
    assert section(found, FOR_CALLERS) == (
        'FIELDS = ("minute", "hour")\n\nclass Schedule:\n    """The values of each field. [...]"""\n    minute: int\n\n'
        'def _step(part: str) -> int:\n    """The step.\n\n    At length."""\n\n'
        'def shown(value):\n    """Show it. [...]"""'
    )


async def test_a_method_may_be_the_caller_but_not_a_comment_or_a_string(tmp_path: Path) -> None:
    found = await build(tmp_path, "_covers")
    assert section(found, CALLER).startswith("def matches(self, moment):")
    assert "def parse" not in section(found, CALLER)
    assert section(await build(tmp_path, "_step"), CALLER).startswith("def parse(line):")


async def test_a_method_sees_the_methods_that_call_it(tmp_path: Path) -> None:
    text = CRON.replace("return _covers(", "return self._in(").replace(
        "    def matches", '    def _in(self, minute, moment):\n        """Whether it is in."""\n    def matches'
    )
    found = await build(tmp_path, "Schedule._in", text)
    assert "return self._in(self.minute, moment)" in section(found, CALLER)
    assert "def matches" not in section(found, "class Schedule")


async def test_a_public_function_sees_the_other_functions_too_but_no_other_classes(tmp_path: Path) -> None:
    text = CRON.replace("_bounds", "bounds").replace("class Schedule", "class Other:\n    'Other.'\n\nclass Schedule")
    found = await build(tmp_path, "bounds", text)
    assert "def parse" in section(found, CALLER)
    assert "def next_due" in section(found, "also in the file")
    assert "Other" not in found.render()
    assert "OTHER" not in found.render()


async def test_of_many_and_long_callers_the_near_ones_are_shown_around_the_call(tmp_path: Path) -> None:
    filler = "".join(f"    x{n} = {n}\n" for n in range(60))
    callers = "".join(f"def c{n}(y):\n{filler}    call_{n} = _bounds(y)\n{filler}    return y\n\n" for n in range(5))
    found = section(await build(tmp_path, "_bounds", CRON + callers), "the functions that call it")
    assert [f"call_{n} =" in found for n in range(5)] == [True, True, False, False, False]
    assert found.count("\n    ...") == 4
    assert found.count("\n") < 120


async def test_a_helper_that_only_another_helper_calls_sees_whose_helper_it_is(tmp_path: Path) -> None:
    found = await build(tmp_path, "_covers", mother="parse")
    assert "return [Schedule" in section(found, "the function that it is a helper of")


async def test_a_docstring_too_may_say_who_will_be_called(tmp_path: Path) -> None:
    text = CRON.replace("[Schedule(range(*_bounds(p), _step(p)) if p else shown(p)) for p in FIELDS]", "FIELDS")
    text = text.replace("is covered.", "is covered, by `_bounds` too.")
    found = await build(tmp_path, "_bounds", text)
    assert [s.title for s in found.sections] == [CALLER, FOR_CALLERS]
    assert section(found, CALLER).endswith('by `_bounds` too."""')
    public = await build(tmp_path, "bounds", text.replace("_bounds", "bounds"))
    assert not section(public, CALLER)


async def test_what_only_an_example_names_is_shown_in_brief_but_to_a_tester_in_full(tmp_path: Path) -> None:
    text = CRON.replace("_bounds(p)", "(p)")
    assert section(await build(tmp_path, "_bounds", text), NAMED) == (
        'class Schedule:\n    """The values of each field. [...]"""\n    minute: int'
    )
    tester = await build(tmp_path, "_bounds", bodies=False)
    assert "    def matches(self, moment):" in section(tester, NAMED)
    assert "def parse" not in tester.render()


async def test_a_place_that_is_shown_whole_is_not_listed_again(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from cron import bounds\nlimit = bounds('1')\n")
    found = await build(tmp_path, "bounds", CRON.replace("_bounds", "bounds"))
    assert section(found, "called from") == "# app.py:2\nlimit = bounds('1')"
