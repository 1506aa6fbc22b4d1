import pytest

from soa.contracts import Candidate, Helper
from soa.errors import SpliceError
from soa.source.imports import import_conflicts
from soa.source.splice import splice
from soa.source.stubs import find_stubs

STUB = 'def f():\n    """Doc."""\n'


def add(head, *imports, stub=STUB):
    """What becomes of the head of a file whose stub needs these imports."""
    text = head + stub
    found = find_stubs(text)[-1]
    after = splice(text, [(found, Candidate("return 1", (), imports))]).text
    line_end = "\r\n" if "\r\n" in text else "\n"
    filled = stub.rstrip("\r\n") + line_end + "    return 1" + line_end
    assert after.endswith(filled)
    return after.removesuffix(filled)


PLACED = {
    "nothing there": ("", ["import os"], "import os\n\n\n"),
    "docstring": ('"""Doc."""\n\n\n', ["import os"], '"""Doc."""\n\nimport os\n\n\n'),
    "docstring, one blank line": ('"""Doc."""\n\n', ["import os"], '"""Doc."""\n\nimport os\n\n\n'),
    "docstring, no blank line": ('"""Doc."""\n', ["import os"], '"""Doc."""\n\nimport os\n\n\n'),
    "docstring, then code": ('r"""Doc."""\nx = 1\n\n\n', ["import os"], 'r"""Doc."""\n\nimport os\n\nx = 1\n\n\n'),
    "parenthesised docstring": ('("""Doc."""\n "x")\n\n\n', ["import os"], '("""Doc."""\n "x")\n\nimport os\n\n\n'),
    "shebang and cookie": (
        "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n",
        ["import os"],
        "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n\nimport os\n\n\n",
    ),
    "licence": ("# Copyright\n# by me\n\n\n", ["import os"], "# Copyright\n# by me\n\nimport os\n\n\n"),
    "comment of the function": ("# about f\n", ["import os"], "import os\n\n\n# about f\n"),
    "sorted, first": ("import os\nimport sys\n\n\n", ["import json"], "import json\nimport os\nimport sys\n\n\n"),
    "sorted, middle": ("import json\nimport sys\n\n\n", ["import os"], "import json\nimport os\nimport sys\n\n\n"),
    "sorted, last": ("import json\nimport os\n\n\n", ["import sys"], "import json\nimport os\nimport sys\n\n\n"),
    "not sorted": ("import sys\nimport json\n\n\n", ["import os"], "import sys\nimport json\nimport os\n\n\n"),
    "case does not count": (
        "import attrs\nimport PIL\nimport zope\n\n\n",
        ["import numpy"],
        "import attrs\nimport numpy\nimport PIL\nimport zope\n\n\n",
    ),
    "plain before from": (
        "import sys\nfrom abc import ABC\n\n\n",
        ["import zlib", "from json import dumps"],
        "import sys\nimport zlib\nfrom abc import ABC\nfrom json import dumps\n\n\n",
    ),
    "mixed by module": (
        "from abc import ABC\nimport sys\n\n\n",
        ["from json import dumps"],
        "from abc import ABC\nfrom json import dumps\nimport sys\n\n\n",
    ),
    "several sections": (
        "import os\n\nimport numpy\n\nfrom . import x\n\n\n",
        ["from .y import z", "import attrs", "import re"],
        "import os\nimport re\n\nimport attrs\nimport numpy\n\nfrom . import x\nfrom .y import z\n\n\n",
    ),
    "new section between": (
        "import os\n\nfrom . import x\n\n\n",
        ["import attrs"],
        "import os\n\nimport attrs\n\nfrom . import x\n\n\n",
    ),
    "new section first": ("import attrs\n\n\n", ["import os"], "import os\n\nimport attrs\n\n\n"),
    "new section last": ("import os\n\n\n", ["from . import x"], "import os\n\nfrom . import x\n\n\n"),
    "new section before code": ("import os\nx = 1\n\n\n", ["import attrs"], "import os\n\nimport attrs\n\nx = 1\n\n\n"),
    "two new sections": (
        "import os\n\n\n",
        ["import attrs", "from . import x"],
        "import os\n\nimport attrs\n\nfrom . import x\n\n\n",
    ),
    "own package": (
        "import os\n\nimport attrs\n\nfrom pkg.a import b\nfrom pkg.d import e\n\n",
        ["from pkg.c import x", "import pytest"],
        "import os\n\nimport attrs\nimport pytest\n\nfrom pkg.a import b\nfrom pkg.c import x\nfrom pkg.d import e\n\n",
    ),
    "future after docstring": (
        '"""Doc."""\n\n__version__ = "1"\n\nimport os\n\n\n',
        ["from __future__ import annotations"],
        '"""Doc."""\n\nfrom __future__ import annotations\n\n__version__ = "1"\n\nimport os\n\n\n',
    ),
    "future before imports": (
        "import os\n\n\n",
        ["from __future__ import annotations"],
        "from __future__ import annotations\n\nimport os\n\n\n",
    ),
    "future after comments": (
        "#!/usr/bin/python\n\nimport os\n\n\n",
        ["from __future__ import annotations", "import re"],
        "#!/usr/bin/python\n\nfrom __future__ import annotations\n\nimport os\nimport re\n\n\n",
    ),
    "future beside future": (
        "from __future__ import division\n\n\n",
        ["from __future__ import annotations", "import os"],
        "from __future__ import division\nfrom __future__ import annotations\n\nimport os\n\n\n",
    ),
    "future in an empty head": ("", ["from __future__ import annotations"], "from __future__ import annotations\n\n\n"),
    "after future": (
        '"""Doc."""\nfrom __future__ import annotations\n\n\n',
        ["import os"],
        '"""Doc."""\nfrom __future__ import annotations\n\nimport os\n\n\n',
    ),
    "type checking stays": (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import re\n\n\n",
        ["import re", "from . import x"],
        "import re\nfrom typing import TYPE_CHECKING\n\nfrom . import x\n\nif TYPE_CHECKING:\n    import re\n\n\n",
    ),
    "try stays": (
        "import os\n\ntry:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\n\n\n",
        ["import tomllib", "import sys"],
        "import os\nimport sys\n\ntry:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\n\n\n",
    ),
    "only try": (
        "try:\n    import json\nexcept ImportError:\n    json = None\n\n\n",
        ["import sys", "import json"],
        "import sys\n\ntry:\n    import json\nexcept ImportError:\n    json = None\n\n\n",
    ),
    "import over lines with comment": (
        "from os import (  # x\n    path,\n    # sep,\n)  # y\nimport sys\n\n\n",
        ["from os import sep"],
        "from os import (  # x\n    path,\n    # sep,\n)  # y\nfrom os import sep\nimport sys\n\n\n",
    ),
    "joined import": (
        "from os import path, \\\n    sep\n\n\n",
        ["import re"],
        "import re\nfrom os import path, \\\n    sep\n\n\n",
    ),
    "comment above the first": ("# why\nimport os\n\n\n", ["import json"], "# why\nimport os\nimport json\n\n\n"),
    "comment above a later one": (
        "import abc\n# why\nimport os\n\n\n",
        ["import json"],
        "import abc\nimport json\n# why\nimport os\n\n\n",
    ),
    "semicolons": ("import abc; import os\n\n\n", ["import json"], "import abc; import os\nimport json\n\n\n"),
    "no blank line before the function": ("import os\n", ["import re"], "import os\nimport re\n"),
    "later imports do not count": (
        "import os\n\nx = 1\nimport zlib\n\n\n",
        ["import sys"],
        "import os\nimport sys\n\nx = 1\nimport zlib\n\n\n",
    ),
    "windows": (
        "import os\r\n\r\n\r\n",
        ["import re", "import attrs"],
        "import os\r\nimport re\r\n\r\nimport attrs\r\n\r\n\r\n",
    ),
    "byte order mark": (
        "\ufeffimport os\n\n\n",
        ["import re", "import abc"],
        "\ufeffimport abc\nimport os\nimport re\n\n\n",
    ),
    "byte order mark alone": ("\ufeff", ["import re"], "\ufeffimport re\n\n\n"),
    "form feed": ("import os\n\x0c\n\n", ["import re"], "import os\nimport re\n\x0c\n\n"),
    "file with a syntax error": ("import os\n\nx = (\n\n", ["import re"], "import os\nimport re\n\nx = (\n\n"),
    "cell of a notebook": ("%%time\n", ["import re"], "%%time\n\nimport re\n\n\n"),
    "cell with imports": (
        "%%time\nimport os\n%cd ..\nimport sys\n\n\n",
        ["import re", "import abc"],
        "%%time\nimport abc\nimport os\nimport re\n%cd ..\nimport sys\n\n\n",
    ),
    "file with a half import": (
        "import os\nfrom sys import\n\n",
        ["import re"],
        "import os\nimport re\nfrom sys import\n\n",
    ),
}


