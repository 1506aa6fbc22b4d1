import ast
import textwrap

import pytest

from soa.contracts import Candidate, Helper
from soa.errors import SpliceError
from soa.source.splice import fill, splice
from soa.source.stubs import find_stubs


def put(text, body, *, helpers=(), imports=(), name=None):
    """Splice a candidate into the stub of that name, or the first one."""
    stub = next(s for s in find_stubs(text) if name in (None, s.contract.qualname))
    return splice(text, [(stub, Candidate(body, tuple(helpers), tuple(imports)))]).text


BODIES = {
    "nothing there": ('def f():\n    """Doc."""\n', 'def f():\n    """Doc."""\n    a = 1\n    return a\n'),
    "placeholder": ('def f():\n    "Doc"\n    ...\n', 'def f():\n    "Doc"\n    a = 1\n    return a\n'),
    "comment on docstring line": (
        'def f():\n    "Doc"  # why\n    # more\n\nx = 1\n',
        'def f():\n    "Doc"  # why\n    a = 1\n    return a\n    # more\n\nx = 1\n',
    ),
    "what the user asks": (
        'def f():\n    "Doc"\n    # soa: no loop\n\n    # soa: soon\n    # more\n\nx = 1\n',
        'def f():\n    "Doc"\n    # soa: no loop\n\n    # soa: soon\n    a = 1\n    return a\n    # more\n\nx = 1\n',
    ),
    "what the user asks, last in a file for Windows": (
        'class A:\r\n\tdef f():\r\n\t\t"Doc"\r\n\t\t#soa:no loop\r\n\t# soa: not here',
        'class A:\r\n\tdef f():\r\n\t\t"Doc"\r\n\t\t#soa:no loop\r\n\t\ta = 1\r\n\t\treturn a\r\n\t# soa: not here',
    ),
    "what the user asks, below one line": (
        'def f(): "Doc"\n    # soa: no loop\n',
        'def f(): "Doc"; a = 1; return a\n    # soa: no loop\n',
    ),
    "comments around a placeholder": (
        'def f():\n    "Doc"\n    # before\n    pass  # on it\n    # after\n',
        'def f():\n    "Doc"\n    # before\n    a = 1\n    return a  # on it\n    # after\n',
    ),
    "several placeholders": (
        'def f():\n    "Doc"\n\n    pass\n    ...\n    raise NotImplementedError(\n        1)\n',
        'def f():\n    "Doc"\n\n    a = 1\n    return a\n',
    ),
    "placeholders with comments between": (
        'def f():\n    "Doc"\n    pass  # x\n    # one\n    ...\n    # two\n    pass  # three\n    pass',
        'def f():\n    "Doc"\n    a = 1\n    return a  # x\n    # one\n    # two\n      # three',
    ),
    "placeholder after a semicolon": ('def f():\n    "Doc"; pass\n', 'def f():\n    "Doc"\n    a = 1\n    return a\n'),
    "semicolon": ('def f():\n    "Doc";\n', 'def f():\n    "Doc";\n    a = 1\n    return a\n'),
    "no final newline": ('def f():\n    "Doc"', 'def f():\n    "Doc"\n    a = 1\n    return a'),
    "no final newline, placeholder": ('def f():\n    "Doc"\n    pass', 'def f():\n    "Doc"\n    a = 1\n    return a'),
    "windows": ('def f():\r\n    "Doc"\r\n    pass\r\n', 'def f():\r\n    "Doc"\r\n    a = 1\r\n    return a\r\n'),
    "old mac": ('def f():\r    "Doc"\r', 'def f():\r    "Doc"\r    a = 1\r    return a\r'),
    "tabs": ('class A:\n\tdef f():\n\t\t"Doc"\n', 'class A:\n\tdef f():\n\t\t"Doc"\n\t\ta = 1\n\t\treturn a\n'),
    "trailing space": ('def f():\n    "Doc"  \n', 'def f():\n    "Doc"  \n    a = 1\n    return a\n'),
    "one line": ('def f(): "Doc"\n', 'def f(): "Doc"; a = 1; return a\n'),
    "one line, placeholder": ('def f(): "Doc"; ...  # x\n', 'def f(): "Doc"; a = 1; return a  # x\n'),
    "one line, two placeholders": ('def f(): "Doc"; pass; ...', 'def f(): "Doc"; a = 1; return a'),
    "one line, semicolon": ('def f(): "Doc";\n', 'def f(): "Doc"; a = 1; return a\n'),
    "one line, comment": ('def f(): "Doc"  # x\n', 'def f():\n    "Doc"  # x\n    a = 1\n    return a\n'),
    "one line, long docstring": (
        'def f(): """Doc.\n\n  More."""\n',
        'def f(): """Doc.\n\n  More."""; a = 1; return a\n',
    ),
    "parentheses over several lines": (
        'def f():\n    (\n        "Doc"\n    )\n',
        'def f():\n    (\n        "Doc"\n    )\n    a = 1\n    return a\n',
    ),
    "one line, parentheses": ('def f(): ("Doc")\n', 'def f(): ("Doc"); a = 1; return a\n'),
    "byte order mark": ('\ufeffdef f(): "Doc"\n', '\ufeffdef f(): "Doc"; a = 1; return a\n'),
}


