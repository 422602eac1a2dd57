"""Calls that a provider leaves in the text, in the forms of the model vendors' own templates."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from openrouter_core.chat.text_calls import TextCallFilter, form_of_calls_in, read_text_calls

_TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "bash",
            "parameters": {
                "type": "object",
                "properties": {
                    "command": {"type": "string"},
                    "timeout": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "label": {"type": ["string", "null"]},
                    "env": {"type": "object"},
                },
            },
        },
    },
    {"type": "function", "function": {"name": "ls"}},
    {"type": "openrouter:web_search"},
]
_WANTED = {"command": "echo '7'\nls", "timeout": 5, "label": "7", "env": {"A": "é"}}

MINIMAX = """<minimax:tool_call>
<invoke name="bash">
<parameter name="command">echo '7'
ls</parameter>
<parameter name="timeout">5</parameter>
<parameter name="label">7</parameter>
<parameter name="env">
{"A": "é"}
</parameter>
</invoke>
</minimax:tool_call>"""
DSML = """<|DSML|function_calls>
<|DSML|invoke name="bash">
<|DSML|parameter name="command" string="true">echo '7'
ls</|DSML|parameter>
<|DSML|parameter name="timeout" string="false">5</|DSML|parameter>
<|DSML|parameter name="label" string="true">7</|DSML|parameter>
<|DSML|parameter name="env" string="false">{"A": "é"}</|DSML|parameter>
</|DSML|invoke>
</|DSML|function_calls>""".replace("|", "\uff5c")
_JSON = json.dumps(_WANTED, ensure_ascii=False)
KIMI = (
    "<|tool_calls_section_begin|><|tool_call_begin|>functions.bash:0<|tool_call_argument_begin|>"
    f"{_JSON}<|tool_call_end|><|tool_calls_section_end|>"
)
GLM = """<tool_call>bash
<arg_key>command</arg_key>
<arg_value>echo '7'
ls</arg_value>
<arg_key>timeout</arg_key>
<arg_value>5</arg_value>
<arg_key>label</arg_key>
<arg_value>7</arg_value>
<arg_key>env</arg_key>
<arg_value>{"A": "é"}</arg_value>
</tool_call>"""
QWEN = f'<tool_call>\n{{"name": "bash", "arguments": {_JSON}}}\n</tool_call>'
DEEPSEEK_31 = (
    f"<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>bash<\uff5ctool\u2581sep\uff5c>{_JSON}<\uff5ctool\u2581call\u2581end\uff5c>"
    "<\uff5ctool\u2581calls\u2581end\uff5c>"
)
DEEPSEEK_3 = (
    "<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>function<\uff5ctool\u2581sep\uff5c>bash\n```json\n"
    f"{_JSON}\n```<\uff5ctool\u2581call\u2581end\uff5c><\uff5ctool\u2581calls\u2581end\uff5c>"
)
FORMS = {
    "MiniMax": MINIMAX,
    "DeepSeek DSML": DSML,
    "DSML with plain bars": DSML.replace("\uff5c", "|"),
    "DSML of V4": DSML.replace("function_calls", "tool_calls"),
    "Kimi": KIMI,
    "GLM": GLM,
    "Qwen": QWEN,
    "DeepSeek 3.1": DEEPSEEK_31,
    "DeepSeek 3": DEEPSEEK_3,
}
_each_form = pytest.mark.parametrize("markup", FORMS.values(), ids=FORMS.keys())


@_each_form
def test_a_call_is_read_with_the_types_of_its_schema(markup: str) -> None:
    found = read_text_calls(f"I look.\n{markup}\nDone.", _TOOLS)

    assert found is not None
    assert found.text == "I look.\n\nDone."
    (call,) = found.calls
    assert call["type"] == "function"
    assert call["function"]["name"] == "bash"
    assert json.loads(call["function"]["arguments"]) == _WANTED


@_each_form
def test_the_form_is_named(markup: str) -> None:
    assert form_of_calls_in(f"Well. {markup}") in {
        "MiniMax", "DeepSeek DSML", "Kimi", "GLM or Qwen", "DeepSeek"
    }  # fmt: skip


def test_kimi_keeps_the_id_that_its_model_wants_back() -> None:
    found = read_text_calls(KIMI, _TOOLS)

    assert found is not None
    assert found.calls[0]["id"] == "functions.bash:0"
    assert found.calls[0]["function"]["arguments"] == _JSON


def test_several_calls_of_a_section_and_of_several_sections() -> None:
    invoke = '<invoke name="ls">\n</invoke>'
    section = f"<minimax:tool_call>{invoke}{invoke}</minimax:tool_call>"

    found = read_text_calls(f"{section} and {section}", _TOOLS)

    assert found is not None
    assert [call["index"] for call in found.calls] == [0, 1, 2, 3]
    assert {call["function"]["arguments"] for call in found.calls} == {"{}"}
    assert found.text == " and "


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(MINIMAX.replace("bash", "rm"), id="no such tool"),
        pytest.param(f"<think>{MINIMAX}</think>", id="in thinking"),
        pytest.param(f"{MINIMAX}</think>Done.", id="in thinking that the prompt opened"),
        pytest.param(MINIMAX[:-5], id="cut off"),
        pytest.param("<tool_call>{broken</tool_call>", id="broken"),
        pytest.param("<tool_call>[1]</tool_call>", id="no call"),
    ],
)
def test_what_cannot_be_called_stays_text(text: str) -> None:
    found = read_text_calls(text, _TOOLS)

    assert found is not None
    assert found.calls == []
    assert found.text == text


@pytest.mark.parametrize("text", ["", "a < b", "<b>bold</b>", "<invoke>", "tool_call"])
def test_other_text_holds_no_calls(text: str) -> None:
    assert form_of_calls_in(text) is None
    assert read_text_calls(text, _TOOLS) is None


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
@pytest.mark.parametrize(
    "text",
    [
        *(f"Look <b>here</b> a<b: {markup} Done <" for markup in FORMS.values()),
        MINIMAX[:-5],
        MINIMAX.replace("bash", "rm") + " after",
        "if a < b and <tool or <|DSM then <",
        "no markup at all",
    ],
)
def test_a_growing_text_shows_what_is_left_when_it_is_whole(text: str, size: int) -> None:
    whole = read_text_calls(text, _TOOLS)
    text_filter = TextCallFilter()

    shown = [text_filter.show(text[i : i + size]) for i in range(0, len(text), size)]
    shown.append(text_filter.rest(_TOOLS))

    assert "".join(shown) == (whole.text if whole else text)
    assert "invoke" not in "".join(shown[:-1])


def test_text_that_begins_no_call_is_shown_at_once() -> None:
    text_filter = TextCallFilter()

    assert [text_filter.show(piece) for piece in ["a ", "< b", " <div", ">x"]] == [
        "a ", "< b", " <div", ">x"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>" * 20_000,
        "<tool_call>x</tool_call>" * 5_000,
        "<tool_call><arg_key>" * 3_000 + "</tool_call>",
        '<minimax:tool_call><invoke name="f">' * 2_000 + "</minimax:tool_call>",
        "<think>" * 20_000 + "<tool_call>x</tool_call>" * 5_000,
    ],
    ids=lambda text: text[:20],
)
def test_hostile_text_is_read_in_linear_time(text: Any) -> None:
    begun = time.perf_counter()

    read_text_calls(text, _TOOLS)

    assert time.perf_counter() - begun < 2
