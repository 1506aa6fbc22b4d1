"""What can be done with stubs, in the words of a menu: the choice behind code actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from soa.lsp import names
from soa.lsp.wording import one_line, verdict
from soa.session.acceptance import sound, why_not
from soa.source.remarks import remark_of
from soa.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soa.session.views import DocumentView, StubView

LONGEST_REMARK = 40
"""Characters of a remark that a menu shows."""


@frozen
class Offer:
    """An entry of the menu."""

    title: str
    command: str = ""
    arguments: dict[str, Any] = field(factory=dict)
    accepts: bool = False
    """Whether it is an edit: the ready proposals that `arguments` name, all verified ones if they name none."""
    generated: bool = True
    """Whether code of a model comes of it."""
    preferred: bool = False
    kind: str = names.REWRITE
    fixes: StubView | None = None
    """The stub that it is a quick fix for."""
    disabled: str = ""
    """Why it cannot be done now; empty if it can."""


def offers(view: DocumentView, chosen: Sequence[StubView]) -> Iterator[Offer]:
    """What can be done where a selection touches these stubs, the most likely first."""
    if view.problem:
        yield from _in_trouble(view, chosen[:1])
        return
    if len(chosen) == 1:
        yield from _MENUS[chosen[0].state](view, chosen[0])
    elif chosen:
        yield from _at_several(view, chosen)
    yield from _in_file(view)


def _in_trouble(view: DocumentView, chosen: Sequence[StubView]) -> Iterator[Offer]:
    for stub in chosen:
        if stub.state == "running":
            yield _cancel(view, stub)
        yield evolve(_implement(view, stub), disabled=view.problem)


def _empty(view: DocumentView, stub: StubView) -> Iterator[Offer]:
    yield _implement(view, stub)
    yield _decompose(view, stub)
    yield evolve(_accept(view, stub), disabled=why_not(stub), fixes=None)


def _running(view: DocumentView, stub: StubView) -> Iterator[Offer]:
    yield _cancel(view, stub)
    yield evolve(_implement(view, stub), disabled=why_not(stub), fixes=None)


def _ready(view: DocumentView, stub: StubView) -> Iterator[Offer]:
    yield _accept(view, stub)
    yield _command(view, stub, names.SHOW_DIFF, f"Show the proposal for {stub.name} as a diff", generated=False)
    yield _regenerate(view, stub)
    skeleton = stub.kept is not None and stub.kept.proposal.skeleton
    yield evolve(_implement(view, stub), fixes=None) if skeleton else _decompose(view, stub)
    yield _reject(view, stub)


def _failed(view: DocumentView, stub: StubView) -> Iterator[Offer]:
    yield evolve(_implement(view, stub), title=f"Retry {stub.name} with SoA")
    yield _decompose(view, stub)
    yield evolve(_accept(view, stub), disabled=why_not(stub), fixes=None)
    yield _reject(view, stub)


def _stale(view: DocumentView, stub: StubView) -> Iterator[Offer]:
    yield _implement(view, stub)
    yield _decompose(view, stub)
    yield evolve(_accept(view, stub), disabled=why_not(stub), fixes=None)
    yield _reject(view, stub)


_MENUS = {"empty": _empty, "running": _running, "ready": _ready, "failed": _failed, "stale": _stale}


def _at_several(view: DocumentView, chosen: Sequence[StubView]) -> Iterator[Offer]:
    ready = [stub for stub in chosen if stub.state == "ready"]
    if ready:
        title = f"Accept {plural(len(ready), 'proposal')}"
        yield Offer(title, names.ACCEPT, _arguments(view, *ready), accepts=True)
    if wanted := [stub for stub in chosen if stub.state not in ("ready", "running")]:
        yield Offer(f"Implement {plural(len(wanted), 'stub')} with SoA", names.IMPLEMENT, _arguments(view, *wanted))


def _in_file(view: DocumentView) -> Iterator[Offer]:
    wanted = sum(stub.state not in ("ready", "running") for stub in view.stubs)
    if wanted > 1:
        title = f"Implement all {wanted} stubs of {view.path.name} with SoA"
        yield Offer(title, names.IMPLEMENT_FILE, {"uri": view.uri})
    if verified := len(sound(view, view.stubs)):
        title = f"Insert all verified proposals ({verified})"
        yield Offer(title, arguments={"uri": view.uri}, accepts=True, kind=names.INSERT_VERIFIED)


def _skeleton(stub: StubView) -> bool:
    return stub.kept is not None and stub.kept.proposal.skeleton


def _implement(view: DocumentView, stub: StubView) -> Offer:
    return _command(view, stub, names.IMPLEMENT, f"Implement {stub.name} with SoA", fixes=stub)


def _decompose(view: DocumentView, stub: StubView) -> Offer:
    return _command(view, stub, names.DECOMPOSE, f"Decompose {stub.name} only: a skeleton with stubs for its helpers")


def _accept(view: DocumentView, stub: StubView) -> Offer:
    said = f" ({verdict(stub.kept.proposal)})" if stub.kept else ""
    sure = stub.status == "verified" and not _skeleton(stub)
    offer = _command(view, stub, names.ACCEPT, f"Accept {stub.name}{said}", fixes=stub)
    return evolve(offer, accepts=True, preferred=sure)


def _cancel(view: DocumentView, stub: StubView) -> Offer:
    return _command(view, stub, names.CANCEL, f"Cancel the run for {stub.name}", generated=False)


def _regenerate(view: DocumentView, stub: StubView) -> Offer:
    """A new proposal; the engine reads the user's remark where this title takes it from."""
    remark = one_line(remark_of(view.text, stub.stub), LONGEST_REMARK)
    return _command(view, stub, names.REGENERATE, f"Regenerate {stub.name}{f': {remark}' if remark else ' with SoA'}")


def _reject(view: DocumentView, stub: StubView) -> Offer:
    return _command(view, stub, names.REJECT, f"Reject the proposal for {stub.name}", generated=False)


def _command(
    view: DocumentView,
    stub: StubView,
    command: str,
    title: str,
    *,
    generated: bool = True,
    fixes: StubView | None = None,
) -> Offer:
    return Offer(title, command, _arguments(view, stub), generated=generated, fixes=fixes)


def _arguments(view: DocumentView, *stubs: StubView) -> dict[str, Any]:
    if len(stubs) == 1:
        return {"uri": view.uri, "name": stubs[0].name}
    return {"uri": view.uri, "names": list(dict.fromkeys(stub.name for stub in stubs))}
