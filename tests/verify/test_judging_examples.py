"""Examples judged by the server, against doctest itself."""

from __future__ import annotations

import contextlib
import doctest
import io
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from soa.contracts import Contract, Example
from soa.evidence import Test
from soa.verify.examples import LITERAL, asked, holds, judged, outline, project_options, same_literal, wanted

FUNCTIONS = """
import enum
class Odd(ValueError): pass
class Text(str): pass
Odd.__module__ = "some.where"
def fail(*args): raise ValueError(*args)
def odd(): raise Odd("no\\nmore")
def silent(): pass
def quit(): raise SystemExit(3)
def write(*words): print(*words, sep="\\n", end="")
def both(): print("said"); raise KeyError("x")
def syntax(): compile("1 +", "<s>", "eval")
"""
EXAMPLES = {
    "a value": ">>> 2 * 2\n4",
    "another value": ">>> 2 * 2\n5",
    "nothing": ">>> silent()",
    "nothing wanted": ">>> 4",
    "something wanted": ">>> silent()\n4",
    "true for one": ">>> True\n1",
    "false for nought": ">>> False\n0",
    "not true for one": ">>> True  # doctest: +DONT_ACCEPT_TRUE_FOR_1\n1",
    "one for true": ">>> 1\nTrue",
    "ellipsis": ">>> list(range(20))  # doctest: +ELLIPSIS\n[0, 1, ..., 19]",
    "ellipsis at both ends": ">>> print('abc')  # doctest: +ELLIPSIS\na...c...",
    "ellipsis that overlaps": ">>> print('aba')  # doctest: +ELLIPSIS\nab...ba",
    "only an ellipsis": ">>> print('x')  # doctest: +ELLIPSIS\n...",
    "ellipsis at a line's start": ">>> write('a', 'b', 'c')  # doctest: +ELLIPSIS\na\n...\nc",
    "white space": ">>> print('a   b\\n c')  # doctest: +NORMALIZE_WHITESPACE\na b c",
    "white space that counts": ">>> print('a   b')\na b",
    "white space inside": ">>> print('ab')  # doctest: +NORMALIZE_WHITESPACE\na b",
    "white space and ellipsis": ">>> print('a  1  b')  # doctest: +NORMALIZE_WHITESPACE, +ELLIPSIS\na ... b",
    "a blank line": ">>> print('a\\n\\nb')\na\n<BLANKLINE>\nb",
    "a line of blanks": ">>> print('a\\n   \\nb')\na\n<BLANKLINE>\nb",
    "no blank line": ">>> print('a\\n\\nb')\na\nb",
    "a marker": ">>> print('<BLANKLINE>')  # doctest: +DONT_ACCEPT_BLANKLINE\n<BLANKLINE>",
    "no marker": ">>> print()  # doctest: +DONT_ACCEPT_BLANKLINE\n<BLANKLINE>",
    "no last line end": ">>> write('a', 'b')\na\nb",
    "an error": ">>> fail('no')\nTraceback (most recent call last):\n  ...\nValueError: no",
    "an error, innermost last": ">>> fail('no')\nTraceback (innermost last):\nValueError: no",
    "another message": ">>> fail('no')\nTraceback (most recent call last):\nValueError: yes",
    "another message ignored": (
        ">>> fail('no')  # doctest: +IGNORE_EXCEPTION_DETAIL\nTraceback (most recent call last):\nValueError: yes"
    ),
    "another error": ">>> fail('no')\nTraceback (most recent call last):\nKeyError: no",
    "another error ignored": (
        ">>> fail('no')  # doctest: +IGNORE_EXCEPTION_DETAIL\nTraceback (most recent call last):\nKeyError: no"
    ),
    "another module ignored": (
        ">>> odd()  # doctest: +IGNORE_EXCEPTION_DETAIL\nTraceback (most recent call last):\nelsewhere.Odd: no"
    ),
    "no module ignored": ">>> odd()  # doctest: +IGNORE_EXCEPTION_DETAIL\nTraceback (most recent call last):\nOdd",
    "the module": ">>> odd()\nTraceback (most recent call last):\nsome.where.Odd: no\nmore",
    "another module": ">>> odd()\nTraceback (most recent call last):\nelsewhere.Odd: no\nmore",
    "an error without a message": ">>> fail()\nTraceback (most recent call last):\nValueError",
    "an error with an ellipsis": (
        ">>> fail('one', 2)  # doctest: +ELLIPSIS\nTraceback (most recent call last):\nValueError: ('one', ...)"
    ),
    "no error": ">>> 4\nTraceback (most recent call last):\nValueError: no",
    "an error nobody wants": ">>> fail('no')\n4",
    "an error where nothing is wanted": ">>> fail('no')",
    "an exit": ">>> quit()\nTraceback (most recent call last):\nSystemExit: 3",
    "output before an error": ">>> both()\nTraceback (most recent call last):\nKeyError: 'x'",
    "a printed traceback": (
        ">>> print('Traceback (most recent call last):\\nKeyError')\nTraceback (most recent call last):\nKeyError"
    ),
    "a syntax error": ">>> syntax()\nTraceback (most recent call last):\n  ...\nSyntaxError: invalid syntax",
    "a syntax error of the example": ">>> 1 +\nTraceback (most recent call last):\nSyntaxError: invalid syntax",
    "several lines": ">>> for n in range(3):\n...     n\n0\n1\n2",
    "a definition": ">>> def g():\n...     5\n...     return 6\n>>> g()\n6",
    "a class": ">>> class C:\n...     5\n...     x = 6\n>>> C.x\n6",
    "the last value": ">>> 5\n5\n>>> _ + 1\n6",
    "two on a line": ">>> 1; 2\n1\n2",
    "a condition": ">>> if True:\n...     'yes'\n'yes'",
    "names in between": ">>> x = 4\n>>> x\n4\n>>> del x\n>>> x\n4",
    "skipped": ">>> fail('no')  # doctest: +SKIP\n4\n>>> 4\n4",
    "reported": ">>> 4  # doctest: +REPORT_NDIFF, +REPORT_ONLY_FIRST_FAILURE\n4",
    "stops": ">>> 1  # doctest: +FAIL_FAST\n2\n>>> 3\n3",
    "switched off": ">>> print('a')  # doctest: -ELLIPSIS\n...",
    "unicode": ">>> 'ä€😀'\n'ä€😀'",
    "surrogates": ">>> '\\ud800'\n'\\ud800'",
    "tabs": ">>> print('a\\tb')\na   b",
}


