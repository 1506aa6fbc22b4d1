"""Judging what a docstring's examples printed and raised, by doctest's rules, outside of the process that ran them.

In some ways we are more lenient than doctest: where an object lies in memory, the `u` that Python 2 put before strings,
how a literal is spelled, the order of literal sets and dicts, and the module of an exception do not matter. An example
whose wanted text shows dots where more stands, without saying so by `ELLIPSIS`, says nothing if it holds but for the
dots.

What is judged may have been printed by hostile code: nothing of it is evaluated but literals, and only short ones.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from attrs import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from soa.contracts import Contract, Example
    from soa.evidence import Test

    Event = Mapping[str, Any]

PREFIX = "example "
LITERAL = 4000
"""Characters of the longest text that is compared as a literal."""
DEEPEST = 50
"""How many brackets may be open in it at once."""
SHOWN = 2000
CONFIGURATIONS = (
    "pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg",
)  # fmt: skip
"""Where a project may say which options hold for all examples."""

_OPTIONS = re.compile(r"""^[ \t]*doctest_optionflags[ \t]*=([\s\["',A-Z0-9_]*)""", re.MULTILINE)
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
_OLD_PREFIX = re.compile(r"\b[uU](?=['\"])")


def asked(contract: Contract, keys: Mapping[str, int]) -> list[dict[str, Any]]:
    """All examples that are run, in the form of a request, if any is a test, for they build on each other.

    Those that are not tests have no key. None says what is wanted.
    """
    numbered = [(f"{PREFIX}{n}", e) for n, e in enumerate(contract.examples, 1) if "SKIP" not in e.options]
    return [{"key": keys.get(name), "source": e.source} for name, e in numbered] if keys else []


def wanted(contract: Contract, tests: Sequence[Test], root: Path) -> dict[int, Example]:
    """The examples that are tests, by the tests' numbers, with the options that the project sets for all."""
    names = {f"{PREFIX}{n}": e for n, e in enumerate(contract.examples, 1)}
    found = {k: names[t.name] for k, t in enumerate(tests) if t.origin == "doctest" and t.name in names}
    always = project_options(root) if found else ()
    return {key: evolve(e, options=_together(e, always)) for key, e in found.items()}


def _together(example: Example, always: Sequence[str]) -> tuple[str, ...]:
    return (*example.options, *(o for o in always if o not in (*example.options, *example.cleared)))


def project_options(root: Path) -> tuple[str, ...]:
    """The options of doctest that a project sets for all examples."""
    import doctest

    texts = "\n".join(_texts(root))
    named = {name for found in _OPTIONS.findall(texts) for name in re.findall(r"\w+", found)}
    return tuple(name for name in doctest.OPTIONFLAGS_BY_NAME if name in named)


def _texts(root: Path) -> Iterator[str]:
    for name in CONFIGURATIONS:
        try:
            yield (root / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue


def judged(events: Iterable[Event], examples: Mapping[int, Example]) -> Iterator[Event]:
    """The events of a run with an outcome for each example that ran."""
    stopped = False
    for event in events:
        if event.get("outcome") != "ran":
            yield event
        elif event["result"] is None or event["result"] not in examples:
            continue
        elif stopped or "SKIP" in examples[event["result"]].options:
            reason = "an example before it failed, which ends them all" if stopped else "the project skips all examples"
            yield {**event, "outcome": "inconclusive", "reason": reason}
        else:
            example = examples[event["result"]]
            told = _judged(event, example)
            stopped = told["outcome"] == "failed" and "FAIL_FAST" in example.options
            yield told


def _judged(event: Event, example: Example) -> Event:
    printed, raised = event["printed"], event["raised"]
    known = dict(event)
    if holds(example, printed, raised):
        return {**known, "outcome": "passed" if event["counts"] else "inconclusive"}
    excuse = outline(example, printed, raised) or event.get("excuse") or _met(event)
    if not excuse and not event["counts"]:
        excuse = event["reason"].replace("it never", "it fails before it", 1)
    return {
        **known,
        **_shown(example, printed, raised),
        "outcome": "inconclusive" if excuse else "failed",
        "reason": excuse,
        "source": example.source.rstrip("\n"),
    }


def _met(event: Event) -> str:
    return f"it met the empty stub {', '.join(event['blocked_by'])}" if event["blocked_by"] else ""


def _shown(example: Example, printed: str, raised: str) -> dict[str, str]:
    """What was expected and what came."""
    came = printed.rstrip("\n")
    if example.exception is not None:
        return {"expected": example.exception.rstrip("\n"), "actual": _cut(raised or came) or "no exception"}
    nothing = "no exception" if raised else "no output"
    return {"expected": example.want.rstrip("\n") or nothing, "actual": _cut(raised or came) or "no output"}


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text) - SHOWN} characters more)"


