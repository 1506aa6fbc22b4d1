"""Which of a project's own tests name a function."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soa.contracts import Contract
    from soa.source.testfile import TestFile

EXACT = 3
_BINDS_FIRST = re.compile(r"\(\s*(?:self|cls|mcs)\b")


@frozen
class Target:
    """What a test must name to be a test of a stub."""

    name: str
    owner: str
    """Class of a method; empty otherwise."""
    module: str

    @property
    def is_common(self) -> bool:
        """Whether builtin types have a method of this name, so that the name alone says little."""
        return any(hasattr(kind, self.name) for kind in (dict, list, set, str))

    @classmethod
    def of(cls, contract: Contract, module: str) -> Target:
        """The target of a contract."""
        static = not {"staticmethod", "classmethod"}.isdisjoint(contract.decorators)
        return cls.named(contract.qualname, module, method=static or bool(_BINDS_FIRST.search(contract.signature)))

    @classmethod
    def named(cls, qualname: str, module: str, *, method: bool = False) -> Target:
        """The target of a name: an operator is reached by its class, a nested function by the one around it."""
        parents, _, name = qualname.rpartition(".")
        owner = parents.rpartition(".")[2]
        if owner and not method and not owner.lstrip("_")[:1].isupper():
            return cls.named(parents, module)
        dunder = name.startswith("__") and name.endswith("__")
        return cls(owner if dunder and owner else name, owner, module)


def naming(files: Sequence[TestFile], target: Target) -> tuple[str, ...]:
    """The tests that name a target, as pytest nodes, the most specific first."""
    scored: list[tuple[tuple[int, ...], str]] = []
    for file in files:
        around = _conftests(files, file)
        if any(target.name in f.words for f in (file, *around)):
            scored.extend(_scores(file, around, target))
    return tuple(node for _, node in sorted(scored, key=lambda s: s[0], reverse=True))


def files_for(files: Sequence[TestFile], module: str) -> tuple[str, ...]:
    """The files of tests that import a module or its package, the most specific first."""
    ranked = [
        (_closeness(file, _conftests(files, file), file.words, module), _is_named_after(file, module), file.path)
        for file in files
        if file.tests
    ]
    return tuple(path for close, _, path in sorted(ranked, key=lambda r: (-r[0], -r[1], r[2])) if close)


def _scores(file: TestFile, around: tuple[TestFile, ...], target: Target) -> Iterator[tuple[tuple[int, ...], str]]:
    shared = {name: mentions for f in around for name, mentions in f.shared.items()}
    bare, named_after = target.name.strip("_").lower(), _is_named_after(file, target.module)
    for number, test in enumerate(file.tests):
        reach = test.reach.union(*(shared[m] for m in test.mentions if m in shared))
        if target.name not in reach:
            continue
        closeness = _closeness(file, around, test.mentions, target.module)
        related = target.owner in (reach | file.words) if target.owner else _imports_name(file, target, closeness)
        if closeness and (related or not target.is_common):
            score = (
                related,
                target.name in test.mentions,
                closeness,
                bool(bare) and bare in test.name.lower(),
                named_after,
                -number,
            )
            yield score, f"{file.path}::{test.name}"


def _imports_name(file: TestFile, target: Target, closeness: int) -> bool:
    return closeness == EXACT or any(name.endswith(f".{target.name}") for name in file.imports)


def _conftests(files: Sequence[TestFile], file: TestFile) -> tuple[TestFile, ...]:
    return tuple(f for f in files if f.is_conftest and file.path.startswith(f.path.removesuffix("conftest.py")))


def _closeness(file: TestFile, around: tuple[TestFile, ...], words: frozenset[str], module: str) -> int:
    """How close a file's imports come to a module; those of a `conftest.py` too if a fixture of it is used."""
    used = [f for f in around if not words.isdisjoint(f.shared)]
    return max(_nearness(f, module) for f in (file, *used))


def _nearness(file: TestFile, module: str) -> int:
    """EXACT: imports the module, 2: a package around it, 1: anything of its top-level package, 0: nothing of it."""
    parts = module.split(".")
    around = {".".join(parts[:n]) for n in range(1, len(parts))}
    best = 0
    for name in file.imports:
        if f".{name}.".find(f".{module}.") >= 0:
            return EXACT
        best = max(best, 2 if name in around else int(parts[0] in name.split(".")))
    return best


def _is_named_after(file: TestFile, module: str) -> bool:
    stem = PurePosixPath(file.path).stem.removeprefix("test_").removesuffix("_test").removesuffix("_tests")
    return stem == module.rpartition(".")[2].strip("_")
