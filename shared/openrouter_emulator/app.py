"""The ASGI application: routes from the registry, keys, recording, faults, and the sending of planned responses.

Called by `server`. Handlers know nothing of it. It must not know any endpoint by name.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import pkgutil
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from openrouter_core._call import Route
from openrouter_emulator import dialects, faults, handlers, page
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.browsers import Cors
from openrouter_emulator.faults import Fault
from openrouter_emulator.overhearing import Overhearing, note_of
from openrouter_emulator.planned_response import PlannedResponse
from openrouter_emulator.registry import Bound, bound
from openrouter_emulator.requests import HandlerRequest, RecordedRequest
from openrouter_emulator.sending import PlannedResponseSender
from openrouter_emulator.state.records import KeyRecord
from openrouter_emulator.state.seen import Seen
from openrouter_emulator.state.state import State

PAGE = "/"
_PREFIX = {"v1": "/api/v1", "root": ""}
_FORMS = ("multipart/", "application/x-www-form-urlencoded")
_FORBIDDEN_NOT_UNAUTHORIZED = ("/analytics",)

Drop = Callable[[Scope], None]

for _module in pkgutil.iter_modules(handlers.__path__):
    importlib.import_module(f"{handlers.__name__}.{_module.name}")


def create_app(state: State, drop: Drop, stopping: asyncio.Event | None = None) -> ASGIApp:
    """Build the application of one emulator, with what browsers need and the notes for the page around it.

    Args:
        drop: Cuts the connection that a request came on.
        stopping: Set when the server stops, so that stalled answers end.
    """
    stop = stopping or asyncio.Event()
    by_path: dict[str, dict[str, Bound]] = {}
    for entry in bound():
        path = _PREFIX[entry.route.base] + entry.route.path
        by_path.setdefault(path, {})[entry.route.method] = entry
    ordered = sorted(by_path.items(), key=lambda item: item[0].count("{"))
    routes = [
        StarletteRoute(path, _Endpoint(entries, state, drop, stop), methods=list(entries))
        for path, entries in ordered
    ]

    def front(request: Request) -> Response:
        return page.show(request, state)

    routes.append(StarletteRoute(PAGE, front))
    handled = {404: _not_served, 405: _not_served, 500: _broken}
    served = Starlette(routes=routes, exception_handlers=handled)
    return Cors(Overhearing(served, state, unseen=PAGE), below="/api/")


async def _not_served(_request: Request, error: Exception) -> JSONResponse:
    """404 and 405 of the router, in the API's envelope."""
    status = getattr(error, "status_code", 404)
    message = "Not Found" if status == 404 else "Method Not Allowed"
    return JSONResponse({"error": {"message": message, "code": status}}, status)


async def _broken(_request: Request, error: Exception) -> JSONResponse:
    """A defect of the emulator itself, as opposed to the failures that it simulates."""
    message = f"The emulator itself failed: {type(error).__name__}: {error}"
    return JSONResponse({"error": {"message": message, "code": 500}}, 500)


class _Endpoint:
    """All methods of one path."""

    def __init__(
        self, entries: dict[str, Bound], state: State, drop: Drop, stopping: asyncio.Event
    ) -> None:
        self.entries = entries
        self.state = state
        self.drop = drop
        self.stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.state.busy():
            request = Request(scope, receive)
            entry = self.entries.get(request.method) or self.entries["GET"]
            planned = await self._answer(entry, request, note_of(scope))
            if entry.refusals is not None and planned.status >= 400:
                planned = entry.refusals(planned)
            response = PlannedResponseSender(planned, drop=self.drop, stopping=self.stopping)
            await response(scope, receive, send)

    async def _answer(self, entry: Bound, request: Request, note: Seen) -> PlannedResponse:
        recorded = await _record(request, entry.route)
        is_late = self.state.is_late(recorded)
        if not is_late:
            self.state.add_request(recorded)
        form: FormData | None = None
        if self.state.settings.latency_s:
            await asyncio.sleep(self.state.settings.latency_s)
        try:
            fault = None if is_late else _fault(recorded, self.state)
            note.fault = None if fault is None else fault.name
            if fault is not None and fault.preempts:
                return fault.rewrite(PlannedResponse([]))
            key = _authorize(entry.route, recorded, self.state)
            form = await _form(request)
            handler_request = HandlerRequest(
                self.state, entry.route, recorded, request.path_params, key, form
            )
            planned = self.state.next_recorded(recorded) or await _handled(entry, handler_request)
        except ApiError as error:
            note.rule = _rule(error)
            return error.response()
        finally:
            if form is not None:
                await form.close()
        return planned if fault is None else fault.rewrite(planned)