def by_doctest(text):
    """Which examples hold by doctest itself; None for those that were not run."""
    held = {}

    class Runner(doctest.DocTestRunner):
        def report_success(self, out, test, example, got):
            held[example.lineno] = True

        def report_failure(self, out, test, example, got):
            held[example.lineno] = False

        def report_unexpected_exception(self, out, test, example, exc_info):
            held[example.lineno] = False

    names = {"__name__": "tried"}
    exec(FUNCTIONS, names)
    test = doctest.DocTestParser().get_doctest(text, names, "tried", "tried.py", 0)
    runner = Runner(verbose=False)
    runner.run(test, out=lambda text: None)
    return [held.get(e.lineno) for e in test.examples]


def by_us(text):
    """Which examples hold as we judge them; None for those that say nothing."""
    contract = Contract("f", (), "def f():", text)
    tests = [Test("doctest", f"example {n}") for n, _ in enumerate(contract.examples, 1)]
    keys = {t.name: k for k, t in enumerate(tests)}
    names = {"__name__": "tried"}
    exec(FUNCTIONS, names)
    events = [ran(item["key"], item["source"], names) for item in asked(contract, keys)]
    examples = wanted(contract, tests, Path("/nowhere"))
    outcomes = {e["result"]: e["outcome"] for e in judged(events, examples)}
    return [{"passed": True, "failed": False}.get(outcomes.get(k)) for k in range(len(tests))]


def ran(key, source, names):
    """What the run tells of one example."""
    printed, raised = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(source, "<example>", "single"), names)
        except BaseException as error:
            raised = traceback.format_exception_only(error)[-1].rstrip("\n")
    return {"result": key, "outcome": "ran", "printed": printed.getvalue(), "raised": raised, "counts": True,
            "reason": "", "blocked_by": []}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_as_doctest_says(name):
    assert by_us(EXAMPLES[name]) == by_doctest(EXAMPLES[name])


texts = some.text("ab .\n\t1'[]{}:,<BLANKLINE>", max_size=12).map(lambda text: text.strip("\n"))
flags = some.sets(some.sampled_from(("ELLIPSIS", "NORMALIZE_WHITESPACE", "DONT_ACCEPT_BLANKLINE", "REPORT_UDIFF")))


