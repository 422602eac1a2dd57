"""Settings: from arguments and the environment into one frozen value that shows no secret."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import warnings
from typing import Any

import pytest
from pydantic import SecretStr

from openrouter_core import ClientConfig, ConfigurationError, MissingApiKeyError, Secret, Timeouts

_KEY = "sk-or-v1-0123456789"


# ------------------------------------------------------------------------- where values come from


def test_without_anything_the_public_api_is_meant() -> None:
    config = ClientConfig.of()

    assert config.base_url == "https://openrouter.ai/api/v1"
    assert config.api_key is None
    assert (config.app_url, config.app_title, config.app_categories) == (None, None, ())


def test_the_environment_fills_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", f" {_KEY}\n")
    monkeypatch.setenv("OPENROUTER_BASE_URL", "https://gateway.test/or/")
    monkeypatch.setenv("OPENROUTER_APP_URL", "https://app.test")
    monkeypatch.setenv("OPENROUTER_APP_TITLE", "App")
    monkeypatch.setenv("OPENROUTER_APP_CATEGORIES", "cli-agent, ide ,")

    config = ClientConfig.of()

    assert config.key == _KEY
    assert config.base_url == "https://gateway.test/or"
    assert (config.app_url, config.app_title) == ("https://app.test", "App")
    assert config.app_categories == ("cli-agent", "ide")


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "from-the-environment")
    monkeypatch.setenv("OPENROUTER_BASE_URL", "https://gateway.test")

    config = ClientConfig.of(_KEY, base_url="http://localhost:1/api/v1")

    assert (config.key, config.base_url) == (_KEY, "http://localhost:1/api/v1")


def test_the_older_name_of_the_base_url_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_BASE", "https://gateway.test")

    assert ClientConfig.of().base_url == "https://gateway.test"


def test_categories_may_be_one_string() -> None:
    assert ClientConfig.of(app_categories="cli-agent,ide").app_categories == ("cli-agent", "ide")


@pytest.mark.parametrize(
    "key", [_KEY, Secret(_KEY), SecretStr(_KEY)], ids=["str", "ours", "pydantic"]
)
def test_a_key_may_be_a_string_or_a_secret(key: Any) -> None:
    assert ClientConfig.of(key).key == _KEY


def test_a_blank_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "  ")

    with pytest.raises(MissingApiKeyError, match="OPENROUTER_API_KEY"):
        _ = ClientConfig.of().key


# ------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": 7},
        {"api_key": "sk or"},
        {"api_key": "sk-\u00e9"},
        {"api_key": "sk\n-or"},
        {"base_url": "openrouter.ai/api/v1"},
        {"base_url": "ftp://x"},
        {"base_url": "https://"},
        {"base_url": "http://[::1"},
        {"base_url": "http://host:99999"},
        {"base_url": "http://host:port/v1"},
        {"base_url": "https://host/v1?key=1"},
        {"base_url": "https://host/v1#x"},
        {"base_url": "https://user:hunter2@host/v1"},
        {"base_url": "https://ho st/v1"},
        {"timeout_s": 0},
        {"timeout_s": -1},
        {"timeout_s": True},
        {"timeout_s": "5"},
        {"timeout_s": float("nan")},
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"max_retries": True},
        {"max_retries": None},
        {"max_wait_s": 0},
        {"max_connections": 0},
        {"proxy": "corporate-proxy"},
        {"proxy": "ftp://proxy:1"},
        {"headers": {"X-A": "a\r\nX-B: b"}},
        {"headers": {"X A": "a"}},
        {"headers": {"X-A": 7}},
        {"app_title": "a\nb"},
        {"app_url": "https://a\r\n"},
    ],
    ids=lambda wrong: "-".join(f"{k}={v!r}" for k, v in wrong.items())[:40],
)
def test_a_wrong_value_is_refused_before_anything_is_sent(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig.of(**wrong)

    assert str(caught.value).endswith((".", ")"))
    assert "hunter2" not in str(caught.value)


# ------------------------------------------------------------------------- timeouts


def test_c9_nothing_given_means_finite_waits() -> None:
    """quirks.md C9: `None` is our default, never "for ever"."""
    for timeouts in (Timeouts.of(None), ClientConfig.of(timeout_s=None).timeouts):
        assert all(0 < s < float("inf") for s in dataclasses.astuple(timeouts))


def test_c9_one_number_bounds_every_wait() -> None:
    """quirks.md C9: connecting never takes longer than 10 s."""
    assert set(dataclasses.astuple(Timeouts.of(2.5))) == {2.5}
    assert Timeouts.of(60).connect_s == 10.0


def test_c9_for_ever_is_an_explicit_choice() -> None:
    """quirks.md C9: `inf` and nothing else, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        timeouts = Timeouts.of(float("inf"))

    assert timeouts.answer_s == timeouts.gap_s == float("inf")


def test_c9_milliseconds_are_noticed() -> None:
    """quirks.md C9: other clients count in milliseconds."""
    with pytest.warns(UserWarning, match="seconds"):
        Timeouts.of(30_000)


# ------------------------------------------------------------------------- secrets


def _config(**more: Any) -> ClientConfig:
    headers = {"Authorization": "Basic c2VjcmV0", "X-Team": "blue"}
    return ClientConfig.of(_KEY, headers=headers, proxy="http://u:hunter2@proxy:1", **more)


@pytest.mark.parametrize("shown", [repr, str, lambda c: f"{c}", lambda c: f"{c.api_key}",
                                   lambda c: repr(dataclasses.asdict(c)["api_key"]),
                                   lambda c: str(c.api_key), lambda c: repr([c])])  # fmt: skip
def test_no_secret_is_shown(shown: Any) -> None:
    text = shown(_config())

    assert not any(secret in text for secret in (_KEY, "c2VjcmV0", "hunter2"))


def test_no_secret_is_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    pickled = pickle.dumps((_config(app_title="App"), Secret(_KEY)))

    assert not any(s in pickled for s in (_KEY.encode(), b"c2VjcmV0", b"hunter2"))
    twin, secret = pickle.loads(pickled)
    assert (twin.app_title, twin.base_url) == ("App", "https://openrouter.ai/api/v1")
    assert secret is None
    with pytest.raises(MissingApiKeyError):
        _ = twin.key
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-here")
    assert twin.key == "sk-or-here"


def test_a_secret_is_no_json() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret(_KEY))


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy, lambda c: c.replace(max_retries=2)])
def test_copies_in_this_process_keep_the_key(copier: Any) -> None:
    assert copier(_config()).key == _KEY
    assert copier(_config()) == _config()


def test_equal_settings_are_equal_and_hash_alike() -> None:
    assert _config() == _config()
    assert hash(_config()) == hash(_config())
    assert _config() != ClientConfig.of("sk-or-other")


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        _config().max_retries = 5  # type: ignore[misc]  # the claim


# ------------------------------------------------------------------------- bases


@pytest.mark.parametrize("key", ['"sk-or-v1-secret"', "'sk-or-v1-secret'", 'sk-or-v1-secret"'])
def test_a_key_in_quotes_is_refused_and_not_quoted(key: str):
    with pytest.raises(ConfigurationError, match="quotes") as caught:
        ClientConfig.of(key)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["/chat/completions", "/responses/", "/messages", "/embeddings"])
def test_the_path_of_an_endpoint_is_not_a_base_url(path: str):
    with pytest.raises(ConfigurationError, match="root of the API"):
        ClientConfig.of("k", base_url=f"https://openrouter.ai/api/v1{path}")
