import pytest

from soa.contracts import Parameter
from soa.source.stubs import find_stubs, locate


def only(text):
    (stub,) = find_stubs(text)
    return stub


def cut(text, span):
    return text[span.start : span.end]


def names(text):
    return [stub.contract.qualname for stub in find_stubs(text)]


STUBS = {
    "plain": 'def f(x):\n    """Doc."""\n',
    "ellipsis": 'def f(x):\n    """Doc."""\n    ...\n',
    "pass": 'def f(x):\n    """Doc."""\n    pass\n',
    "raise": 'def f(x):\n    """Doc."""\n    raise NotImplementedError\n',
    "raise call": 'def f(x):\n    """Doc."""\n    raise NotImplementedError("no # yet")\n',
    "raise long call": 'def f(x):\n    """Doc."""\n    raise NotImplementedError(\n        f"no {x}"  # )\n    )\n',
    "several": 'def f(x):\n    """Doc."""\n    pass\n    ...\n    raise NotImplementedError()\n',
    "semicolons": 'def f(x):\n    """Doc."""; pass; ...;\n',
    "comment after": 'def f(x):\n    """Doc."""  # why\n    # more\n\n    # and more\n    pass  # last\n',
    "comment before": 'def f(x):\n    # first\n\n    """Doc."""\n',
    "comment on header": 'def f(x):  # :\n    """Doc."""\n',
    "one line": 'def f(x): "Doc."\n',
    "one line ellipsis": 'def f(x): "Doc."; ...\n',
    "one line, triple": 'def f(x): """Doc.\n\n  More.\n"""\n',
    "single quotes": "def f(x):\n    'It\\'s \"Doc\".'\n",
    "raw": 'def f(x):\n    r"""Doc \\d."""\n',
    "upper raw": 'def f(x):\n    R"Doc"\n',
    "unicode prefix": 'def f(x):\n    u"Doc"\n',
    "concatenated": 'def f(x):\n    "Doc" \'more\' """\n    end"""\n',
    "joined lines": 'def f(x):\n    "Doc" \\\n      "more"\n',
    "parenthesised": 'def f(x):\n    ("Doc"\n     # why\n     "more")\n    ...\n',
    "twice parenthesised": 'def f(x):\n    (("Doc"))\n',
    "decorated": "@staticmethod\n@wraps(\n    x\n)  # why\n\n# and\ndef f(x):\n    'Doc'\n",
    "async": "async def f(x):\n    'Doc'\n",
    "async with space": "async  def  f ( x ) :\n    'Doc'\n",
    "header over lines": 'def f(\n    x: dict[str, "i:"] = {1: 2},  # )\n) -> list[\n  int\n]:\n    """Doc."""\n',
    "header joined": "def \\\n f(x) \\\n :\n    'Doc'\n",
    "type parameters": "def f[T: (int, str), *Ts, **P](x: T) -> T:\n    'Doc'\n",
    "tabs": 'def f(x):\n\t"""Doc."""\n\tpass\n',
    "form feed": '\x0cdef f(x):\n\x0c    """Doc."""\n',
    "return annotation with colon": "def f(x) -> {1: 2}[1]:\n    'Doc'\n",
    "no final newline": "def f(x):\n    'Doc'",
    "no final newline after pass": "def f(x):\n    'Doc'\n    pass",
    "trailing space": "def f(x):   \n    'Doc'   \n   \n",
    "under if": "if x:\n    def f(x):\n        'Doc'\n",
    "under try": "try:\n    pass\nexcept E:\n    pass\nelse:\n    def f(x):\n        'Doc'\nfinally:\n    pass\n",
    "under with": "with a as b:\n    def f(x):\n        'Doc'\n",
    "under match": "match x:\n    case 1:\n        def f(x):\n            'Doc'\n",
    "under for": "for x in y:\n    def f(x):\n        'Doc'\n",
    "empty docstring": 'def f(x):\n    ""\n',
    "after a unicode name": 'é = "\N{PILE OF POO}?"\ndef f(x):\n    "Doc"\n',
    "code in the docstring": "def f(x):\n    \"\"\"Doc.\n\n    def g():\n        '''No.'''\n    \"\"\"\n",
    "says ignore in its docstring": 'def f(x):\n    """Doc.\n\n    # soa: ignore\n    """\n',
    "next one is ignored": 'def f(x):\n    "Doc"\n# soa: ignore\ndef g():\n    "Doc"  # soa: ignore\n',
}


@pytest.mark.parametrize("text", STUBS.values(), ids=STUBS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "BOM"])
def test_stub(text, line_end, mark):
    text = mark + text.replace("\n", line_end)
    stub = only(text)
    assert stub.contract.qualname == "f"
    assert [p.name for p in stub.contract.parameters] == ["x"]
    assert cut(text, stub.header).startswith(("def", "async"))
    assert cut(text, stub.header).endswith(":")
    assert cut(text, stub.docstring)[-1] in "'\""
    assert text[stub.definition.end :].strip("\ufeff\r\n\f ;")[:1] in ("", "#", "f")


