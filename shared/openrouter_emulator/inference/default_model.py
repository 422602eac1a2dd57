"""What the models answer when there is no script: deterministic, from the request alone.

Called by the chat handler with a checked body and the chosen model. Pure; the rules, in order: refuse,
call tools, fill a schema, use tool results, echo. Then reasoning, citations, pictures, sound and limits.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from openrouter_emulator.billing.charges import count
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.inference import media, schema_instances
from openrouter_emulator.inference.prompted_schemas import Prompted, prompted_schema
from openrouter_emulator.inference.prompts import Hints, last_of, text_of
from openrouter_emulator.inference.replies import Reply, ToolCall
from openrouter_emulator.planned_response import JsonObject

_SEARCH_TOOLS = re.compile(r"^(openrouter:)?web_search")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_IDLE_WORDS = frozenset({"get", "the", "for", "and", "use", "set", "tool", "function", "current"})
_MODEL_ID = re.compile(r"\b[a-z0-9-]+/[a-z0-9][\w.:-]*\w")
_KEY = re.compile(r"^[A-Za-z_]\w*$")
_PLACE_PROPERTY = re.compile(r"city|location|place|town", re.IGNORECASE)


def compose(body: JsonObject, chosen: Chosen) -> Reply:
    """Answer a request."""
    spec = chosen.model
    if spec.style.refuses:
        return Reply(refusal="I'm sorry, but I can't help with that request.")
    calls = tool_calls(body)
    reply = Reply(tool_calls=calls) if calls else Reply(text(body, chosen))
    reply = _with_citations(_with_media(reply, body, spec), body, chosen)
    if thinks(body, spec):
        reply = reply.replace(reasoning=_thought(body, reply))
    if body.get("logprobs") and "logprobs" in spec.params and reply.text:
        reply = reply.replace(logprobs=_logprobs(reply.text, int(body.get("top_logprobs") or 0)))
    return reply


def limited(reply: Reply, body: JsonObject) -> Reply:
    """Cut a reply at a stop sequence or at the token limit, scripted replies too."""
    reply = _stopped(reply, body)
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    whole = reply.full_text
    left = None if limit is None else int(limit) - count(reply.reasoning or "")
    if left is None or reply.finish_reason is not None:
        return reply
    if whole is not None and count(whole) > left:
        kept = whole[: max(0, left) * 4]
        tokens = reply.logprobs[: max(1, left)] if reply.logprobs is not None else None
        return reply.replace(text=kept, pieces=None, finish_reason="length", logprobs=tokens)
    if reply.tool_calls and count(reply.tool_calls[-1].text) > left:
        return _cut_call(reply, max(0, left))
    return reply


def _cut_call(reply: Reply, tokens: int) -> Reply:
    """A call whose arguments ran into the limit: cut off, though the finish reason is still tool_calls."""
    *before, last = reply.tool_calls
    cut = ToolCall(last.name, last.text[: tokens * 4], last.id)
    return reply.replace(
        tool_calls=[*before, cut],
        finish_reason="tool_calls",
        native_finish_reason="max_output_tokens",
    )


def _stopped(reply: Reply, body: JsonObject) -> Reply:
    stops = body.get("stop") or []
    whole = reply.full_text
    if not stops or not whole:
        return reply
    stops = [stops] if isinstance(stops, str) else stops
    ends = [whole.find(s) for s in stops if s and s in whole]
    return reply.replace(text=whole[: min(ends)], pieces=None) if ends else reply


# ---------------------------------------------------------------- tools


def tool_calls(body: JsonObject) -> list[ToolCall]:
    """The calls that the model makes; none when the last message is a tool's result."""
    tools = [t["function"] for t in body.get("tools") or [] if t.get("type") == "function"]
    choice = body.get("tool_choice")
    if not tools or choice == "none":
        return []
    messages: Sequence[Mapping[str, Any]] = body["messages"]
    if isinstance(choice, dict):
        named = (choice.get("function") or {}).get("name")
        return [_call(t, messages) for t in tools if t["name"] == named]
    if choice == "required":
        tools = _not_yet_called(tools, messages) or tools
    elif messages[-1]["role"] in {"tool", "assistant"}:
        return []
    return _chosen_calls(tools, messages, parallel=body.get("parallel_tool_calls") is not False)


