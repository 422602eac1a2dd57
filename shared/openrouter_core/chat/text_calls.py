"""Tool calls that a provider left in the text of an answer: naming them, and reading the known forms.

Some hosts of DeepSeek, MiniMax, Kimi, GLM and Qwen pass the model's own markup on as text. Called by both
adapters, for whole answers and at the end of streamed ones. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from openrouter_core._json import as_dict, lenient_json
from openrouter_core.chat.json_text import thinking_spans

JsonObject = dict[str, Any]


class TextCalls(NamedTuple):
    """The tool calls that stand in a text."""

    form: str
    """Whose markup it is, e.g. "MiniMax"."""
    calls: list[JsonObject]
    """The calls in wire shape; empty when the markup cannot be read or names no tool of the request."""
    text: str
    """The text without the calls that were read."""


def form_of_calls_in(text: str) -> str | None:
    """Return whose tool-call markup the text holds; None when it holds none."""
    opened = _OPENING.search(text) if "<" in text else None
    return _FORMS[_form_at(opened)].name if opened else None


def read_text_calls(text: str, tools: Sequence[Mapping[str, Any]]) -> TextCalls | None:
    """Read the calls that stand in a text; None when it holds no markup of calls.

    What stands inside `<think>` is no call. A section with a call of a tool that is not in `tools`, or that
    does not close, stays text.

    Args:
        tools: The tools of the request in wire shape; their schemas give the arguments' types.
    """
    form = form_of_calls_in(text)
    if form is None:
        return None
    functions = {f.get("name"): f for f in (as_dict(tool.get("function")) for tool in tools)}
    drafts = thinking_spans(text)
    calls: list[JsonObject] = []
    rest: list[str] = []
    at = 0
    for section in _sections(text):
        found = [] if _is_within(section, drafts) else section.read(functions)
        if found and all(call["function"]["name"] in functions for call in found):
            rest.append(text[at : section.start])
            calls += found
            at, form = section.end, section.form
    rest.append(text[at:])
    numbered = [{"index": index, **call} for index, call in enumerate(calls)]
    return TextCalls(form, numbered, "".join(rest))


class TextCallFilter:
    """Holds back the calls in a text that is still growing, so that they are not shown as text."""

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._held = ""
        self._is_open = False

    def show(self, text: str) -> str:
        """Take in a piece of text; return what can be shown now."""
        self._held += text
        if self._is_open:
            return ""
        opened = _OPENING.search(self._held)
        self._is_open = opened is not None
        at = opened.start() if opened else _begins_opening(self._held)
        shown, self._held = self._held[:at], self._held[at:]
        self._shown.append(shown)
        return shown

    def rest(self, tools: Sequence[Mapping[str, Any]]) -> str:
        """Return the text that was held back and is no call, at the end of the answer."""
        shown = "".join(self._shown)
        found = read_text_calls(shown + self._held, tools)
        return found.text[len(shown) :] if found else self._held


# ---------------------------------------------------------------------------- the forms

_Functions = Mapping[Any, JsonObject]


class _Form(NamedTuple):
    name: str
    opening: str
    closing: str
    read: Callable[[str, _Functions], Iterator[JsonObject]]


def _read_invocations(section: str, functions: _Functions) -> Iterator[JsonObject]:
    """`<invoke name="f"><parameter name="x">1</parameter></invoke>`, with or without DeepSeek's prefix."""
    for name, body in _tagged(_INVOKE, section, _END_INVOKE):
        schemas = _parameter_schemas(functions, name)
        values: JsonObject = {}
        for opening, value in _tagged(_PARAMETER, body, _END_PARAMETER):
            key, _, marked = opening.partition('" string="')
            values[key] = _typed(_unwrapped(value), schemas.get(key), marked)
        yield _call(name, values)


_BAR = "[\uff5c|]"  # DeepSeek's tokens have the wide bar, some hosts write the plain one
_DSML = f"(?:{_BAR}DSML{_BAR})"
_INVOKE = re.compile(f'<{_DSML}?invoke name="([^"]+)">')
_END_INVOKE = re.compile(f"</{_DSML}?invoke>")
_PARAMETER = re.compile(f'<{_DSML}?parameter name="([^"]+(?:" string="(?:true|false))?)">')
_END_PARAMETER = re.compile(f"</{_DSML}?parameter>")


def _tagged(
    opening: re.Pattern[str], text: str, closing: re.Pattern[str]
) -> Iterator[tuple[str, str]]:
    """What the opening tag names and what stands between it and its closing tag, for each that closes."""
    _, *parts = opening.split(text)
    for named, rest in zip(parts[::2], parts[1::2], strict=True):
        if closed := closing.search(rest):
            yield named, rest[: closed.start()]


def _read_kimi(section: str, functions: _Functions) -> Iterator[JsonObject]:  # noqa: ARG001  # one shape
    """`functions.f:0`, which is also the call's id, and the arguments as JSON."""
    for identity, arguments in _tagged(_KIMI, section, _END_KIMI):
        name = identity.rpartition(":")[0].removeprefix("functions.") or identity
        yield {"id": identity, **_call(name, arguments.strip())}


_KIMI = re.compile(r"<\|tool_call_begin\|>\s*([^\s<]+)\s*<\|tool_call_argument_begin\|>")
_END_KIMI = re.compile(r"<\|tool_call_end\|>")


