"""`soa/complete`: the editor's own language model answers an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcException

from soa.contracts import Usage
from soa.errors import ModelRefused, ModelUnreachable
from soa.lsp.custom import ChatMessage, CompleteParams, Completion
from soa.lsp.names import COMPLETE
from soa.lsp.wire import Wire
from soa.model import Reply

if TYPE_CHECKING:
    from soa.lsp.server import SoaLanguageServer
    from soa.model import Query

ADVICE = "Set soa.model and soa.baseUrl to use another model."


async def complete(server: SoaLanguageServer, query: Query) -> Reply:
    """Have the editor's model answer a query; cancelling withdraws the question. Usage that it does not tell is zero.

    Raises
    ------
    ModelError
        The client has no model for us, its model gave an error, or what came is no answer.
    """
    if not server.traits.complete:
        raise ModelUnreachable("This editor offers no language model of its own.", ADVICE)
    wire = Wire(closed=False)
    try:
        answer = await server.protocol.ask(COMPLETE, wire.write(question(query)))
    except JsonRpcException as error:
        raise ModelRefused(f"The editor's language model gave no answer: {error.message}", ADVICE) from None
    try:
        return reply(wire.read(answer, Completion))
    except ValueError as error:
        raise ModelRefused(f"The editor's answer to {COMPLETE} cannot be read: {error}.", ADVICE) from None


def question(query: Query) -> CompleteParams:
    """A query as it is sent."""
    messages = tuple(ChatMessage(message.role, message.content) for message in query.messages)
    return CompleteParams(query.run, query.agent, query.step, str(query.target), query.depth, messages, query.model)


def reply(completion: Completion) -> Reply:
    """An answer as the engine takes it."""
    prompt, written = max(completion.prompt_tokens or 0, 0), max(completion.completion_tokens or 0, 0)
    return Reply(completion.text, Usage(1, prompt, written, prompt), completion.cut)