NO_STUBS = {
    "no docstring": "def f(): ...\n",
    "comment only": "def f():\n    # Doc\n    ...\n",
    "has a body": 'def f():\n    "Doc"\n    return 1\n',
    "body after placeholder": 'def f():\n    "Doc"\n    pass\n    return 1\n',
    "one line with body": 'def f(): "Doc"; return 1\n',
    "f-string": 'def f():\n    f"Doc"\n',
    "f-string later": 'def f():\n    "Doc" f"more"\n',
    "bytes": 'def f():\n    b"Doc"\n',
    "method of the string": 'def f():\n    "Doc".strip()\n',
    "formatted": 'def f():\n    "Doc %s" % 1\n',
    "tuple": 'def f():\n    "Doc",\n',
    "parenthesised tuple": 'def f():\n    ("Doc",)\n',
    "other error": 'def f():\n    "Doc"\n    raise ValueError\n',
    "error with cause": 'def f():\n    "Doc"\n    raise NotImplementedError from None\n',
    "error of another module": 'def f():\n    "Doc"\n    raise NotImplementedError.x\n',
    "attribute of ellipsis": 'def f():\n    "Doc"\n    ....__class__\n',
    "overload": '@overload\ndef f(): "Doc"\n',
    "typing.overload": '@typing.overload\ndef f(): "Doc"\n',
    "t.overload": "import typing as t\n\n@t.overload  # x\ndef f(x: int) -> int:\n    'Doc'\n    ...\n",
    "abstract": '@property\n@abc.abstractmethod\ndef f(): "Doc"\n',
    "abstractproperty": '@abstractproperty\ndef f(): "Doc"\n',
    "protocol": 'class P(Protocol):\n    def f(self): "Doc"\n',
    "generic protocol": 'class P(Base, typing.Protocol[T, S], metaclass=M):\n    if x:\n        def f(self): "Doc"\n',
    "protocol with type parameters": 'class P[T](Protocol):\n    def f(self): "Doc"\n',
    "ignored after docstring": 'def f():\n    "Doc"\n    # soa: ignore\n',
    "ignored on header": 'def f():  # soa: ignore\n    "Doc"\n',
    "ignored on docstring": 'def f():\n    "Doc"  # soa: ignore\n',
    "ignored on placeholder": 'def f():\n    "Doc"\n    pass  #soa:ignore, written by hand\n',
    "ignored at the end": 'def f():\n    "Doc"\n    pass\n\n    # x\n    # soa: ignore\n',
    "ignored on one line": 'def f(): "Doc"  # soa: ignore\n',
    "in a string": 'x = """\ndef f():\n    "Doc"\n"""\n',
    "commented out": '# def f():\n#     "Doc"\n',
    "class": 'class C:\n    "Doc"\n',
    "lambda": "f = lambda: 'Doc'\n",
    "empty": "",
    "blank": "\n\n  \n",
}


@pytest.mark.parametrize("broken", ["", "def ((\n"], ids=["", "broken"])
def test_a_name_is_what_python_takes_it_for(broken):
    text = 'class A\u0308:\n    def cafe\u0301(x):\n        """Doc."""\n\ndef \ufb01x():\n    """Doc."""\n'
    assert names(text + broken) == ["\xc4.caf\xe9", "fix"]


