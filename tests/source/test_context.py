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
from soa.source.views import Item
from soa.tokens import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.contracts import Stub
    from soa.source.context import Context

SAME_FILE = "used in the header, docstring or examples, from this file"
FOR_CALLERS = "used in the header, docstring, examples or caller, from this file"
PROJECT = "used in the header, docstring or examples, from the project"

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
        SAME_FILE,
        PROJECT,
        "also in the file",
        "called from",
        "tests that name it",
        "the file's docstring",
    ]
    whole = section(found, "class Ledger")
    assert "def post" not in whole
    assert "self.entries = entries" in whole
    assert '"""Sum of all.\n\n        A long explanation."""' in whole
    assert "return sum" not in whole
    assert section(found, SAME_FILE) == (
        'RATE = 3\n\nclass Book:\n    """What a ledger is, too."""\n\n'
        'def normalize(text: str) -> str:\n    """Make it plain.\n\n    In two steps."""'
    )
    definitions = section(found, PROJECT)
    assert definitions.startswith('# shop/models.py\nclass Entry:\n    """An entry."""\n    amount: int')
    assert '# shop/money.py\ndef parse(text):\n    """Parse."""' in definitions
    assert "def audit_log():" in definitions
    assert section(found, "called from") == "# shop/app.py:3 in run\nreturn ledger.post(1)"
    assert section(found, "tests that name it").startswith("# tests/test_ledger.py::test_post\ndef test_post():")
    assert section(found, "the file's docstring") == '"""The ledger. [...]"""'
    for hidden in ("secret_body", "KEY", "hidden = "):
        assert hidden not in found.render()


async def test_a_definition_that_changed_is_told_as_it_is_now(root: Path, meaning: Meaning) -> None:
    builder = ContextBuilder(ProjectIndex(root, max_age=0), meaning, 4000)
    for attribute in ("amount: int", "amount: float"):
        (root / "shop/models.py").write_text(f'class Entry:\n    """An entry."""\n    {attribute}\n')
        found = await builder.build(stub(LEDGER, "Ledger.post"), LEDGER, root / "shop/ledger.py")
        assert attribute in section(found, PROJECT)


async def test_nothing_is_told_twice(root: Path) -> None:
    for name in ("Ledger.post", "Ledger.close", "normalize", "other.inner"):
        rendered = (await build(root, name)).render()
        lines = [line for line in rendered.split("\n") if line.startswith(("def ", "class ", "RATE"))]
        assert len(lines) == len(set(lines))


async def test_a_nested_stub_sees_the_function_around_it(root: Path) -> None:
    found = await build(root, "other.inner")
    assert "hidden = inner(text)" in section(found, "the function around it, other")
    assert "def other" not in section(found, "also in the file")


SKELETON = '''"""Orders."""
LIMIT = 3

class Item:
    """An article."""
    name: str

class Unrelated:
    """Something else."""

def unrelated():
    """Nothing of it."""

def total(text: str) -> int:
    """Add up an order.

    At length."""
    return sum(_price(item) for item in _items(text)[:LIMIT])  # _comment

def _items(text: str) -> list[Item]:
    """Read the items.

    Raises ValueError for "unrelated" ones."""

def _price(item: Item) -> int:
    """What an item costs.

    >>> _price(Item("unrelated"))
    1
    """
'''


async def build_helper(root: Path, *, bodies: bool = True) -> Context:
    builder = ContextBuilder(ProjectIndex(root), None, 4000)
    path = root / "shop/orders.py"
    return await builder.build(stub(SKELETON, "_price"), SKELETON, path, mother="total", bodies=bodies)


async def test_a_helper_sees_the_body_that_calls_it_and_the_contracts_beside_it_but_no_more(root: Path) -> None:
    found = await build_helper(root)
    assert [s.title for s in found.sections] == ["the function that calls it", FOR_CALLERS, "the file's docstring"]
    assert section(found, "the function that calls it") == (
        'def total(text: str) -> int:\n    """Add up an order. [...]"""\n'
        "    return sum(_price(item) for item in _items(text)[:LIMIT])  # _comment"
    )
    assert section(found, FOR_CALLERS) == (
        'LIMIT = 3\n\nclass Item:\n    """An article."""\n    name: str\n\n'
        'def _items(text: str) -> list[Item]:\n    """Read the items.\n\n    Raises ValueError for "unrelated" ones."""'
    )


async def test_a_helper_of_a_method_sees_the_class_too(root: Path) -> None:
    text = '''
class Basket:
    """Items."""
    def __init__(self):
        self.items = []
    def total(self):
        """Add up."""
        return sum(map(_price, self._chosen()))
    def _chosen(self):
        """Choose."""

def _price(item):
    """Price it."""
'''
    builder = ContextBuilder(ProjectIndex(root), None, 4000)
    for name, title in (("_price", FOR_CALLERS), ("Basket._chosen", "class Basket")):
        found = await builder.build(stub(text, name), text, root / "shop/orders.py", mother="Basket.total")
        assert "self.items = []" in section(found, title)
        assert "return sum(map(" in section(found, "the function that calls it")
        assert ("Price it." in found.render()) == (name == "Basket._chosen")