@pytest.mark.parametrize(("before", "after"), BODIES.values(), ids=BODIES)
def test_body(before, after):
    assert put(before, "a = 1\nreturn a") == after


LONG = "if x:\n    return 1\nreturn 2"
ONE_LINE_BROKEN = {
    "compound": ('def f(x): "Doc"\n', LONG, 'def f(x):\n    "Doc"\n    if x:\n        return 1\n    return 2\n'),
    "placeholder": (
        'class A:\n\tdef f(x): "Doc"; ...  # y\n',
        LONG,
        'class A:\n\tdef f(x):\n\t\t"Doc"\n\t\tif x:\n\t\t\treturn 1\n\t\treturn 2  # y\n',
    ),
    "comment in body": ('def f(x): "Doc"\n', "# x\nreturn 2", 'def f(x):\n    "Doc"\n    # x\n    return 2\n'),
    "too long": (
        'def f(x): "Doc"\n',
        f"return {'1' * 110}",
        f'def f(x):\n    "Doc"\n    return {"1" * 110}\n',
    ),
    "over two lines": (
        'def f(x): "Doc"\n',
        "return (\n    1\n)",
        'def f(x):\n    "Doc"\n    return (\n        1\n    )\n',
    ),
    "joined": ('def f(x): \\\n "Doc"\n', LONG, 'def f(x):\n    "Doc"\n    if x:\n        return 1\n    return 2\n'),
}


@pytest.mark.parametrize(("before", "body", "after"), ONE_LINE_BROKEN.values(), ids=ONE_LINE_BROKEN)
def test_one_line_definition_is_broken_up(before, body, after):
    assert put(before, body) == after


def test_other_indentation_is_converted():
    body = "if x:\n  for y in x:\n    # why\n    call(\n      y,\n    )\n  # end\nelse:\n  pass\nreturn 1"
    assert put('def f(x):\n\t"""Doc."""\n', body) == (
        'def f(x):\n\t"""Doc."""\n\tif x:\n\t\tfor y in x:\n\t\t\t# why\n\t\t\tcall(\n\t\t\t  y,\n\t\t\t)\n'
        "\t\t# end\n\telse:\n\t\tpass\n\treturn 1\n"
    )


def test_tabs_become_spaces():
    body = "if x:\n\tfor y in x:\n\t\tyield y"
    after = put('class A:\n  def f(x):\n    """Doc."""\n', body)
    assert after.endswith("    if x:\n      for y in x:\n        yield y\n")


def test_lines_inside_strings_stay():
    body = 'a = """\n  x\n\ty\n"""\nb = f"""\n {a}\n"""\nif a:\n    c = \'\'\'\nz\'\'\'\nreturn a + (\n    "1"\n)'
    after = put('class A:\n\tdef f(self):\n\t\t"Doc"\n', body)
    assert after == (
        'class A:\n\tdef f(self):\n\t\t"Doc"\n\t\ta = """\n  x\n\ty\n"""\n\t\tb = f"""\n {a}\n"""\n\t\tif a:\n'
        "\t\t\tc = '''\nz'''\n\t\treturn a + (\n\t\t    \"1\"\n\t\t)\n"
    )


def test_strings_take_the_line_end_of_the_file():
    after = put('def f():\r\n    "Doc"\r\n', 'return """a\nb"""')
    assert after == 'def f():\r\n    "Doc"\r\n    return """a\r\nb"""\r\n'


def test_nearby_line_end_counts_where_they_are_mixed():
    assert put('x = 1\r\n\n\ndef f():\n    "Doc"\n', "return 1\nx").count("\r\n") == 1


def test_blank_lines_carry_no_white_space():
    assert put('def f():\n    "Doc"\n', "a = 1\n\n   \nreturn a").endswith("    a = 1\n\n\n    return a\n")


