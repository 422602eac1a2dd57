"""What a call is: its route, what it sends, how its answer is read, and how that answer travelled.

Plain data, made by the methods in `resources/` and used by the clients. Nothing here sends anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from openrouter_core.errors import OpenRouterError, StreamInterruptedError

SESSION_HEADER = "x-session-id"
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")
S = TypeVar("S", bound="StreamState[Any]")

KeyKind = Literal["inference", "management", "any", "none"]
Base = Literal["v1", "root"]
JobStep = Literal["none", "starts", "ends"]
Pages = Literal["none", "offset", "cursor", "after"]


@dataclass(frozen=True, slots=True)
class Route:
    """Where an operation lives and how it behaves: plain data, one per operation."""

    method: str
    path: str
    operation: str
    """The `operationId` of the OpenAPI document, e.g. "sendChatCompletionRequest"."""
    key: KeyKind = "inference"
    """Which kind of API key the operation asks for."""
    base: Base = "v1"
    """"v1" is the configured base URL; "root" is the host that it is on."""
    pages: Pages = "none"
    answers: Literal["json", "sse", "bytes"] = "json"
    creates: bool = False
    """True when sending twice would create twice: such a call is retried only if it never arrived."""
    is_billed: bool = False
    """True when the answer is paid for; its cost stands in the answer's `usage`."""
    job: JobStep = "none"
    """Whether the call starts a long job, or finds it ended: only then it has a cost."""


@dataclass(slots=True)
class Call(Generic[T]):
    """What to send and what to read back; nothing is sent yet."""

    into: type[T]
    """The type of the answer: a `WireModel`, a plain JSON type or `bytes`."""
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, object] = field(default_factory=dict[str, object])
    """`None` values are left out."""
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """`None`-free extra headers of this call; they win over the client's."""
    form: Mapping[str, object] | None = None
    """Fields of a multipart body. It is sent instead of `json`, which then only tells observers of it."""
    files: Mapping[str, Any] | None = None
    """Files of a multipart body, in httpx2's `files=` shape."""
    envelope: str | None = None
    """The key under which the answer wraps the value, e.g. "data"."""
    timeout_s: float | None = None
    """A timeout for this call alone, in seconds."""
    otherwise: Callable[[OpenRouterError], Call[T] | None] | None = None
    """What to send instead, once, when this call failed in a way that the endpoint knows; a call of its own."""

    @property
    def observed(self) -> object:
        """The body as observers see it: with the session, wherever that is sent."""
        return _observed(self.json, self.headers)


class StreamState(Protocol[T_co]):
    """What has been read of a stream so far. Fed once per event; no I/O."""

    def feed(self, payload: bytes) -> T_co:
        """Read one event; raise a `StreamError` when it carries a failure."""
        ...

    def finish(self, *, is_marked: bool = False) -> None:
        """Accept the end of the stream, marked by `[DONE]` or not.

        Raises:
            StreamInterruptedError: It came too early.
        """
        ...

    def interrupted(self, what: str) -> StreamInterruptedError:
        """Return the error for a stream that broke off; `what` completes the sentence."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether the answer is whole, whatever may still come."""
        ...

    @property
    def partial_text(self) -> str:
        """The answer's text so far."""
        ...

    def text_in(self, event: Any) -> object:
        """What the latest event adds to the answer's text."""
        ...

    @property
    def summary(self) -> Mapping[str, Any]:
        """What cost tracking wants so far: `id`, `model`, `provider`, `usage`."""
        ...


@dataclass(slots=True)
class StreamCall(Generic[T, S]):
    """A call whose answer is a stream of events."""

    state: Callable[[], S]
    """Makes the object that reads the events and remembers what they add up to."""
    event: type[T] | None = None
    """The type of one event (for readers and tools; the state does the reading)."""
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, object] = field(default_factory=dict[str, object])
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout_s: float | None = None

    @property
    def observed(self) -> object:
        """The body as observers see it: with the session, wherever that is sent."""
        return _observed(self.json, self.headers)


def _observed(body: object, headers: Mapping[str, str]) -> object:
    session = headers.get(SESSION_HEADER) if headers else None
    if session is None or not isinstance(body, dict):
        return body
    return {"session_id": session, **body}


@dataclass(frozen=True, slots=True)
class ReplyInfo:
    """How an answer travelled: the HTTP side of a call."""

    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Response headers, names in lower case."""
    attempts: int = 1
    """Requests sent, retries included."""
    elapsed_s: float = 0.0
    """Seconds from the first byte sent to the last byte read."""
    generation_id: str | None = None
    """The id for `client.generations.get`, from the headers: known even if the body carries none."""
