"""The constructor: names, checks, secrets, copies, pickles and dumps."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import httpx2
import pytest
from langchain_core.load import dumpd, dumps, load
from langchain_core.runnables import ConfigurableField
from pydantic import SecretStr

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings, OpenRouterRerank
from langchain_openrouter.errors import ConfigurationError
from openrouter_core import AsyncOpenRouterClient, OpenRouterClient, Secret, Timeouts

KEY = "sk-or-v1-very-secret"


def model(**settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(**{"model": "a/b", "api_key": KEY, **settings})


# ------------------------------------------------------------------ names


def test_constructor_names_of_the_official_package_are_accepted():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = ChatOpenRouter(
            model="a/b",
            api_key=KEY,
            base_url="https://proxy.example/api/v1",
            app_url="https://app.example",
            app_title="App",
            app_categories=["cli-agent"],
            timeout=60,
            max_retries=3,
            temperature=0,
            max_tokens=10,
            max_completion_tokens=10,
            top_p=1,
            frequency_penalty=0,
            presence_penalty=0,
            seed=1,
            stop_sequences=["x"],
            n=1,
            streaming=False,
            stream_usage=True,
            model_kwargs={"safe_prompt": True},
            reasoning={"effort": "low"},
            openrouter_provider={"ignore": ["azure"]},
            route="fallback",
            plugins=[{"id": "web"}],
            default_headers={"x-grok-conv-id": "1"},
            session_id="s",
            trace={"trace_id": "t"},
        )

    assert made.model == made.model_name == "a/b"
    assert made.stop == ["x"]


def test_field_names_are_accepted_as_well():
    made = ChatOpenRouter(
        model_name="a/b",
        openrouter_api_key=KEY,
        openrouter_api_base="https://proxy.example/api/v1",
        request_timeout=5,
        stop=["x"],
    )

    assert made.client_config().base_url == "https://proxy.example/api/v1"
    assert made.client_config().timeouts.answer_s == 5


@pytest.mark.parametrize("key", [KEY, SecretStr(KEY), Secret(KEY)], ids=["str", "pydantic", "core"])
def test_key_of_any_type_is_taken(key: Any):
    assert model(api_key=key).client_config().key == KEY


@pytest.mark.parametrize("name", ["OPENROUTER_API_BASE", "OPENROUTER_BASE_URL"])
def test_settings_come_from_the_environment(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv(name, "https://proxy.example/api/v1")
    monkeypatch.setenv("OPENROUTER_SESSION_ID", "session")

    made = ChatOpenRouter(model="a/b")

    assert made.client_config().key == KEY
    assert made.client_config().base_url == "https://proxy.example/api/v1"
    assert made.session_id == "session"


def test_h2_row52_no_attribution_unless_set():
    """quirks.md H2, gap row 52."""
    config = model().client_config()

    assert (config.app_url, config.app_title, config.app_categories) == (None, None, ())


def test_h2_attribution_is_sent():
    """quirks.md H2."""
    config = model(app_url="https://a.b", app_title="A", app_categories=["x"]).client_config()

    assert (config.app_url, config.app_title, config.app_categories) == ("https://a.b", "A", ("x",))


# ------------------------------------------------------------------ checks


def test_a_model_must_be_named():
    with pytest.raises(ConfigurationError, match="model is missing"):
        ChatOpenRouter(api_key="sk-or-test")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"model": ""}, "model is empty"),
        ({"model": "  "}, "model is empty"),
        ({"api_key": ""}, "OPENROUTER_API_KEY must be set"),
        ({"api_key": None}, "OPENROUTER_API_KEY must be set"),
        ({"n": 2}, "one answer per call"),
        ({"n": 0}, "one answer per call"),
        ({"timeout": -1}, "above 0"),
        ({"max_retries": -1}, "greater than or equal to 0"),
        ({"client": "mine"}, "openrouter_core.OpenRouterClient"),
        ({"async_client": "mine"}, "openrouter_core.AsyncOpenRouterClient"),
        ({"reasoning_replay": "some"}, "signed-only"),
        ({"openai_api_key": "sk"}, "looks like a credential"),
        ({"temperature": 1, "model_kwargs": {"temperature": 0}}, "given twice"),
        ({"provider": {}, "model_kwargs": {"provider": {}}}, "given twice"),
        ({"brand_new": 1, "model_kwargs": {"brand_new": 2}}, "given twice"),
    ],
    ids=lambda s: str(s)[:40],
)
def test_bad_setting_is_refused_with_a_sentence(settings: dict[str, Any], says: str):
    with pytest.raises(ConfigurationError, match=says) as raised:
        model(**settings)

    assert KEY not in str(raised.value)


def test_missing_model_is_refused():
    with pytest.raises(ConfigurationError, match="model"):
        ChatOpenRouter(api_key=KEY)


def test_a_client_of_ones_own_needs_no_key_here():
    own = OpenRouterClient(KEY)

    assert ChatOpenRouter(model="a/b", client=own)._sync() is own


def test_timeout_in_milliseconds_is_asked_about():
    with pytest.warns(UserWarning, match="timeouts are in seconds"):
        model(timeout=60_000)


def test_timeouts_of_the_core_are_taken():
    timeouts = Timeouts(connect_s=1, gap_s=2)

    assert model(timeout=timeouts).client_config().timeouts is timeouts
    assert model(timeout=float("inf")).client_config().timeouts.gap_s == float("inf")
    assert model().client_config().timeouts == Timeouts()


def test_a11_unknown_argument_is_said_and_kept():
    """quirks.md A11: never silently lost."""
    with pytest.warns(UserWarning, match="brand_new. Sent as body fields"):
        made = model(brand_new={"x": 1}, model_kwargs={"other": 2})

    assert made.model_kwargs == {"other": 2, "brand_new": {"x": 1}}


def test_callers_dict_is_not_changed():
    given = {"other": 2}

    with pytest.warns(UserWarning, match="brand_new"):
        model(brand_new=1, model_kwargs=given)

    assert given == {"other": 2}


# ------------------------------------------------------------------ secrets


def test_row49_key_and_headers_are_in_no_repr_or_dump():
    """Gap row 49."""
    made = model(
        default_headers={"Authorization": "Bearer other-secret"},
        extra_headers={"x-key": "third-secret"},
        proxy="http://user:fourth-secret@proxy",
    )
    shown = [
        repr(made),
        str(made),
        dumps(made),
        str(made.model_dump()),
        str(made._identifying_params),
    ]
    shown += [str(made.asdict()), str(made.client_config())]

    assert not [s for s in shown if "secret" in s.replace('"type": "secret"', "")]


@pytest.mark.filterwarnings("ignore:The function `load` is in beta")
def test_dump_and_load_give_the_same_model(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    made = model(temperature=0.5, openrouter_provider={"zdr": True}, model_kwargs={"x": 1})

    again = load(
        dumpd(made),
        secrets_from_env=True,
        valid_namespaces=["langchain_openrouter"],
        allowed_objects="all",
    )

    assert again == made
    assert again.client_config().key == KEY


def test_row50_pickle_holds_no_secret_and_reads_the_key_anew(monkeypatch: pytest.MonkeyPatch):
    """Gap row 50."""
    made = model(
        temperature=0.5,
        default_headers={"x-api-key": "other-secret", "x-grok-conv-id": "1"},
        proxy="http://user:third-secret@proxy",
    )
    made._sync()

    data = pickle.dumps(made)
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-from-env")
    again = pickle.loads(data)

    assert b"secret" not in data
    assert again.temperature == 0.5
    assert again.default_headers is None
    assert again._sync().config.key == "sk-or-from-env"


def test_row50_deepcopy_shares_clients_and_copies_the_rest():
    """Gap row 50: locks and sockets cannot be copied."""
    http = httpx2.Client()
    made = model(http_client=http, openrouter_provider={"order": ["x"]})
    made._sync()

    copied = copy.deepcopy(made)
    copied.openrouter_provider["order"].append("y")  # type: ignore[index]

    assert made.openrouter_provider == {"order": ["x"]}
    assert copied.http_client is http
    assert copied.client_config().key == KEY


# ------------------------------------------------------------------ the client


def test_c5_clients_are_made_on_first_use_and_kept():
    """quirks.md C5."""
    made = model()

    assert made._own_client is None
    assert made._sync() is made._sync()
    assert isinstance(made._async(), AsyncOpenRouterClient)


def test_c6_max_retries_is_a_count():
    """quirks.md C6."""
    assert model(max_retries=0).client_config().max_retries == 0
    assert model(max_retries=5).client_config().max_retries == 5


def test_changed_client_settings_make_a_new_client():
    made = model()
    first = made._sync()

    made.temperature = 1.0
    assert made._sync() is first
    made.openrouter_api_key = SecretStr("sk-or-other")

    assert made._sync().config.key == "sk-or-other"


@pytest.mark.parametrize("way", ["model_copy", "configurable"])
def test_copies_with_another_key_use_it(way: str):
    made = model()
    made._sync()

    if way == "model_copy":
        other = made.model_copy(update={"openrouter_api_key": SecretStr("sk-or-other")})
    else:
        other = copy.copy(made)
        other.openrouter_api_key = SecretStr("sk-or-other")

    assert other._sync().config.key == "sk-or-other"
    assert made._sync().config.key == KEY


def test_c15_http_clients_are_passed_on():
    """quirks.md C15: they are used, and not closed by us."""
    http, http_async = httpx2.Client(), httpx2.AsyncClient()
    made = model(http_client=http, http_async_client=http_async)

    made._sync(), made._async()
    made.close()

    assert not http.is_closed


def test_http_client_of_another_library_is_refused():
    with pytest.raises(Exception, match="httpx2"):
        model(http_client=object())._sync()


async def test_close_and_aclose_leave_the_model_usable():
    made = model()
    first = made._sync()
    made._async()

    made.close()
    await made.aclose()

    assert made._sync() is first


# ------------------------------------------------------------------ made anew by LangChain


def test_a_configured_model_keeps_model_kwargs_streams_and_has_its_own_profile():
    made = model(model="openai/gpt-4o-mini", model_kwargs={"top_k": 5, "retry_empty": False})
    field = ConfigurableField("m")

    other: Any = made.configurable_fields(model_name=field, temperature=ConfigurableField("t"))
    prepared = other._prepare({"configurable": {"m": "anthropic/claude-sonnet-4.5", "t": 0.5}})[0]

    assert prepared.build_request("Hi")["top_k"] == 5
    assert prepared.build_request("Hi")["temperature"] == 0.5
    assert prepared.profile["name"] == "anthropic/claude-sonnet-4.5"
    assert not prepared._streaming_disabled()


def test_a_profile_and_streaming_of_the_users_own_stay_in_a_configured_model():
    made = model(model="openai/gpt-4o-mini", profile={"max_input_tokens": 7}, streaming=False)

    other: Any = made.configurable_fields(temperature=ConfigurableField("t"))
    prepared = other._prepare({"configurable": {"t": 0.5}})[0]

    assert prepared.profile == {"max_input_tokens": 7}
    assert prepared._streaming_disabled()


def test_there_is_no_attribute_n():
    """ragas sets it where it exists, and then expects as many answers."""
    assert not hasattr(model(n=1), "n")


def test_the_key_of_the_cache_differs_with_headers_and_query_and_shows_none():
    keys = {
        name: made._get_llm_string(**call)
        for name, (made, call) in {
            "plain": (model(), {}),
            "default": (model(default_headers={"x-a": "hunter2"}), {}),
            "extra": (model(extra_headers={"x-a": "hunter2"}), {}),
            "other": (model(extra_headers={"x-a": "hunter3"}), {}),
            "query": (model(extra_query={"a": "hunter2"}), {}),
            "call": (model(), {"extra_headers": {"x-a": "hunter2"}}),
            "call's query": (model(), {"extra_query": {"a": "hunter2"}}),
        }.items()
    }

    assert len(set(keys.values())) == len(keys)
    assert "hunter" not in str(keys)
    again = model(extra_headers={"x-a": "hunter2"})._get_llm_string()
    assert again == keys["extra"]


@pytest.mark.parametrize("kind", [ChatOpenRouter, OpenRouterEmbeddings, OpenRouterRerank])
def test_the_address_is_shown_as_base_url(kind: Any, monkeypatch: pytest.MonkeyPatch):
    """NeMo Guardrails names the provider by it."""
    given = OpenRouterClient("k", base_url="https://client.example/v1")

    assert kind(model="a/b", api_key="k").base_url == "https://openrouter.ai/api/v1"
    assert (
        kind(model="a/b", api_key="k", base_url="https://a.example/v1/").base_url
        == "https://a.example/v1"
    )
    assert kind(model="a/b", client=given).base_url == "https://client.example/v1"
    monkeypatch.setenv("OPENROUTER_BASE_URL", "https://env.example/v1")
    assert kind(model="a/b", api_key="k").base_url == "https://env.example/v1"
