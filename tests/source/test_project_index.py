from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from soa.source.project import MAX_FILE_BYTES, ProjectIndex
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from pathlib import Path

    from soa.contracts import Contract

LEDGER = '''
class Ledger:
    def post(self, entry):
        """Post an entry."""

    def __len__(self):
        """How many."""

    def _check(self, entry):
        """Check an entry."""

    def close(self):
        self._check(None)

def parse_amount(text):
    """Parse an amount."""

def outer():
    def inner():
        """Deep inside."""
    return inner
'''

UNITTEST = """
import unittest
from shop.ledger import Ledger
from .support import Case

class Base(unittest.TestCase):
    def setUp(self):
        self.ledger = Ledger()

class LedgerChecks(Base):
    def test_posting(self):
        self.ledger.post(1)

    def test_size(self):
        self.assertEqual(len(self.ledger), 0)

class NotCollected:
    def test_post(self):
        Ledger().post(1)
"""


def write(root: Path, files: dict[str, str]) -> ProjectIndex:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return ProjectIndex(root, max_age=0)


def contract(text: str, qualname: str) -> Contract:
    return next(s.contract for s in find_stubs(text) if s.contract.qualname == qualname)


def collected(root: Path, *paths: str) -> set[str]:
    """The nodes that pytest itself finds."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "--rootdir=.", *paths]
    env = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"}
    out = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False).stdout
    return {line.partition("[")[0] for line in out.splitlines() if "::" in line}


SRC_LAYOUT = {
    "src/shop/__init__.py": "from .ledger import Ledger, parse_amount\n",
    "src/shop/ledger.py": LEDGER,
    "tests/conftest.py": "import pytest\nimport shop\n@pytest.fixture\ndef ledger():\n    return shop.Ledger()\n",
    "tests/test_ledger.py": (
        "import pytest\nfrom shop import parse_amount as parse\n"
        "@pytest.mark.parametrize('text', ['1', '2'])\ndef test_parsing(text):\n    assert parse(text)\n"
        "class TestPost:\n    def test_post(self, ledger):\n        ledger.post(1)\n"
        "    def test_other(self):\n        pass\n"
    ),
    "tests/test_fixture_only.py": "def test_it(ledger):\n    assert ledger.post(2) is None\n",
    "tests/test_unrelated.py": "import json\ndef post(): pass\ndef test_post():\n    post()\n",
}


@pytest.mark.parametrize(
    ("files", "module", "qualname", "expected"),
    [
        (
            {"ledger.py": LEDGER, "test_flat.py": "import ledger\ndef test_a():\n    ledger.parse_amount('1')\n"},
            "ledger.py",
            "parse_amount",
            ["test_flat.py::test_a"],
        ),
        (SRC_LAYOUT, "src/shop/ledger.py", "parse_amount", ["tests/test_ledger.py::test_parsing"]),
        (
            {
                "shop/__init__.py": "",
                "shop/ledger.py": LEDGER,
                "shop/tests/__init__.py": "",
                "shop/tests/test_inside.py": "from ..ledger import Ledger\ndef test_p():\n    Ledger().post(1)\n",
            },
            "shop/ledger.py",
            "Ledger.post",
            ["shop/tests/test_inside.py::test_p"],
        ),
        (
            {
                "shop/__init__.py": "",
                "shop/ledger.py": LEDGER,
                "tests/__init__.py": "",
                "tests/support.py": "class Case: pass\n",
                "tests/tests.py": UNITTEST,
            },
            "shop/ledger.py",
            "Ledger.post",
            ["tests/tests.py::LedgerChecks::test_posting"],
        ),
    ],
)
def test_tests_are_found_in_every_layout(tmp_path, files, module, qualname, expected):
    index = write(tmp_path, files)
    found = index.tests_naming(contract(LEDGER, qualname), tmp_path / module)
    assert list(found) == expected
    assert set(found) <= collected(tmp_path, found[0].partition("::")[0])


def test_a_fixture_of_conftest_leads_to_its_tests_and_the_more_specific_come_first(tmp_path):
    index = write(tmp_path, SRC_LAYOUT)
    found = index.tests_naming(contract(LEDGER, "Ledger.post"), tmp_path / "src/shop/ledger.py")
    assert list(found) == ["tests/test_ledger.py::TestPost::test_post", "tests/test_fixture_only.py::test_it"]
    assert set(found) <= collected(tmp_path)


def test_an_operator_is_reached_through_its_class(tmp_path):
    test = "from ledger import Ledger\ndef test_len():\n    assert not Ledger()\n"
    index = write(tmp_path, {"ledger.py": LEDGER, "test_x.py": test})
    assert index.tests_naming(contract(LEDGER, "Ledger.__len__"), tmp_path / "ledger.py") == ("test_x.py::test_len",)


def test_a_private_method_is_reached_through_its_callers(tmp_path):
    files = {
        "ledger.py": LEDGER,
        "test_x.py": "from ledger import Ledger\ndef test_b():\n    Ledger()\ndef test_a():\n    Ledger().close()\n",
    }
    index, check = write(tmp_path, files), contract(LEDGER, "Ledger._check")
    assert index.tests_naming(check, tmp_path / "ledger.py") == ("test_x.py::test_a", "test_x.py::test_b")
    assert index.tests_naming(check, tmp_path / "ledger.py", callers=False) == ()


def test_a_name_that_builtin_types_have_too_needs_its_class_or_its_import(tmp_path):
    text = 'class Cart:\n    def count(self):\n        """Count."""\n\ndef split():\n    """Split."""\n'
    files = {
        "shop/__init__.py": "",
        "shop/cart.py": text,
        "tests/test_text.py": "import shop\ndef test_text():\n    assert 'a b'.split() and 'a'.count('a')\n",
        "tests/test_cart.py": "from shop import cart\ndef test_cart():\n    cart.split(), cart.Cart().count()\n",
    }
    index = write(tmp_path, files)
    for name in ("Cart.count", "split"):
        found = index.tests_naming(contract(text, name), tmp_path / "shop/cart.py")
        assert found == ("tests/test_cart.py::test_cart",)


def test_tests_under_conditions_and_in_nested_classes_are_found(tmp_path):
    text = (
        "import sys\nimport ledger\nif sys.platform:\n    def test_a():\n        ledger.parse_amount('')\n"
        "class TestOuter:\n    class TestInner:\n        def test_b(self):\n            ledger.parse_amount('')\n"
        "class TestBuilt:\n    def __init__(self): ...\n    def test_c(self):\n        ledger.parse_amount('')\n"
    )
    index = write(tmp_path, {"ledger.py": LEDGER, "test_x.py": text})
    found = index.tests_naming(contract(LEDGER, "parse_amount"), tmp_path / "ledger.py")
    assert set(found) == collected(tmp_path) == {"test_x.py::test_a", "test_x.py::TestOuter::TestInner::test_b"}


def test_a_nested_function_is_reached_through_the_one_around_it(tmp_path):
    index = write(tmp_path, {"ledger.py": LEDGER, "test_x.py": "import ledger\ndef test_a():\n    ledger.outer()\n"})
    assert index.tests_naming(contract(LEDGER, "outer.inner"), tmp_path / "ledger.py") == ("test_x.py::test_a",)


def test_helpers_constants_and_automatic_fixtures_count_one_hop(tmp_path):
    text = (
        "import pytest\nimport ledger\nCASES = [ledger.parse_amount]\n"
        "def check(text):\n    return ledger.parse_amount(text)\n"
        "@pytest.mark.parametrize('case', CASES)\ndef test_constant(case):\n    case('1')\n"
        "def test_helper():\n    check('1')\ndef test_none():\n    pass\n"
    )
    automatic = (
        "import pytest\nimport ledger\n@pytest.fixture(autouse=True)\ndef ready():\n    ledger.parse_amount('1')\n"
        "def test_ready():\n    pass\n"
    )
    index = write(tmp_path, {"ledger.py": LEDGER, "test_a.py": text, "test_b.py": automatic})
    found = index.tests_naming(contract(LEDGER, "parse_amount"), tmp_path / "ledger.py")
    assert set(found) == {"test_a.py::test_constant", "test_a.py::test_helper", "test_b.py::test_ready"}
    assert set(found) <= collected(tmp_path)


def test_the_limit_holds_and_a_broken_test_file_is_passed_over(tmp_path):
    many = "import ledger\n" + "".join(f"def test_{i}():\n    ledger.parse_amount('')\n" for i in range(50))
    broken = "import ledger\ndef test_("
    index = write(tmp_path, {"ledger.py": LEDGER, "test_many.py": many, "test_broken.py": broken})
    stub = contract(LEDGER, "parse_amount")
    assert len(index.tests_naming(stub, tmp_path / "ledger.py")) == 30
    assert index.tests_naming(stub, tmp_path / "ledger.py", limit=2) == ("test_many.py::test_0", "test_many.py::test_1")
    assert index.test_files_for(tmp_path / "ledger.py") == ("test_many.py",)


def test_files_of_tests_are_ordered_from_the_module_to_the_package(tmp_path):
    files = {
        "shop/__init__.py": "",
        "shop/ledger.py": LEDGER,
        "tests/test_all.py": "import shop\ndef test_a(): pass\n",
        "tests/test_ledger.py": "from shop.ledger import Ledger\ndef test_a(): pass\n",
        "tests/test_other.py": "import shop.money\ndef test_a(): pass\n",
        "tests/test_else.py": "import json\ndef test_a(): pass\n",
    }
    index = write(tmp_path, files)
    expected = ("tests/test_ledger.py", "tests/test_all.py", "tests/test_other.py")
    assert index.test_files_for(tmp_path / "shop/ledger.py") == expected


def test_the_source_of_a_test_is_dedented_with_its_decorators(tmp_path):
    index = write(tmp_path, SRC_LAYOUT)
    assert index.test_source("tests/test_ledger.py::TestPost::test_post") == (
        "def test_post(self, ledger):\n    ledger.post(1)"
    )
    assert index.test_source("tests/test_ledger.py::test_parsing").startswith("@pytest.mark.parametrize")
    assert index.test_source("tests/test_ledger.py::nothing") == ""


def test_call_sites_are_statements_near_ones_first_and_tests_last(tmp_path):
    files = {
        "shop/__init__.py": "",
        "shop/ledger.py": LEDGER + "\nparse_amount('0')\n",
        "shop/cart.py": "def add(text):\n    # parse_amount(text)\n    'parse_amount(text)'\n"
        "    total = sum([\n        1,\n        parse_amount(text),\n    ])\n"
        "    if parse_amount(text):\n        return 1\n",
        "app.py": "import shop.ledger\nprint(shop.ledger.parse_amount('1'))\ndef parse_amount(): pass\n",
        "tests/test_a.py": "import shop\ndef test_a():\n    shop.parse_amount('')\n",
    }
    index = write(tmp_path, files)
    sites = index.call_sites("parse_amount", exclude=(tmp_path / "shop/ledger.py", 14, 15))
    assert [(s.path, s.line, s.within, s.text) for s in sites] == [
        ("shop/ledger.py", 22, "", "parse_amount('0')"),
        ("shop/cart.py", 3, "add", "total = sum([\n    1,\n    parse_amount(text),\n])"),
        ("shop/cart.py", 7, "add", "if parse_amount(text):"),
        ("app.py", 1, "", "print(shop.ledger.parse_amount('1'))"),
        ("tests/test_a.py", 2, "test_a", "shop.parse_amount('')"),
    ]
    assert len(index.call_sites("parse_amount", exclude=(tmp_path / "x.py", 0, 0), limit=2)) == 2


def test_a_method_named_as_a_builtin_one_counts_only_where_its_class_is_named(tmp_path):
    files = {"a.py": "{}.get(1)\n", "b.py": "from c import Cart\nCart().get(2)\n", "c.py": "class Cart: pass\n"}
    index = write(tmp_path, files)
    assert [s.path for s in index.call_sites("get", owner="Cart", exclude=(tmp_path / "c.py", 0, 0))] == ["b.py"]


def test_a_long_statement_is_cut_around_the_call(tmp_path):
    rows = "".join(f"    'k{i}': {i},\n" for i in range(20))
    text = f"TABLE = {{\n{rows}    'x': parse_amount('1'),\n{rows}}}\n"
    (site,) = write(tmp_path, {"a.py": text}).call_sites("parse_amount", exclude=(tmp_path / "b.py", 0, 0))
    assert site.text.split("\n") == [
        "TABLE = {", "...", "    'k19': 19,", "    'x': parse_amount('1'),", "    'k0': 0,", "...",
    ]  # fmt: skip


def test_only_the_projects_own_python_files_are_read(tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_text("parse_amount(1)\n")
    root = tmp_path / "root"
    files = {
        "a.py": "parse_amount(1)\n",
        ".env": "parse_amount(1)\n",
        ".hidden/a.py": "parse_amount(1)\n",
        ".venv/a.py": "parse_amount(1)\n",
        "env/pyvenv.cfg": "home = x\n",
        "env/lib/a.py": "parse_amount(1)\n",
        "node_modules/a.py": "parse_amount(1)\n",
        "lib/site-packages/a.py": "parse_amount(1)\n",
        "large.py": "parse_amount(1)\n" + "#" * MAX_FILE_BYTES,
        "binary.py": "parse_amount(1)\n\x00",
    }
    index = write(root, files)
    (root / "latin.py").write_bytes(b"# \xe9\nparse_amount(1)\n")
    (root / "linked.py").symlink_to(outside)
    (root / "linked").symlink_to(tmp_path)
    found = {s.path for s in index.call_sites("parse_amount", exclude=(root / "b.py", 0, 0), limit=99)}
    assert found == {"a.py"}
    assert index.warnings == ("1 Python files are too large or cannot be read.",)


def test_what_changes_is_read_again(tmp_path):
    index = write(tmp_path, {"a.py": "x = 1\n", "b.py": "x = 1\n"})
    first = {f.path.name: f for f in index.files()}
    (tmp_path / "a.py").write_text("parse_amount('12')\n")
    (tmp_path / "c.py").write_text("def parse_amount(): pass\n")
    second = {f.path.name: f for f in index.files()}
    assert index.version == 2
    assert second["b.py"] is first["b.py"]
    assert second["a.py"] is not first["a.py"]
    assert index.defining("parse_amount") == (tmp_path / "c.py",)
    (tmp_path / "c.py").unlink()
    assert index.defining("parse_amount") == ()


def test_a_workspace_that_is_empty_or_gone_has_nothing(tmp_path):
    for root in (tmp_path, tmp_path / "gone"):
        index = ProjectIndex(root)
        assert index.files() == ()
        assert index.tests_naming(contract(LEDGER, "parse_amount"), root / "ledger.py") == ()
        assert index.test_files_for(root / "ledger.py") == ()
