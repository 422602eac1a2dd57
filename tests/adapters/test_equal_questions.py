"""Equal questions to both adapters: what arrives at a server is the same, or the difference has a reason.

A question is what is given to a constructor, to a call and by the environment, under names that both take.
The answer is every request that arrives, whole, or the class of the error and that nothing arrived.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from llama_index.core.llms import ChatMessage

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from openrouter_core import ConfigurationError, Timeouts
from openrouter_core.chat import checks

Given = dict[str, Any]
KEY = "sk-or-v1-test"
MODEL = "openai/gpt-4o-mini"
ALWAYS_REASONS = "openai/gpt-oss-20b"
TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {}}},
}
SEARCH = {"type": "openrouter:web_search"}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
FOUR = ["a/1", "a/2", "a/3", "a/4"]
SOUND = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}
NOT_COMPARED = {"host", "content-length"}
"""The length depends on the order of keys."""


@dataclass(frozen=True)
class Question:
    """What is asked of both adapters."""

    made: Given = field(default_factory=dict[str, Any])
    call: Given = field(default_factory=dict[str, Any])
    environment: Given = field(default_factory=dict[str, Any])
    differs: str = ""
    """Why the answers differ, for a user who asks; empty when they are the same."""


def q(
    made: Given | None = None, call: Given | None = None, /, differs: str = "", **environment: str
) -> Question:
    return Question(made or {}, call or {}, environment, differs)


def extra(**body: Any) -> Given:
    return {"extra_body": body}


LANGCHAINS_STREAM = (
    "LangChain itself reads `stream` of a call: its `invoke` then streams, and gives one message."
)
UNKNOWN = "LangChain's convention puts unknown arguments into model_kwargs, with a warning; LlamaIndex refuses."
TWICE = "LangChain's convention refuses what stands in model_kwargs as well; in LlamaIndex additional_kwargs win."

QUESTIONS: dict[str, Question] = {
    "nothing is set": q(),
    # which model
    "a foreign prefix": q({"model": "openrouter/openai/gpt-4o-mini"}),
    "a router": q({"model": "openrouter/auto"}),
    "blanks": q({"model": "  openai/gpt-4o-mini "}),
    "another model in a call": q({}, {"model": "openrouter/x-ai/grok-4"}),
    "another name of it": q({"model": None, "model_name": "a/b"}),
    "no model": q({"model": None}),
    "an empty model": q({"model": ""}),
    "no model in a call": q({}, {"model": None}),
    "models in its place": q({"model": None, "models": ["a/1", "a/2"]}),
    "a preset in its place": q({"model": None, "preset": "mine"}),
    "the account's model": q({"model": None, **extra(model=None)}),
    "models in the place of a call's": q({"models": ["a/1"]}, {"model": None}),
    "three fallbacks": q({"models": FOUR[:3]}),
    "four fallbacks": q({"models": FOUR}),
    "four fallbacks in a call": q({}, {"models": FOUR}),
    "four fallbacks in extra_body": q({}, extra(models=FOUR)),
    "a string as fallbacks": q({}, {"models": "a/1"}),
    # what wins
    "call over object": q({"temperature": 0.1}, {"temperature": 0.9}),
    "None takes a value away": q({"temperature": 0.1, "seed": 1}, {"temperature": None}),
    "None of what is not set": q({}, {"temperature": None, "brand_new": None}),
    "extra_body over all": q({"seed": 1, **extra(seed=2)}, {"seed": 3, **extra(seed=4)}),
    "extra_body of the object over a call": q(extra(seed=2), {"seed": 3}),
    "extra_body key by key": q(extra(a=1, b={"x": 1}), extra(b={"y": 1})),
    "null in extra_body": q({"seed": 1}, extra(seed=None)),
    "unnamed fields": q({"model_kwargs": {"safe_prompt": True}}),
    "None among unnamed fields": q({"model_kwargs": {"safe_prompt": None}}),
    "extra_body among unnamed fields": q({"model_kwargs": extra(a=1)}),
    "a field among unnamed fields": q({"model_kwargs": {"top_k": 3}}, {"top_k": 4}),
    "a field twice": q({"top_k": 2, "model_kwargs": {"top_k": 3}}, differs=TWICE),
    "an unknown argument of a call": q({}, {"brand_new": {"x": [1, None]}}),
    "an unknown argument of the constructor": q({"brand_new": 1}, differs=UNKNOWN),
    "a misspelt argument of the constructor": q({"temprature": 1}, differs=UNKNOWN),
    # provider
    "provider": q({"provider": {"zdr": True}}),
    "providers are merged": q({"provider": {"zdr": True, "max_price": {"prompt": 1}}}, {"provider": {"sort": "price", "max_price": {"image": 2}}}),
    "provider in extra_body is merged": q({"provider": {"zdr": True}}, extra(provider={"only": ["azure"]})),
    "providers everywhere": q({"provider": {"zdr": True}, "model_kwargs": {}, **extra(provider={"order": ["a"]})}, {"provider": {"only": ["b"]}, **extra(provider={"order": ["c"]})}),
    "a key given anew": q({"provider": {"zdr": True}}, {"provider": {"zdr": None}}),
    "provider None": q({"provider": {"zdr": True}}, {"provider": None}),
    "provider None in extra_body": q({"provider": {"zdr": True}}, extra(provider=None)),
    "another name of provider": q({"openrouter_provider": {"zdr": True}}, {"openrouter_provider": {"only": ["a"]}}),
    "a misspelt key": q({"provider": {"zrd": True}}, {"provider": {"onyl": ["a"]}}),
    "a list as provider": q({}, {"provider": ["a"]}),
    "a list as provider of the object": q({"provider": ["a"]}),
    # reasoning
    "effort": q({"reasoning_effort": "low"}),
    "effort in a call": q({}, {"reasoning_effort": "low"}),
    "effort under reasoning": q({"reasoning_effort": "low"}, {"reasoning": {"max_tokens": 2000}}),
    "reasoning under effort": q({"reasoning": {"max_tokens": 2000, "exclude": True}}, {"reasoning_effort": "high"}),
    "both alike": q({"reasoning": {"effort": "low"}, "reasoning_effort": "low"}),
    "both disagree": q({}, {"reasoning": {"effort": "low"}, "reasoning_effort": "high"}),
    "both disagree in the constructor": q({"reasoning": {"effort": "low"}, "reasoning_effort": "high"}),
    "both in extra_body": q({}, extra(reasoning={"effort": "low"}, reasoning_effort="high")),
    "effort under extra_body": q({"reasoning_effort": "low"}, extra(reasoning={"effort": "high"})),
    "the old switch": q({"include_reasoning": True}, {"reasoning": {"effort": "low"}}),
    "a misspelt key of reasoning": q({"reasoning": {"efort": "low"}}),
    "a word as reasoning": q({}, {"reasoning": "high"}),
    "off where it is mandatory": q({"model": ALWAYS_REASONS}, {"reasoning": {"enabled": False}}),
    "off by effort": q({"model": ALWAYS_REASONS, "reasoning_effort": "none"}),
    "off in extra_body": q({"model": ALWAYS_REASONS}, extra(reasoning={"enabled": False})),
    "off where another may answer": q({"model": ALWAYS_REASONS, "models": ["a/1"]}, {"reasoning_effort": "none"}),
    "replay": q({"reasoning_replay": "all"}, {"reasoning_replay": "none"}),
    # how much, how many
    "n=1": q({"n": 1}, {"n": 1}),
    "n=2 in the constructor": q({"n": 2}),
    "n=2 in a call": q({}, {"n": 2}),
    "n=2 in extra_body": q({}, extra(n=2)),
    "no tokens": q({}, {"max_tokens": 0}),
    "no tokens in the constructor": q({"max_completion_tokens": 0}),
    "no tokens in extra_body": q({}, extra(max_tokens=0)),
    "too hot": q({}, {"temperature": 2.5}),
    "too hot in the constructor": q({"temperature": 2.5}),
    "top_logprobs of 0 alone": q({}, {"top_logprobs": 0}),
    "top_logprobs with logprobs": q({"logprobs": True}, {"top_logprobs": 0}),
    "stop as a string": q({"stop": "x"}),
    "stop under another name": q({"stop_sequences": ["x"]}, {"stop_sequences": ["y"]}),
    # tools
    "a tool": q({}, {"tools": [TOOL, SEARCH]}),
    "no tools": q({}, {"tools": []}),
    "a dict as tools": q({}, {"tools": TOOL}),
    "any": q({}, {"tools": [TOOL], "tool_choice": "any"}),
    "required": q({"tool_choice": "required"}, {"tools": [TOOL]}),
    "True": q({}, {"tools": [TOOL], "tool_choice": True}),
    "True of two": q({}, {"tools": [TOOL, SEARCH], "tool_choice": True}),
    "False": q({}, {"tools": [TOOL], "tool_choice": False}),
    "the name of a tool": q({}, {"tools": [TOOL], "tool_choice": "f"}),
    "the type of a server tool": q({}, {"tools": [TOOL, SEARCH], "tool_choice": SEARCH["type"]}),
    "an unknown name": q({}, {"tools": [TOOL], "tool_choice": "nope"}),
    "an unknown name in extra_body": q({}, {"tools": [TOOL], **extra(tool_choice="nope")}),
    "Anthropic's choice": q({}, {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "f"}}),
    "a choice without tools": q({}, {"tool_choice": "required", "parallel_tool_calls": False}),
    "a choice of the object without tools": q({"tool_choice": "any", "parallel_tool_calls": False}),
    "a name without tools": q({}, {"tool_choice": "of_the_preset"}),
    "server tools of the object": q({"server_tools": [SEARCH]}, {"tools": [TOOL]}),
    "deferred tools": q({"deferred_tools": {"x": 1}}),
    # output
    "a format": q({"response_format": {"type": "json_object"}}, {"response_format": SCHEMA}),
    "a word as format": q({}, {"response_format": "json"}),
    "a format in extra_body": q({}, extra(response_format="json")),
    "healing": q({"plugins": [{"id": "web"}]}, {"response_healing": True}),
    "auto modalities": q({"model": "google/gemini-2.5-flash-image", "modalities": "auto"}),
    "auto modalities of an unknown model": q({"model": "un/known"}, {"modalities": "auto"}),
    "wav": q(SOUND),
    "wav in extra_body": q({}, {"extra_body": SOUND}),
    "pcm16": q({}, {**SOUND, "audio": {"voice": "alloy", "format": "pcm16"}}),
    "stream in a call": q({}, {"stream": True}, differs=LANGCHAINS_STREAM),
    "stream in the constructor": q({"model_kwargs": {"stream": True}}),
    "stream in extra_body": q({}, extra(stream=True)),
    "stream in extra_body of the object": q(extra(stream=False)),
    "transforms": q({"transforms": ["middle-out"]}),
    # bookkeeping
    "a session": q({"session_id": "s-1"}, {"session_id": "s-2"}),
    "an empty session": q({"session_id": ""}, OPENROUTER_SESSION_ID="env"),
    "an empty session in a call": q({"session_id": "s-1"}, {"session_id": ""}),
    "a long session": q({}, {"session_id": "x" * 257}),
    "a session of the environment": q({}, OPENROUTER_SESSION_ID="env"),
    "metadata": q({"request_metadata": {"a": "b"}}, {"request_metadata": {"c": "d"}}),
    "user": q({"user": "u", "trace": {"trace_id": "t"}}),
    "the response cache": q({"response_cache": True, "response_cache_ttl_s": 60}, {"response_cache_clear": True}),
    "the response cache of a call": q({"response_cache": True}, {"response_cache": False}),
    # headers, query, timeouts, connections
    "headers": q({"default_headers": {"x-a": "1", "x-b": "1"}}, {"extra_headers": {"X-B": "2"}}),
    "headers of the object": q({"extra_headers": {"x-a": "1"}}),
    "a cache header of one's own": q({"response_cache": True}, {"extra_headers": {"x-openrouter-cache": "false"}}),
    "query": q({"extra_query": {"a": "1", "b": "1"}}, {"extra_query": {"b": "2"}}),
    "a timeout": q({"timeout": 30}, {"timeout": 20}),
    "a timeout under other names": q({"timeout_s": 30}, {"timeout_s": 20}),
    "timeouts one by one": q({"timeout": Timeouts(gap_s=9)}),
    "a timeout that is none": q({"timeout": -1}),
    "connections": q({"max_connections": 7, "max_wait_s": 3}),
    "no connections": q({"max_connections": 0}),
    "attribution": q({"app_url": "https://a.example", "app_title": "A", "app_categories": ["cli-agent"]}),
    "attribution of the environment": q({}, OPENROUTER_APP_URL="https://a.example", OPENROUTER_APP_TITLE="A", OPENROUTER_APP_CATEGORIES="cli-agent, ide-extension"),
    "a key in a call": q({}, {"api_key": "sk-or-other"}),
    "a base URL in a call": q({}, {"base_url": "https://other.example/api/v1"}),
    "retries in a call": q({}, {"max_retries": 3}),
    "a key in extra_body": q({}, extra(api_key="x")),
    "the key of the environment": q({"api_key": None}, OPENROUTER_API_KEY="sk-or-v1-env"),
    "the key over the environment's": q({}, OPENROUTER_API_KEY="sk-or-v1-env"),
    "the base URL of the environment": q({"base_url": None}, OPENROUTER_BASE_URL="{server}/one"),
    "its other name": q({"base_url": None}, OPENROUTER_API_BASE="{server}/two"),
    "both names of it": q({"base_url": None}, OPENROUTER_BASE_URL="{server}/one", OPENROUTER_API_BASE="{server}/two"),
    "the base URL over the environment's": q({}, OPENROUTER_BASE_URL="{server}/one"),
    "other names of it": q({"base_url": None, "api_base": "{server}/three"}),
    "an argument of the wrong type": q({"temperature": "hot"}),
}  # fmt: skip


# ------------------------------------------------------------------ the server


class Server:
    """Answers every chat, and keeps what arrived."""

    def __init__(self) -> None:
        self.seen: list[Mapping[str, Any]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                headers = {k.lower(): v for k, v in self.headers.items()}
                path, _, query = self.path.partition("?")
                kept = {k: v for k, v in headers.items() if k not in NOT_COMPARED}
                server.seen.append({"path": path, "query": query, "headers": kept, "body": body})
                kind, answer = ANSWERS[bool(body.get("stream"))]
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


HEAD = {"id": "gen-1", "created": 1, "model": MODEL, "provider": "P"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 0.1}
MESSAGE = {"role": "assistant", "content": "ok"}
CHOICE = {"index": 0, "finish_reason": "stop", "native_finish_reason": "stop"}
WHOLE = {
    **HEAD,
    "object": "chat.completion",
    "usage": USAGE,
    "choices": [{**CHOICE, "message": MESSAGE}],
}
PIECE = {
    **HEAD,
    "object": "chat.completion.chunk",
    "usage": USAGE,
    "choices": [{**CHOICE, "delta": MESSAGE}],
}
ANSWERS = {
    False: ("application/json", json.dumps(WHOLE).encode()),
    True: ("text/event-stream", f"data: {json.dumps(PIECE)}\n\ndata: [DONE]\n\n".encode()),
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


# ------------------------------------------------------------------ asking


def langchain(made: Given, call: Given, *, streamed: bool) -> None:
    model = ChatOpenRouter(**made)
    if streamed:
        list(model.stream([HumanMessage("Hi")], **call))
    else:
        model.invoke([HumanMessage("Hi")], **call)


def llama_index(made: Given, call: Given, *, streamed: bool) -> None:
    llm = OpenRouter(**made)
    if streamed:
        list(llm.stream_chat([ChatMessage("Hi")], **call))
    else:
        llm.chat([ChatMessage("Hi")], **call)


def answer(
    adapter: Callable[..., None], question: Question, server: Server, *, streamed: bool
) -> Any:
    """What arrived, and the warnings; or that it was refused."""
    made = {"model": MODEL, "api_key": KEY, "base_url": f"{server.origin}/api/v1", "max_retries": 0}
    made |= {
        k: v.replace("{server}", server.origin) if isinstance(v, str) else v
        for k, v in question.made.items()
    }
    server.seen.clear()
    checks._warn_of_misspelt.cache_clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            adapter(made, dict(question.call), streamed=streamed)
        except ConfigurationError:
            return "ConfigurationError", list(server.seen)
    return list(server.seen), sorted(str(w.message) for w in caught if w.category is UserWarning)


@pytest.fixture
def environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[Question], None]:
    def set_for(question: Question) -> None:
        for name, value in question.environment.items():
            monkeypatch.setenv(name, value.replace("{server}", server.origin))

    for name in (
        "API_KEY",
        "BASE_URL",
        "API_BASE",
        "SESSION_ID",
        "APP_URL",
        "APP_TITLE",
        "APP_CATEGORIES",
    ):
        monkeypatch.delenv(f"OPENROUTER_{name}", raising=False)
    return set_for


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_both_adapters_ask_alike(
    question: Question, streamed: bool, server: Server, environment: Callable[[Question], None]
):
    environment(question)

    one = answer(langchain, question, server, streamed=streamed)
    other = answer(llama_index, question, server, streamed=streamed)

    if question.differs:
        assert one != other, "they answer alike now: take the reason away"
    else:
        assert one == other
        refused = one[0] == "ConfigurationError"
        assert len(one[1] if refused else one[0]) == (0 if refused else 1)


def test_there_are_many_questions_and_few_differences():
    assert len(QUESTIONS) >= 60
    assert sum(bool(question.differs) for question in QUESTIONS.values()) <= 4