@pytest.mark.parametrize(("head", "imports", "expected"), PLACED.values(), ids=PLACED)
def test_placed(head, imports, expected):
    stub = STUB.replace("\n", "\r\n") if "\r\n" in head else STUB
    assert add(head, *imports, stub=stub) == expected


PRESENT = {
    "same": ("import os", "import os"),
    "in a list": ("import re, os", "import os"),
    "from list": ("from os import (\n    sep,\n    path as p,\n)", "from os import path as p"),
    "submodule": ("import os.path", "import os.path"),
    "top of a submodule": ("import os.path", "import os"),
    "two forms": ("import os.path as path", "from os import path"),
    "relative": ("from ..a import b", "from ..a import b"),
    "parent": ("from . import b", "from . import b"),
    "under if": ("if x:\n    import os", "import os"),
    "in try": ("try:\n    import os\nexcept ImportError:\n    os = None", "import os"),
    "future": ("from __future__ import annotations", "from __future__ import annotations"),
    "not type checking": ("if TYPE_CHECKING:\n    pass\nelse:\n    import os", "import os"),
    "late": ("x = 1\nimport os", "import os"),
}


@pytest.mark.parametrize(("head", "statement"), PRESENT.values(), ids=PRESENT)
def test_present_already(head, statement):
    assert add(f"{head}\n\n\n", statement) == f"{head}\n\n\n"
    assert import_conflicts(f"{head}\n", [statement]) == ()


