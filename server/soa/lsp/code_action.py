"""`textDocument/codeAction` and `codeAction/resolve`: what can be done at a stub, with several, in a file.

Listing is cheap and resolving asks no model: it makes the edit of proposals that are ready.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from soa.lsp import names
from soa.lsp.edits import workspace_edit
from soa.lsp.messages import FAILED, INVALID_PARAMS
from soa.lsp.offers import Offer, offers
from soa.lsp.positions import span_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from soa.lsp.server import SoaLanguageServer
    from soa.lsp.traits import Traits
    from soa.session.client import Change
    from soa.session.views import DocumentView, StubView

    ChangeFor = Callable[[str, Sequence[str], bool], Awaitable[Change | str]]
    """The edit that accepts stubs of a document, verified ones only or all; a text says why there is none."""


def register(server: SoaLanguageServer) -> None:
    """Answer requests for code actions and for their edits."""

    async def change_for(uri: str, wanted: Sequence[str], verified_only: bool) -> Change | str:
        return await server.session.change_for(uri, wanted, verified_only=verified_only)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        view = server.session.snapshot(params.text_document.uri)
        if view is None:
            return []
        found = chosen(view, params, server.traits)
        finished = [await complete(one, params.context, change_for, server.traits) for one in found]
        return [one for one in finished if one is not None]

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def code_action_resolve(action: types.CodeAction) -> types.CodeAction:
        return await resolve(action, change_for, server.traits)


def chosen(view: DocumentView, params: types.CodeActionParams, traits: Traits) -> list[types.CodeAction]:
    """The actions for a range of a document, without their edits; of two that do the same, the quick fix."""
    span = span_of(view.lines, params.range, traits.encoding)
    touched = view.within(span.start, span.end)
    if not touched and _unasked(params.context):
        return []
    found: dict[str, types.CodeAction] = {}
    for offer in _with_fixes(offers(view, touched), params.context):
        if _wanted(offer, params.context, traits):
            found.setdefault(offer.title, _as_action(offer, view, params.context, traits))
    return list(found.values())


def _unasked(context: types.CodeActionContext) -> bool:
    """Whether an editor only wants to know if it should show its light bulb: not at every line of a file with stubs."""
    return context.trigger_kind is types.CodeActionTriggerKind.Automatic and context.only is None


def _with_fixes(found: Iterable[Offer], context: types.CodeActionContext) -> Iterator[Offer]:
    """Offers that fix what a diagnostic says, or are asked for as fixes, come as such first."""
    for offer in found:
        fixes = offer.fixes
        if fixes is not None and (_linked(context, fixes) or _covers(context.only or (), names.QUICK_FIX)):
            yield evolve(offer, kind=names.QUICK_FIX)
        yield evolve(offer, preferred=False)


def _linked(context: types.CodeActionContext, stub: StubView) -> list[types.Diagnostic]:
    """Our diagnostics of a stub among those that the client sent along."""
    return [
        d
        for d in context.diagnostics
        if d.source == names.SOURCE and isinstance(d.data, dict) and d.data.get("name") == stub.name
    ]


def _wanted(offer: Offer, context: types.CodeActionContext, traits: Traits) -> bool:
    automatic = context.trigger_kind is types.CodeActionTriggerKind.Automatic
    if offer.disabled and (automatic or not traits.action_disabled):
        return False
    if context.only is not None:
        return _covers(context.only, offer.kind)
    return offer.kind != names.INSERT_VERIFIED or (_lazy(traits) and not automatic)


def _covers(only: Sequence[types.CodeActionKind | str], kind: str) -> bool:
    """Whether one of these kinds is `kind`, or one above it."""
    asked = (one.value if isinstance(one, types.CodeActionKind) else one for one in only)
    return any(one in ("", kind) or kind.startswith(f"{one}.") for one in asked)


def _lazy(traits: Traits) -> bool:
    """Whether the client asks for an action's edit when it is chosen."""
    return traits.action_resolve and traits.action_data


def _as_action(offer: Offer, view: DocumentView, context: types.CodeActionContext, traits: Traits) -> types.CodeAction:
    linked = _linked(context, offer.fixes) if offer.fixes is not None and offer.kind == names.QUICK_FIX else []
    return types.CodeAction(
        offer.title,
        offer.kind,
        diagnostics=linked or None,
        is_preferred=offer.preferred or None,
        disabled=types.CodeActionDisabled(offer.disabled) if offer.disabled else None,
        command=None if offer.accepts else types.Command(offer.title, offer.command, arguments=[offer.arguments]),
        data=offer.arguments if offer.accepts else None,
        tags=[types.CodeActionTag.LlmGenerated] if offer.generated and traits.action_tags else None,
    )


async def complete(
    action: types.CodeAction, context: types.CodeActionContext, change_for: ChangeFor, traits: Traits
) -> types.CodeAction | None:
    """An action as it can be listed: for a client that will not ask for its edit, with the edit; None if it has none.

    An editor that asks by itself, at each move of the cursor, gets a command in its place: edits take time.
    """
    if action.data is None or action.disabled is not None or _lazy(traits):
        return action
    if context.trigger_kind is types.CodeActionTriggerKind.Automatic and action.kind != names.INSERT_VERIFIED:
        command = types.Command(action.title, names.ACCEPT, arguments=[action.data])
        return evolve(action, command=command, data=None)
    change = await _change(action, change_for)
    if isinstance(change, str):
        disabled = types.CodeActionDisabled(change)
        return evolve(action, data=None, disabled=disabled) if traits.action_disabled else None
    return evolve(action, data=None, edit=workspace_edit((change,), traits))


async def resolve(action: types.CodeAction, change_for: ChangeFor, traits: Traits) -> types.CodeAction:
    """An action with its edit, for the text as it is now.

    Raises
    ------
    JsonRpcException
        It is none of ours, or what it was to accept cannot be accepted any more; the message says why.
    """
    if action.data is None:
        return action
    change = await _change(action, change_for)
    if isinstance(change, str):
        raise JsonRpcException(change, FAILED)
    return evolve(action, edit=workspace_edit((change,), traits))


async def _change(action: types.CodeAction, change_for: ChangeFor) -> Change | str:
    data: Any = action.data
    uri, name, several = (data.get(k) for k in ("uri", "name", "names")) if isinstance(data, dict) else (None,) * 3
    wanted = several if isinstance(several, list) else [name] if name is not None else []
    if not isinstance(uri, str) or not all(isinstance(one, str) for one in wanted):
        raise JsonRpcException("This code action is none of SoA's: its data names no stubs.", INVALID_PARAMS)
    return await change_for(uri, wanted, action.kind == names.INSERT_VERIFIED)
