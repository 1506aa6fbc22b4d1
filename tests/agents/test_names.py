"""Which names a candidate leaves undefined, and what it expects of modules."""

from __future__ import annotations

import ast

import pytest

from contracting import contract_of
from soa.agents.guards import unguarded
from soa.agents.names import Module, bindings_of, free_names, modules_used, undefined_names
from soa.contracts import Candidate, Helper
from soa.source.scopes import visible_names

STUB = 'def work(a, *rest, key=None, **more):\n    """Do."""\n'


def loose(
    body: str, *helpers: str, known: frozenset[str] = frozenset(), stub: str = STUB, imports=()
) -> tuple[str, ...]:
    candidate = Candidate(body, tuple(Helper("_h", h) for h in helpers), tuple(imports))
    return undefined_names(candidate, contract_of(stub), known)


ALL_BOUND = [
    "return a, rest, key, more, work, print, __name__, __file__",
    "return [x for x in a if x], {y: z for y, z in a}, {w for w in a}, (v for v in a)",
    "return [x + y for x in a for y in range(x)]",
    "def inner(b, *c, d=1, **e):\n    return a, b, c, d, e, inner\nreturn inner",
    "if (n := len(a)) > 1:\n    return n\nreturn [m for x in a if (m := x)] + [m]",
    "match a:\n    case [x, *ys]:\n        return x, ys\n    case {'k': v, **others}:\n        return v, others\n"
    "    case str() | bytes() as s:\n        return s",
    "global COUNT\nCOUNT = a\nreturn COUNT",
    "class Row:\n    size = 1\n    double = size * 2\n    def get(self):\n        return Row, a\nreturn Row",
    "try:\n    pass\nexcept ValueError as e:\n    return e\nexcept OSError as f:\n    return f",
    "try:\n    pass\nexcept* ValueError as e:\n    print(e)",
    "with open(a) as f, open(a) as (g, h):\n    return f, g, h",
    "for i, (j, *k) in a:\n    pass\nelse:\n    i = j, k\nreturn i",
    "x = a\ndel x\nx, (y, *z) = a\nx += 1\nreturn x, y, z",
    "import os.path as p, re\nfrom x import y as z\nreturn p, re, z",
    "return lambda b, *c, d=a, **e: (b, c, d, e)",
    "x: int\nx = 1\nreturn x",
    "return super().work(a), __class__",
    "return f'{a!r:>{key}}' f'{rest}'",
    "yield a\nx = yield from a\nreturn x",
    "return reveal if (reveal := a) else None",
    "print(*rest, **more, sep='')",
    "return sorted(a, key=lambda r: r.missing.name)",
    "try:\n    return unicode(a)\nexcept NameError:\n    return str(a)",
    "try:\n    shell\nexcept NameError:\n    return None\nreturn shell()",
]  # fmt: skip


@pytest.mark.parametrize("body", ALL_BOUND)
def test_bound_names_are_no_fault(body):
    assert loose(body) == ()


UNDEFINED = {
    "return nope(a)": ("nope",),
    "return [nope for x in a], nada": ("nada", "nope"),
    "def inner():\n    return nope\nreturn inner": ("nope",),
    "class Row:\n    x = nope\nreturn Row": ("nope",),
    "class Row:\n    size = 1\n    def get(self):\n        return size\nreturn Row": ("size",),
    "return {x: y for x in a}": ("y",),
    "global COUNT\nreturn COUNT": ("COUNT",),
    "@nope\ndef inner(b=nada, c: nil = 1): pass\nreturn inner": ("nada", "nil", "nope"),
    "match a:\n    case Nope(x=1):\n        return 1": ("Nope",),
    "try:\n    return nope(a)\nexcept ValueError:\n    return nada": ("nada", "nope"),
    "try:\n    pass\nexcept Nope:\n    pass": ("Nope",),
    "nope += 1": (),
    "nope.x = 1\nnada[0] = 2\ndel nil[0]": ("nada", "nil", "nope"),
    "return f'{nope:{nada}}'": ("nada", "nope"),
    "if a is None:\n    return nope": ("nope",),
    "if len(a) > 3:\n    return a\nreturn nope": ("nope",),
    "raise Nope(a) from nada": ("Nope", "nada"),
    "assert nope, nada": ("nada", "nope"),
    "await nope": ("nope",),
}