def holds(example: Example, printed: str, raised: str) -> bool:
    """Whether an example showed what it should.

    Parameters
    ----------
    printed
        All that it printed, its value included.
    raised
        The last line of its traceback, `ValueError: no`; empty if it raised nothing.
    """
    if not raised:
        return _matches(example.want, printed and f"{printed.removesuffix(chr(10))}\n", example.options)
    return example.exception is not None and _matches_exception(example.exception, f"{raised}\n", example.options)


def _matches(want: str, got: str, options: Sequence[str]) -> bool:
    import doctest

    flags = sum(doctest.OPTIONFLAGS_BY_NAME.get(name, 0) for name in set(options))
    check = doctest.OutputChecker().check_output
    return check(want, got, flags) or check(_plain(want), _plain(got), flags) or same_literal(want, got)


def _plain(text: str) -> str:
    """The text without what tells nothing: where objects lie, and the prefix that Python 2 gave to strings."""
    return _OLD_PREFIX.sub("", _ADDRESS.sub("at 0x", text))


def _matches_exception(want: str, got: str, options: Sequence[str]) -> bool:
    """Whether an exception is the one wanted; its module need not be named."""
    name, colon, rest = got.partition(":")
    wanted_name = want.partition(":")[0].strip()
    short = name.rpartition(".")[2] + colon + rest
    if _matches(want, got, options) or ("." not in wanted_name and _matches(want, short, options)):
        return True
    return "IGNORE_EXCEPTION_DETAIL" in options and _matches(_kind(want), _kind(got), options)


def _kind(message: str) -> str:
    """The last name of an exception's type."""
    return message.partition("\n")[0].partition(":")[0].rpartition(".")[2]


def same_literal(want: str, got: str) -> bool:
    """Whether two texts are short literals of equal value and equal types throughout."""
    if not want or not _is_harmless(want) or not _is_harmless(got):
        return False
    try:
        return bool(_canonical(ast.literal_eval(want.strip())) == _canonical(ast.literal_eval(got.strip())))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def _is_harmless(text: str) -> bool:
    """Whether reading a text as a literal takes next to nothing."""
    depth = deepest = 0
    for char in text[: LITERAL + 1]:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return len(text) <= LITERAL and deepest <= DEEPEST


def _canonical(value: object) -> object:
    """A hashable form that differs wherever a type or a value does."""
    kind = type(value).__name__
    if isinstance(value, dict):
        return kind, frozenset((_canonical(k), _canonical(v)) for k, v in value.items())
    if isinstance(value, set | frozenset):
        return kind, frozenset(map(_canonical, value))
    if isinstance(value, list | tuple):
        return kind, tuple(map(_canonical, value))
    return kind, repr(value)


def outline(example: Example, printed: str, raised: str) -> str:
    """Why what came may be right though it differs: what is wanted shows dots where more stands."""
    text = example.exception or "" if raised else example.want
    if "..." not in text or _quotes_dots(text):
        return ""
    more = evolve(example, options=(*example.options, "ELLIPSIS"))
    return "the example shows in outline only what it expects" if holds(more, printed, raised) else ""


def _quotes_dots(text: str) -> bool:
    """Whether the dots in a text belong to a value: they stand inside a string."""
    try:
        nodes = ast.walk(ast.parse(text.strip()))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not any(isinstance(n, ast.Constant) and n.value is ... for n in nodes)
