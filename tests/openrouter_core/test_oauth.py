"""Signing in with PKCE: the pair, the address, the redirect on a real socket, and the exchange."""

from __future__ import annotations

import base64
import hashlib
import pickle
import socket
import threading
import time
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from openrouter_core import (
    AsyncOpenRouterClient,
    ConfigurationError,
    OpenRouterClient,
    PermissionDeniedError,
    RequestTimeoutError,
)
from openrouter_core.oauth import (
    Callback,
    Pkce,
    SignInError,
    asign_in,
    authorization_url,
    exchange,
    sign_in,
)
from tests.openrouter_core.wire_server import refusal, reply

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""The example of RFC 7636, appendix B."""


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def _visit(url: str) -> httpx2.Response:
    with httpx2.Client(trust_env=False) as browser:
        return browser.get(url)


class Browser:
    """Agrees at once: what the consent page does after the user's click, without a screen."""

    def __init__(self, code: str = "code-1", *, answer: str | None = None) -> None:
        self.answer = answer or f"code={code}"
        self.shown = ""
        self.pages: list[httpx2.Response] = []

    def __call__(self, url: str) -> None:
        self.shown = url
        back = f"{_query(url)['callback_url']}?{self.answer}"
        threading.Thread(target=lambda: self.pages.append(_visit(back)), daemon=True).start()


def test_the_challenge_is_that_of_the_rfc():
    assert Pkce.of(VERIFIER).challenge == CHALLENGE


def test_a_fresh_pair_fits_and_does_not_show_its_verifier():
    pkce = Pkce.new()
    verifier = pkce.verifier.get_secret_value()

    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    assert pkce.challenge == digest.rstrip(b"=").decode()
    assert 43 <= len(verifier) <= 128
    assert verifier not in repr(pkce)
    assert Pkce.new() != pkce


def test_the_plain_method_sends_the_verifier_itself():
    assert Pkce.of(VERIFIER, method="plain").challenge == VERIFIER


def test_a_short_verifier_is_refused():
    with pytest.raises(ConfigurationError, match="43 to 128"):
        Pkce.of("short")


def test_the_address_of_the_consent_page():
    url = authorization_url(Pkce.of(VERIFIER), callback_url="https://x.y/z", key_label="My app")

    assert url.startswith("https://openrouter.ai/auth?")
    assert _query(url) == {
        "callback_url": "https://x.y/z",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "key_label": "My app",
    }


def test_without_a_callback_the_page_shows_the_code():
    assert "callback_url" not in _query(authorization_url(Pkce.of(VERIFIER)))


def test_a_user_signs_in_from_start_to_end(serve):
    server = serve(reply({"key": "sk-or-v1-fresh", "user_id": "user_1"}))
    browser = Browser()

    key = sign_in(OpenRouterClient(base_url=server.base_url), open_url=browser, timeout_s=10)

    assert key.get_secret_value() == "sk-or-v1-fresh"
    sent = server.requests[0]
    assert (sent.method, sent.target) == ("POST", "/api/v1/auth/keys")
    assert sent.header("authorization") == []
    assert sent.json["code"] == "code-1"
    assert sent.json["code_challenge_method"] == "S256"
    challenge = Pkce.of(sent.json["code_verifier"]).challenge
    assert challenge == _query(browser.shown)["code_challenge"]


async def test_an_async_client_signs_in_too(serve):
    server = serve(reply({"key": "sk-or-v1-fresh", "user_id": None}))
    async with AsyncOpenRouterClient(base_url=server.base_url) as client:
        key = await asign_in(client, open_url=Browser(), timeout_s=10)

    assert key.get_secret_value() == "sk-or-v1-fresh"


def test_the_key_is_in_no_repr_and_no_pickle(serve):
    server = serve(reply({"key": "sk-or-v1-fresh", "user_id": "user_1"}))
    client = OpenRouterClient(base_url=server.base_url)

    answer = client.oauth.exchange_code("code-1")

    assert "fresh" not in repr(answer) + answer.model_dump_json() + str(answer.key)
    assert b"fresh" not in pickle.dumps(answer)