@pytest.mark.parametrize("body", UNDEFINED)
def test_undefined_names_are_found(body):
    assert loose(body, stub=f"async {STUB}" if "await" in body else STUB) == UNDEFINED[body]


def test_helpers_and_imports_bind_and_use():
    assert loose("return _h(re)", "def _h(x):\n    return nope", imports=["import re"]) == ("nope",)
    assert loose("return _h(1)", "_h = make(nada)") == ("make", "nada")
    assert loose("return _h(1)", "@deco\nclass _h(Base):\n    x: Kind = 1") == ("Base", "Kind", "deco")
    assert loose("return _h", "from_ = 1", imports=["from __future__ import annotations"]) == ("_h",)


def test_the_file_binds_too():
    assert loose("return nope, nada", known=frozenset(["nope"])) == ("nada",)
    assert loose("return nope, nada", known=frozenset(["*"])) == ()


def test_a_function_called_top_is_no_module():
    assert loose("b = a\nreturn a, b, nope", stub='def top(a):\n    """Do."""\n') == ("nope",)


def test_type_parameters_are_bound():
    stub = 'def first[T: (int, Other), *Ts](a: list[T]) -> T:\n    """Do."""\n'
    assert loose("x: T = a\nreturn cast(T, x), Ts, nope", stub=stub) == ("cast", "nope")
    assert loose("return _h(a)", "def _h[U](x: U) -> U:\n    return x", stub=stub) == ()


def test_nonlocal_names_need_the_function_around():
    stub = 'def outer():\n    count = 0\n    def inner():\n        """Do."""\n    return inner\n'
    body = "nonlocal count\ncount += 1\ndef deeper():\n    nonlocal count\n    return count, nope\nreturn deeper"
    assert loose(body, stub=stub) == ("nope",)


def test_a_parameter_is_a_parameter_of_any_kind():
    stub = 'def f(a, b=1, /, c=2, *, d, e=3):\n    """Do."""\n'
    assert loose("return a, b, c, d, e", stub=stub) == ()


def test_free_names_of_a_source():
    assert free_names("import re\nX = re.I + Y\ndef f(a):\n    return a, X, g, len") == {"Y", "g", "len"}


TEXT = """
import os, sys as system
from x import *
A, (B, *C) = 1, 2
D: int
for e in A: pass
with open(A) as f: pass
if A:
    import g.h
    class I: pass
try:
    def j(): pass
except ValueError as k: pass
while (l := A): pass

def outer(m, n=1):
    o = m
    def inner(p):
        '''Do.'''
    return inner

class Box[T](Base):
    U = 1
    def get(self):
        '''Do.'''
        global V
"""


def test_names_visible_in_a_text():
    module = {"os", "system", "A", "B", "C", "D", "e", "f", "g", "I", "j", "k", "l", "outer", "Box", "V", "*"}
    assert visible_names(TEXT, "outer") == module
    assert visible_names(TEXT, "outer.inner") - module >= {"m", "n", "o", "inner"}
    assert visible_names(TEXT, "Box.get") - module == {"class", "T", "Base"}
    assert "U" not in visible_names(TEXT, "Box.get")


def test_a_module_that_writes_its_names_itself():
    assert "*" in visible_names("for n in names:\n    globals()[n] = 1\n", "f")
    assert "*" not in visible_names("x = 1 * 2\nfrom a import b  # * not all\n", "f")


def needs(source: str, **imported: str) -> set[tuple[str, str]]:
    files = {name: Module(*value.partition(":")[::2]) for name, value in imported.items()}
    return {(m.name, m.attribute) for m in modules_used(ast.parse(source), files)}


