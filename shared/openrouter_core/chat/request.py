"""What a chat turn asks for: settings and the arguments of a call become a body, headers and a timeout.

Called by both adapters for every request, and for the checks of their constructors. Pure: nothing is sent.

Precedence, lowest first: the environment, the object's fields, its unnamed body fields (`model_kwargs` or
`additional_kwargs`), the arguments of the call, then `extra_body`, the object's before the call's. What is
not set is not sent; None takes a value away, and only `extra_body` sends nulls. `provider` objects are
merged at every level, so that a privacy setting disappears only when that very key is given anew. The
checks look at named arguments alone: `extra_body` is sent as it is, but for `stream`, which decides how the
answer is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from openrouter_core.chat import checks, sound
from openrouter_core.chat.checks import Body, Facts
from openrouter_core.chat.history import fit_history
from openrouter_core.chat.merging import merged, put_over
from openrouter_core.chat.reasoning import ReplayPolicy
from openrouter_core.chat.reply import ReplyReader
from openrouter_core.chat.requirements import note_who_required, require_listed_parameters
from openrouter_core.chat.schema import close_where_refused
from openrouter_core.chat.tool_turns import WireMessage
from openrouter_core.chat.tools import to_tool_choice, warn_of_lost_reasoning
from openrouter_core.config import CLIENT_SETTINGS, refuse_settings
from openrouter_core.errors import NoEndpointsError
from openrouter_core.wire._options import CACHE_HEADERS, option_headers

if TYPE_CHECKING:
    from openrouter_core.chat.parameters import ChatParameters

ALIASES = {
    "model_name": "model",
    "openrouter_provider": "provider",
    "request_metadata": "metadata",
    "stop_sequences": "stop",
    "timeout": "timeout_s",
    "request_timeout": "timeout_s",
}
"""Other names of the arguments of a call, in either framework."""
ADAPTER_OPTIONS = ("reasoning_replay", "response_healing", "parse_text_tool_calls", "retry_empty")
"""Options that say what an adapter does with a request or its answer. They are not sent."""

_OPTIONS = frozenset(
    {*ADAPTER_OPTIONS, *CACHE_HEADERS, "timeout_s", "server_tools", "require_parameters"}
    | {"extra_body", "extra_headers", "extra_query"}
)
_NOT_BODY = _OPTIONS | {"n"}
USUAL = {"reasoning_replay": "auto", "parse_text_tool_calls": False, "retry_empty": True}
"""Options that say nothing with these values."""
_CONVERTED = frozenset({"tools", "tool_choice", "response_format"})
_CATALOGUED = frozenset({"modalities", "reasoning"})
_LOOKED_AT = _CONVERTED | _CATALOGUED | checks.CHECKED | {"audio", "stream", "messages"}
"""Body fields that are converted, checked or looked up. Most requests have none of them."""
_HEALING = {"id": "response-healing"}


@dataclass(frozen=True, slots=True)
class ChatRules:
    """What an adapter adds: how its framework's objects become wire dicts, and its own words."""

    owner: str
    """The class whose settings they are, e.g. "ChatOpenRouter"."""
    to_tools: Callable[[Sequence[Any]], list[Body]]
    to_response_format: Callable[[Any], Body]
    several_answers: str
    """How to get several answers, as a sentence."""
    streams: str
    """How to stream, as a sentence."""
    fetches_models: str
    """How to fetch the model list, e.g. "model.refresh_profile()"."""
    framework_arguments: frozenset[str] = frozenset()
    """Arguments of a call that the framework reads itself."""


class ChatDefaults(NamedTuple):
    """What a model object sets for each of its calls."""

    fields: Mapping[str, Any]
    """Its fields under the names of the API, and options such as `extra_body`. None is not set."""
    more: Mapping[str, Any] = {}
    """Body fields that have no field of their own: `model_kwargs`, `additional_kwargs`."""


def defaults_of(settings: ChatParameters) -> ChatDefaults:
    """Return what a model object sets for each call, under the names of requests.

    Only the fields that were given or have a default are looked at: all sixty would take longer than the
    rest of a plain request.
    """
    values, names, fields = vars(settings), settings.sent_fields, Body()
    given = settings.model_fields_set | _with_default(type(settings))
    for name in sorted(given & names.keys()):
        if (value := values[name]) is not None:
            fields[names[name]] = value
    return ChatDefaults(fields, values[settings.more_field])


@cache
def _with_default(cls: type[ChatParameters]) -> frozenset[str]:
    """Fields that have a value though none was given; subclasses may have more of them."""
    fields = cls.model_fields.items()
    return frozenset(
        name
        for name, field in fields
        if field.default not in {None, "", "auto", False} and field.default is not USUAL.get(name)
    )