@pytest.mark.parametrize("text", NO_STUBS.values(), ids=NO_STUBS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_no_stub(text, line_end):
    assert find_stubs(text.replace("\n", line_end)) == ()


NESTED = '''\
class Ledger(Base):
    """Doc."""

    @property
    def total(self) -> int:
        """Sum."""

    @total.setter
    def total(self, value):
        """Set."""

    if FAST:
        @staticmethod
        def fast(): "Doc"
    else:
        @classmethod
        async def slow(cls): "Doc"

    class Inner:
        def m(self):
            """Doc."""


def outer():
    def inner():
        """Doc."""
    class C:
        def m(self):
            """Doc."""
            def hidden():
                """Doc."""
            return hidden
    return inner


class Shape(Protocol):
    def area(self):
        def local():
            """Doc."""
        return local
    class Plain:
        def m(self): "Doc"
'''


def test_qualified_names_and_scopes():
    assert [(s.contract.qualname, s.scope) for s in find_stubs(NESTED)] == [
        ("Ledger.total", "class"),
        ("Ledger.total", "class"),
        ("Ledger.fast", "class"),
        ("Ledger.slow", "class"),
        ("Ledger.Inner.m", "class"),
        ("outer.inner", "function"),
        ("outer.C.m.hidden", "function"),
        ("Shape.area.local", "function"),
        ("Shape.Plain.m", "class"),
    ]


def test_getter_and_setter_differ_in_contract():
    getter, setter = find_stubs(NESTED)[:2]
    assert getter.contract.decorators == ("property",)
    assert setter.contract.decorators == ("total.setter",)
    assert getter.contract.digest != setter.contract.digest


def test_spans():
    text = '@a\n@b(1)  # c\nasync def f(x,\n        y=1) -> int:  # d\n    """Doc."""  # e\n    # f\n    ...  # g\n'
    stub = only(text)
    assert cut(text, stub.definition) == text[: text.index("  # g")]
    assert cut(text, stub.header) == "async def f(x,\n        y=1) -> int:"
    assert cut(text, stub.docstring) == '"""Doc."""'
    assert cut(text, stub.body) == "..."
    assert (stub.indent, stub.body_indent, stub.line, stub.one_line) == ("", "    ", 2, False)
    assert stub.contract.decorators == ("a", "b(1)")
    assert stub.contract.signature == "async def f(x,\n        y=1) -> int:"
    assert stub.contract.is_async


def test_body_without_placeholder_is_right_after_the_docstrings_line():
    text = 'class A:\n\tdef f(self):\n\t\t"""Doc."""  # why\n\t\t# more\n\n'
    stub = only(text)
    assert text[: stub.body.start].endswith("# why")
    assert stub.body.start == stub.body.end
    assert (stub.indent, stub.body_indent) == ("\t", "\t\t")


def test_body_indent_of_a_one_line_definition_follows_the_file():
    text = 'if x:\n  y = 1\n  def f(): "Doc"\n'
    stub = only(text)
    assert (stub.indent, stub.body_indent, stub.one_line) == ("  ", "    ", True)
    assert only('def f(): "Doc"\n').body_indent == "    "
    assert only('def f(): "Doc"\nclass A:\n\tx = 1\n').body_indent == "\t"


def test_docstring_span_leaves_parentheses_out():
    text = 'def f():\n    ("Doc" # x\n     "more"\n    )  # y\n'
    stub = only(text)
    assert cut(text, stub.docstring) == '"Doc" # x\n     "more"'
    assert text[: stub.body.start].endswith("# y")
    assert stub.contract.docstring == "Docmore"


def test_parameters():
    text = 'def f(a, /, b: "int", c=1, *rest: str, d, e: dict[str,\n  int] = {}, **more: é) -> None: "Doc"\n'
    assert only(text).contract.parameters == (
        Parameter("a", "positional", True),
        Parameter("b", "positional", True, '"int"'),
        Parameter("c", "positional", False),
        Parameter("rest", "variadic", False, "str"),
        Parameter("d", "keyword", True),
        Parameter("e", "keyword", False, "dict[str,\n  int]"),
        Parameter("more", "keywords", False, "é"),
    )


def test_docstring_is_evaluated_and_cleaned():
    text = 'def f():\n    """Caf\\u00e9.\n\n        Indented \\\n more.\n    """\n'
    assert only(text).contract.docstring == "Café.\n\nIndented  more."


def test_contract_is_the_same_with_other_line_ends_and_deeper():
    text = 'def f(a,\n      b):\n    """Doc.\n\n    More.\n    """\n'
    deeper = "if x:\n" + "".join(f"    {line}" if line.strip() else line for line in text.splitlines(True))
    digests = {only(t).contract.digest for t in (text, text.replace("\n", "\r\n"), deeper)}
    assert len(digests) == 1


def test_offsets_count_characters():
    text = 'x = "\N{PILE OF POO}é\u0301\u4e2d"  # ?\n' * 3 + 'def größe(naïve: "größe"): """\N{SNOWMAN}"""\n'
    stub = only(text)
    assert cut(text, stub.header) == 'def größe(naïve: "größe"):'
    assert cut(text, stub.docstring) == '"""\N{SNOWMAN}"""'
    assert stub.contract.qualname == "größe"
    assert stub.contract.parameters == (Parameter("naïve", "positional", True, '"größe"'),)
    assert stub.line == 3


def test_surrogates_and_zero_bytes_do_no_harm():
    assert names('x = "\ud800"\ndef f(): "Doc"\n') == ["f"]
    assert names('def f(): "Doc \ud800"\ndef g(): "Doc"\n') in (["g"], ["f", "g"])
    assert "g" in names('x = "\0"\ndef g(): "Doc"\n')


def test_invalid_escapes_do_not_warn():
    assert names('def f():\n    "Doc \\d"\n') == ["f"]


def test_very_deep_nesting_does_no_harm():
    text = "x = " + "(" * 5000 + ")" * 5000 + '\ndef f(): "Doc"\n'
    assert names(text) == ["f"]


def test_locate_finds_the_contract_again():
    stub = only('def f(x):\n    """Doc."""\n')
    moved = '# new\nimport os\n\n\ndef f(x):\n    """Doc."""\n    pass\n'
    assert locate(moved, stub.contract).line == 4
    assert locate(moved.replace("(x)", "(y)"), stub.contract) is None
    assert locate(moved.replace("pass", "return 1"), stub.contract) is None


def test_locate_tells_equal_contracts_apart():
    text = 'if x:\n    def f(): "Doc"\nelse:\n    def f(): "Doc"\n'
    first, second = find_stubs(text)
    assert first.contract == second.contract
    assert locate(text, first.contract) == first
    assert locate(text, first.contract, 1) == second
    assert locate(text, first.contract, 2) is None