NEEDS = {
    "import os, a.b.c, x as y": {("os", ""), ("a", ""), ("a.b.c", ""), ("x", "")},
    "from a.b import c, d as e": {("a.b", "c"), ("a.b", "d")},
    "from . import a\nfrom ..b import c": {(".", "a"), ("..b", "c")},
    "from __future__ import annotations": set(),
    "import os\nos.getcwd()\nos.environ['x']": {("os", ""), ("os", "getcwd"), ("os", "environ")},
    "import os\nos.path.join('a')": {("os", ""), ("os", "path"), ("os.path", "join")},
    "import a.b.c\na.b.c.d.e": {("a", ""), ("a.b.c", ""), ("a", "b"), ("a.b.c", "d")},
    "import a.b as ab\nab.c": {("a.b", ""), ("a.b", "c")},
    "from a import b\nb.c": {("a", "b")},
    "def f():\n    import json\n    return json.dumps": {("json", ""), ("json", "dumps")},
    "import sys\nsys.stdout = 1\nsys.hook = 2": {("sys", "")},
    "import sys\ndel sys.x\nsys.y.z = 1": {("sys", ""), ("sys", "y")},
    "import json\ndef f(json):\n    return json.nope": {("json", "")},
    "import json\nfor json in []:\n    json.nope": {("json", "")},
    "import json\ndef json(): pass\njson.nope": {("json", "")},
    "import json\ntry: pass\nexcept OSError as json: json.nope": {("json", "")},
    "import json\nmatch 1:\n    case [json]: json.nope": {("json", "")},
    "import json\nlambda json: json.nope": {("json", "")},
    "import json\n[json.nope for json in []]": {("json", "")},
    "try:\n    import a\n    a.b\nexcept ImportError:\n    import c": set(),
    "try:\n    import a\nexcept (OSError, ModuleNotFoundError) as e:\n    c": set(),
    "try:\n    import a\nexcept:\n    pass\nelse:\n    import b\nfinally:\n    import c": {("c", "")},
    "try:\n    import a\nexcept ValueError:\n    import b": {("a", ""), ("b", "")},
    "from contextlib import suppress\nwith suppress(ImportError):\n    import a": {("contextlib", "suppress")},
    "import os\nif hasattr(os, 'x'):\n    os.x\nos.y": {("os", ""), ("os", "y")},
    "import os\nos.x if hasattr(os, 'x') else os.z": {("os", "")},
    "import os\nhasattr(os, 'x') and os.x()": {("os", "")},
    "import os, sys\nif sys.platform == 'win32':\n    os.x\nelse:\n    os.y": {("os", ""), ("sys", "")},
    "import sys\nif sys.version_info >= (3, 99):\n    import a": {("sys", "")},
    "import os\nif os.name == 'nt':\n    import a": {("os", "")},
    "import os\ndef f():\n    if os.name == 'nt':\n        return os.x\n    return os.y": {("os", "")},
    "import os\ndef f():\n    if os.name == 'nt':\n        x = 1\n    return os.y": {("os", ""), ("os", "y")},
    "if TYPE_CHECKING:\n    import a": set(),
    "if typing.TYPE_CHECKING:\n    import a": set(),
    "if _HAS_SSL:\n    import a": set(),
    "if not _HAS_SSL:\n    raise E\nimport a": set(),
    "if x > LIMIT:\n    import a": {("a", "")},
    "assert sys.platform == 'win32'\nimport a": set(),
    "import platform\nif platform.system() == 'X':\n    import a": {("platform", "")},
}


@pytest.mark.parametrize("source", NEEDS)
def test_what_is_expected_of_modules(source):
    assert needs(source) == NEEDS[source]


def test_what_is_expected_of_the_files_own_imports():
    assert needs("return_ = js.nope, np.x, sub.y", js="json", sub="a:sub") == {("json", "nope")}
    assert needs("x = js.dumps", js="json") == {("json", "dumps")}
    assert (
        needs("if ssl:\n    ssl.x\nif ssl is not None:\n    ssl.y\nif not ssl:\n    raise E\nssl.z", ssl="ssl") == set()
    )
    assert needs("def f(js):\n    return js.nope", js="json") == set()


def test_bindings_of_statements():
    [first, second, third] = ast.parse("import a.b, c as d\nfrom .e import f as g, h\nx = 1").body
    assert bindings_of(first) == {"a": Module("a"), "a.b": Module("a.b"), "d": Module("c")}
    assert bindings_of(second) == {"g": Module(".e", "f"), "h": Module(".e", "h")}
    assert bindings_of(third) == {}


def test_deep_trees_are_walked_without_recursion():
    tree = ast.parse("x = " + " + ".join(["a"] * 900))
    assert sum(isinstance(n, ast.Name) for n in unguarded(tree)) == 901
