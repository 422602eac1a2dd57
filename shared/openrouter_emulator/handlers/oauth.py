"""OAuth: the consent page (which agrees at once), codes with PKCE, token exchange and the public keys.

A code works once and for ten minutes. Signatures of JWTs are not verified: a token has to look like one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from openrouter_core._call import Route
from openrouter_core.resources.oauth import OAuth
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import now
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state import seed_data
from openrouter_emulator.state.state import State
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

_LIFETIME_S = 600
_TOKEN_LIFETIME_S = 3600
_METHODS = ("S256", "plain")
_URN = "urn:ietf:params:oauth"
_METHOD = checks.nullable(checks.one_of(*_METHODS))
_CHALLENGE = checks.nullable(checks.string(least=1))
_NEW = checks.fields(
    {
        "callback_url": checks.string(least=1),
        "code_challenge": _CHALLENGE,
        "code_challenge_method": _METHOD,
        "key_label": checks.nullable(checks.string(100)),
        "limit": checks.nullable(checks.number(0)),
        "usage_limit_type": checks.nullable(checks.one_of("daily", "weekly", "monthly")),
        "expires_at": checks.nullable(checks.string(least=1)),
        "workspace_id": checks.nullable(checks.string(least=1)),
    },
    required=["callback_url"],
)
_EXCHANGE = checks.fields(
    {
        "code": checks.string(least=1),
        "code_verifier": checks.nullable(checks.string()),
        "code_challenge_method": _METHOD,
    },
    required=["code"],
)
_LOOPBACK = ("localhost", "127.0.0.1")
AUTHORIZE = Route("GET", "/auth", "authorize", key="none", base="root")
"""The consent page of the web site: not an operation of the API, but where sign-ins begin."""


def _codes(state: State) -> Table:
    return state.table("Authorization code")


def _check_callback(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ApiError(400, "callback_url: Must be https, localhost or 127.0.0.1")


def _remember(state: State, fields: Any) -> JsonObject:
    """Make a code that stands for a user who agreed."""
    names = ("code_challenge", "code_challenge_method", "key_label", "limit", "usage_limit_type")
    kept = {name: fields.get(name) for name in (*names, "expires_at", "workspace_id")}
    return _codes(state).add({"id": f"auth_{secrets.token_urlsafe(24)}", **kept, "at": time.time()})


@handles(AUTHORIZE)
def authorize(request: HandlerRequest) -> PlannedResponse:
    """Agree in the user's name and send the browser back; without a callback, show the code."""
    query = request.query
    checks.one_of(*_METHODS)(query.get("code_challenge_method", "plain"), "code_challenge_method")
    callback = query.get("callback_url")
    if callback is None and "code_challenge" not in query:
        raise ApiError(400, "code_challenge: Required without a callback_url")
    if callback is None:
        return PlannedResponse(
            [_remember(request.state, query)["id"].encode()], content_type="text/plain"
        )
    _check_callback(callback)
    parts = urlsplit(callback)
    code = urlencode({"code": _remember(request.state, query)["id"]})
    target = urlunsplit(parts._replace(query=f"{parts.query}&{code}" if parts.query else code))
    return PlannedResponse([b""], 302, {"Location": target}, content_type="text/plain")


@handles(OAuth.create_code)
def create_code(request: HandlerRequest) -> JsonObject:
    """A code without the page."""
    _NEW(request.body, "")
    _check_callback(request.body["callback_url"])
    row = _remember(request.state, request.body)
    return {"data": {"id": row["id"], "app_id": 1, "created_at": now()}}


@handles(OAuth.exchange_code)
def exchange_code(request: HandlerRequest) -> JsonObject:
    """A key for a code, once, if the verifier belongs to the challenge."""
    body = request.body
    _EXCHANGE(body, "")
    codes = _codes(request.state)
    if body["code"] not in codes:
        raise ApiError(403, "Invalid code or code_verifier")
    row = codes.remove(body["code"])
    if time.time() - row["at"] > _LIFETIME_S or not _proves(body, row):
        raise ApiError(403, "Invalid code or code_verifier")
    expires = row["expires_at"]
    key = request.state.add_key(
        row["key_label"] or "OAuth",
        limit=None if row["limit"] is None else Decimal(str(row["limit"])),
        limit_reset=row["usage_limit_type"],
        expires_at=datetime.fromisoformat(expires) if expires else None,
        workspace_id=row["workspace_id"] or seed_data.WORKSPACE,
    )
    return {"key": key.secret, "user_id": key.creator_user_id}


def _proves(body: JsonObject, row: JsonObject) -> bool:
    """Whether the verifier makes the challenge, with the method of both steps."""
    challenge = row["code_challenge"]
    if challenge is None:
        return True
    method = row["code_challenge_method"] or "plain"
    if body.get("code_challenge_method") not in (None, method):
        return False
    verifier = str(body.get("code_verifier") or "")
    digest = hashlib.sha256(verifier.encode()).digest()
    hashed = urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(hashed if method == "S256" else verifier, challenge)


_TOKEN = checks.fields(
    {
        "grant_type": checks.one_of(f"{_URN}:grant-type:token-exchange"),
        "subject_token_type": checks.one_of(f"{_URN}:token-type:jwt"),
        "subject_token": checks.string(least=1),
        "federation_policy_id": checks.string(least=1),
        "scope": checks.one_of("inference", "management"),
    },
    required=["grant_type", "subject_token", "subject_token_type", "federation_policy_id"],
)


@handles(OAuth.exchange_token)
def exchange_token(request: HandlerRequest) -> JsonObject:
    """An access token that works as a key for an hour."""
    form: JsonObject = dict(request.form or {})
    _TOKEN(form, "")
    if form["federation_policy_id"] != seed_data.POLICY:
        raise ApiError(400, "federation_policy_id: No such policy")
    if form["subject_token"].count(".") != 2:
        raise ApiError(400, "subject_token: Not a JWT")
    scope = form.get("scope", "inference")
    key = request.state.add_key(
        "Workload",
        management=scope == "management",
        expires_at=datetime.now(UTC) + timedelta(seconds=_TOKEN_LIFETIME_S),
    )
    return {
        "access_token": key.secret,
        "issued_token_type": f"{_URN}:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": _TOKEN_LIFETIME_S,
        "scope": scope,
    }


@handles(OAuth.jwks)
def jwks(_request: HandlerRequest) -> JsonObject:
    """A public key of the right form: the base point of P-256."""
    key = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "emulator"}
    point = {
        "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
        "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    }
    return {"keys": [{**key, **point}]}