def test_a_code_of_another_verifier_is_refused(serve):
    server = serve(refusal(403, "Invalid code or code_verifier"))

    with pytest.raises(PermissionDeniedError):
        exchange(OpenRouterClient(base_url=server.base_url), "stolen", Pkce.new())


def test_a_user_who_declines_ends_the_wait():
    browser = Browser(answer="error=access_denied")

    with pytest.raises(SignInError, match="access_denied"):
        sign_in(OpenRouterClient(base_url="http://127.0.0.1:9"), open_url=browser, timeout_s=10)


def test_nobody_comes_in_time():
    with Callback() as callback, pytest.raises(RequestTimeoutError, match=r"0\.05 s"):
        callback.wait(timeout_s=0.05)


def test_a_request_without_the_state_does_not_count():
    with Callback() as callback:
        forged = callback.url.replace(callback.state, "guessed") + "?code=evil"
        answers: list[httpx2.Response] = []

        def browse() -> None:
            answers.append(_visit(forged))
            answers.append(_visit(f"http://127.0.0.1:{callback.port}/favicon.ico"))
            answers.append(_visit(callback.url + "?code=good"))

        visitor = threading.Thread(target=browse, daemon=True)
        visitor.start()
        code = callback.wait(timeout_s=10)
        visitor.join(timeout=10)

    assert code == "good"
    assert [answer.status_code for answer in answers] == [404, 404, 200]


def test_the_callback_listens_on_loopback_only_and_takes_one_redirect():
    callback = Callback()
    browser = threading.Thread(target=lambda: _visit(callback.url + "?code=1"), daemon=True)
    browser.start()

    assert callback.url.startswith("http://127.0.0.1:")
    assert callback.wait(timeout_s=10) == "1"
    browser.join(timeout=10)
    with pytest.raises(httpx2.ConnectError):
        _visit(callback.url + "?code=2")


def test_the_state_is_not_shown():
    with Callback() as callback:
        assert callback.state not in repr(callback)


@pytest.mark.parametrize("target", ["//[", "http://[x", "/callback/\u00e9", "*"])
def test_a_request_with_an_odd_address_does_not_end_the_sign_in(target: str):
    with Callback() as callback:
        _say_and_leave(callback.port, f"GET {target} HTTP/1.1\r\n\r\n".encode())
        browser = threading.Thread(target=lambda: _visit(callback.url + "?code=1"), daemon=True)
        browser.start()

        assert callback.wait(timeout_s=10) == "1"
        browser.join(timeout=10)


def test_idle_and_trickling_connections_hold_up_no_other():
    with Callback() as callback:
        address = ("127.0.0.1", callback.port)
        idle = [socket.create_connection(address) for _ in range(3)]
        idle[0].sendall(b"GET /")
        browser = threading.Thread(target=lambda: _visit(callback.url + "?code=1"), daemon=True)
        browser.start()
        started_s = time.monotonic()

        assert callback.wait(timeout_s=20) == "1"
        assert time.monotonic() - started_s < 4
        browser.join(timeout=10)
        for connection in idle:
            connection.close()


def test_a_trickling_connection_does_not_outlast_the_wait():
    with Callback() as callback:
        stop = threading.Event()

        def trickle() -> None:
            with socket.create_connection(("127.0.0.1", callback.port)) as connection:
                while not stop.wait(0.1):
                    try:
                        connection.sendall(b"G")
                    except OSError:
                        return

        visitor = threading.Thread(target=trickle, daemon=True)
        visitor.start()
        started_s = time.monotonic()
        with pytest.raises(RequestTimeoutError):
            callback.wait(timeout_s=1)
        took_s = time.monotonic() - started_s
        stop.set()
        visitor.join(timeout=10)

    assert took_s < 3


def _say_and_leave(port: int, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(data)


def test_a_port_in_use_is_a_sentence_that_says_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SignInError, match=f"Port {port} .* Leave out port="):
            Callback(port)