def test_only_the_stub_changes():
    text = '# \N{PILE OF POO}\nx = "é"\n\ndef f():\n    "Dóc"\n\n\n  # x\ny = (\n'
    assert put(text, "return 1") == text.replace('"Dóc"\n', '"Dóc"\n    return 1\n')


def test_several_stubs_at_once():
    text = 'class A:\n    @x\n    def p(self): "Get"\n    @p.setter\n    def p(self, v):\n        "S"\n\ndef g(): "D"\n'
    stubs = find_stubs(text)
    result = splice(text, [(s, Candidate(f"x = {n}")) for n, s in reversed(list(enumerate(stubs)))])
    assert result.text == (
        'class A:\n    @x\n    def p(self): "Get"; x = 0\n    @p.setter\n    def p(self, v):\n        "S"\n'
        '        x = 1\n\ndef g(): "D"; x = 2\n'
    )
    assert len(result.edits) == 3
    assert [e.start for e in result.edits] == sorted(e.start for e in result.edits)


MODULE = '''\
"""Module."""

import os


# about f
@cache
def f(x):
    """Doc."""


class A:
    """A."""

    @property
    def p(self):
        """Get."""

    # about the setter
    @p.setter
    def p(self, value):
        """Set."""

    def method(self):
        """Doc."""
        # later

    def outer(self):
        def inner():
            """Inner."""
'''
HELPER = Helper("_g", 'def _g(x):\n    """Help.\n\n    More.\n    """\n    return x')
METHOD = Helper("_m", 'def _m(self):\n    """Help.\n\n    More.\n    """', "class")


def test_module_helper_goes_above_the_stub_and_its_comments():
    assert put(MODULE, "return _g(x)", helpers=[HELPER], name="f") == MODULE.replace(
        "# about f", f"{HELPER.source}\n\n\n# about f"
    ).replace('"""Doc."""\n\n\nclass', '"""Doc."""\n    return _g(x)\n\n\nclass')


def test_module_helper_of_a_method_goes_above_its_class():
    assert f"{HELPER.source}\n\n\nclass A:" in put(MODULE, "return _g(self)", helpers=[HELPER], name="A.p")


def test_class_helper_goes_above_the_method():
    after = put(MODULE, "return self._m()", helpers=[METHOD], name="A.method")
    method = textwrap.indent(METHOD.source, "    ", lambda line: line.strip())
    assert after == MODULE.replace("    def method", f"{method}\n\n    def method").replace(
        '        """Doc."""\n        # later', '        """Doc."""\n        return self._m()\n        # later'
    )


def test_class_helper_goes_above_the_getter_of_a_setter():
    stub = find_stubs(MODULE)[2]
    after = splice(MODULE, [(stub, Candidate("self._m()", (METHOD,)))]).text
    assert after.index("def _m") < after.index("@property")
    assert '    """A."""\n\n    def _m(self):\n' in after


def test_class_helper_keeps_its_contract():
    after = put(MODULE, "return self._m()", helpers=[METHOD], name="A.method")
    helper = next(s for s in find_stubs(after) if s.contract.qualname == "A._m")
    assert helper.contract.docstring == "Help.\n\nMore."
    assert helper.body_indent == "        "


def test_helpers_of_a_nested_function_go_to_its_class():
    after = put(MODULE, "return 1", helpers=[METHOD, HELPER], name="A.outer.inner")
    order = ["def _g", "class A", "def method", "def _m", "def outer"]
    assert sorted(order, key=after.index) == order


def test_helper_goes_above_overloads():
    text = (
        'import typing\n@typing.overload\ndef f(x: int): ...\n# two\n@t.overload\ndef f(x: str): ...\ndef f(x): "Doc"\n'
    )
    after = put(text, "return _g(x)", helpers=[HELPER])
    assert after.startswith(f"import typing\n\n\n{HELPER.source}\n\n\n@typing.overload\ndef f(x: int)")


def test_helper_in_a_file_that_begins_with_the_stub():
    assert put("def f(x): 'Doc'\n", "return _g(x)", helpers=[HELPER]).startswith(f"{HELPER.source}\n\n\ndef f(x)")
    shebang = put("#!/usr/bin/python\n# coding: utf-8\n# about f\ndef f(x): 'Doc'\n", "return 1", helpers=[HELPER])
    assert shebang.startswith(f"#!/usr/bin/python\n# coding: utf-8\n\n\n{HELPER.source}\n\n\n# about f\ndef f(x)")