@dataclass(slots=True, eq=False)
class ChatRequest:
    """One request, as it is sent; the client adds `stream` when it opens one."""

    body: Body
    """The whole JSON body, once `add_messages` has been called."""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Headers of this call alone."""
    query: dict[str, Any] = field(default_factory=dict[str, Any])
    timeout_s: float | None = None
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """What was set beside the body: `ADAPTER_OPTIONS`, and what headers, query and timeout were made of."""
    wants_wav: bool = False
    """Whether WAV was asked for, which streams do not have: it is made of what came."""
    wants_usage: bool = True
    """Whether streams ask servers that are not OpenRouter for the usage, which they leave out otherwise."""
    was_repeated: bool = False
    """Whether it was sent once more after an empty answer, which happens once."""
    added_requirement: bool = False
    """Whether `provider.require_parameters` is the adapter's wish, and not the user's."""

    @property
    def needs_stream(self) -> bool:
        """Whether the answer comes in streams only, so that a call for it reads one to its end."""
        return "audio" in (self.body.get("modalities") or ())

    def reply_reader(self) -> ReplyReader:
        """What reads the replies to this request."""
        parse = bool(self.options.get("parse_text_tool_calls"))
        return ReplyReader(self.body, parse, self.finished if self.needs_stream else None)

    def finished(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Return a whole reply as it was asked for: its sound named, and wrapped where WAV was wanted."""
        if not self.needs_stream:
            return reply
        form = (self.body.get("audio") or {}).get("format")
        return sound.named(reply, form, as_wav=self.wants_wav)

    @property
    def reasoning_replay(self) -> ReplayPolicy:
        """Which reasoning of earlier turns goes along."""
        replay: ReplayPolicy = self.options.get("reasoning_replay", "auto")
        return replay

    def explain(self, error: Exception) -> None:
        """Say in a "no endpoints" error who wanted the parameters to be supported."""
        if isinstance(error, NoEndpointsError):
            note_who_required(error, self.body, is_added=self.added_requirement)

    def add_messages(self, messages: Sequence[WireMessage]) -> ChatRequest:
        """Complete the body with the conversation, as the model that is asked takes it.

        One that `extra_body` holds stays as it is.

        Raises:
            ConfigurationError: A tool result does not say which call it answers.
        """
        if "messages" not in self.body:
            is_plain = all(map(_is_plain_text, messages))
            self.body["messages"] = (
                list(messages)
                if is_plain
                else fit_history(messages, self.body, reasoning_replay=self.reasoning_replay)
            )
        return self

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `client.chat.send` and `.stream`."""
        body = dict(self.body)
        arguments = {"messages": body.pop("messages"), "extra_body": body}
        if self.headers:
            arguments["extra_headers"] = self.headers
        if self.query:
            arguments["extra_query"] = self.query
        if self.timeout_s is not None:
            arguments["timeout_s"] = self.timeout_s
        return arguments


def chat_request(
    defaults: ChatDefaults,
    call: Mapping[str, Any],
    rules: ChatRules,
    *,
    facts: Facts | None,
    streamed: bool,
) -> ChatRequest:
    """Return the request of a call, all but its messages.

    Args:
        call: The arguments of the call.
        facts: Looks a model up in the catalogue at hand; None asks nothing of it.
        streamed: Whether the answer is to be streamed, which response healing is not for.

    Raises:
        ConfigurationError: It can only be refused, or cannot be carried. Nothing was sent.
    """
    layers = [defaults.fields]
    if defaults.more:
        layers.append(_named(defaults.more, rules.owner))
    if call:
        own = rules.framework_arguments
        layers.append(_named({k: v for k, v in call.items() if k not in own}, rules.owner))
    options, body = _options(layers), _precedence(layers, rules)
    if not options and body.get("model") and _LOOKED_AT.isdisjoint(body):
        return ChatRequest(body)  # as most are
    checks.check_options(options)
    extra = merged(layers, "extra_body")
    if "server_tools" in options or not _CONVERTED.isdisjoint(body):
        _convert(body, extra, options.get("server_tools", ()), rules)
    wants_wav = "audio" in body and "audio" not in extra and sound.ask_for_streamed(body)
    if extra:
        put_over(body, extra)
    if options.get("response_healing") and not streamed:
        body["plugins"] = _with_plugin(body.get("plugins") or [], _HEALING)
    checks.check(body, extra, owner=rules.owner, streams=rules.streams)
    asked = body
    if facts is not None:
        body = _against_catalogue(asked, extra, options, rules, facts)
    return ChatRequest(
        body,
        headers=_headers(options, layers),
        query=merged(layers, "extra_query"),
        timeout_s=options.get("timeout_s"),
        options=options,
        wants_wav=wants_wav,
        added_requirement=body is not asked,
    )


def _against_catalogue(
    body: Body, extra: Body, options: Body, rules: ChatRules, facts: Facts
) -> Body:
    """Ask the catalogue at hand what the model takes, where that matters."""
    if not _CATALOGUED.isdisjoint(body):
        checks.ask_catalogue(body, extra, facts, fetches_models=rules.fetches_models)
    if options.get("require_parameters"):
        body = require_listed_parameters(body, facts)
    if "response_format" in body and "response_format" not in extra:
        close_where_refused(body)
    if "tool_choice" in body:
        warn_of_lost_reasoning(body)
    return body


def check_defaults(defaults: ChatDefaults, rules: ChatRules) -> None:
    """Refuse in a constructor what every call would refuse.

    Raises:
        ConfigurationError: A setting is wrong; the sentence says what to do.
    """
    chat_request(defaults, {}, rules, facts=None, streamed=True)


# ---------------------------------------------------------------------------- precedence


def _named(given: Mapping[str, Any], owner: str) -> Body:
    """Arguments under the names of the API, without settings of the client."""
    named: Body = {}
    for name, value in given.items():
        wire = ALIASES.get(name, name)
        if value is not None or wire not in named:
            named[wire] = value
    refuse_settings(named, CLIENT_SETTINGS, owner=owner, instead="timeout_s and extra_headers")
    return named


def _precedence(layers: Iterable[Mapping[str, Any]], rules: ChatRules) -> Body:
    """The body fields of all layers, the later over the earlier; none of them is None."""
    body: Body = {}
    for layer in layers:
        if "n" in layer:
            checks.check_single_answer(layer["n"], rules.several_answers)
        if "reasoning_effort" in layer:
            checks.check_efforts(layer)
        over = dict(layer)
        for name in _NOT_BODY & over.keys():
            del over[name]
        if body:
            put_over(body, over)
        else:
            body = over
    if body.get("session_id") == "":
        del body["session_id"]
    if "model" in body:
        body["model"] = plain_model(body["model"])
    effort = body.pop("reasoning_effort", None)
    if effort is not None:  # means the same, but half of the models that reason do not list it
        body["reasoning"] = {**(body.get("reasoning") or {}), "effort": effort}
    if None in body.values():
        body = {name: value for name, value in body.items() if value is not None}
    return body


def _options(layers: Iterable[Mapping[str, Any]]) -> Body:
    """What is set and is not a body field, the later over the earlier."""
    options: Body = {}
    for layer in layers:
        for name in _OPTIONS & layer.keys():
            if layer[name] is not None:
                options[name] = layer[name]
    for name, usual in USUAL.items():
        if options.get(name) == usual:
            del options[name]
    return options


def _headers(options: Mapping[str, Any], layers: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The headers of a call. One that is named wins over what an option stands for."""
    headers = option_headers(options)
    for layer in layers:
        if more := layer.get("extra_headers"):
            named = {name.lower() for name in more}
            headers = {k: v for k, v in headers.items() if k.lower() not in named} | dict(more)
    return headers


