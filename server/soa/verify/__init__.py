"""A candidate and its tests in, evidence out.

The candidate's file is an overlay: the module is imported from it in a sandbox, and the tests run there.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from soa.errors import SandboxError
from soa.evidence import Evidence, Test, TestResult
from soa.sandbox import Job, Limits, Report, Sandbox
from soa.verify.answer import Answer, result_of
from soa.verify.examples import PREFIX, asked, wanted
from soa.verify.repeated import WHOLE, Verdicts
from soa.workspace import Workspace, import_root, module_name

if TYPE_CHECKING:
    from soa.contracts import Address, Contract, Example

Overlay = Mapping[Path, str | bytes]

WHOLE_FILES = 3
"""How many times the time of one candidate's tests whole test files may take."""


@frozen
class Subject:
    """The function under test."""

    address: Address
    contract: Contract
    path: Path
    """Absolute path of its file."""
    held: bytes | None = field(default=None, repr=False)
    """The file without a candidate, as an editor holds it; None: as it is on disk."""


@frozen
class Need:
    """A module, or an attribute of one, that a candidate takes for granted."""

    module: str
    """Dotted name; with leading dots it is relative to `package`."""
    attribute: str | None = None
    """May be dotted: `path.join`."""
    package: str = ""


def doctests(contract: Contract) -> tuple[Test, ...]:
    """One test for each example in the docstring, but for those that it says to skip; numbered from 1."""
    numbered = enumerate(contract.examples, 1)
    return tuple(Test("doctest", f"{PREFIX}{n}") for n, example in numbered if "SKIP" not in example.options)


class Verifier:
    """Runs tests on candidates of one workspace.

    Parameters
    ----------
    sandbox
        Where they run.
    workspace
        The project that they belong to.
    limits
        What the tests of one candidate may use; each test gets at most half of the time.
    """

    def __init__(self, sandbox: Sandbox, workspace: Workspace, limits: Limits) -> None:
        self._sandbox = sandbox
        self._workspace = workspace
        self._limits = limits
        self._verdicts = Verdicts()

    @property
    def kind(self) -> str:
        """The kind of sandbox that candidates run in, as settings name it."""
        return self._sandbox.name

    async def verify(
        self,
        subject: Subject,
        tests: Sequence[Test],
        overlay: Overlay,
        watched: Collection[Address],
        needs: Sequence[Need] = (),
    ) -> Evidence:
        """Import the subject's module with the overlay in place and run tests on it.

        `watched` are the functions of the run: results say which of them each test called. Unless all needs are met,
        no test runs. Where a verdict is a surprise, the tests run once more: a test that passes and fails is flaky.
        Expected trouble is told in the evidence; nothing is raised for it.
        """
        request = self._request([subject.path], {*watched, subject.address}) | _questions(subject, tests, needs)
        try:
            report = await self._run(request, overlay, self._limits)
            answer = Answer.read(report, self._wanted(subject, tests))
            if answer.broken:
                original = Answer.read(await self._run(request | _NOTHING, _without(subject, overlay), self._limits))
                return evolve(_broken(subject, answer, original), sandbox=self.kind)
        except SandboxError as error:
            return Evidence(refused=" ".join(filter(None, (error.message, error.advice))))
        if answer.unresolved:
            return Evidence(unresolved=answer.unresolved, sandbox=self.kind)
        results = tuple(result_of(test, answer, number) for number, test in enumerate(tests))
        return Evidence(await self._settled(subject, results, overlay, request), sandbox=self.kind)

    async def verify_all(
        self, files: Sequence[str], overlay: Overlay, watched: Collection[Address]
    ) -> tuple[TestResult, ...]:
        """Run whole files of project tests, paths relative to the workspace; one result for each test function.

        A file that cannot be run has one inconclusive result under its own name. Without a sandbox there are none.
        Where a verdict is a surprise, the tests run once more, as in `verify`.
        """
        seconds = self._limits.wall_seconds * WHOLE_FILES
        limits = evolve(self._limits, wall_seconds=seconds, cpu_seconds=self._limits.cpu_seconds * WHOLE_FILES)
        request = self._request([self._workspace.root / a.path for a in watched], watched) | {
            "seconds": seconds,
        }
        try:
            answer = Answer.read(await self._run(request | {"files": list(files)}, overlay, limits))
        except SandboxError:
            return ()
        keys = files if answer.tampered else answer.keys
        results = tuple(result_of(Test("project", str(key)), answer, key) for key in keys)
        tests = self._verdicts.doubtful(WHOLE, results)
        again = await self._again(request | _asked(tests), tests, overlay, limits)
        return self._verdicts.settle(WHOLE, results, again)

    async def _settled(
        self, subject: Subject, results: Sequence[TestResult], overlay: Overlay, request: dict[str, Any]
    ) -> tuple[TestResult, ...]:
        """The results of a request for a candidate, in view of a second run if one of them is a surprise."""
        about = f"{subject.address} {subject.contract.digest}"
        tests = self._verdicts.doubtful(about, results)
        examples = self._wanted(subject, tests)
        again = await self._again(request | _asked(tests, subject.contract), tests, overlay, self._limits, examples)
        return self._verdicts.settle(about, results, again)

    async def _again(
        self,
        request: dict[str, Any],
        tests: Sequence[Test],
        overlay: Overlay,
        limits: Limits,
        examples: Mapping[int, Example] | None = None,
    ) -> tuple[TestResult, ...]:
        """What a second run shows, if there is anything to be run; nothing if the sandbox has come to an end."""
        try:
            answer = Answer.read(await self._run(request, overlay, limits), examples) if tests else None
        except SandboxError:
            answer = None
        return tuple(result_of(test, answer, number) for number, test in enumerate(tests)) if answer else ()

    def _wanted(self, subject: Subject, tests: Sequence[Test]) -> Mapping[int, Example]:
        return wanted(subject.contract, tests, self._workspace.root)

    async def _run(self, request: Mapping[str, Any], overlay: Overlay, limits: Limits) -> Report:
        encoded = {path: _encode(text) for path, text in overlay.items()}
        return await self._sandbox.run(Job(self._workspace.root, request, encoded, limits))

    def _request(self, paths: Sequence[Path], watched: Collection[Address]) -> dict[str, Any]:
        names: dict[str, list[str]] = {}
        for address in watched:
            names.setdefault(address.path, []).append(address.qualname)
        return {
            **_NOTHING,
            "roots": list(dict.fromkeys(str(import_root(path)) for path in paths)),
            "watched": names,
            "share": self._limits.wall_seconds / 2,
            "seconds": self._limits.wall_seconds,
        }


