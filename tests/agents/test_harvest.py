"""Of what stands beside the function only what it needs is taken, and the file's own names win."""

from __future__ import annotations

import pytest

from contracting import contract_of, harvest_of, known_in
from soa.agents.harvest import Known
from soa.contracts import Helper

STUB = '''
def total(rows):
    """Add up."""
'''
LEDGER = '''
import json
LIMIT = 3

class Ledger:
    """A ledger."""
    _seen = 0

    def __init__(self):
        self._rows = []

    def post(self, entry):
        """Add an entry."""

    def _old(self):
        return 1
'''


def helpers(reply: str, text: str = STUB, qualname: str = "") -> dict[str, str]:
    return {h.name: h.scope for h in harvest_of(reply, text, qualname).candidate.helpers}


def imports(reply: str, text: str = STUB, qualname: str = "", module_name: str = "") -> tuple[str, ...]:
    contract = contract_of(text, qualname)
    known = known_in(text, contract.qualname, module_name)
    return harvest_of(reply, text, qualname, known=known).candidate.imports


def test_only_needed_helpers_are_taken_and_in_their_order():
    reply = """
import os, re
_A = 1
_B: int = _A + 1
_C = 9

def _unused(x):
    return _C

class _Row:
    size = _B

def _one(x):
    return _two(x)

def _two(x):
    return _Row(x)

def total(rows):
    return sum(map(_one, rows))

if __name__ == "__main__":
    print(total([]))
"""
    assert list(helpers(reply)) == ["_A", "_B", "_Row", "_one", "_two"]
    assert imports(reply) == ()


def test_a_helper_keeps_its_source():
    head = '@cache\n@other(\n    1,\n)\ndef _h(x):\n    """Doc.\n\n    more\n    """\n'
    code = head + '    # so\n    return """\n  a  \n"""\n'
    [helper] = harvest_of(f"{code}\n\ndef total(rows):\n    return _h(rows)", STUB).candidate.helpers
    assert helper == Helper("_h", code.rstrip("\n"))


def test_assignments_are_cut_out_of_their_lines():
    reply = "_Ä = 'ä'; _B = (\n    _Ä,\n)  # note\ndef total(rows):\n    return _B"
    found = harvest_of(reply, STUB).candidate.helpers
    assert [h.source for h in found] == ["_Ä = 'ä'", "_B = (\n    _Ä,\n)"]


def test_of_two_forms_of_a_helper_the_last_is_taken():
    reply = (
        "```\ndef _h(x):\n    return 0\n\ndef total(rows):\n    return _h(0)\n```\nBetter:\n"
        "```\ndef total(rows):\n    return _h(1)\n\ndef _h(x):\n    return 1\n```"
    )
    found = harvest_of(reply, STUB)
    assert found.candidate.body == "return _h(1)"
    assert [h.source for h in found.candidate.helpers] == ["def _h(x):\n    return 1"]


def test_a_helper_may_stand_in_another_block():
    reply = "```\nimport re\ndef _h(x):\n    return re.I\n```\nand\n```\ndef total(rows):\n    return _h(0)\n```"
    assert harvest_of(reply, STUB).candidate.imports == ("import re",)
    assert helpers(reply) == {"_h": "module"}


def test_the_files_own_definitions_win():
    text = STUB + "\ndef _h(x):\n    return 'the file'\n\nLIMIT = 2\n"
    reply = "LIMIT = 3\ndef _h(x):\n    return 'the reply'\ndef total(rows):\n    return _h(LIMIT)"
    assert helpers(reply, text) == {}


def test_names_that_are_local_need_nothing():
    above = "import path\nimport x\nname = 1\n"
    reply = f"{above}def total(rows):\n    path = name = rows\n    return [x.path for x in path], name"
    assert helpers(reply) == {}
    assert imports(reply) == ()


def test_names_that_are_only_attributes_need_nothing():
    assert imports("from os import path\nimport sub\ndef total(rows):\n    return rows.path.sub('sub')") == ()


def test_names_in_annotations_and_defaults_of_helpers_are_needed():
    reply = (
        "from typing import Any, Iterable, Never\nfrom decimal import Decimal as D\n_N = 3\n"
        "def _h(x: 'Iterable[D]', n=_N) -> Any:\n    return 1\ndef total(rows: Never) -> Never:\n    return _h(rows)"
    )
    assert imports(reply) == (
        "from typing import Any",
        "from typing import Iterable",
        "from decimal import Decimal as D",
    )
    assert helpers(reply) == {"_N": "module", "_h": "module"}