# ---------------------------------------------------------------------------- what is asked for


def _is_plain_text(message: WireMessage) -> bool:
    """Whether a message is a role and a text, as most are: nothing of it is ever refused."""
    content = message.get("content")
    return len(message) == 2 and type(content) is str and bool(content) and not content.isspace()


def plain_model(model: Any) -> Any:
    """Return a model id without blanks, and without the "openrouter/" that others put before "vendor/model"."""
    if not isinstance(model, str):
        return model
    name = model.strip()
    rest = name.removeprefix("openrouter/")
    return rest if "/" in rest else name


def _convert(body: Body, extra: Body, server_tools: Sequence[Body], rules: ChatRules) -> None:
    """Turn what stands for a wire dict in a framework into one; add the tools of the object."""
    tools = body.pop("tools", None)
    if tools is not None:
        checks.check_list("tools", tools, '[{"type": "openrouter:web_search"}]')
    if wire := [*(rules.to_tools(tools) if tools else ()), *server_tools]:
        body["tools"] = wire
    choice = to_tool_choice(body.pop("tool_choice", None), extra.get("tools") or wire)
    if choice is not None:
        body["tool_choice"] = choice
    if "response_format" in body:
        body["response_format"] = rules.to_response_format(body["response_format"])


def _with_plugin(plugins: Sequence[Body], plugin: Body) -> list[Body]:
    has_it = any(given.get("id") == plugin["id"] for given in plugins)
    return [*plugins] if has_it else [*plugins, plugin]
