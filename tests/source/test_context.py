from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa.source.context import ContextBuilder, fit
from soa.source.meaning import Meaning
from soa.source.project import ProjectIndex
from soa.source.sections import Draft
from soa.source.stubs import find_stubs
from soa.tokens import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.contracts import Context, Stub

LEDGER = '''"""The ledger.

At length."""
from __future__ import annotations
import json
from .models import Entry
from . import money

RATE = 3

class Book:
    """What a ledger is, too."""

class Ledger(Book):
    """All entries.

    Kept in order.
    """

    name: str

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    @property
    def total(self) -> int:
        """Sum of all.

        A long explanation."""
        return sum(e.amount for e in self.entries)

    def post(self, entry: Entry) -> int:
        """Post an entry, as `normalize` and `money.parse` say, at RATE; see `audit_log`.

        >>> Ledger([]).post(1)
        2
        """

    def close(self) -> None:
        """Close it."""

def normalize(text: str) -> str:
    """Make it plain.

    In two steps."""

def other(text):
    """Do something else.

    In three steps."""
    def inner(x):
        """Deep inside."""
    hidden = inner(text)
    return hidden
'''

FILES = {
    "shop/__init__.py": "from .ledger import Ledger\n",
    "shop/ledger.py": LEDGER,
    "shop/models.py": 'class Entry:\n    """An entry."""\n    amount: int\n',
    "shop/money.py": 'def parse(text):\n    """Parse."""\n    secret_body()\n\ndef audit_log():\n    """Log."""\n',
    "shop/app.py": "from .ledger import Ledger\ndef run(ledger: Ledger):\n    return ledger.post(1)\n",
    "tests/test_ledger.py": "from shop import Ledger\ndef test_post():\n    assert Ledger([]).post(1)\n",
    ".env": "KEY = 'post(1)'\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def meaning(root: Path) -> Iterator[Meaning]:
    meaning = Meaning(root, Path(sys.executable), seconds=20)
    yield meaning
    meaning.close()


def stub(text: str, qualname: str) -> Stub:
    return next(s for s in find_stubs(text) if s.contract.qualname == qualname)


async def build(root: Path, qualname: str, *, text: str = LEDGER, limit: int = 4000) -> Context:
    builder = ContextBuilder(ProjectIndex(root), None, limit)
    return await builder.build(stub(text, qualname), text, root / "shop/ledger.py")


def section(context: Context, title: str) -> str:
    return next((s.text for s in context.sections if s.title == title), "")


async def test_a_method_sees_its_class_and_all_that_its_contract_names(root: Path, meaning: Meaning) -> None:
    builder = ContextBuilder(ProjectIndex(root), meaning, 4000)
    found = await builder.build(stub(LEDGER, "Ledger.post"), LEDGER, root / "shop/ledger.py")
    assert [s.title for s in found.sections] == [
        "class Ledger",
        "imports of the file",
        "named in the contract, from the same file",
        "definitions it names, from the project",
        "also in the file",
        "called from",
        "tests that name it",
        "the file's docstring",
    ]
    whole = section(found, "class Ledger")
    assert "def post" not in whole
    assert "self.entries = entries" in whole
    assert '"""Sum of all."""' in whole
    assert "return sum" not in whole
    assert section(found, "named in the contract, from the same file") == (
        'RATE = 3\n\nclass Book:\n    """What a ledger is, too."""\n\n'
        'def normalize(text: str) -> str:\n    """Make it plain.\n\n    In two steps."""'
    )
    definitions = section(found, "definitions it names, from the project")
    assert definitions.startswith('# shop/models.py\nclass Entry:\n    """An entry."""\n    amount: int')
    assert '# shop/money.py\ndef parse(text):\n    """Parse."""' in definitions
    assert "def audit_log():" in definitions
    assert section(found, "called from") == "# shop/app.py:3 in run\nreturn ledger.post(1)"
    assert section(found, "tests that name it").startswith("# tests/test_ledger.py::test_post\ndef test_post():")
    assert section(found, "the file's docstring") == '"""The ledger."""'
    for hidden in ("secret_body", "KEY", "hidden = "):
        assert hidden not in found.render()


async def test_a_definition_that_changed_is_told_as_it_is_now(root: Path, meaning: Meaning) -> None:
    builder = ContextBuilder(ProjectIndex(root, max_age=0), meaning, 4000)
    for attribute in ("amount: int", "amount: float"):
        (root / "shop/models.py").write_text(f'class Entry:\n    """An entry."""\n    {attribute}\n')
        found = await builder.build(stub(LEDGER, "Ledger.post"), LEDGER, root / "shop/ledger.py")
        assert attribute in section(found, "definitions it names, from the project")


async def test_nothing_is_told_twice(root: Path) -> None:
    for name in ("Ledger.post", "Ledger.close", "normalize", "other.inner"):
        rendered = (await build(root, name)).render()
        lines = [line for line in rendered.split("\n") if line.startswith(("def ", "class ", "RATE"))]
        assert len(lines) == len(set(lines))


async def test_a_nested_stub_sees_the_function_around_it(root: Path) -> None:
    found = await build(root, "other.inner")
    assert "hidden = inner(text)" in section(found, "the function around it, other")
    assert "def other" not in section(found, "also in the file")


async def test_what_is_written_beside_it_comes_first(root: Path) -> None:
    builder = ContextBuilder(ProjectIndex(root), None, 4000)
    path = root / "shop/ledger.py"
    found = await builder.build(stub(LEDGER, "normalize"), LEDGER, path, helper_texts=["def beside(): ..."])
    assert found.sections[0].text == "def beside(): ..."


@pytest.mark.parametrize("broken", ["x = (\n", 'def f():\n    """open\n', "if x\n"])
@pytest.mark.parametrize("before", [True, False])
async def test_a_file_that_does_not_parse_has_contexts_too(root: Path, broken: str, before: bool) -> None:
    text = LEDGER.replace("class Book:", f"{broken}class Book:") if before else f"{LEDGER}{broken}"
    found = await build(root, "Ledger.post", text=text)
    assert "self.entries = entries" in section(found, "class Ledger")
    assert "def normalize" in section(found, "named in the contract, from the same file")


@pytest.mark.parametrize("limit", [0, 5, 40, 150, 400, 1000])
async def test_the_limit_holds(root: Path, limit: int) -> None:
    for found in find_stubs(LEDGER):
        context = await build(root, found.contract.qualname, limit=limit)
        assert sum(estimate_tokens(s.title + s.text) for s in context.sections) <= limit
        assert not context.sections or estimate_tokens(context.render()) <= limit


async def test_a_growing_project_does_not_grow_the_context(root: Path) -> None:
    limit, sizes = 1500, []
    for count in (1, 30, 300):
        for i in range(count):
            name = f"shop/more{i}.py"
            (root / name).write_text(f"from .ledger import Ledger\ndef use{i}(ledger: Ledger):\n    ledger.post({i})\n")
            test = f"from shop import Ledger\ndef test_{i}():\n    '''{'long ' * 50}'''\n    Ledger([]).post({i})\n"
            (root / f"tests/test_{i}.py").write_text(test)
        text = LEDGER + "".join(f'def sibling{i}(x):\n    """Do number {i} of many."""\n' for i in range(count))
        sizes.append(estimate_tokens((await build(root, "Ledger.post", text=text, limit=limit)).render()))
    assert sizes[0] < sizes[-1] <= limit


async def test_a_large_class_leaves_room_for_the_rest(root: Path) -> None:
    methods = "".join(f'    def m{i}(self):\n        """Do number {i}."""\n        return {i}\n\n' for i in range(500))
    text = LEDGER.replace("    def close", f"{methods}    def close")
    found = await build(root, "Ledger.post", text=text, limit=1200)
    assert section(found, "class Ledger").endswith("\n...")
    assert "def close" not in section(found, "class Ledger")
    assert "def m0" in section(found, "class Ledger")
    assert section(found, "tests that name it")
    assert section(found, "called from")


texts = st.lists(st.text("ab \n", max_size=60), max_size=6).map(tuple)
drafts = st.lists(st.builds(Draft, st.just("title"), texts, st.floats(0, 0.5)), max_size=6)


@settings(deadline=None, max_examples=200)
@given(drafts, st.integers(0, 120))
def test_a_fitted_context_has_whole_lines_within_its_limit(drafts: list[Draft], limit: int) -> None:
    context = fit(drafts, limit)
    assert not context.sections or estimate_tokens(context.render()) <= limit
    known = {line for d in drafts for i in d.items for line in i.split("\n")} | {"...", ""}
    assert {line for s in context.sections for line in s.text.split("\n")} <= known
    plenty = fit(drafts, 100_000)
    assert [s.text for s in plenty.sections] == [
        "\n\n".join(i for i in d.items if i.strip()) for d in drafts if any(i.strip() for i in d.items)
    ]
