"""What a run is asked to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from pathlib import Path

    from soa.contracts import Proposal


@frozen
class Target:
    """A file, and which of its stubs are wanted."""

    path: Path
    """Of a notebook too: its text is that of its cells as one module."""
    qualnames: tuple[str, ...] = ()
    """None: all of them."""
    text: str | None = field(default=None, repr=False)
    """The text as an editor holds it; None: what is on disk."""
    remarks: tuple[tuple[str, str], ...] = ()
    """What the user asks for besides the contract: qualified name and remark."""
    previous: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Proposals that the user did not take: qualified name and source."""
    given: tuple[Proposal, ...] = field(default=(), repr=False)
    """Proposals for other stubs of the file that the user has not taken yet: they count as written."""


@frozen
class Unsaved:
    """A file that an editor holds with other content than the disk."""

    path: Path
    text: str = field(repr=False)


@frozen
class Request:
    """What a run is to do."""

    targets: tuple[Target, ...]
    decompose: bool = False
    resume: str = ""
    """Id of the run to go on with; its replies are not asked for again."""
    unsaved: tuple[Unsaved, ...] = ()
    """Other files that candidates are tested with as the editor holds them."""
    ident: str = ""
    """The run's id, if who asks has chosen one."""

    def as_json(self) -> dict[str, Any]:
        """What the store keeps of it."""
        targets = [{"path": str(t.path), "qualnames": list(t.qualnames)} for t in self.targets]
        return {"targets": targets, "decompose": self.decompose}
