"""Which functions are empty, and what a mark leaves as it was."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from soa.sandbox.harness.marks import MARK, functions, is_stub, mark, may_hold_stubs


def stubs(text):
    source = dedent(text)
    return [n for n, node, p in functions(ast.parse(source)) if not p and is_stub(node, source.splitlines())]


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        ('"""Doc."""', True),
        ('"""Doc."""; ...', True),
        ('"""Doc."""; pass', True),
        ('"""Doc."""; raise NotImplementedError', True),
        ('"""Doc."""; raise NotImplementedError("later")', True),
        ('r"a" "b"', True),
        ("pass", False),
        ("...", False),
        ('f"{1}"', False),
        ('b"doc"', False),
        ('"""Doc."""; return None', False),
        ('"""Doc."""; raise ValueError', False),
        ('"""Doc."""; pass; pass', False),
        ('"""Doc."""  # soa: ignore', False),
    ],
)
def test_stubs(body, empty):
    text = f"def f(x): {body}\n"
    assert (stubs(text) == ["f"]) is empty
    if empty:
        assert may_hold_stubs(compile(text, "x", "exec"))


def test_names_and_exclusions():
    assert stubs('''
        class A:
            def m(self):
                """Doc."""
            @abc.abstractmethod
            def n(self):
                """Doc."""
            class B(Generic[T]):
                async def o(self):
                    """Doc."""
                    def inner():
                        """Doc."""
        class P(typing.Protocol[T]):
            def q(self):
                """Doc."""
        @overload
        def r():
            """Doc."""
        if True:
            def s():
                """Doc."""
            def t():
                """Doc."""
                # soa: ignore
        ''') == ["A.m", "A.B.o.inner", "s"]


def test_a_mark_changes_neither_lines_nor_docstring():
    source = 'def f(x):\n    """Doc."""\n    y = x\n    raise ValueError(y)\n'
    tree = ast.parse(source)
    ((_, node, _),) = functions(tree)
    mark(node, "m.py::f")
    called = []
    names = {MARK: called.append}
    exec(compile(tree, "m.py", "exec"), names)
    assert names["f"].__doc__ == "Doc."
    with pytest.raises(ValueError, match="3") as caught:
        names["f"](3)
    assert caught.tb.tb_next.tb_lineno == 4
    assert called == ["m.py::f"]


def test_most_files_need_no_closer_look():
    assert not may_hold_stubs(
        compile('def f(x):\n    """Doc."""\n    return x.y\n\nclass A:\n    """Doc."""\n    z = 1', "x", "exec")
    )
