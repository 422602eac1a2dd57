"""One cost model for every endpoint. The usage objects have the shapes of OpenRouter's endpoints."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from openrouter_core.costs import Cost, Price, Tokens

CHAT = {
    "prompt_tokens": 2572,
    "completion_tokens": 100,
    "total_tokens": 2672,
    "cost": 0.00341475,
    "is_byok": False,
    "cost_details": {
        "upstream_inference_cost": 0.00341475,
        "upstream_inference_prompt_cost": 0.00191475,
        "upstream_inference_completions_cost": 0.0015,
    },
    "prompt_tokens_details": {"cached_tokens": 2240, "cache_write_tokens": 329},
    "completion_tokens_details": {"reasoning_tokens": 40},
    "server_tool_use_details": {"web_search_requests": 2},
}
RESPONSES = {
    "input_tokens": 74,
    "output_tokens": 22,
    "total_tokens": 96,
    "cost": 2.43e-05,
    "is_byok": False,
    "input_tokens_details": {"cached_tokens": 12},
    "output_tokens_details": {"reasoning_tokens": 6},
    "cost_details": {
        "upstream_inference_cost": None,
        "upstream_inference_input_cost": 1.11e-05,
        "upstream_inference_output_cost": 1.32e-05,
    },
}
MESSAGES = {
    "input_tokens": 574,
    "output_tokens": 306,
    "output_tokens_details": {"thinking_tokens": 191},
    "cache_read_input_tokens": 128,
    "cache_creation_input_tokens": None,
    "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
    "cost": 0.000126255304,
    "is_byok": False,
}


@pytest.mark.parametrize(
    ("usage", "charged", "tokens"),
    [
        pytest.param(CHAT, "0.00341475", Tokens(2572, 100, 2672, 2240, 329, 40), id="chat"),
        pytest.param(RESPONSES, "0.0000243", Tokens(74, 22, 96, 12, None, 6), id="responses"),
        pytest.param(
            MESSAGES, "0.000126255304", Tokens(574, 306, None, 128, None, 191), id="messages"
        ),
        pytest.param(
            {"prompt_tokens": 7, "total_tokens": 7, "cost": 1.4e-07},
            "0.00000014",
            Tokens(7, None, 7),
            id="embeddings",
        ),
        pytest.param(
            {"total_tokens": 17, "cost": 3.4e-07},
            "0.00000034",
            Tokens(total=17),
            id="rerank by tokens",
        ),
        pytest.param({"search_units": 1, "cost": 0.001}, "0.001", Tokens(), id="rerank by search"),
        pytest.param(
            {"prompt_tokens": 1125, "completion_tokens": 1120, "cost": 0.03388125},
            "0.03388125",
            Tokens(1125, 1120, 2245),
            id="images",
        ),
        pytest.param({"cost": 0.0708932, "is_byok": False}, "0.0708932", Tokens(), id="videos"),
        pytest.param({"seconds": 6, "cost": 0.0006}, "0.0006", Tokens(), id="transcriptions"),
        pytest.param(
            {"prompt_tokens": 3, "completion_tokens": 0, "cost": 0.00002},
            "0.00002",
            Tokens(3, 0, 3),
            id="completions and batches",
        ),
    ],
)
def test_b11_one_reader_reads_every_endpoint(usage, charged, tokens):
    """quirks.md B11."""
    cost = Cost.of_usage(usage)

    assert cost.charged == cost.total == Decimal(charged)
    assert cost.tokens == tokens
    assert cost.raw == usage


def test_units_that_are_not_tokens_are_kept():
    assert Cost.of_usage({"seconds": 6, "cost": 0.0006}).seconds == 6
    assert Cost.of_usage({"search_units": 1, "cost": 0.001}).search_units == 1


@pytest.mark.parametrize("name", ["server_tool_use", "server_tool_use_details"])
def test_server_tool_use_is_read_under_both_names(name):
    assert Cost.of_usage({name: {"web_search_requests": 3}}).server_tool_use == {
        "web_search_requests": 3
    }


def test_b1_with_your_own_key_total_is_the_fee_plus_the_provider():
    """quirks.md B1."""
    cost = Cost.of_usage(
        {"cost": 0.0001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.0025}}
    )

    assert (cost.charged, cost.upstream, cost.total) == tuple(
        map(Decimal, ("0.0001", "0.0025", "0.0026"))
    )


def test_b1_without_your_own_key_upstream_is_not_added():
    """quirks.md B1."""
    cost = Cost.of_usage(CHAT)

    assert cost.upstream == Decimal("0.00341475")
    assert cost.total == cost.charged


def test_b1_without_is_byok_upstream_is_not_added():
    """quirks.md B1: recorded with the advisor tool, where `is_byok` is absent."""
    cost = Cost.of_usage(
        {"cost": 0.0160614, "cost_details": {"upstream_inference_cost": 0.0001764}}
    )

    assert cost.total == Decimal("0.0160614")


def test_b1_with_your_own_key_and_no_upstream_price_the_total_is_unknown():
    """quirks.md B1."""
    cost = Cost.of_usage({"cost": 0, "is_byok": True})

    assert cost.charged == 0
    assert cost.total is None


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": 4}, {"cost": None}, {"cost": "soon"}, {"cost": True}]
)
def test_b2_a_cost_nobody_said_is_none_and_not_zero(usage):
    """quirks.md B2."""
    assert Cost.of_usage(usage).charged is None
    assert Cost.of_usage(usage).total is None


def test_a_free_call_costs_zero():
    assert Cost.of_usage({"cost": 0}).total == 0


def test_null_details_are_read_as_not_said():
    usage = {"cost": 0.1, "prompt_tokens_details": None, "cost_details": None}

    assert Cost.of_usage(usage).tokens.cached is None


def test_b12_fields_nobody_knows_stay_in_raw():
    """quirks.md B12."""
    usage = {"cost": 0.1, "moon_tokens": 7}

    assert Cost.of_usage(usage).raw["moon_tokens"] == 7


@given(st.decimals(min_value=0, max_value=1000, places=9))
def test_amounts_are_read_as_they_are_written(amount):
    body = f'{{"cost": {amount}}}'.encode()

    assert Cost.of_usage(from_json(body)).charged == amount


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda leaf: st.lists(leaf, max_size=2) | st.dictionaries(st.text(max_size=3), leaf),
        max_leaves=3,
    ),
    st.sampled_from([*CHAT, *RESPONSES, *MESSAGES]),
)
def test_a_surprising_value_never_breaks_the_reader(value, name):
    cost = Cost.of_usage({**CHAT, name: value})

    assert cost.total is None or cost.total.is_finite()


GENERATION = {
    "id": "gen-1",
    "model": "anthropic/claude-3-haiku",
    "provider_name": "Anthropic",
    "total_cost": 0.0004688775,
    "usage": 0.0004688775,
    "cache_discount": 0.0010926,
    "upstream_inference_cost": 0,
    "is_byok": False,
    "tokens_prompt": 4538,
    "tokens_completion": 257,
    "native_tokens_prompt": 4884,
    "native_tokens_completion": 285,
    "native_tokens_reasoning": None,
    "native_tokens_cached": 4800,
}


@pytest.mark.parametrize("record", [GENERATION, {"data": GENERATION}], ids=["bare", "enveloped"])
def test_a_generation_record_is_read(record):
    cost = Cost.of_generation(record)

    assert cost.source == "generation"
    assert cost.total == Decimal("0.0004688775")
    assert cost.cache_discount == Decimal("0.0010926")
    assert cost.upstream is None
    assert cost.tokens == Tokens(4884, 285, 5169, 4800, None, None, 4538, 257)
    assert (cost.model, cost.provider) == ("anthropic/claude-3-haiku", "Anthropic")


def test_a_generation_record_with_your_own_key_adds_the_provider():
    cost = Cost.of_generation({"total_cost": 0, "is_byok": True, "upstream_inference_cost": 0.0031})

    assert cost.total == Decimal("0.0031")


def test_what_one_source_leaves_open_is_filled_from_the_other():
    late = Cost.of_generation(GENERATION)
    both = late.filled_from(Cost.of_usage(CHAT))

    assert both.total == late.total
    assert both.tokens.prompt == 4884
    assert both.tokens.cache_write == 329
    assert both.source == "generation"


def test_a_cost_survives_json():
    cost = Cost.of_usage(CHAT, model="m", provider="p", generation_id="gen-1")

    again = Cost.from_dict(json.loads(json.dumps(cost.to_dict())))

    assert again == cost
    assert again.raw == cost.raw


def test_a_cost_written_by_a_newer_version_is_read():
    assert Cost.from_dict({"charged": "1.5", "tokens": {"moon": 1}, "mood": "blue"}).charged == 1.5


def test_list_prices_give_an_amount():
    price = Price.of({"prompt": "0.000001", "completion": "0.000002", "input_cache_read": "1e-7"})

    assert price is not None
    assert price.amount(1000, 100) == Decimal("0.0012")
    assert price.amount(1000, 100, cached=500) == Decimal("0.00075")


def test_a_router_has_no_list_price():
    assert Price.of({"prompt": "-1", "completion": "-1"}) is None


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "cost": st.one_of(st.none(), st.floats(), st.integers(), st.booleans(), st.text()),
            "is_byok": st.one_of(st.none(), st.booleans()),
            "cost_details": st.fixed_dictionaries(
                {}, optional={"upstream_inference_cost": st.floats(0, 9)}
            ),
        },
    )
)
def test_whether_a_price_is_known_is_told_alike_before_and_after_reading(usage):
    is_priced = Cost.of_usage(usage).is_priced
    cost = Cost.of_usage(usage)

    assert is_priced is (cost.total is not None)
    assert cost.is_priced is is_priced


def test_what_becomes_of_an_answer_does_not_change_its_cost():
    """The usage object belongs to the caller, who may do with it what they like."""
    usage = {"cost": 0.5, "cost_details": {"upstream_inference_cost": 0.25}, "prompt_tokens": 3}
    cost = Cost.of_usage(usage, model="a/one")

    usage["cost"] = usage["prompt_tokens"] = 7
    usage["cost_details"]["upstream_inference_cost"] = 9
    usage.clear()

    assert (cost.charged, cost.upstream) == (Decimal("0.5"), Decimal("0.25"))
    assert cost.tokens.prompt == 3
    assert cost.raw["cost"] == 0.5


@pytest.mark.parametrize("copied", [copy.copy, lambda cost: pickle.loads(pickle.dumps(cost))])
def test_a_cost_that_nobody_has_read_can_be_copied(copied):
    cost = copied(Cost.of_usage({"cost": 0.5}, model="a/one"))

    assert cost == Cost.of_usage({"cost": 0.5}, model="a/one")
    assert not hasattr(cost, "no_such_figure")
    with pytest.raises(FrozenInstanceError):
        cost.charged = Decimal(0)
