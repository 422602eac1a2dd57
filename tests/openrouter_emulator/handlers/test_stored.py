"""Files, containers, presets, secrets and sign-ins."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from openrouter_emulator.state import seed_data


def _upload(wire, content=b"text", name="a.txt", **form):
    url = f"{wire.emulator.base_url}/files"
    return wire.http.post(url, files={"file": (name, content)}, data=form, headers=wire.headers())


def _delete(wire, path):
    return wire.http.delete(wire.emulator.base_url + path, headers=wire.headers())


# ---------------------------------------------------------------- files


def test_a_file_is_kept_described_and_removed(wire):
    made = _upload(wire).json()
    read = wire.get(f"/files/{made['id']}").json()
    gone = _delete(wire, f"/files/{made['id']}").json()

    assert made == read
    assert (made["filename"], made["size_bytes"], made["downloadable"]) == ("a.txt", 4, False)
    assert gone == {"_shape": "openrouter", "id": made["id"], "type": "file_deleted"}
    assert wire.get(f"/files/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7", "x.txt", "application/pdf"),
        (b"\x89PNG\r\n", "x", "image/png"),
        (b"RIFF0000WAVE", "x", "audio/wav"),
        (b"a,b", "x.csv", "text/csv"),
        (b"text", "x", "text/plain"),
    ],
)
def test_the_type_comes_from_the_content(wire, content, name, kind):
    assert _upload(wire, content, name).json()["mime_type"] == kind


def test_an_empty_or_unreadable_file_is_refused(wire):
    assert _upload(wire, b"").status_code == 400
    assert _upload(wire, b"\xff\x00\xfe").status_code == 400


def test_an_upload_with_a_purpose_has_openai_s_shape(wire):
    made = _upload(wire, purpose="user_data").json()

    assert (made["_shape"], made["object"], made["bytes"]) == ("openai", "file", 4)
    assert _delete(wire, f"/files/{made['id']}").json()["deleted"] is True


def test_pages_of_files_follow_the_cursor(wire):
    made = [_upload(wire, name=f"{n}.txt").json()["id"] for n in range(3)]

    first = wire.get("/files", limit=2).json()
    second = wire.get("/files", limit=2, cursor=first["cursor"]).json()

    assert [row["id"] for row in first["data"] + second["data"]] == made
    assert (first["has_more"], second["has_more"], second["cursor"]) == (True, False, None)


def test_only_what_a_tool_made_can_be_read_back(wire):
    mine = _upload(wire).json()["id"]
    place = f"/containers/{seed_data.CONTAINER}/files/{seed_data.CONTAINER_FILE}"

    kept = wire.post(f"{place}/promote", None).json()

    assert wire.get(f"/files/{mine}/content").status_code == 400
    assert wire.get(f"/files/{kept['id']}/content").content == wire.get(f"{place}/content").content


# ---------------------------------------------------------------- presets


def test_a_preset_stores_a_request_and_runs_nothing(wire):
    system = {"role": "system", "content": "Be kind."}
    body = {"model": "openai/gpt-5.5", "messages": [system], "temperature": 0.5, "stream": True}

    first = wire.post("/presets/mine/chat/completions", body).json()["data"]
    wire.post("/presets/mine/messages", {"model": "a/b", "system": "Be brief.", "messages": []})
    second = wire.get("/presets/mine").json()["data"]

    assert wire.emulator.charges == []
    version = first["designated_version"]
    assert (version["version"], version["system_prompt"]) == (1, "Be kind.")
    assert version["config"] == {"model": "openai/gpt-5.5", "temperature": 0.5}
    assert second["designated_version"]["version"] == 2
    assert second["designated_version"]["system_prompt"] == "Be brief."


def test_versions_are_listed_oldest_first_and_presets_newest_first(wire):
    for slug in ("a", "b", "a"):
        wire.post(f"/presets/{slug}/responses", {"model": "m/n", "input": "x"})

    presets = wire.get("/presets").json()["data"]
    versions = wire.get("/presets/a/versions").json()

    assert [row["slug"] for row in presets] == ["a", "b"]
    assert [row["version"] for row in versions["data"]] == [1, 2]
    assert wire.get("/presets/a/versions/2").json()["data"] == versions["data"][1]
    assert wire.get("/presets/a/versions/3").status_code == 404


# ---------------------------------------------------------------- secrets


def _store(wire, path, value="v"):
    body = {"hosts": ["example.com"], "value": value}
    return wire.http.put(wire.emulator.base_url + path, json=body, headers=wire.headers())


def test_an_intern_s_own_secret_wins_over_the_workspace_s(wire):
    intern = f"/vault/interns/{seed_data.INTERN}"
    for path in ("/vault/secrets/A", "/vault/secrets/B", f"{intern}/secrets/A"):
        assert _store(wire, path, value=path).status_code == 200

    seen = wire.get(f"{intern}/effective-secrets").json()["data"]

    assert {row["name"]: row["scope"] for row in seen} == {"A": "intern", "B": "workspace"}
    assert "/vault/secrets" not in str(seen)


def test_copying_takes_all_secrets_or_none(wire):
    intern = f"/vault/interns/{seed_data.INTERN}/secrets"
    _store(wire, "/vault/secrets/A")

    assert wire.post(f"{intern}/copy", {"names": ["A", "missing"]}).status_code == 404
    assert wire.get(intern).json() == {"data": [], "has_more": False}
    assert wire.post(f"{intern}/copy", {"names": ["A"]}).status_code == 200
    assert [row["name"] for row in wire.get(intern).json()["data"]] == ["A"]


def test_an_unknown_intern_is_404(wire):
    assert wire.get("/vault/interns/unknown/secrets").status_code == 404


# ---------------------------------------------------------------- sign-ins

VERIFIER = "a" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


def _code(wire, **query):
    """The code that the consent page sends the browser back with."""
    sent = {"callback_url": "http://127.0.0.1:1/back?x=1", **query}
    answer = wire.http.get(f"{wire.emulator.origin}/auth", params=sent)
    assert answer.status_code == 302, answer.text
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["x"] == ["1"]
    return back["code"][0]


def _exchange(wire, code, **proof):
    return wire.http.post(f"{wire.emulator.base_url}/auth/keys", json={"code": code, **proof})


def test_a_code_and_its_verifier_make_a_key_once(wire):
    code = _code(wire, code_challenge=CHALLENGE, code_challenge_method="S256", key_label="Mine")
    proof = {"code_verifier": VERIFIER, "code_challenge_method": "S256"}

    first, second = (_exchange(wire, code, **proof) for _ in range(2))

    assert wire.get("/key", key=first.json()["key"]).status_code == 200
    assert second.status_code == 403


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"code_verifier": "b" * 64},
        {"code_verifier": VERIFIER, "code_challenge_method": "plain"},
    ],
    ids=["none", "another", "other method"],
)
def test_a_code_is_worth_nothing_without_its_verifier(wire, proof):
    code = _code(wire, code_challenge=CHALLENGE, code_challenge_method="S256")

    assert _exchange(wire, code, **proof).status_code == 403


def test_a_code_is_too_old_after_ten_minutes(wire):
    code = _code(wire)
    wire.emulator.state.table("Authorization code").get(code)["at"] -= 601

    assert _exchange(wire, code).status_code == 403


def test_a_callback_elsewhere_than_https_or_loopback_is_refused(wire):
    body = {"callback_url": "http://example.com/back"}

    assert wire.post("/auth/keys/code", body).status_code == 400


def test_a_key_of_a_code_keeps_its_limit(wire):
    body = {"callback_url": "https://example.com/back", "limit": 2, "key_label": "App"}
    code = wire.post("/auth/keys/code", body).json()["data"]["id"]

    key = _exchange(wire, code).json()["key"]

    assert wire.get("/key", key=key).json()["data"]["limit"] == 2


def test_a_jwt_is_exchanged_for_a_token_that_works_for_an_hour(wire):
    urn = "urn:ietf:params:oauth"
    form = {
        "grant_type": f"{urn}:grant-type:token-exchange",
        "subject_token": "a.b.c",
        "subject_token_type": f"{urn}:token-type:jwt",
        "federation_policy_id": seed_data.POLICY,
    }
    url = f"{wire.emulator.base_url}/oauth/token"

    token = wire.http.post(url, data=form).json()

    assert token["expires_in"] == 3600
    assert wire.get("/key", key=token["access_token"]).status_code == 200
    assert wire.http.post(url, data={**form, "federation_policy_id": "x"}).status_code == 400
    assert wire.http.post(url, data={**form, "subject_token": "x"}).status_code == 400


def test_credit_is_no_longer_bought_by_api(wire):
    assert wire.post("/credits/coinbase", {}).status_code == 410