def test_submodule_is_imported_beside_its_package():
    assert add("import os\n\n\n", "import os.path") == "import os\nimport os.path\n\n\n"


def test_twice_the_same():
    assert add("", "import os", " import os") == "import os\n\n\n"


CONFLICTS = {
    "function": ("def os(): ...", "import os"),
    "class": ("class os: ...", "import os"),
    "assignment": ("a = (os, b) = 1, 2", "import os"),
    "annotated": ("os: int", "import os"),
    "loop": ("for os, x in y: pass", "import os"),
    "with": ("with x as (os, y): pass", "import os"),
    "except": ("try: pass\nexcept E as os: pass", "import os"),
    "walrus": ("print(os := 1)", "import os"),
    "other import": ("import posix as os", "import os"),
    "other module": ("from a import path", "from os import path"),
    "other alias": ("import numpy as np", "import numba as np"),
    "deeper": ("import xml.dom as dom", "from html import dom"),
    "relative level": ("from . import a", "from .. import a"),
    "type checking": ("if TYPE_CHECKING:\n    from a import B", "from c import B"),
    "in a broken file": ("x = (\n\nclass os:\n    pass", "import os"),
}


@pytest.mark.parametrize(("head", "statement"), CONFLICTS.values(), ids=CONFLICTS)
def test_conflict(head, statement):
    assert len(import_conflicts(f"{head}\n", [statement])) == 1
    with pytest.raises(SpliceError, match="would replace"):
        add(f"{head}\n\n\n", statement)


@pytest.mark.parametrize("statement", ["import a, b", "from a import *", "x = 1", "import", "", "import a\nimport b"])
def test_only_single_imports(statement):
    (reason,) = import_conflicts("", [statement])
    assert "not an import of a single name" in reason


def test_imports_that_contradict_each_other():
    (reason,) = import_conflicts("", ["from a import x", "from b import x"])
    assert "same name" in reason


def test_names_inside_functions_and_classes_do_not_conflict():
    assert import_conflicts("def f():\n    os = 1\nclass A:\n    os = 2\nx.os = 3\nx[os] = 4\n", ["import os"]) == ()


def test_future_import_does_not_conflict():
    future = "from __future__ import annotations"
    assert add("annotations = {}\n\n\n", future) == f"{future}\n\nannotations = {{}}\n\n\n"


def test_conflict_names_the_line():
    (reason,) = import_conflicts("\n\nos = 1\n", ["import os"])
    assert "line 3" in reason


def test_import_and_helper_of_one_name():
    (stub,) = find_stubs(STUB)
    candidate = Candidate("return os", (Helper("os", "os = 1"),), ("import os",))
    with pytest.raises(SpliceError, match="same name"):
        splice(STUB, [(stub, candidate)])