async def test_a_tester_sees_contracts_only(root: Path) -> None:
    rendered = (await build_helper(root, bodies=False)).render()
    assert "return sum" not in rendered
    assert 'class Item:\n    """An article."""\n    name: str' in rendered
    builder = ContextBuilder(ProjectIndex(root), None, 4000)
    for name in ("Ledger.post", "other.inner", "normalize"):
        found = await builder.build(stub(LEDGER, name), LEDGER, root / "shop/ledger.py", bodies=False)
        rendered = found.render()
        assert "return" not in rendered
        assert "hidden" not in rendered
        assert "test_post" not in rendered
        assert ("# self.entries = entries" in rendered) == (name == "Ledger.post")


async def test_only_what_looks_like_code_counts_as_named(root: Path) -> None:
    text = '''
class Item:
    """An article."""

def item(): "One."
def receipt(): "Two."
def round_up(): "Three."
def price(): "Four."
def cost(): "Five."
def total(): "Six."
def parse(): "Seven."

def work(text):
    """Print a receipt of each Item, as round_up says and price() of the 'cost(1)' do; see `total`.

    >>> parse("receipt")  # item
    1
    """
'''
    found = section(await build(root, "work", text=text), SAME_FILE)
    names = [line.split()[1].strip("():") for line in found.split("\n") if line.startswith(("def", "class"))]
    assert names == ["Item", "round_up", "price", "total", "parse"]


async def test_what_stands_in_the_file_is_shown_in_its_order_whichever_is_nearest(root: Path) -> None:
    text = "".join(f'def f{i}():\n    """Do {i}."""\n\n' for i in range(20))
    for name, limit in (("f0", 4000), ("f10", 4000), ("f19", 4000), ("f15", 120)):
        found = section(await build(root, name, text=text, limit=limit), "also in the file")
        numbers = [int(line[5:-3]) for line in found.split("\n") if line.startswith("def")]
        assert numbers == sorted(numbers)
        assert limit > 1000 or 14 in numbers


async def test_a_class_is_always_shown_with_what_its_objects_hold(root: Path) -> None:
    text = '''
class Item:
    """An article."""
    name: str

class Basket:
    """Items."""

    def __init__(self) -> None:
        self.items: list[Item] = []

def named(basket: Basket) -> None:
    """Do it."""

def unnamed() -> None:
    """Do it."""
'''
    for name, title in (("named", SAME_FILE), ("unnamed", "also in the file")):
        found = section(await build(root, name, text=text), title)
        assert 'class Item:\n    """An article."""\n    name: str' in found
        assert "    def __init__(self) -> None:\n        # self.items: list[Item] = []\n        ..." in found


async def test_a_body_of_dots_stands_only_where_there_is_no_docstring(root: Path) -> None:
    text = '''
class Bare(Exception): pass

class Item:
    """An article."""
    def total(self):
        """Add up."""
        return 1
    def bare(self): return 1

def work(item: Item):
    """Do it, or raise `Bare`."""
'''
    assert section(await build(root, "work", text=text), SAME_FILE) == (
        'class Bare(Exception): ...\n\nclass Item:\n    """An article."""\n'
        '    def total(self):\n        """Add up."""\n    def bare(self): ...'
    )


async def test_docstrings_of_the_same_class_are_whole_while_there_is_room(root: Path) -> None:
    title = "class Ledger"
    assert "A long explanation." in section(await build(root, "Ledger.post"), title)
    text = LEDGER.replace("A long explanation.", "A long explanation. " * 200)
    shown = section(await build(root, "Ledger.post", text=text, limit=1000), title)
    assert '"""Sum of all. [...]"""' in shown


async def test_tests_that_name_only_the_class_are_not_shown(root: Path) -> None:
    assert not section(await build(root, "Ledger.close"), "tests that name it")


@pytest.mark.parametrize("broken", ["x = (\n", 'def f():\n    """open\n', "if x\n"])
@pytest.mark.parametrize("before", [True, False])
async def test_a_file_that_does_not_parse_has_contexts_too(root: Path, broken: str, before: bool) -> None:
    text = LEDGER.replace("class Book:", f"{broken}class Book:") if before else f"{LEDGER}{broken}"
    found = await build(root, "Ledger.post", text=text)
    assert "self.entries = entries" in section(found, "class Ledger")
    assert "def normalize" in section(found, SAME_FILE)


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


items = st.builds(Item, st.text("ab \n", max_size=60), st.text("c", max_size=90), st.integers(0, 9))
texts = st.lists(items, max_size=6).map(tuple)
drafts = st.lists(st.builds(Draft, st.just("title"), texts, st.floats(0, 0.5)), max_size=6)


@settings(deadline=None, max_examples=200)
@given(drafts, st.integers(0, 120))
def test_a_fitted_context_has_whole_lines_within_its_limit(drafts: list[Draft], limit: int) -> None:
    context = fit(drafts, limit)
    assert not context.sections or estimate_tokens(context.render()) <= limit
    known = {line for d in drafts for i in d.items for line in (i.text + "\n" + i.full).split("\n")} | {"...", ""}
    assert {line for s in context.sections for line in s.text.split("\n")} <= known
    plenty = fit(drafts, 100_000)
    shown = [[i for i in d.items if i.text.strip()] for d in drafts]
    assert [s.text for s in plenty.sections] == [
        "\n\n".join(i.full or i.text for i in sorted(group, key=lambda i: i.line)) for group in shown if group
    ]