def test_imports_are_split_to_one_name_each():
    reply = """
import os, re as r, sys
import a.b.c
import a.b.d as abd
from x import (y, z as zz,
    unused)
from . import near
from ..up.there import far
def total(rows):
    import inside
    return os, r, a.b.c, abd, y, zz, near, far
"""
    assert imports(reply) == (
        "import os", "import re as r", "import a.b.c", "import a.b.d as abd", "from x import y",
        "from x import z as zz", "from . import near", "from ..up.there import far",
    )  # fmt: skip


def test_an_import_that_is_repeated_is_taken_once():
    assert imports("import re\nimport re\nfrom re import I\ndef total(rows):\n    return re, I") == (
        "import re",
        "from re import I",
    )


def test_future_imports_come_with_helpers_only():
    future = "from __future__ import annotations\n"
    assert imports(f"{future}def total(rows):\n    return 1") == ()
    reply = f"{future}def _h(): return 1\ndef total(rows):\n    return _h()"
    assert imports(reply) == ("from __future__ import annotations",)


def test_a_star_import_is_kept_for_the_gate_to_refuse():
    assert imports("from os import *\ndef total(rows):\n    return getcwd()") == ("from os import *",)
    assert imports("from os import *\ndef total(rows):\n    return getcwd()", f"from os import *\n{STUB}") == ()


@pytest.mark.parametrize(
    "statement",
    [
        "from shop.ledger import total, Entry, new",
        "from .ledger import Entry",
        "from ledger import Entry",
        "from ..shop.ledger import Entry",
    ],
)
def test_imports_from_the_module_itself_are_dropped(statement):
    text = f"class Entry:\n    pass\n{STUB}"
    assert imports(f"{statement}\ndef total(rows):\n    return Entry, new", text, module_name="shop.ledger") == ()


def test_imports_from_other_modules_of_a_like_name_stay():
    reply = "from other.ledger import fresh\nfrom .ledger2 import more\nfrom . import ledger\n"
    code = f"{reply}def total(rows):\n    return fresh, more, ledger"
    assert len(imports(code, module_name="shop.ledger")) == 3


GUARDED = """
try:
    import tomllib
except ImportError:
    import tomli as tomllib
if TYPE_CHECKING:
    from x import Row
if sys.version_info > (3, 12):
    from typing import override
else:
    from typing_extensions import override
def _h(a: Row, b: "Row"):
    return tomllib, override
def total(rows):
    x: Row = _h(rows)
    return x
"""


def test_of_guarded_imports_the_ordinary_branch_is_taken():
    found = imports(GUARDED)
    assert found[:3] == ("import tomllib", "from x import Row", "from typing import override")
    assert "import tomli as tomllib" not in found


def test_guarded_imports_that_the_file_has_are_left_out():
    text = f"if TYPE_CHECKING:\n    from x import Row\ntry:\n    import tomllib\nexcept ImportError:\n    pass\n{STUB}"
    assert not {"import tomllib", "from x import Row"} & set(imports(GUARDED, text))


def test_private_methods_and_functions_are_told_apart():
    reply = """
def post(self, entry):
    self._check(entry)
    self._static(1)
    Ledger._made(2), type(self)._own(3)
    return _key(entry), self._plain

def _check(self, entry):
    return self._deeper()

def _deeper(self):
    return LIMIT

@staticmethod
def _static(x):
    return x

@classmethod
def _made(cls, x):
    return x

@classmethod
def _own(cls, x):
    return x

def _key(entry):
    return entry

def _unused(self):
    pass
"""
    assert helpers(reply, LEDGER, "Ledger.post") == {
        "_check": "class", "_deeper": "class", "_static": "class", "_made": "class", "_own": "class", "_key": "module",
    }  # fmt: skip


def test_in_a_class_what_stands_there_are_its_members():
    reply = """
LIMIT = 4

def _key(entry):
    return _SIZE

_SIZE = 4

class Ledger:
    _seen = 1
    _new = {}
    _far: int = 2

    def __init__(self):
        self._rows = None

    def post(self, entry):
        return self._new, self._old(), self._seen, _key(entry), self._fresh(LIMIT)

    def _fresh(self, n=_far):
        return self._rows

    def _old(self):
        return 2
"""
    assert helpers(reply, LEDGER, "Ledger.post") == {
        "_key": "module", "_SIZE": "module", "_new": "class", "_far": "class", "_fresh": "class",
    }  # fmt: skip