def _not_yet_called(
    tools: Sequence[JsonObject], messages: Sequence[Mapping[str, Any]]
) -> list[JsonObject]:
    """After a result, a forced call goes to a tool that this turn has not used."""
    if messages[-1]["role"] != "tool":
        return []
    used: set[str] = set()
    for message in reversed(messages):
        if message["role"] == "user":
            break
        used |= {c["function"]["name"] for c in message.get("tool_calls") or []}
    return [t for t in tools if t["name"] not in used]


def _chosen_calls(
    tools: Sequence[JsonObject], messages: Sequence[Mapping[str, Any]], *, parallel: bool
) -> list[ToolCall]:
    prompt = last_of(messages, "user")
    named = [t for t in tools if re.search(rf"\b{re.escape(t['name'])}\b", prompt)]
    if not named:
        named = [max(tools, key=lambda t: _relevance(t["name"], prompt))]
    if not parallel:
        return [_call(named[0], messages)]
    if len(named) == 1:
        return _one_per_place(named[0], prompt) or [_call(named[0], messages)]
    return [_call(t, messages) for t in named]


def _relevance(name: str, prompt: str) -> int:
    """How many words of a tool's name are in the prompt."""
    words = {w.lower() for part in name.split("_") for w in _CAMEL.findall(part)}
    lowered = prompt.lower()
    return sum(w in lowered for w in words - _IDLE_WORDS if len(w) > 2)


def _one_per_place(tool: JsonObject, prompt: str) -> list[ToolCall]:
    """Several places in the prompt and one place among the arguments: a call for each."""
    schema = tool.get("parameters") or {}
    hints = Hints.of(prompt)
    names = [p for p in schema.get("properties") or {} if _PLACE_PROPERTY.search(p)]
    takes_list = [n for n in names if schema["properties"][n].get("type") == "array"]
    if len(hints.places) < 2 or not names or takes_list:
        return []
    calls: list[ToolCall] = []
    for place in hints.places:
        mine = Hints.of(prompt)
        mine.places = [place]
        calls.append(ToolCall(tool["name"], schema_instances.instance(schema, mine)))
    return calls


def _call(tool: JsonObject, messages: Sequence[Mapping[str, Any]]) -> ToolCall:
    schema = tool.get("parameters") or {"type": "object", "properties": {}}
    source = last_of(messages, "user")
    if messages[-1]["role"] == "tool":
        source = f"{_results(messages)}\n{source}"
    arguments = schema_instances.instance({"type": "object", **schema}, Hints.of(source))
    return ToolCall(tool["name"], arguments)


def call_id(style: str, name: str, seed: str, index: int) -> str:
    """A tool call id in a provider's style, unique for the seed."""
    digest = hashlib.sha256(f"{seed}:{index}".encode()).hexdigest()
    forms = {
        "toolu": f"toolu_01{digest[:22]}",
        "gemini": f"tool_{name}_{digest[:20]}",
        "functions": f"functions.{name}:{index}",
        "nine": digest[:9],
        "uuid": f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
    }
    return forms.get(style, f"call_{digest[:24]}")


# ---------------------------------------------------------------- text


