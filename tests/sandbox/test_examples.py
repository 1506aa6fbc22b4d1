"""A docstring's examples, run in bubblewrap by doctest's rules."""

from __future__ import annotations

import pytest

from soa.evidence import Outcome
from trial import judge


def example(source: str, want: str) -> str:
    return f"Doc.\n\n>>> {source}\n{want}"


@pytest.mark.parametrize(
    ("source", "want", "body", "outcome"),
    [
        ("f(2)", "4", "return x * 2", Outcome.PASSED),
        ("f(2)", "5", "return x * 2", Outcome.FAILED),
        ("f(1)", "1", "return True", Outcome.PASSED),
        ("f(1)  # doctest: +DONT_ACCEPT_TRUE_FOR_1", "1", "return True", Outcome.FAILED),
        ("f(1)", "1", "return 1.0", Outcome.FAILED),
        ("f(1)", "{1, 22, 3}", "return {22, 3, 1}", Outcome.PASSED),
        ("f(1)", "{'a': [1], 'b': 2}", "return {'b': 2, 'a': [1]}", Outcome.PASSED),
        ("f(1)", "{'a': [1], 'b': 2}", "return {'b': 2, 'a': [True]}", Outcome.FAILED),
        ("f(1)", "[2, 1]", "return [1, 2]", Outcome.FAILED),
        ("f(1)", "<object object at 0x7f0000>", "return object()", Outcome.PASSED),
        ("f(1)  # doctest: +ELLIPSIS", "[0, ..., 9]", "return list(range(10))", Outcome.PASSED),
        ("f(1)", "[0, ..., 9]", "return list(range(10))", Outcome.INCONCLUSIVE),
        ("f(1)", "[0, ..., 9]", "return list(range(9))", Outcome.FAILED),
        ("f(1)", "'a...'", "return 'abc'", Outcome.FAILED),
        ("f(1)", "Traceback (most recent call last):\nKeyError: no ...", "raise ValueError('no one')", Outcome.FAILED),
        ("f(1)  # doctest: +NORMALIZE_WHITESPACE", "[0,   1]", "return [0, 1]", Outcome.PASSED),
        ("print(f(1))", "a\n<BLANKLINE>\nb", "return 'a\\n\\nb'", Outcome.PASSED),
        ("f(1)", "", "return 5", Outcome.FAILED),
        ("f(1)", "", "raise ValueError('no')", Outcome.FAILED),
        ("f(1)", "Traceback (most recent call last):\nValueError: no", "raise ValueError('no')", Outcome.PASSED),
        ("f(1)", "Traceback (most recent call last):\nValueError: no", "raise ValueError('yes')", Outcome.FAILED),
        ("f(1)", "Traceback (most recent call last):\nValueError: no", "return 1", Outcome.FAILED),
        (
            "f(1)  # doctest: +IGNORE_EXCEPTION_DETAIL",
            "Traceback (most recent call last):\nValueError: no",
            "raise ValueError('yes')",
            Outcome.PASSED,
        ),
        (
            "f(1)",
            "Traceback (most recent call last):\nOops: no",
            "class Oops(Exception): pass\nOops.__qualname__ = 'Oops'\nraise Oops('no')",
            Outcome.PASSED,
        ),
        ("f(1)", "2", "return undefined", Outcome.FAILED),
    ],
)
async def test_one_example(zygote, project, source, want, body, outcome):
    evidence = await judge(zygote, project, example(source, want), body)
    assert [r.outcome for r in evidence.results] == [outcome]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("setup.cfg", "[tool:pytest]\ndoctest_optionflags = ALLOW_UNICODE ELLIPSIS\naddopts = -q\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ndoctest_optionflags = [\n  'ELLIPSIS',\n]\n"),
    ],
)
async def test_the_projects_options_count_for_all_examples(zygote, project, file, text):
    (project / file).write_text(text)
    evidence = await judge(zygote, project, example("f(1)", "[0, ..., 9]"), "return list(range(10))")
    assert evidence.verified


async def test_a_failure_says_what_a_repair_needs(zygote, project):
    evidence = await judge(zygote, project, example("f('a')", "4"), "print('hm')\nreturn x + 1")
    (result,) = evidence.failures
    assert result.source == "f('a')"
    assert result.expected == "4"
    assert result.actual.startswith("TypeError: can only concatenate str")
    assert result.traceback.splitlines()[:4] == [
        'File "<example 1>", line 1, in <module>',
        "  f('a')",
        'File "module.py", line 8, in f',
        "  return x + 1",
    ]
    assert result.output == "hm\n"
    assert result.reached == {"module.py::f"}


async def test_an_example_counts_from_the_first_that_reaches_the_function_on(zygote, project):
    evidence = await judge(zygote, project, "Doc.\n>>> 1\n1\n>>> y = f(1)\n>>> y\n2\n>>> y + 1\n4", "return x + 1")
    assert [r.outcome for r in evidence.results] == ["inconclusive", "passed", "passed", "failed"]
    assert "never calls f" in evidence.results[0].reason


@pytest.mark.parametrize(
    "line",
    [
        "missing",
        "import no_such_module",
        "open('nowhere.txt')",
        "import socket; socket.create_connection(('1.1.1.1', 80))",
    ],
)
async def test_an_example_that_cannot_run_for_its_own_reasons_says_nothing(zygote, project, line):
    evidence = await judge(zygote, project, f"Doc.\n>>> f(1)\n2\n>>> {line}\n3", "return x + 1")
    assert [r.outcome for r in evidence.results] == ["passed", "inconclusive"]
    assert evidence.verified


async def test_a_skipped_example_is_no_test(zygote, project):
    evidence = await judge(zygote, project, "Doc.\n>>> f(1)  # doctest: +SKIP\n7\n>>> f(1)\n2", "return x + 1")
    assert [(r.test.name, r.outcome) for r in evidence.results] == [("example 2", "passed")]
