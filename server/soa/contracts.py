"""The values that everything else passes around: frozen, and free of I/O.

Offsets are indices into the decoded text (`str`), half open; lines are counted from 0.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cached_property
from typing import Literal

from attrs import frozen

from soa.evidence import Evidence

ParameterKind = Literal["positional", "keyword", "variadic", "keywords"]
Scope = Literal["module", "class", "function"]
Role = Literal["child", "mother", "tester"]
Step = Literal["write", "repair", "skeleton", "revise", "tests", "feedback"]


@frozen
class Span:
    """A half-open range of character offsets."""

    start: int
    end: int


@frozen
class Parameter:
    """One parameter of a signature, as far as callers can tell."""

    name: str
    kind: ParameterKind
    """`positional` (also by keyword), `keyword` (only), `variadic` (`*args`) or `keywords` (`**kwargs`)."""
    required: bool
    annotation: str = ""
    """Source of the annotation, empty if there is none."""


@frozen
class Example:
    """One example of a docstring, as `doctest` reads it."""

    source: str
    want: str
    exception: str | None
    """`ValueError: n must be positive`, if the example shows a traceback."""
    line: int
    options: tuple[str, ...] = ()
    """Names of doctest's option flags that are switched on, e.g. `ELLIPSIS`."""
    cleared: tuple[str, ...] = ()
    """Those that are switched off, should the project set them for all examples."""


@frozen
class Contract:
    """What a stub promises, and all that its identity depends on."""

    qualname: str
    """Dotted path through classes and functions, e.g. `Ledger.post` or `outer.inner`."""
    decorators: tuple[str, ...]
    """Source of each decorator, without the `@`."""
    signature: str
    """Source of the header, from `def` or `async def` to the colon."""
    docstring: str
    """The evaluated docstring, cleaned as `inspect.cleandoc` does."""
    parameters: tuple[Parameter, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.qualname.rpartition(".")[2]

    @property
    def is_async(self) -> bool:
        """Whether the function is a coroutine function."""
        return self.signature.startswith("async")

    @cached_property
    def digest(self) -> str:
        """A fingerprint that changes if and only if the contract changes."""
        parts = (self.qualname, *self.decorators, self.signature, self.docstring)
        return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def examples(self) -> tuple[Example, ...]:
        """The examples in the docstring; none if it cannot be read as a doctest."""
        import doctest  # brings the debugger and unittest along, for which a language server should not wait

        try:
            found = doctest.DocTestParser().get_examples(self.docstring)
        except ValueError:
            return ()
        flags = doctest.OPTIONFLAGS_BY_NAME
        return tuple(
            Example(
                e.source,
                e.want,
                e.exc_msg,
                e.lineno,
                tuple(sorted(n for n, bit in flags.items() if e.options.get(bit))),
                tuple(sorted(n for n, bit in flags.items() if e.options.get(bit) is False)),
            )
            for e in found
        )

    def render(self) -> str:
        """The contract as Python source: decorators, signature and docstring, raw where it holds backslashes."""
        quoted, prefix = self.docstring, ""
        if "\\" in quoted and '"""' not in quoted and not quoted.endswith("\\"):
            prefix = "r"
        else:
            quoted = quoted.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        lines = quoted.splitlines() or [""]
        body = "\n".join(f"    {line}".rstrip() for line in [f'{prefix}"""{lines[0]}', *lines[1:]])
        close = "\n    " if len(lines) > 1 or quoted.endswith('"') else ""
        head = "".join(f"@{d}\n" for d in self.decorators)
        return f'{head}{self.signature}\n{body}{close}"""\n'


@frozen
class Stub:
    """A function or method without a body, where it stands in a text."""

    contract: Contract
    scope: Scope
    """What encloses it directly."""
    definition: Span
    """From the first decorator (or `def`) to the end of its last statement, line end excluded."""
    header: Span
    """From `def` or `async def` to after the colon."""
    docstring: Span
    """The string tokens of the docstring, quotes and prefixes included."""
    body: Span
    """What a body replaces: the placeholder (`...`, `pass`, `raise NotImplementedError`), or nothing, right after
    the docstring's line (a comment on that line included) and the comments `# soa: ...` that follow it."""
    indent: str
    """White space before `def`."""
    body_indent: str
    """White space before the docstring; for a one-line definition, that of a body in this file's style."""
    line: int
    """Line of the `def`."""
    one_line: bool = False
    """`def f(): "doc"`: docstring on the header's last line."""


@frozen
class Helper:
    """A definition that a candidate adds beside its function."""

    name: str
    source: str
    """Dedented source of a function, class or assignment, with LF line ends and without a final one."""
    scope: Literal["module", "class"] = "module"
    """`class`: a private method of the class that holds the stub."""


@frozen
class Candidate:
    """Code that an agent wrote for a contract; not yet judged.

    A mother's skeleton is a candidate too: some of its helpers are stubs.
    """

    body: str
    """The statements after the docstring: dedented, four spaces an indent or as written, LF, no final line end."""
    helpers: tuple[Helper, ...] = ()
    imports: tuple[str, ...] = ()
    """Import statements, one imported name each, e.g. `from os import path as p`."""

    @property
    def source(self) -> str:
        """Everything as one text, for display and for fingerprints."""
        return "\n\n".join((*self.imports, *(h.source for h in self.helpers), self.body))


@frozen
class Address:
    """Names a function across a workspace: the target of a task."""

    path: str
    """Relative to the workspace, with forward slashes."""
    qualname: str

    def __str__(self) -> str:
        return f"{self.path}::{self.qualname}"


@frozen
class Usage:
    """What calls cost. Tokens the server does not report are estimated."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    max_prompt_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            max(self.max_prompt_tokens, other.max_prompt_tokens),
        )


class Status(StrEnum):
    """How a stub ended."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    STALE = "stale"
    CANCELLED = "cancelled"


@frozen
class AgentNode:
    """One agent of a proposal's tree."""

    role: Role
    address: Address
    depth: int
    status: Status
    reason: str = ""
    children: tuple[AgentNode, ...] = ()

    @property
    def count(self) -> int:
        """This agent and all below it."""
        return 1 + sum(c.count for c in self.children)

    @property
    def deepest(self) -> int:
        """Depth of the deepest agent."""
        return max((c.deepest for c in self.children), default=self.depth)


@frozen
class Proposal:
    """A candidate with its evidence, its agents and its usage, anchored to a contract."""

    address: Address
    contract: Contract
    status: Status
    candidate: Candidate | None
    evidence: Evidence = Evidence()
    tree: AgentNode | None = None
    usage: Usage = Usage()
    reason: str = ""
    skeleton: bool = False
    """The candidate still holds stubs: only the decomposition was asked for."""

    @property
    def writable(self) -> bool:
        """Whether `--write` applies it: what is verified or unverified, never what failed."""
        return self.candidate is not None and self.status in (Status.VERIFIED, Status.UNVERIFIED)
