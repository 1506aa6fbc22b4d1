"""Words that the terminal, editors and agents are told alike."""

from __future__ import annotations


def plural(count: int, word: str) -> str:
    """`1 agent`, `2 agents`."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def where_run(sandbox: str) -> str:
    """What must be said of tests that ran in a kind of sandbox: `ran without a sandbox`; empty if it is one."""
    return "ran without a sandbox" if sandbox == "process" else ""


def with_where(said: str, sandbox: str) -> str:
    """What is said of tests, and where they ran if that must be said: `7/7 tests, ran without a sandbox`."""
    return ", ".join(filter(None, (said, where_run(sandbox))))


def with_flaky(said: str, flaky: int) -> str:
    """What is said of tests, and how many of them are flaky: `6/6 tests, 1 flaky test`."""
    return ", ".join(filter(None, (said, plural(flaky, "flaky test") if flaky else "")))


def visible(text: str) -> str:
    """The text with control characters, and those that turn its direction, made visible.

    What a model wrote must not steer a terminal, nor seem to be what it is not.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(ord(c)) for c in text)


def _escaped(number: int) -> str:
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