def _without(subject: Subject, overlay: Overlay) -> Overlay:
    """The overlay with the subject's file as it is without a candidate."""
    others = {path: text for path, text in overlay.items() if path != subject.path}
    return others if subject.held is None else others | {subject.path: subject.held}


_NOTHING: dict[str, Any] = {"resolve": [], "examples": [], "generated": [], "project": [], "files": []}


def _questions(subject: Subject, tests: Sequence[Test], needs: Sequence[Need]) -> dict[str, Any]:
    return {
        "module": {"name": module_name(subject.path), "file": str(subject.path)},
        "subject": str(subject.address),
        "resolve": [{"module": n.module, "attribute": n.attribute, "package": n.package} for n in needs],
        **_asked(tests, subject.contract),
    }


def _asked(tests: Sequence[Test], contract: Contract | None = None) -> dict[str, Any]:
    """The tests of a request, keyed by their numbers; those that are examples belong to a contract."""
    keyed = list(enumerate(tests))
    examples = {t.name: k for k, t in keyed if t.origin == "doctest"}
    return {
        "examples": asked(contract, examples) if contract else [],
        "generated": [{"key": k, "source": t.source} for k, t in keyed if t.origin == "generated"],
        "project": [{"key": k, "name": t.name} for k, t in keyed if t.origin == "project"],
    }


def _encode(text: str | bytes) -> bytes:
    """A file's bytes, in the encoding that its own cookie asks for."""
    if isinstance(text, bytes):
        return text
    encoded = text.encode("utf-8", "surrogatepass")
    try:
        return text.encode(tokenize.detect_encoding(io.BytesIO(encoded).readline)[0])
    except (SyntaxError, UnicodeEncodeError):
        return encoded


def _broken(subject: Subject, answer: Answer, original: Answer) -> Evidence:
    """Whose fault it is that the module cannot be imported: the candidate's, unless it could not be before."""
    if original.broken:
        return Evidence(
            refused=f"{subject.address.path} cannot be imported, with or without the candidate: {original.broken}"
        )
    return Evidence(broken=answer.broken)
