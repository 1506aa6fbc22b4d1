"""Every form in which a function may come back is read; everything else is refused with a reason."""

from __future__ import annotations

import pytest

from contracting import answer_to, contract_of, refusal_of
from soa.agents.fences import prose_of
from soa.agents.replies import read_blocks, read_reply

ROMAN = '''
def roman(n: int) -> str:
    """Give n as a Roman numeral."""
'''
METHOD = '''
class Ledger:
    def post(self, entry, *, force=False):
        """Add an entry."""
'''
BODY = 'if n < 1:\n    raise ValueError(n)\nreturn "I" * n'
CODE = f"def roman(n: int) -> str:\n    {BODY.replace(chr(10), chr(10) + '    ')}\n"


def indented(text: str, by: str = "    ") -> str:
    return "".join(by + line if line.strip() else line for line in text.splitlines(keepends=True))


FORMS = {
    "fenced": f"```python\n{CODE}```",
    "fenced, py": f"```py\n{CODE}```\n",
    "fenced, no language": f"```\n{CODE}```",
    "fenced with a title": f'```python title="roman.py"\n{CODE}```',
    "tildes": f"~~~python\n{CODE}~~~",
    "four back ticks": f"````python\n{CODE}````",
    "a longer closing fence": f"```python\n{CODE}`````",
    "a fence that is never closed": f"```python\n{CODE}",
    "a fence after words": f"Sure, here you are: ```python\n{CODE}```",
    "bare": CODE,
    "bare, indented": indented(CODE),
    "bare, with a tab": indented(CODE, "\t"),
    "prose before and after": f"Here it is:\n\n{CODE}\nThis isn't hard (see above): it's what the contract says.\n",
    "prose that looks like code": f"import it so\nfrom there on:\n\nclass work = done\n\n{CODE}\nassert it works",
    "prose around a fence": f"I'd write:\n\n```python\n{CODE}```\n\nNote that `roman(0)` raises.",
    "in a list": f"1. First:\n   ```python\n{indented(CODE, '   ')}   ```\n2. Done.",
    "in a list, on the marker's line": f"- ```python\n{indented(CODE, '  ')}  ```",
    "in a list, code not indented": f"1. First:\n   ```python\n{CODE}   ```",
    "indented inside its fence": f"```python\n{indented(CODE)}```",
    "Windows line ends": f"```python\n{CODE}```".replace("\n", "\r\n"),
    "old Mac line ends": CODE.replace("\n", "\r"),
    "a byte order mark": f"\ufeff{CODE}",
    "thoughts before": f"<think>\ndef roman(n):\n    return 1\n</think>\n\n```python\n{CODE}```",
    "thoughts whose opening was lost": f"def roman(n): no...\n</think>\n{CODE}",
    "thoughts in the middle": f"Well.\n<thinking>hm\n```python\ndef roman(n): x\n```\n</thinking>\n{CODE}",
    "a shell command first": f"```bash\npip install roman\n```\n\n```python\n{CODE}```",
    "a call and its result after": f"```python\n{CODE}```\n\n```\n>>> roman(2)\n'II'\n```",
    "bare, with a fenced example": f"{CODE}\nExample:\n```\n>>> roman(2)\n'II'\n```",
    "draft first": f"```python\ndef roman(n):\n    return None\n```\nWrong. Better:\n```python\n{CODE}```",
    "draft first, in one block": f"```python\ndef roman(n):\n    return None\n\n{CODE}```",
    "the stub repeated first": f"```python\n{ROMAN}```\nbecomes\n```python\n{CODE}```",
    "a broken draft first": f"```python\ndef roman(n:\n    return None\n```\nBetter:\n```python\n{CODE}```",
    "the first fence not closed": f"```python\ndef roman(n):\n    return None\n\n```python\n{CODE}```",
    "async beside": f"```python\nasync def other(n):\n    pass\n\n{CODE}```",
    "a whole module": (
        f'"""Numerals."""\nfrom __future__ import annotations\nimport re\nfrom typing import TYPE_CHECKING\n\n'
        f"if TYPE_CHECKING:\n    from x import Y\n\nLIMIT = 3999\n\n\nclass Other:\n    def roman(self, n):\n"
        f'        return 0\n\n\n{CODE}\n\ndef last():\n    pass\n\n\nif __name__ == "__main__":\n    print(roman(3))\n'
    ),
    "annotations left out": CODE.replace(": int", "").replace(" -> str", ""),
    "other annotations": CODE.replace("int", "float").replace("-> str", '-> "str | None"'),
    "another default": CODE.replace("n: int", "n: int = 3"),
    "a decorator": f"@functools.cache\n{CODE}",
    "its docstring": CODE.replace("str:\n", 'str:\n    """Give n as a Roman numeral."""\n'),
    "its docstring reworded": CODE.replace("str:\n", 'str:\n    r"""Other\n\n    >>> words(1)\n    """\n'),
    "its docstring in parts": CODE.replace("str:\n", 'str:\n    ("one "\n     "two")\n'),
    "a comment before the docstring": CODE.replace("str:\n", 'str:  # yes\n    # well\n    """Words."""\n\n'),
    "blank lines after the header": CODE.replace("str:\n", "str:\n\n\n"),
    "comments after the last statement": f"{CODE}    # that is all\n\n# really\n",
    "in a class made up for it": f"```python\nclass Solution:\n    @staticmethod\n{indented(CODE)}```",
    "in a condition": f"if True:\n{indented(CODE)}",
    "in an except": f"try:\n    pass\nexcept OSError:\n{indented(CODE)}",
    "overloads before": f"@overload\ndef roman(n: int) -> str: ...\n@typing.overload\ndef roman(n: bool): ...\n{CODE}",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(form):
    assert answer_to(FORMS[form], ROMAN).body == BODY


METHOD_BODY = (
    'self.entries.append(entry)\n\nif not force:\n    self.check("""\n  kept\n        as it is""")\nreturn self'
)
FLUSH = "def post(self, entry, *, force=False):\n" + (
    '    self.entries.append(entry)\n\n    if not force:\n        self.check("""\n  kept\n        as it is""")\n'
    "    return self\n"
)
IN_CLASS = (
    "    def post(self, entry, *, force=False):\n        self.entries.append(entry)\n\n        if not force:\n"
    '            self.check("""\n  kept\n        as it is""")\n        return self\n'
)
METHOD_FORMS = {
    "flush": FLUSH,
    "as it stands in the file": IN_CLASS,
    "as it stands in the file, fenced": f"```python\n{IN_CLASS}```",
    "as it stands in the file, between prose": f"The method:\n\n{IN_CLASS}\nIt's done.",
    "cut out from its first character on": IN_CLASS.lstrip(),
    "cut out with its decorator": f"@logged\n{IN_CLASS}",
    "cut out with decorators": f"@logged(\n        1,\n    )\n    @other\n{IN_CLASS}",
    "in its class": f"class Ledger:\n{IN_CLASS}",
    "in its class, with others": "class Other:\n    def post(self, entry, *, force=False):\n        1\n\n"
    f"class Ledger:\n    x = 1\n    def __init__(self):\n        pass\n{IN_CLASS}\n    def more(self): return 1\n",
    "in a class of another name": f"```python\nclass Whatever:\n{IN_CLASS}```",
    "after its import": f"import re\n\n{FLUSH}",
    "in a list": f"* So:\n\n  ```python\n{indented(FLUSH, '  ')}  ```",
}


@pytest.mark.parametrize("form", METHOD_FORMS)
def test_a_method_is_read_in_every_place(form):
    assert answer_to(METHOD_FORMS[form], METHOD).body == METHOD_BODY


def test_a_shifted_module_function_loses_the_shift_in_its_strings_too():
    stub = 'def sql():\n    """The query."""\n'
    code = 'def sql():\n    return """\nSELECT *\n  FROM t\n"""\n'
    assert answer_to(f"```\n{indented(code)}```", stub).body == 'return """\nSELECT *\n  FROM t\n"""'


def test_strings_comments_and_continuations_stay_as_they_are():
    stub = 'def f(a):\n    """Do."""\n'
    body = (
        "# first\n\n"
        'x = """one  \n  two\t\n\n    three   \n"""  # why\n'
        "y = 'a\\\nb'\n"
        'z = f"""{a\n  + 1}  \n    end"""\n'
        "w = a + \\\n        1\n"
        "if a:  # note\n    # inside\n    pass\n\n    v = (1,\n  2)\n"
        "π = 'ünïcode\u2028\x0c'; q = 2\n"
        "return x, y"
    )
    inside = {4, 5, 6, 7, 9, 11, 12}
    lines = [line if n in inside or not line else f"    {line}" for n, line in enumerate(body.split("\n"), 1)]
    code = "def f(a):\n" + "\n".join(lines)
    for form in (code, f"```python\n{code}\n```", f"Hello.\n\n{code}\n\nThat's it, isn't it?"):
        assert answer_to(form, stub).body == body


ONE_LINERS = {
    "def f(a): return a": "return a",
    "def f(a): x = a; return x": "x = a; return x",
    "def f(a): return a  # so": "return a  # so",
    'def f(a): "Doc."; return a': "return a",
    'def f(a):\n    "Döc — ü."; x = a\n    return x': "x = a\nreturn x",
    'def f(a):\n    "Doc."; x = a\n    if x:\n        return 1\n    else:\n        return 2':
        "x = a\nif x:\n    return 1\nelse:\n    return 2",
    "def f(\n    a=lambda: {1: 2}[1],\n): return a": "return a",
    "def f(\n    a,  # a colon: here\n) -> {'x': 1}:\n    # here too:\n    return a": "# here too:\nreturn a",
}  # fmt: skip


@pytest.mark.parametrize("code", ONE_LINERS)
def test_short_and_crowded_functions(code):
    assert answer_to(code, 'def f(a):\n    """Do."""\n').body == ONE_LINERS[code]


def test_a_body_may_be_indented_by_anything():
    stub = 'def f(a):\n    """Do."""\n'
    assert answer_to("def f(a):\n\tif a:\n\t\treturn 1\n\treturn 2", stub).body == "if a:\n\treturn 1\nreturn 2"
    assert answer_to("def f(a):\n  if a:\n   return 1\n  return 2", stub).body == "if a:\n return 1\nreturn 2"
    assert answer_to("def f(a):\n\f    x = 1\n\f\n    return x", stub).body == "x = 1\n\nreturn x"


def test_async_nested_and_type_parameters():
    assert answer_to("async def f(a):\n    await a", 'async def f(a):\n    """Do."""\n').body == "await a"
    generic = 'def f[T](a: T) -> T:\n    """Do."""\n'
    assert answer_to("def f[T](a: T) -> T:\n    return a", generic).body == "return a"
    assert answer_to("def f(a):\n    return a", generic).body == "return a"


NESTED = 'def outer(a):\n    def inner(b):\n        """Do."""\n    return inner\n'


@pytest.mark.parametrize(
    "reply",
    [
        "def inner(b):\n    return a + b",
        "def outer(a):\n    def inner(b):\n        return a + b\n    return inner",
        "def inner(b): return 0\n\ndef outer(a):\n    def inner(b):\n        return a + b\n    return inner(1)",
        "    def inner(b):\n        return a + b",
        "def outer(a):\n    if a:\n        def inner(b):\n            return a + b\n        return inner",
    ],
)
def test_a_nested_function_comes_alone_or_in_its_place(reply):
    assert answer_to(reply, NESTED, "outer.inner").body == "return a + b"


PROPERTY = '''
class Box:
    @property
    def size(self):
        """The size."""
    @size.setter
    def size(self, value):
        """Set it."""
    @size.deleter
    def size(self):
        """Forget it."""
'''
WHOLE = """
class Box:
    @property
    def size(self):
        return 1
    @size.setter
    def size(self, value):
        self._size = value
    @size.deleter
    def size(self):
        del self._size
"""


def test_properties_of_one_name_are_told_apart():
    from soa.source.stubs import find_stubs

    getter, setter, deleter = (s.contract for s in find_stubs(PROPERTY))
    assert read_reply(WHOLE, getter).body == "return 1"
    assert read_reply(WHOLE, setter).body == "self._size = value"
    assert read_reply(WHOLE, deleter).body == "del self._size"
    assert read_reply("def size(self, value):\n    self.x = value", setter).body == "self.x = value"
    assert read_reply("def size(self):\n    del self.x", deleter).body == "del self.x"


def test_a_fence_inside_a_string_does_not_end_the_code():
    stub = 'def page():\n    """A page."""\n'
    code = 'def page():\n    return """\n```python\nx = 1\n```\n"""\n'
    for reply in (code, f"```python\n{code}```", f"So:\n\n~~~\n{code}~~~\nor not."):
        assert answer_to(reply, stub).body == 'return """\n```python\nx = 1\n```\n"""'


def test_a_docstring_with_a_fence_is_no_end_either():
    code = 'def roman(n):\n    """Words.\n\n    ```python\n    roman(1)\n    ```\n    """\n    return n\n'
    for reply in (code, f"```python\n{code}```", f"Here:\n\n{code}\nDone."):
        assert answer_to(reply, ROMAN).body == "return n"


def test_code_may_speak_of_thoughts():
    code = 'def roman(n):\n    return "<think>x</think>" + """\n<think>\n"""\n'
    assert "<think>x</think>" in answer_to(f"```python\n{code}```", ROMAN).body


REFUSED = {
    "empty": ("", "empty"),
    "white space": ("  \n\t\n", "empty"),
    "nothing but thoughts": ("<think>\ndef roman(n):\n    return 1", "empty"),
    "prose": ("I am sorry, but I cannot help with that.", "no Python function"),
    "one word": ("Sure", "no Python function"),
    "an empty fence": ("```python\n```", "no Python function"),
    "another function": ("def arabic(n):\n    return 1", "`arabic`, but not `roman`"),
    "in another function": ("def make():\n    def roman(n):\n        return 1", "`make.roman`, but not `roman`"),
    "in two classes": ("class A:\n def roman(self): 1\nclass B:\n def roman(self): 1", "`A.roman`, `B.roman`"),
    "other parameters": ("def roman(number):\n    return 1", "must take the parameters (n)"),
    "more parameters": ("def roman(n, upper=True):\n    return 1", "the reply's takes (n, upper)"),
    "self": ("class Numerals:\n    def roman(self, n):\n        return 1", "(self, n)"),
    "no parameters": ("def roman():\n    return 1", "must take the parameters (n)"),
    "a star": ("def roman(*n, **k):\n    return 1", "(n, k)"),
    "async": ("async def roman(n):\n    return 1", "must be a plain function"),
    "a syntax error": ("```python\ndef roman(n):\n    if n = 1:\n        return\n```", "(line 2: if n = 1:)"),
    "a syntax error, bare": ("def roman(n):\n    return = 1", "does not parse"),
    "a broken helper beside it": ("```\ndef roman(n):\n    return _h(n)\n\ndef _h(n:\n    1\n```", "does not parse"),
    "half of it": ("```python\ndef roman(n):\n    for i in range(", "does not parse"),
    "an ellipsis": ("def roman(n):\n    ...", "still empty"),
    "pass": ("def roman(n): pass", "still empty"),
    "not implemented": ("def roman(n):\n    raise NotImplementedError('later')", "still empty"),
    "docstring only": ('def roman(n):\n    """Give n."""', "still empty"),
    "docstring and ellipsis": ('def roman(n):\n    """Give n."""\n    ...\n    pass', "still empty"),
    "a lambda": ("roman = lambda n: 1", "no Python function"),
    "null bytes": ("```\ndef roman(n):\n    return '\0'\n```", "null bytes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_reason(case):
    reply, words = REFUSED[case]
    assert words in refusal_of(reply, ROMAN)


def test_a_method_under_another_self_is_refused():
    assert "(self, entry, force)" in refusal_of("def post(this, entry, *, force=False):\n    return 1", METHOD)


def test_an_async_stub_wants_an_async_function():
    assert "must be an async function" in refusal_of("def f(a):\n    return a", 'async def f(a):\n    """Do."""\n')


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\n{CODE}\n\ndef arabic(text):\n    return {{'I': 1, '",
        f"I give the module.\n```python\nimport re\n\n{CODE}\n\n@cache\ndef arabic(text):\n    retu",
        f"{CODE}\n\nclass Digits:\n    def one(self):\n        return 1\n\n    def two(self):\n        return (",
    ],
)
def test_what_stands_whole_in_a_reply_that_was_cut_off_is_taken(reply):
    assert answer_to(reply, ROMAN, cut=True).body == BODY


def test_a_method_before_the_tear_is_taken():
    method = "def post(self, entry, *, force=False):\n        return 1"
    reply = f"class Ledger:\n    {method}\n\n    def other(self):\n        ret"
    assert answer_to(reply, METHOD, "Ledger.post", cut=True).body == "return 1"


def test_a_function_that_may_go_on_after_the_tear_is_not_taken():
    reply = f"```python\n{CODE}\n    def inner():\n        return 2\n\n    def last():\n        retu"
    assert "cut off" in refusal_of(reply, ROMAN, cut=True)


def test_a_reply_that_was_cut_off_counts_only_where_its_end_is_seen():
    assert "cut off" in refusal_of("", ROMAN, cut=True)
    assert "cut off" in refusal_of("Let me think", ROMAN, cut=True)
    assert "cut off" in refusal_of(f"```python\n{CODE}", ROMAN, cut=True)
    assert "cut off" in refusal_of(CODE, ROMAN, cut=True)
    assert answer_to(f"```python\n{CODE}```\nThis works since", ROMAN, cut=True).body == BODY


def test_reasons_stay_short():
    many = ", ".join(f"a_rather_long_name_of_a_parameter_{n}" for n in range(10_000))
    assert len(refusal_of(f"def roman({many}):\n    return 1", ROMAN)) < 1000
    others = "\n".join(f"def {'f' * 200}{n}(): pass" for n in range(1000))
    assert len(refusal_of(others, ROMAN)) < 1000
    assert len(refusal_of(f"def roman(n):\n    {'x ' * 50_000}", ROMAN)) < 1000


MEGABYTE = 1_000_000
HUGE = {
    "words": "word " * (MEGABYTE // 5),
    "lines": "word\n" * (MEGABYTE // 10),
    "lines of prose": "It's a line (of prose.\n" * (MEGABYTE // 23),
    "blank lines": "\n" * MEGABYTE,
    "spaces": " " * MEGABYTE,
    "brackets": "def roman(n):\n    return " + "(" * 20_000,
    "closed brackets": "def roman(n):\n    return " + "[" * 20_000 + "]" * 20_000,
    "signs": "def roman(n):\n    return " + "-" * 100_000 + "1",
    "dots": "def roman(n):\n    return n" + ".a" * 100_000,
    "some dots": "def roman(n):\n    return n" + ".a" * 900,
    "a sum": "def roman(n):\n    return " + "1 + " * 100_000 + "1",
    "elifs": "def roman(n):\n    if n: 1\n" + "    elif n: 2\n" * 5000,
    "fences": "```\n" * (MEGABYTE // 4),
    "blocks": "```python\nx = 1\n```\n" * (MEGABYTE // 50),
    "broken blocks": "```python\nx = (\n```\n" * (MEGABYTE // 50),
    "starts of code": "import it now\n" * (MEGABYTE // 14),
    "definitions": "def f(): 1\n" * (MEGABYTE // 50),
    "broken definitions": "def f( 1\n" * (MEGABYTE // 9),
    "thoughts": "<think>" * (MEGABYTE // 7),
    "ends of thoughts": "</think>\n" * (MEGABYTE // 9),
    "quotes": "def roman(n):\n    return " + "'" * MEGABYTE,
    "triple quotes": 'def roman(n):\n    """\n' * (MEGABYTE // 30),
    "back ticks": "`" * MEGABYTE,
    "decorators": "@a\n" * 20_000 + CODE,
}


@pytest.mark.parametrize("case", HUGE)
def test_a_huge_reply_neither_crashes_nor_hangs(case):
    read_reply(HUGE[case], contract_of(ROMAN))


def test_a_function_is_found_in_a_huge_reply():
    noise = "".join(f"def f{n}(a, b):\n    return a + b * {n}\n\n\n" for n in range(5000))
    assert answer_to(f"```python\n{noise}{CODE}\n\n{noise}```", ROMAN).body == BODY


def test_warnings_about_literals_are_nobodys_business():
    assert answer_to("def roman(n):\n    return '\\d' if n is 1 else 1", ROMAN).body.startswith("return '\\d'")


def test_blocks_of_a_testers_reply():
    assert len(read_blocks("assert f(1) == 1\nassert f(2) == 2")[0].tree.body) == 2
    assert len(read_blocks("Tests:\n```python\nassert f(1) == 1\n```\nand\n```\nassert f(2) == 2\n```")) == 2
    assert read_blocks("No tests.") == ()


def test_prose_is_what_stands_outside_the_code():
    assert prose_of("<think>x</think>a: b\n```python\nx = 1\n```\nc: d\n").split() == ["a:", "b", "c:", "d"]
    assert prose_of("```text\na: b\n```") == "a: b"
    assert prose_of("a: b\r\nc: d") == "a: b\nc: d"
