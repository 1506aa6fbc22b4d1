"""What pygls leaves open about requests: each is answered once, with a sentence where it fails, and can be cancelled.

pygls's own copies of documents are not kept: the session holds them, exactly.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from soa.errors import SoaError
from soa.lsp import messages
from soa.lsp.capabilities import offer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cattrs import Converter

    from soa.lsp.server import SoaLanguageServer
    from soa.lsp.transport import Connection

log = logging.getLogger(__name__)
Ident = str | int
LEVELS = {messages.METHOD_NOT_FOUND: logging.INFO, messages.CANCELLED: logging.DEBUG}
"""How loud refusals are in the log, if they are no sign of trouble."""


class SoaProtocol(LanguageServerProtocol):
    """The protocol of one connection."""

    _server: SoaLanguageServer

    def __init__(self, server: SoaLanguageServer, converter: Converter) -> None:
        self.phase: Literal["new", "ready", "shut"] = "new"
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Set when the client says `exit`: the exit code."""
        self.on_loss: dict[str, Callable[[Any], None]] = {}
        """What to do with the raw parameters of a notification that could not be taken in."""
        self._connection: Connection | None = None
        self._tasks: dict[Ident, asyncio.Future[Any]] = {}
        self._notified: set[asyncio.Future[Any]] = set()
        self._ending: asyncio.Future[None] | None = None
        super().__init__(server, converter)

    def connect(self, connection: Connection) -> None:
        """Answer over this connection."""
        self._connection = connection

    def _register_builtin_features(self) -> None:
        for method, handler in (
            (types.INITIALIZE, self._initialize),
            (types.INITIALIZED, self._initialized),
            (types.SHUTDOWN, self._shut_down),
            (types.EXIT, self._exit),
            (types.SET_TRACE, self._set_trace),
            (types.WORKSPACE_EXECUTE_COMMAND, self._execute_command),
        ):
            self.fm.add_builtin_feature(method, handler)

    # -- what comes

    def receive(self, body: bytes) -> None:
        """Take in one message; whatever is wrong with it is answered or logged, never raised."""
        try:
            message = messages.parse(body)
        except JsonRpcException as error:
            self._refuse(None, error)
            return
        ident, method = message.get("id"), message.get("method")
        if isinstance(method, str) and "id" in message:
            self._take_request(ident, method, message.get("params"))
        elif isinstance(method, str):
            self._take_notification(method, message.get("params"))
        elif messages.is_ident(ident) and ("result" in message or "error" in message):
            self._take_response(message)
        else:
            self._refuse(ident, JsonRpcException("A message has no method.", messages.INVALID_REQUEST))

    def _take_request(self, ident: Any, method: str, params: Any) -> None:  # noqa: ANN401 - JSON
        try:
            if not messages.is_ident(ident):
                raise JsonRpcException("The id of a request is a text or a number.", messages.INVALID_REQUEST)
            self._check_phase(method)
            handler = self._get_handler(method)
            outcome = handler(self._structure(method, params))
        except Exception as error:
            self._fail(ident, method, error)
            return
        if inspect.isawaitable(outcome):
            task = self._tasks[ident] = asyncio.ensure_future(outcome)
            task.add_done_callback(partial(self._answer, ident, method))
        else:
            self._send_response(ident, outcome)

    def _check_phase(self, method: str) -> None:
        if self.phase == "new" and method != types.INITIALIZE:
            raise JsonRpcException("Say initialize first.", messages.NOT_INITIALIZED)
        if self.phase == "ready" and method == types.INITIALIZE:
            raise JsonRpcException("The server is initialized already.", messages.INVALID_REQUEST)
        if self.phase == "shut":
            raise JsonRpcException("The server is shutting down.", messages.INVALID_REQUEST)

    def _structure(self, method: str, params: Any) -> Any:  # noqa: ANN401 - JSON
        if method == types.INITIALIZE:
            for part in messages.prune_introduction(self._converter, params):
                log.warning("The client's %s cannot be read, and no heed is paid to that.", part)
        return messages.structure_params(self._converter, method, params)

    def _answer(self, ident: Ident, method: str, task: asyncio.Future[Any]) -> None:
        if self._tasks.get(ident) is task:
            del self._tasks[ident]
        if task.cancelled():
            self._refuse(ident, JsonRpcException(f"{method} was cancelled.", messages.CANCELLED))
        elif (error := task.exception()) is not None:
            self._fail(ident, method, error)
        else:
            self._send_response(ident, task.result())

    def _fail(self, ident: Any, method: str, error: BaseException) -> None:  # noqa: ANN401 - JSON
        if isinstance(error, JsonRpcException):
            self._refuse(ident, error)
        elif isinstance(error, SoaError):
            log.warning("%s: %s", method, error)
            self._refuse(ident, JsonRpcException(str(error), messages.FAILED))
        else:
            log.error("%s failed", method, exc_info=error)
            said = f"{method} failed, by a fault of soa's own ({type(error).__name__}); its log has more."
            self._refuse(ident, JsonRpcException(said, messages.INTERNAL_ERROR))

    def _refuse(self, ident: Any, error: JsonRpcException) -> None:  # noqa: ANN401 - JSON
        log.log(LEVELS.get(error.code, logging.WARNING), "A request is refused: %s", error.message)
        told = {"code": error.code, "message": error.message, **({} if error.data is None else {"data": error.data})}
        self._send_data({"jsonrpc": "2.0", "id": ident if messages.is_ident(ident) else None, "error": told})

    def _take_notification(self, method: str, params: Any) -> None:  # noqa: ANN401 - JSON
        if method == types.EXIT:
            self._exit(None)
        elif method == types.CANCEL_REQUEST:
            self._cancel(params.get("id") if isinstance(params, dict) else None)
        elif self.phase == "ready" and (handler := self._notification_handler(method)) is not None:
            try:
                outcome = handler(self._structure(method, params))
            except Exception as error:
                self._note(method, error)
                self.on_loss.get(method, _shrug)(params)
            else:
                if inspect.isawaitable(outcome):
                    self.look_after(method, outcome)

    def _notification_handler(self, method: str) -> Any:  # noqa: ANN401 - as pygls has it
        return self.fm.builtin_features.get(method) or self.fm.features.get(method)

    def look_after(self, what: str, work: Awaitable[Any]) -> asyncio.Future[Any]:
        """Do some work until the connection ends; `what` names it in the log if it fails."""
        task = asyncio.ensure_future(work)
        self._notified.add(task)
        task.add_done_callback(partial(self._note_end, what))
        return task

    def _note_end(self, method: str, task: asyncio.Future[Any]) -> None:
        self._notified.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._note(method, error)

    def _note(self, method: str, error: BaseException) -> None:
        if isinstance(error, SoaError):
            self._server.client.complain(error)
        elif isinstance(error, JsonRpcException):
            log.warning("%s", error.message)
        else:
            log.error("%s failed", method, exc_info=error)

    def _cancel(self, ident: Any) -> None:  # noqa: ANN401 - JSON
        task = self._tasks.get(ident) if messages.is_ident(ident) else None
        if task is not None:
            task.cancel()

    def _take_response(self, message: dict[str, Any]) -> None:
        ident = message["id"]
        future, kind = self._request_futures.pop(ident, None), self._result_types.pop(ident, None)
        if future is None or not future.set_running_or_notify_cancel():
            return
        try:
            if "error" in message:
                error = self._converter.structure(message["error"], types.ResponseError)
                future.set_exception(JsonRpcException.from_error(error))
            else:
                future.set_result(self._converter.structure(message, kind).result if kind else message["result"])
        except Exception as error:
            log.warning("The client's answer cannot be read: %s.", messages.problem_with(error, "answer"))
            future.set_exception(JsonRpcException("The client's answer cannot be read.", messages.INVALID_PARAMS))

    # -- what goes

    async def ask(self, method: str, params: Any) -> Any:  # noqa: ANN401 - JSON
        """Send a request that may take long, and wait for its answer; if it is not wanted any more, the client is told.

        Raises
        ------
        JsonRpcException
            The client refuses.
        """
        ident = secrets.token_hex(8)
        try:
            return await self.send_request_async(method, params, msg_id=ident)
        except asyncio.CancelledError:
            self._request_futures.pop(ident, None)
            self._result_types.pop(ident, None)
            self.notify(types.CANCEL_REQUEST, types.CancelParams(ident))
            raise

    def get_message_type(self, method: str) -> type | None:  # type: ignore[override]
        """The type of a message; pygls keeps every connection alive in a cache of these."""
        return types.METHOD_TO_TYPES.get(method, (None,))[0]

    def get_result_type(self, method: str) -> type | None:  # type: ignore[override]
        """The type of the response to a request; as above."""
        return types.METHOD_TO_TYPES.get(method, (None, None))[1]

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:  # noqa: ANN401 - as pygls
        if isinstance(result, messages.Json):
            self._send_text(f'{{"jsonrpc":"2.0","id":{json.dumps(msg_id)},"result":{result.text}}}')
        else:
            self._send_data({"jsonrpc": "2.0", "id": msg_id, "result": result})

    def _send_data(self, data: Any) -> None:  # noqa: ANN401 - as pygls has it
        try:
            text = json.dumps(data, default=self._serialize_message, separators=(",", ":"))
        except Exception:
            log.exception("A message cannot be written")
            if isinstance(data, dict) and "result" in data:
                said = "The answer cannot be written, by a fault of soa's own; its log has more."
                self._refuse(data["id"], JsonRpcException(said, messages.INTERNAL_ERROR))
            return
        self._send_text(text)

    def _send_text(self, text: str) -> None:
        if self._connection is not None:
            self._connection.send(text.encode())

    # -- the life of a connection

    def _initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        self.client_capabilities = params.capabilities
        self._server.meet(params)
        self.phase = "ready"
        self.server_capabilities = offer(self._server.traits)
        asyncio.get_running_loop().call_soon(self._server.begin, params)
        return types.InitializeResult(self.server_capabilities, self.server_info)

    def _initialized(self, _: types.InitializedParams) -> Any:  # noqa: ANN401 - what pygls takes
        return self._server.go_on()

    async def _shut_down(self, _: None) -> None:
        self.phase = "shut"
        await self.withdraw()

    async def withdraw(self) -> None:
        """End all that is under way: requests of both sides, and the session's runs."""
        if self._ending is None:
            own = asyncio.current_task()
            self._give_up(own)
            self._ending = asyncio.ensure_future(self._finish(own))
        await asyncio.shield(self._ending)

    async def _finish(self, own: asyncio.Task[Any] | None) -> None:
        await self._server.finish()
        self._give_up(own)  # what began while the runs ended: they were shown to end

    def _give_up(self, own: asyncio.Task[Any] | None) -> None:
        for task in (*self._tasks.values(), *self._notified):
            if task is not own:
                task.cancel()
        for future in self._request_futures.values():
            future.cancel()
        self._request_futures.clear()

    def _exit(self, _: None) -> None:
        if not self.ended.done():
            self.ended.set_result(0 if self.phase == "shut" else 1)

    def _set_trace(self, params: types.SetTraceParams) -> None:
        self.trace = params.value

    async def _execute_command(self, params: types.ExecuteCommandParams) -> Any:  # noqa: ANN401 - of any command
        return await self._server.execute(params.command, list(params.arguments or ()), params.work_done_token)


def _shrug(_: object) -> None:
    """Nothing depends on it."""
