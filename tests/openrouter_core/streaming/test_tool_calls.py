"""Tool calls put together from streamed pieces: the shapes that recorded streams have."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from openrouter_core.chat.answer import with_ids
from openrouter_core.streaming.tool_calls import CallPiece, ToolCalls
from tests.openrouter_core.chat_chunks import chunk, fed, message_of, piece_of


def _calls(*pieces: dict[str, Any]) -> list[tuple[str | None, str | None, str]]:
    answer = fed(*(chunk({"content": None, "tool_calls": [piece]}) for piece in pieces))
    calls = answer.tool_calls
    assert [call["index"] for call in calls] == list(range(len(calls)))
    return [(c["id"], c["function"]["name"], c["function"]["arguments"]) for c in calls]


_ONE_CALL = {
    "index-only-pieces": [piece_of(0, "a", "f", ""), piece_of(0, arguments=""),
                          piece_of(0, arguments='{"x":'), piece_of(0, arguments="1}")],
    "empty-id-later": [piece_of(0, "a", "f", '{"x"'), piece_of(0, "", arguments=":1}")],
    "no-arguments-first": [piece_of(0, "a", "f"), piece_of(0, arguments='{"x":1}')],
    "text-first": [piece_of(0, "a", "f", '{"x"'), piece_of(0, arguments=":1}")],
    "whole": [piece_of(0, "a", "f", '{"x":1}')],
    "arguments-as-object": [piece_of(0, "a", "f", {"x": 1})],
    "id-repeated": [piece_of(0, "a", "f", '{"x"'), piece_of(0, "a", arguments=":1}")],
    "id-and-name-repeated": [piece_of(0, "a", "f", '{"x"'), piece_of(0, "a", "f", ":1}")],
    "name-repeated": [piece_of(0, "a", "f", '{"x"'), piece_of(0, None, "f", ":1}")],
    "empty-name-repeated": [piece_of(0, "a", "f", '{"x"'), piece_of(0, "", "", ":1}")],
    "index-missing": [piece_of(None, "a", "f", '{"x"'), piece_of(None, arguments=":1}")],
    "index-missing-later": [piece_of(0, "a", "f", '{"x"'), piece_of(None, arguments=":1}")],
    "id-later": [piece_of(0, None, "f", '{"x"'), piece_of(0, "a", arguments=":1}")],
}  # fmt: skip


@pytest.mark.parametrize("pieces", _ONE_CALL.values(), ids=_ONE_CALL.keys())
def test_pieces_of_one_call_are_joined(pieces: list[dict[str, Any]]) -> None:
    ((id, name, arguments),) = _calls(*pieces)

    assert (id, name, json.loads(arguments)) == ("a", "f", {"x": 1})


_TWO = [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')]
_TWO_CALLS = {
    "one-after-the-other": [piece_of(0, "a", "f", ""), piece_of(0, arguments='{"x":1}'),
                            piece_of(1, "b", "g", ""), piece_of(1, arguments='{"y":2}')],
    "interleaved": [piece_of(0, "a", "f", '{"x"'), piece_of(1, "b", "g", '{"y"'),
                    piece_of(0, arguments=":1}"), piece_of(1, arguments=":2}")],
    "same-index": [piece_of(0, "a", "f", '{"x":1}'), piece_of(0, "b", "g", '{"y":2}')],
    "same-index-in-pieces": [piece_of(0, "a", "f", '{"x"'), piece_of(0, arguments=":1}"),
                             piece_of(0, "b", "g", '{"y"'), piece_of(0, arguments=":2}")],
    "same-index-interleaved-by-id": [piece_of(0, "a", "f", '{"x"'), piece_of(0, "b", "g", '{"y"'),
                                     piece_of(0, "a", arguments=":1}"),
                                     piece_of(0, "b", arguments=":2}")],
    "no-index": [piece_of(None, "a", "f", '{"x":1}'), piece_of(None, "b", "g", '{"y":2}')],
}  # fmt: skip


@pytest.mark.parametrize("pieces", _TWO_CALLS.values(), ids=_TWO_CALLS.keys())
def test_d3_two_calls_are_kept_apart(pieces: list[dict[str, Any]]) -> None:
    """quirks.md D3: keyed by index and id; a new id on an old index is a new call."""
    assert _calls(*pieces) == _TWO


@pytest.mark.parametrize("later", ["", '{"y":2}'], ids=["in-pieces", "whole"])
def test_d3_a_new_name_after_complete_json_is_a_new_call(later: str) -> None:
    """quirks.md D3: providers that send no ids still tell calls apart by name."""
    pieces = [piece_of(0, None, "f", '{"x":1}'), piece_of(0, None, "g", later)]
    if not later:
        pieces.append(piece_of(0, arguments='{"y":2}'))

    assert _calls(*pieces) == [(None, "f", '{"x":1}'), (None, "g", '{"y":2}')]


def test_d3_the_same_name_thrice_without_ids_is_three_calls() -> None:
    """quirks.md D3: same index, same name, no id."""
    pieces = [piece_of(0, None, "f", f'{{"x":{n}}}') for n in range(3)]

    assert [arguments for _, _, arguments in _calls(*pieces)] == ['{"x":0}', '{"x":1}', '{"x":2}']


def test_d3_a_call_with_an_id_after_a_complete_one_without_is_new() -> None:
    """quirks.md D3: an id does not adopt the finished call of another name."""
    calls = _calls(piece_of(0, None, "f", '{"x":1}'), piece_of(0, "b", "g", '{"y":2}'))

    assert calls == [(None, "f", '{"x":1}'), ("b", "g", '{"y":2}')]


def test_five_whole_calls_in_one_chunk_are_five() -> None:
    answer = fed(chunk({"tool_calls": [piece_of(n, f"id{n}", "f", "{}") for n in range(5)]}))

    assert [c["id"] for c in answer.tool_calls] == ["id0", "id1", "id2", "id3", "id4"]


def test_d12_two_whole_calls_with_one_id_stay_two() -> None:
    """quirks.md D12: a duplicate id does not fuse what stands on two indexes."""
    calls = _calls(piece_of(0, "same", "f", '{"x":1}'), piece_of(1, "same", "g", '{"y":2}'))

    assert [name for _, name, _ in calls] == ["f", "g"]


def test_d10_white_space_after_complete_arguments_is_no_new_call() -> None:
    """quirks.md D10: a trailing blank delta must not run the tool twice."""
    calls = _calls(
        piece_of(0, "a", "f", '{"x":1}'), piece_of(0, arguments=" "), piece_of(0, "", "f", "")
    )

    assert len(calls) == 1
    assert json.loads(calls[0][2]) == {"x": 1}


@pytest.mark.parametrize("arguments", ["", None], ids=["empty", "missing"])
def test_d2_a_call_without_arguments_has_an_empty_string(arguments: str | None) -> None:
    """quirks.md D2: nothing is made up; adapters read blank as `{}`."""
    assert _calls(piece_of(0, "a", "f", arguments)) == [("a", "f", "")]


def test_d11_arguments_are_joined_byte_for_byte() -> None:
    """quirks.md D11: no re-serialising, and invalid JSON is kept too."""
    pieces = ['{ "b" : 1 ,', '  "a":"\u00e9\\u00e9" }', ""]
    answer = _calls(*[piece_of(0, "a" if n == 0 else None, None, p) for n, p in enumerate(pieces)])

    assert answer[0][2] == "".join(pieces)


def test_the_type_on_every_piece_is_said_once() -> None:
    answer = fed(*(chunk({"tool_calls": [piece_of(0, "a", "f", text)]}) for text in "{}"))

    assert [call["type"] for call in answer.tool_calls] == ["function"]


def test_d16_extra_keys_of_a_tool_call_are_kept() -> None:
    """quirks.md D16: also inside `function`."""
    piece = {**piece_of(0, "a", "f", "{}"), "extra_content": {"google": {"thought_signature": "s"}}}
    piece["function"]["strict"] = True

    (call,) = fed(chunk({"tool_calls": [piece]})).tool_calls

    assert call["extra_content"] == {"google": {"thought_signature": "s"}}
    assert call["function"]["strict"] is True


def test_d9_tool_calls_alone_have_null_content() -> None:
    """quirks.md D9: `content: ""` beside tool calls is refused on replay by some providers."""
    message = message_of(
        chunk({"tool_calls": [piece_of(0, "a", "f", "{}")]}), chunk({}, "tool_calls")
    )

    assert message["content"] is None


def test_text_beside_tool_calls_is_kept() -> None:
    pieces = {"content": "Let me look.", "tool_calls": [piece_of(0, "a", "f", "{}")]}

    assert message_of(chunk(pieces), chunk({}, "tool_calls"))["content"] == "Let me look."


# ------------------------------------------------------------------------- one id, two calls

_SAME_ID = {
    "another name": ([piece_of(0, "a", "f", '{"x":1}'), piece_of(0, "a", "g", '{"y":2}')], "fg"),
    "another name, arguments later": (
        [piece_of(0, "a", "f", '{"x":1}'), piece_of(0, "a", "g", ""), piece_of(0, "a", None, "{}")],
        "fg",
    ),
    "the same name, arguments again": (
        [piece_of(0, "a", "f", '{"x":1}'), piece_of(0, "a", "f", '{"x":2}')],
        "ff",
    ),
    "thrice": ([piece_of(0, "a", n, "{}") for n in "fgh"], "fgh"),
    "the name repeated on every piece": (
        [piece_of(0, "a", "f", text) for text in ("", '{"x"', ":1", "}", "", " ")],
        "f",
    ),
    "the name once more at the end": (
        [piece_of(0, "a", "f", '{"x":1}'), piece_of(0, "a", "f"), piece_of(0, "a", "f", "")],
        "f",
    ),
}


@pytest.mark.parametrize(("pieces", "names"), _SAME_ID.values(), ids=_SAME_ID.keys())
def test_calls_with_one_id_and_one_index(pieces: list[dict[str, Any]], names: str) -> None:
    """Seen behind OpenRouter: parallel calls share both; others repeat id and name on every piece."""
    calls = _calls(*pieces)

    assert "".join(str(name) for _, name, _ in calls) == names
    assert all(json.loads(arguments) is not None for *_, arguments in calls)


def test_a_name_on_every_piece_costs_no_parsing_of_the_arguments_so_far() -> None:
    pieces = [
        piece_of(0, "a", "f", '{"x": "'),
        *(piece_of(0, "a", "f", "x" * 50) for _ in range(9000)),
    ]
    begun = time.perf_counter()

    calls = _calls(*pieces)

    assert len(calls) == 1
    assert time.perf_counter() - begun < 5


# ------------------------------------------------------------------------- what is shown while they come


def _shown(*pieces: dict[str, Any]) -> tuple[list[CallPiece], list[CallPiece]]:
    calls = ToolCalls()
    shown = [piece for p in pieces if (piece := calls.add(p)) is not None]
    return shown, calls.rest("gen-1")


def test_a_piece_tells_whether_its_call_is_new() -> None:
    shown, rest = _shown(
        piece_of(0, "a", "f", '{"x"'), piece_of(0, "a", "f", ":1}"), piece_of(1, "b", "g", '{"y"')
    )

    assert shown == [(0, "a", "f", '{"x"'), (0, None, None, ":1}"), (1, "b", "g", '{"y"')]
    assert rest == []


def test_a_repeated_id_is_numbered_and_a_missing_one_made_at_the_end() -> None:
    shown, rest = _shown(
        piece_of(0, "a", "f", '{"x":1}'),
        piece_of(0, "a", "g", '{"y":1}'),
        piece_of(1, None, "h", '{"z'),
    )

    assert [piece.id for piece in shown] == ["a", "a_1", None]
    ((at, identity, name, text),) = rest
    assert (at, name, text) == (2, None, "")
    assert identity == with_ids([{}, {}, {}], "gen-1")[2]["id"]


_HELD = {
    "null": (["nu", "ll"], "{}"),
    "list": (["[", "]"], "{}"),
    "blanks": ([" ", "\n"], "{}"),
    "empty object": (["{", "}"], "{}"),
    "nothing": ([""], ""),
    "encoded twice": (['"{\\"x\\"', ': 1}"'], '{"x": 1}'),
    "text": (['"a', 'b"'], '"ab"'),
    "full list": (["[1", "]"], "[1]"),
    "not JSON": (["INVALID", " JSON"], "INVALID JSON"),
}


@pytest.mark.parametrize(("texts", "whole"), _HELD.values(), ids=_HELD.keys())
def test_arguments_that_are_no_object_are_held_back(texts: list[str], whole: str) -> None:
    """They are shown at the end as what they mean, so that no reader takes them for something else."""
    shown, rest = _shown(piece_of(0, "a", "f"), *(piece_of(0, arguments=text) for text in texts))

    assert "".join(piece.arguments for piece in shown) == ""
    assert [piece.arguments for piece in rest] == [whole] * bool(whole)


def test_a_placeholder_before_the_object_is_not_shown() -> None:
    shown, rest = _shown(
        piece_of(0, "a", "f", "{}"), piece_of(0, arguments=' {"x"'), piece_of(0, arguments=":1}")
    )

    assert "".join(piece.arguments for piece in shown) == '{"x":1}'
    assert rest == []


def test_a_character_cut_in_two_arrives_whole() -> None:
    pieces = [piece_of(0, "a", "f", '{"x":"\ud83d'), piece_of(0, arguments='\ude00"}')]
    shown, rest = _shown(*pieces)

    assert [piece.arguments for piece in shown] == ['{"x":"', '\U0001f600"}']
    assert rest == []
    assert _calls(*pieces)[0][2] == '{"x":"\U0001f600"}'