def _rule(error: ApiError) -> str | None:
    """The dialect's rule that refused, e.g. "openai.names"; None when it was another part of the emulator."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        above, _, module = str(frame.f_globals.get("__name__")).rpartition(".")
        if above == dialects.__name__:
            return f"{module}.{frame.f_code.co_name}"
    return None


async def _handled(entry: Bound, request: HandlerRequest) -> PlannedResponse:
    answer = entry.handler(request)
    if inspect.isawaitable(answer):
        answer = await answer
    return answer if isinstance(answer, PlannedResponse) else PlannedResponse.json(answer)


async def _record(request: Request, route: Route) -> RecordedRequest:
    """Read the whole request."""
    content = await request.body()
    kind = request.headers.get("content-type", "")
    path = request.url.path.removeprefix(_PREFIX[route.base])
    headers = {name.lower(): value for name, value in request.headers.items()}
    query, json = dict(request.query_params), _parsed(content, kind)
    return RecordedRequest(request.method, path, query, headers, content, json)


async def _form(request: Request) -> FormData | None:
    """The fields of a form; None where the body is something else."""
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return None
    try:
        return await request.form()
    except HTTPException as error:
        raise ApiError(400, f"The form cannot be read: {error.detail}") from None


def _parsed(content: bytes, kind: str) -> Any:
    """The JSON of a body; None where it is none."""
    if not content or kind.startswith(_FORMS):
        return None
    try:
        parsed = json.loads(content, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return None
    return _encodable(parsed) if b"\\ud" in content.lower() else parsed


def _encodable(parsed: Any) -> Any:
    """The same with U+FFFD for halves of characters, which UTF-8 cannot hold: as JavaScript writes them."""
    units = json.dumps(parsed, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return json.loads(units.decode("utf-16", "replace"))


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON.")


def _fault(recorded: RecordedRequest, state: State) -> Fault | None:
    """The failure that this request asks for, or that a test has armed."""
    name = recorded.headers.get("x-emulator-fault")
    body: Any = recorded.json
    model = body.get("model") if isinstance(body, dict) else None
    if name is None and isinstance(model, str) and "!" in model:
        body["model"], _, name = model.partition("!")
    if name is not None:
        fault = faults.by_name(name)
        if fault is None:
            raise ApiError(400, f"'{name}' is not a fault of the emulator.")
        return fault
    return state.take_fault(recorded.path)


def _authorize(route: Route, recorded: RecordedRequest, state: State) -> KeyRecord | None:
    """The key that asks. Public endpoints ignore what they get, as the real ones do."""
    scheme, _, secret = recorded.headers.get("authorization", "").partition(" ")
    found = state.keys.get(secret.strip()) if scheme.lower() == "bearer" else None
    if route.key == "none":
        return found
    if not secret.strip():
        raise ApiError(401, "Missing Authentication header")
    if found is None or found.disabled or found.expired:
        raise ApiError(401, "User not found.")
    if route.key == "management" and not found.management:
        status = 403 if recorded.path.startswith(_FORBIDDEN_NOT_UNAUTHORIZED) else 401
        raise ApiError(status, "Only management keys can perform this operation.")
    if route.key == "inference" and found.management:
        raise ApiError(403, "Management keys cannot call inference endpoints.")
    return found
