"""How long `find_stubs` takes over about 50,000 lines, as a multiple of `ast.parse` over the same files.

Run it by hand: `python tests/bench/bench_stubs.py`. The files are the standard library's, as they are and with the
documented bodies removed.
"""

from __future__ import annotations

import ast
import contextlib
import sys
import sysconfig
import time
from pathlib import Path

from soa.source.stubs import StubFinder, find_stubs

LINES = 50_000
REPEATS = 5


def standard_library(lines=LINES):
    """Sources of whole modules until they have that many lines together."""
    texts = []
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        texts.append(path.read_text("utf-8"))
        lines -= texts[-1].count("\n")
        if lines <= 0:
            break
    return texts


def strip_bodies(text):
    """The text without what follows the docstring in documented functions."""
    lines = text.split("\n")
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in functions:
        if ast.get_docstring(node, clean=False) is not None and len(node.body) > 1:
            for index in range(node.body[0].end_lineno, node.end_lineno):
                lines[index] = None
    return "\n".join(line for line in lines if line is not None)


def parse_anyhow(text):
    """Parse as far as it goes."""
    with contextlib.suppress(SyntaxError):
        ast.parse(text)


def seconds(function, texts):
    """The best time of several over all texts."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for text in texts:
            function(text)
        times.append(time.perf_counter() - start)
    return min(times)


def tell(line):
    """Show a line."""
    sys.stdout.write(f"{line}\n")


def report(name, texts):
    """Print one line of the table."""
    lines = sum(text.count("\n") for text in texts)
    stubs = sum(len(find_stubs(text)) for text in texts)
    parse, find = seconds(parse_anyhow, texts), seconds(find_stubs, texts)
    tell(f"{name:32} {lines:6} lines {stubs:5} stubs  ast {parse:.3f} s  find_stubs {find:.3f} s  {find / parse:.2f}x")


def keystroke(name, text):
    """Print how long it takes to find the stubs again after one more character in the middle."""
    middle = text.index("\n", len(text) // 2) + 1
    finder = StubFinder()
    finder.update(text)
    start = time.perf_counter()
    finder.update(text[:middle] + "x = 1\n" + text[middle:])
    tell(f"{name:32} {text.count(chr(10)):6} lines  after an edit {1000 * (time.perf_counter() - start):.1f} ms")


def main():
    """Print the ratios."""
    whole = standard_library()
    stripped = [strip_bodies(text) for text in standard_library(2 * LINES)]
    report("standard library", whole)
    report("its documented bodies removed", stripped)
    report("the same as one file", ["\n".join(t for t in stripped if "from __future__" not in t)])
    report("open bracket at the end (no ast)", [text + "\nx = (\n" for text in whole])
    largest = max(whole, key=len)
    keystroke("largest module", largest)
    keystroke("largest module, broken", "x = (\n" + largest)


if __name__ == "__main__":
    main()