def text(body: JsonObject, chosen: Chosen) -> str:
    """The text of an answer: JSON when the endpoint honours the response format, else prose."""
    messages: Sequence[Mapping[str, Any]] = body["messages"]
    if chosen.model.style.echoes:
        return last_of(messages, "user")
    if chosen.strategy == "bodybuilder":
        return _bodies(messages)
    form = body.get("response_format") or {}
    unable = chosen.endpoint.without
    if form.get("type") == "json_schema" and "response_format" not in unable:
        value = schema_instances.instance(_schema_of(form), Hints.of(_material(messages)))
        written = json.dumps(value, ensure_ascii=False)
        return written if "structured_outputs" not in unable else f"```json\n{written}\n```"
    prompted = prompted_schema(messages)
    if form.get("type") == "json_object" and "response_format" not in unable:
        value = _object(_material(messages)) if prompted is None else _instance_of(prompted)
        return json.dumps(value, ensure_ascii=False)
    if prompted is not None and prompted.frame:
        return prompted.frame.format(json.dumps(_instance_of(prompted), ensure_ascii=False))
    return _prose(messages)


def _bodies(messages: Sequence[Mapping[str, Any]]) -> str:
    """The request bodies that `openrouter/bodybuilder` makes of a wish."""
    named = _MODEL_ID.findall(last_of(messages, "user")) or ["openai/gpt-4o-mini"]
    question = [{"role": "user", "content": last_of(messages, "user")}]
    return json.dumps({"requests": [{"model": name, "messages": question} for name in named]})


def _instance_of(prompted: Prompted) -> Any:
    return schema_instances.instance(prompted.schema, Hints.of(prompted.text))


def _schema_of(form: Mapping[str, Any]) -> Mapping[str, Any]:
    return (form.get("json_schema") or {}).get("schema") or {"type": "object"}


def _material(messages: Sequence[Mapping[str, Any]]) -> str:
    """What there is to extract from: tool results if they come last, and the prompt."""
    prompt = last_of(messages, "user") or last_of(messages, "system", "developer")
    return f"{_results(messages)}\n{prompt}" if messages[-1]["role"] == "tool" else prompt


def _object(prompt: str) -> JsonObject:
    """An object with the keys that the prompt names in quotes; a joke has its two."""
    hints = Hints.of(prompt)
    keys = [q for q in hints.quoted if _KEY.match(q)]
    if not keys and "joke" in prompt.lower():
        keys = ["setup", "punchline"]
    if not keys:
        return {"answer": prompt[:200]}
    bare = Hints.of(prompt)
    bare.quoted = [q for q in hints.quoted if not _KEY.match(q)]
    schema = {"type": "object", "properties": {k: {"type": "string"} for k in keys}}
    value: JsonObject = schema_instances.instance({**schema, "required": keys}, bare)
    return value


def _results(messages: Sequence[Mapping[str, Any]]) -> str:
    """The texts of the tool results at the end of the conversation."""
    found: list[str] = []
    for message in reversed(messages):
        if message["role"] != "tool":
            break
        found.append(text_of(message.get("content")) or "(no text)")
    return "; ".join(reversed(found))


def _prose(messages: Sequence[Mapping[str, Any]]) -> str:
    last = messages[-1]
    if last["role"] == "tool":
        return f"The tools say: {_results(messages)}"
    prompt = last_of(messages, "user") or last_of(messages, "system", "developer")
    media_parts = _media_of(last.get("content"))
    seen = f" I see: {', '.join(media_parts)}." if media_parts else ""
    return f"You said: {prompt or 'nothing'}.{seen}"


def _media_of(content: object) -> list[str]:
    if not isinstance(content, list):
        return []
    return [str(p.get("type")) for p in content if p.get("type") != "text"]


# ---------------------------------------------------------------- reasoning, media, citations


def thinks(body: JsonObject, spec: ModelSpec) -> bool:
    """Whether the model reasons on this request."""
    if spec.style.reasoning == "none":
        return False
    wish: Mapping[str, Any] = body.get("reasoning") or {}
    effort = wish.get("effort") or body.get("reasoning_effort")
    if wish.get("enabled") is False or effort == "none":
        return False
    is_set = bool(
        wish.get("enabled") or effort or wish.get("max_tokens") or body.get("include_reasoning")
    )
    return is_set or "reasoning" in body or spec.reasons_by_default


def hides_reasoning(body: JsonObject) -> bool:
    """Whether the reasoning is billed but not shown."""
    wish: Mapping[str, Any] = body.get("reasoning") or {}
    return bool(wish.get("exclude")) or body.get("include_reasoning") is False