def test_helper_above_the_statement_that_encloses_the_stub():
    text = "import os\nif os:\n    x = 1\nelse:\n    def f(x):\n        'Doc'\n"
    assert put(text, "return _g(x)", helpers=[HELPER]).startswith(f"import os\n\n\n{HELPER.source}\n\n\nif os:")


def test_first_member_of_a_class_gets_no_blank_line_above():
    text = "class A:\n\tdef f(self):\n\t\t'Doc'\n"
    helper = Helper("_m", "def _m(self):\n    if self:\n        return 1", "class")
    assert put(text, "pass\nreturn 1", helpers=[helper]) == (
        "class A:\n\tdef _m(self):\n\t\tif self:\n\t\t\treturn 1\n\n\tdef f(self):\n\t\t'Doc'\n\t\tpass\n\t\treturn 1\n"
    )


def test_helper_constants_and_classes():
    helpers = [
        Helper("LIMIT", "LIMIT = 3"),
        Helper("Pair", "class Pair:\n    x: int = LIMIT"),
        Helper("N", "N: int = 1"),
    ]
    after = put(MODULE, "return LIMIT", helpers=helpers, name="f")
    assert "LIMIT = 3\n\n\nclass Pair:\n    x: int = LIMIT\n\n\nN: int = 1\n\n\n# about f" in after


def test_helper_with_windows_line_ends_and_tabs():
    text = 'class A:\r\n\tdef f(self):\r\n\t\t"Doc"\r\n'
    helper = Helper("_g", 'def _g():\n    """Help.\n\n    More.\n    """\n    if 1:\n        return """\n    x"""')
    after = put(text, "return _g()", helpers=[helper])
    assert "\n" not in after.replace("\r\n", "")
    assert '\tif 1:\r\n\t\treturn """\r\n    x"""\r\n\r\n\r\nclass A:' in after


def test_identical_helpers_and_imports_are_added_once():
    first, second = find_stubs('def f(): "F"\ndef g(): "G"\n')
    items = [(s, Candidate("return _g(1)", (HELPER,), ("import os", "import re"))) for s in (first, second)]
    after = splice('def f(): "F"\ndef g(): "G"\n', items).text
    assert after.count("def _g") == after.count("import os") == after.count("import re") == 1
    assert after.startswith("import os\nimport re\n\n\ndef _g")


def test_helper_below_a_new_import():
    after = put('"""Doc."""\n\ndef f(x):\n    "F"\n', "return 1", helpers=[HELPER], imports=["import os"])
    assert after.startswith(f'"""Doc."""\n\nimport os\n\n\n{HELPER.source}\n\n\ndef f(x)')
    after = put('def f(x):\n    "F"\n', "return 1", helpers=[HELPER], imports=["import os"])
    assert after.startswith(f"import os\n\n\n{HELPER.source}\n\n\ndef f(x)")


REFUSED = {
    "different helpers": [("a", [HELPER]), ("b", [Helper("_g", "def _g(): return 2")])],
    "helper is bound": [("a", [Helper("f", "def f(): return 2")])],
    "helper is a builtin member": [("a", [Helper("p", "def p(self): return 2", "class")])],
    "helper has another name": [("a", [Helper("_x", "def _y(): return 2")])],
    "helper is two": [("a", [Helper("_x", "def _x(): return 2\nprint(1)")])],
    "helper does not parse": [("a", [Helper("_x", "def _x(")])],
    "body does not parse": [("return (", [])],
    "body leaves its function": [("return 1\n) + (", [])],
    "body opens a string": [('"""', [])],
    "body is a placeholder": [("...", [])],
    "body is a comment": [("# soon", [])],
    "body is empty": [("", [])],
    "body is another placeholder": [("pass\nraise NotImplementedError('x')", [])],
}


@pytest.mark.parametrize("candidates", REFUSED.values(), ids=REFUSED)
def test_refused(candidates):
    text = 'class A:\n    def p(self): "P"\n    def q(self):\n        "Q"\n\ndef f(): return 1\n'
    stubs = find_stubs(text)
    items = [(s, Candidate(body, tuple(helpers))) for s, (body, helpers) in zip(stubs[::-1], candidates, strict=False)]
    with pytest.raises(SpliceError):
        splice(text, items)


def test_class_helper_outside_a_class_is_refused():
    with pytest.raises(SpliceError, match="no class"):
        put("def f(): 'Doc'\n", "return 1", helpers=[METHOD])