@given(texts | some.just("a...b"), texts, flags)
def test_any_texts_are_compared_as_doctest_says(want, got, options):
    flag = sum(doctest.OPTIONFLAGS_BY_NAME[o] for o in options)
    example = single(want, options)
    by_doctest = doctest.OutputChecker().check_output(example.want, f"{got}\n" if got else "", flag)
    assert holds(example, got, "") >= by_doctest
    if not same_literal(want, got):
        assert holds(example, got, "") == by_doctest


def single(want, options=(), exception=None):
    return Example("f()\n", f"{want}\n" if want else "", exception, 0, tuple(sorted(options)))


@pytest.mark.parametrize(
    ("want", "printed"),
    [
        ("<f at 0x7f00>", "<f at 0x12>"),
        ("[u'a']", "['a']"),
        ('["a",1]', "['a', 1]"),
        ("{1, 22, 3}", "{3, 1, 22}"),
        ("{'a': [1, {2, 30}], 'b': ()}", "{'b': (), 'a': [1, {30, 2}]}"),
    ],
)
def test_what_we_do_not_mind(want, printed):
    assert holds(single(want), printed, "")


@pytest.mark.parametrize(
    ("want", "printed"),
    [("{1, 2}", "{1, True}"), ("[2, 1]", "[1, 2]"), ("{'a': 1}", "{'a': 1.0}"), ("(1,)", "[1]"), ("0.0", "-0.0")],
)
def test_what_we_mind(want, printed):
    assert not holds(single(want), printed, "")


def test_an_exceptions_module_need_not_be_named():
    assert holds(single("", exception="Odd: no\n"), "", "some.where.Odd: no")
    assert not holds(single("", exception="other.Odd: no\n"), "", "some.where.Odd: no")


def test_dots_without_the_option_are_an_outline():
    assert "outline" in outline(single("[0, ..., 9]"), str(list(range(10))), "")
    assert outline(single("'a...'"), "'abc'", "") == ""
    assert outline(single("[0, ..., 9]"), str(list(range(9))), "") == ""


def test_the_projects_options_hold_unless_an_example_clears_them(tmp_path):
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\ndoctest_optionflags = ELLIPSIS NO_SUCH_FLAG\n")
    assert project_options(tmp_path) == ("ELLIPSIS",)
    contract = Contract("f", (), "def f():", ">>> 1\n1\n>>> 2  # doctest: -ELLIPSIS, +NORMALIZE_WHITESPACE\n2")
    tests = [Test("doctest", "example 1"), Test("doctest", "example 2")]
    found = wanted(contract, tests, tmp_path)
    assert [found[k].options for k in (0, 1)] == [("ELLIPSIS",), ("NORMALIZE_WHITESPACE",)]


HOSTILE = {
    "brackets": "[" * 100_000,
    "few brackets": "[" * 40 + "]" * 40,
    "unary": "-" * (LITERAL - 1) + "1",
    "nots": "not " * (LITERAL // 4),
    "attributes": "a" + ".a" * (LITERAL // 2),
    "lambdas": "lambda:" * (LITERAL // 7) + "1",
    "digits": "9" * LITERAL,
    "more digits": "9" * 1_000_000,
    "floats": "1e" + "9" * (LITERAL - 2),
    "strings": "'" * LITERAL,
    "blanks": " " * 16_000 + "x",
    "lines of blanks": " \n" * 8_000,
    "addresses": "at 0x" * 3_000,
    "prefixes": "u" * 16_000,
    "nuls": "\0" * LITERAL,
    "nothing": "",
    "surrogates": "\ud800" * 100,
    "powers": "9**9**9",
    "sums": "1+" * (LITERAL // 2 - 1) + "1",
    "a call": "__import__('os')._exit(0)",
    "an f-string": "f'{1}'",
    "an exception": "ValueError: " + "x:." * 5000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("options", [(), ("ELLIPSIS", "NORMALIZE_WHITESPACE"), ("IGNORE_EXCEPTION_DETAIL",)])
def test_hostile_texts_are_judged_and_nothing_else(name, options):
    text = HOSTILE[name]
    for want in ("4", "{1: [2]}", "a...b...c", text[:2000]):
        example = single(want, options, exception=f"{want}\n")
        holds(example, text, "")
        holds(example, "", text)
        outline(example, text, text)
    assert not holds(single("4", options), text, "")
