"""Where documents belong, and which settings hold there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from soa.errors import ConfigurationError
from soa.resolve import resolve_settings
from soa.session.advice import for_editor
from soa.settings import Settings
from soa.workspace import is_marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@frozen
class Resolved:
    """The settings of a workspace."""

    settings: Settings
    warnings: tuple[str, ...] = ()
    problem: str = ""
    """Why nothing may run with them; empty if all is well."""


NO_TRUST: Final = Resolved(
    Settings(on_save="off"),
    problem=(
        "SoA runs nothing until you trust this workspace: implementing a stub means asking a model and running the "
        "project's code. Trust the workspace in your editor, then try again."
    ),
)
"""What holds where nothing may run: neither the workspace nor the editor is asked for its settings."""


@define
class Folders:
    """The client's workspace folders, the workspaces that files belong to, and what the editor has set for each."""

    environ: Mapping[str, str]
    flags: Mapping[str, Any]
    open: tuple[Path, ...] = ()
    """The client's workspace folders."""
    trusted: bool = True
    """Whether the user trusts what is in them: only then may anything run, or count as a setting."""
    _options: dict[Path | None, Mapping[str, Any]] = field(factory=dict)
    _resolved: dict[Path, Resolved] = field(factory=dict)
    _roots: dict[Path, Path] = field(factory=dict)

    def set_open(self, folders: Sequence[Path]) -> None:
        """Take the client's workspace folders."""
        self.open = tuple(folders)
        self._roots.clear()

    def root_of(self, path: Path) -> Path:
        """The workspace of a file: the nearest folder upward with a project marker, else the client's, else its own."""
        folder = path.parent
        if folder not in self._roots:
            self._roots[folder] = self._find_root(folder)
        return self._roots[folder]

    def _find_root(self, folder: Path) -> Path:
        for place in (folder, *folder.parents):
            if is_marked(place):
                return place
        holding = [f for f in self.open if folder.is_relative_to(f)]
        return max(holding, key=lambda f: len(f.parts), default=folder)

    def configure(self, root: Path | None, options: Mapping[str, Any]) -> None:
        """Take the editor's settings for a workspace, or for all that have none of their own."""
        self._options[root] = dict(options)
        self._resolved.clear()

    def resolve(self, root: Path, *, anew: bool = False) -> Resolved:
        """The settings that hold in a workspace; read again from its pyproject.toml if asked."""
        if not self.trusted:
            return NO_TRUST
        if anew or root not in self._resolved:
            self._resolved[root] = self._resolve(root)
        return self._resolved[root]

    def reread(self, root: Path) -> bool:
        """Read again what a workspace's pyproject.toml says; whether something else holds now."""
        return self.resolve(root) != self.resolve(root, anew=True)

    def complaints_about(self, root: Path) -> tuple[str, ...]:
        """What is wrong with a workspace's settings, one sentence each; nothing where none are read."""
        resolved = self.resolve(root)
        return (resolved.problem, *resolved.warnings) if self.trusted and resolved.problem else resolved.warnings

    def _resolve(self, root: Path) -> Resolved:
        options = self._options.get(root, self._options.get(None, {}))
        try:
            settings, warnings = resolve_settings(self.flags, self.environ, root / "pyproject.toml", options)
        except ConfigurationError as error:
            return Resolved(Settings(), problem=for_editor(str(error)))
        return Resolved(settings, tuple(map(for_editor, warnings)))