def _thought(body: JsonObject, reply: Reply) -> str:
    subject = " ".join(last_of(body["messages"], "user").split()[:12]) or "nothing"
    plan = "A tool can tell me." if reply.tool_calls else "I can answer this directly."
    return f"The user says: {subject}. {plan}"


def _with_media(reply: Reply, body: JsonObject, spec: ModelSpec) -> Reply:
    wanted = body.get("modalities") or list(spec.outputs)
    prompt = last_of(body["messages"], "user")
    if "image" in spec.outputs and "image" in wanted and not reply.tool_calls:
        caption = reply.text if "text" in spec.outputs else None
        return reply.replace(text=caption, images=[media.png_url(prompt)])
    if "audio" in spec.outputs and "audio" in (body.get("modalities") or []) and reply.text:
        form = (body.get("audio") or {}).get("format", "pcm16")
        spoken = media.sound(reply.text, form)
        return reply.replace(text=None, audio=spoken, audio_transcript=reply.text)
    return reply


def has_search_tool(body: JsonObject) -> bool:
    """Whether the web search is among the tools."""
    return any(_SEARCH_TOOLS.match(str(t.get("type"))) for t in body.get("tools") or [])


def wants_search(body: JsonObject, chosen: Chosen) -> bool:
    """Whether the web is searched: a web plugin, tool, `:online` or a model that always does."""
    plugins = body.get("plugins") or []
    return (
        chosen.model.style.searches
        or chosen.online
        or any(p.get("id") == "web" and p.get("enabled") is not False for p in plugins)
        or has_search_tool(body)
        or "web_search_options" in body
    )


def _with_citations(reply: Reply, body: JsonObject, chosen: Chosen) -> Reply:
    found = _file_annotations(body)
    if wants_search(body, chosen) and not reply.tool_calls:
        cited = [_citation(n, last_of(body["messages"], "user")) for n in (1, 2)]
        extra: JsonObject = {}
        if chosen.model.style.searches:
            extra = {"citations": [c["url_citation"]["url"] for c in cited]}
        return reply.replace(annotations=[*found, *cited], extra=extra, searches=1)
    return reply.replace(annotations=found) if found else reply


def _citation(number: int, query: str) -> JsonObject:
    return {
        "type": "url_citation",
        "url_citation": {
            "url": f"https://example.com/source-{number}",
            "title": f"Source {number}",
            "start_index": 0,
            "end_index": 0,
            "content": f"Page {number} found for: {query[:200]}",
        },
    }


def _file_annotations(body: JsonObject) -> list[JsonObject]:
    """The parse of each file of the last user message, to be echoed on later turns."""
    users = [m for m in body["messages"] if m["role"] == "user"]
    content = users[-1]["content"] if users else None
    if not isinstance(content, list):
        return []
    files = [p["file"] for p in content if p.get("type") == "file"]
    return [_file_annotation(f) for f in files if f.get("file_data")]


def _file_annotation(file: Mapping[str, Any]) -> JsonObject:
    name = file.get("filename") or "file.pdf"
    digest = hashlib.sha256(str(file["file_data"]).encode()).hexdigest()
    lines = (f'<file name="{name}">', f"# {name}", "</file>")
    content = [{"type": "text", "text": line} for line in lines]
    return {"type": "file", "file": {"hash": digest, "name": name, "content": content}}


def _logprobs(answer: str, top: int) -> list[JsonObject]:
    """One entry a word, with made-up but fixed probabilities."""
    entries: list[JsonObject] = []
    for at, token in enumerate(re.findall(r"\S+\s*|\s+", answer)):
        value = -0.01 * (at % 7 + 1)
        ranked = [_token(token, value), *(_token(f"alt{n}", value - n) for n in range(1, top))][
            :top
        ]
        entries.append({**_token(token, value), "top_logprobs": ranked})
    return entries


def _token(token: str, logprob: float) -> JsonObject:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}