def test_two_candidates_for_one_stub_are_refused():
    (stub,) = find_stubs("def f(): 'Doc'\n")
    with pytest.raises(SpliceError, match="two candidates"):
        splice("def f(): 'Doc'\n", [(stub, Candidate("return 1"))] * 2)


def test_stub_that_moved_or_changed_is_refused():
    (stub,) = find_stubs("def f(): 'Doc'\n")
    for text in ("\ndef f(): 'Doc'\n", "def f(): 'Dob'\n", "", "def f(): 'Doc'; return 1\n"):
        with pytest.raises(SpliceError, match="no longer"):
            splice(text, [(stub, Candidate("return 1"))])


def test_skeleton_with_helper_stubs():
    text = 'class A:\n    def total(self, items):\n        """Sum."""\n'
    helpers = [
        Helper("_weigh", 'def _weigh(item):\n    """Weight.\n\n    >>> _weigh(1)\n    1\n    """'),
        Helper(
            "_add", 'def _add(self, a, b):\n    """Add.\n\n    Both.\n    """\n    raise NotImplementedError', "class"
        ),
    ]
    after = put(text, "return self._add(*map(_weigh, items))", helpers=helpers)
    assert [s.contract.qualname for s in find_stubs(after)] == ["_weigh", "A._add"]
    assert [s.contract.docstring for s in find_stubs(after)] == ["Weight.\n\n>>> _weigh(1)\n1", "Add.\n\nBoth."]


def test_works_beside_a_syntax_error():
    text = 'import os\n\nclass A:\n    def f(self):\n        "Doc"\n\n    def g(self):\n        x = (\n\ndef h(): "D"\n'
    after = put(text, "return self._m(_g(re))", helpers=[HELPER, METHOD], imports=["import re"], name="A.f")
    method = textwrap.indent(METHOD.source, "    ", lambda line: line.strip())
    assert after == (
        f"import os\nimport re\n\n\n{HELPER.source}\n\n\nclass A:\n{method}\n\n    def f(self):\n"
        '        "Doc"\n        return self._m(_g(re))\n\n    def g(self):\n        x = (\n\ndef h(): "D"\n'
    )


def test_works_below_an_open_docstring():
    text = (
        'import os\n\ndef g(x):\n    """Half\n\ndef f(x):\n    """Doc."""\n\ndef h(x):\n    """Doc."""\n    return 1\n'
    )
    after = put(text, "return re", helpers=[HELPER], imports=["import re"], name="f")
    assert after == text.replace("import os\n", "import os\nimport re\n").replace(
        "def f(x):", f"\n{HELPER.source}\n\n\ndef f(x):"
    ).replace('def f(x):\n    """Doc."""\n', 'def f(x):\n    """Doc."""\n    return re\n')


def test_fill():
    assert fill(HELPER.source.replace("    return x", "    pass"), "y = x\nreturn y") == HELPER.source.replace(
        "return x", "y = x\n    return y"
    )
    assert fill("@cache\nasync def _h(a):\n\t'Doc'", "if a:\n    return 1") == (
        "@cache\nasync def _h(a):\n\t'Doc'\n\tif a:\n\t\treturn 1"
    )
    assert fill("def _h(a): 'Doc'", "return a") == "def _h(a): 'Doc'; return a"


@pytest.mark.parametrize("source", ["def f(): return 1", "x = 1", "class A:\n    def f(): 'F'\n    def g(): 'G'"])
def test_fill_needs_one_stub(source):
    with pytest.raises(SpliceError):
        fill(source, "return 1")


def test_type_parameters_are_kept():
    text = "def first[T](x: list[T]) -> T:\n    'Doc'\n\ndef other[T](x): 'Doc'\n"
    assert put(text, "return x[0]", name="first") == text.replace("'Doc'\n\n", "'Doc'\n    return x[0]\n\n")


def test_result_parses_to_the_same_but_for_the_body():
    after = ast.parse(put(MODULE, "return 1", name="f"))
    before = ast.parse(MODULE)
    after.body[2].body.pop()
    assert ast.dump(after) == ast.dump(before)


def test_byte_order_mark_stays_first():
    text = "\ufeffdef f(x): 'Doc'\n"
    after = put(text, "return _g(os)", helpers=[HELPER], imports=["import os"])
    assert after == f"\ufeffimport os\n\n\n{HELPER.source}\n\n\ndef f(x): 'Doc'; return _g(os)\n"
    assert put(text, "return 1", helpers=[HELPER]).startswith(f"\ufeff{HELPER.source}\n\n\ndef f")