def test_a_member_in_a_class_is_dedented():
    reply = (
        "class Ledger:\n    def post(self, entry):\n        return self._h()\n\n    @staticmethod\n    def _h():\n"
        + ('        """Doc."""\n        x = """\n  a\n"""\n        return x\n')
    )
    [helper] = harvest_of(reply, LEDGER, "Ledger.post").candidate.helpers
    assert helper.source == '@staticmethod\ndef _h():\n    """Doc."""\n    x = """\n  a\n"""\n    return x'


def test_a_method_on_another_receiver():
    text = 'class Meta(type):\n    def make(mcs, name):\n        """Make."""\n'
    reply = "def make(mcs, name):\n    return mcs._part(name)\n\ndef _part(mcs, name):\n    return name"
    assert helpers(reply, text, "Meta.make") == {"_part": "class"}


def test_a_nested_function_with_nonlocal_names():
    text = 'def outer():\n    count = 0\n    def inner():\n        """Count."""\n    return inner\n'
    reply = "import re\n_STEP = 1\ndef inner():\n    nonlocal count\n    count += _STEP\n    return re, count"
    found = harvest_of(reply, text, "outer.inner").candidate
    assert (found.imports, [h.name for h in found.helpers]) == (("import re",), ["_STEP"])


SKELETON = '''
def total(rows):
    return _join([_parse(r) for r in rows])


def _parse(row):
    """Read."""


def _join(parts):
    """Join."""
    ...
'''


def test_helper_stubs_are_kept_as_written():
    found = harvest_of(SKELETON, STUB)
    assert [h.source for h in found.candidate.helpers] == [
        'def _parse(row):\n    """Read."""',
        'def _join(parts):\n    """Join."""\n    ...',
    ]
    assert (found.unused, found.repeated) == ((), ())


def test_stubs_that_nothing_uses_are_told():
    more = SKELETON + '\n\ndef _spare(x):\n    """Never called."""\n\n\ndef _noop(x):\n    pass\n'
    assert harvest_of(more, STUB).unused == ("_spare",)


def test_stubs_of_a_draft_are_not_missed():
    draft = 'def total(rows):\n    return _spare(rows)\n\ndef _spare(x):\n    """Never called."""\n'
    assert harvest_of(f"```\n{draft}\n```\nNo:\n```\n{SKELETON}```", STUB).unused == ()


def test_a_stub_that_takes_a_name_of_the_file_is_told():
    text = f"import _join\n{STUB}\ndef _parse(x):\n    return 1\n"
    assert harvest_of(SKELETON, text).repeated == ("_parse", "_join")


def test_stubs_that_only_repeat_the_files_own_are_no_fault():
    text = STUB + '\ndef _parse(row: str) -> int:\n    """Read."""\n\ndef other(x):\n    """Another stub."""\n'
    whole = SKELETON.replace("_parse(row)", "_parse(row: str)") + '\ndef other(x):\n    """Another stub."""\n'
    known = known_in(text, "total")
    functions = {
        "_parse": 'def _parse(row: str) -> int:\n    """Read."""',
        "other": 'def other(x):\n    """Another stub."""',
    }
    found = harvest_of(whole, text, "total", known=Known(known.module, known.members, "m", functions))
    assert (found.repeated, found.unused) == ((), ())
    assert [h.name for h in found.candidate.helpers] == ["_join"]


def test_overloads_and_abstract_methods_are_no_stubs_to_write():
    text = f"@overload\ndef get(x: int): ...\n@overload\ndef get(x: str): ...\ndef get(x):\n    return x\n{STUB}"
    whole = text.replace('"""Add up."""', "return get(rows)")
    found = harvest_of(whole, text, "total")
    assert (found.repeated, found.unused, found.candidate.helpers) == ((), (), ())


def test_a_whole_module_adds_nothing_that_the_file_has():
    whole = LEDGER.replace('"""Add an entry."""', "return self._old(), json, LIMIT")
    found = harvest_of(whole, LEDGER, "Ledger.post")
    assert found.candidate.helpers == ()
    assert found.candidate.imports == ("import json",)


def test_what_a_stubs_docstring_names_comes_along_with_it():
    reply = '''
_WEEK = ("Mo", "Tu")
_OTHER = 1

def total(rows):
    return _days(rows)

def _days(rows):
    """Each row is a day of `_WEEK`, read by _day."""

def _day(text):
    """A day's name, as `_short` makes it."""

def _short(text):
    """Two letters."""

def _unused():
    """Not called, unlike `_day`."""
'''
    found = harvest_of(reply, STUB)
    assert [h.name for h in found.candidate.helpers] == ["_WEEK", "_days", "_day", "_short"]
    assert found.unused == ("_unused",)