def _read_deepseek(section: str, functions: _Functions) -> Iterator[JsonObject]:  # noqa: ARG001  # one shape
    """`f<sep>{...}` of V3.1; `function<sep>f` and a fenced block of V3 and R1."""
    for name, arguments in _tagged(_DEEPSEEK, section, _END_DEEPSEEK):
        fenced = _FENCED.match(arguments)
        if name == "function" and fenced:
            yield _call(fenced.group(1), arguments[fenced.end() :].partition("```")[0].strip())
        else:
            yield _call(name, arguments.strip())


_LOW = "\u2581"
_DEEPSEEK = re.compile(
    rf"<{_BAR}tool{_LOW}call{_LOW}begin{_BAR}>\s*([^\s<]+)\s*<{_BAR}tool{_LOW}sep{_BAR}>"
)
_END_DEEPSEEK = re.compile(f"<{_BAR}tool{_LOW}call{_LOW}end{_BAR}>")
_FENCED = re.compile(r"\s*(\S+)\s*```(?:json)?")


def _read_tagged(section: str, functions: _Functions) -> Iterator[JsonObject]:
    """The inside of `<tool_call>`: an object (Qwen, Hermes), or a name and pairs of tags (GLM)."""
    body = section.removeprefix("<tool_call>").removesuffix("</tool_call>").strip()
    if body.startswith("{"):
        yield from _read_named_object(body)
        return
    name, *pairs = body.split("<arg_key>")
    schemas = _parameter_schemas(functions, name.strip())
    values: JsonObject = {}
    for pair in pairs:
        key, _, rest = pair.partition("</arg_key>")
        value = rest.partition("<arg_value>")[2].partition("</arg_value>")[0]
        values[key.strip()] = _typed(_unwrapped(value), schemas.get(key.strip()))
    yield _call(name.strip(), values)


def _read_named_object(text: str) -> Iterator[JsonObject]:
    try:
        value = as_dict(lenient_json(text))
    except ValueError:
        return
    if isinstance(value.get("name"), str):
        yield _call(value["name"], value.get("arguments") or {})


_FORMS = (
    _Form(
        "DeepSeek DSML",
        f"<{_DSML}(?:function|tool)_calls>",
        f"</{_DSML}(?:function|tool)_calls>",
        _read_invocations,
    ),
    _Form("MiniMax", r"<minimax:tool_call>", r"</minimax:tool_call>", _read_invocations),
    _Form(
        "Kimi",
        r"<\|tool_calls_section_begin\|>",
        r"<\|tool_calls_section_end\|>",
        _read_kimi,
    ),
    _Form(
        "DeepSeek",
        f"<{_BAR}tool{_LOW}calls{_LOW}begin{_BAR}>",
        f"<{_BAR}tool{_LOW}calls{_LOW}end{_BAR}>",
        _read_deepseek,
    ),
    _Form("GLM or Qwen", r"<tool_call>", r"</tool_call>", _read_tagged),
)
_OPENING = re.compile("|".join(f"({form.opening})" for form in _FORMS))
_LONGEST_OPENING = 32
_MAY_OPEN = re.compile(
    rf"<(?:{_BAR}(?:D\w*(?:{_BAR}\w*)?|t[a-z_{_LOW}]*{_BAR}?)?|m[a-z:_]*|t[a-z_]*)?\Z"
)


def _form_at(opened: re.Match[str]) -> int:
    return (opened.lastindex or 1) - 1


def _begins_opening(text: str) -> int:
    """Where a marker may begin that is not whole yet; the end of the text when none does."""
    at = text.rfind("<", max(0, len(text) - _LONGEST_OPENING))
    return at if at >= 0 and _MAY_OPEN.match(text, at) else len(text)


class _Section(NamedTuple):
    start: int
    end: int
    form: str
    body: str
    reader: Callable[[str, _Functions], Iterator[JsonObject]]

    def read(self, functions: _Functions) -> list[JsonObject]:
        return list(self.reader(self.body, functions))


def _sections(text: str) -> Iterator[_Section]:
    """Every section of markup that closes, from left to right."""
    at = 0
    while opened := _OPENING.search(text, at):
        form = _FORMS[_form_at(opened)]
        closed = re.compile(form.closing).search(text, opened.end())
        if closed is None:
            return
        start, at = opened.start(), closed.end()
        yield _Section(start, at, form.name, text[start:at], form.read)


def _is_within(section: _Section, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= section.start < end for start, end in spans)


# ---------------------------------------------------------------------------- values


def _call(name: str, arguments: JsonObject | str) -> JsonObject:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"type": "function", "function": {"name": name, "arguments": text}}


def _parameter_schemas(functions: _Functions, name: str) -> JsonObject:
    parameters = as_dict(functions.get(name, {}).get("parameters"))
    return as_dict(parameters.get("properties"))


def _unwrapped(value: str) -> str:
    """The value without the one line break that models write after and before a tag."""
    return value.removeprefix("\n").removesuffix("\n")


def _typed(text: str, schema: object, is_string: str = "") -> Any:
    """The value of a parameter: text where a string is wanted, else the JSON that it is."""
    if is_string == "true" or (not is_string and "string" in _types(as_dict(schema))):
        return text
    try:
        return lenient_json(text)
    except ValueError:
        return text


def _types(schema: JsonObject) -> list[Any]:
    kind = schema.get("type")
    types = list(kind) if isinstance(kind, list) else [kind]
    for key in ("anyOf", "oneOf"):
        for branch in schema.get(key) or ():
            types += _types(as_dict(branch))
    return types
