"""Keys and tokens on behalf of others: the calls behind `openrouter_core.oauth`.

Reached as `client.oauth`. For a sign-in from start to end use `openrouter_core.oauth.sign_in`.
"""

from __future__ import annotations

from typing import Literal, Unpack

from openrouter_core._call import Call
from openrouter_core.config import Secret
from openrouter_core.resources._calls import body_of, drop_none, get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.oauth import (
    AccessToken,
    AuthCode,
    AuthCodeOptions,
    ExchangedKey,
    JsonWebKeys,
)


class OAuth(Resource[Mode]):
    """Authorization codes, keys and access tokens."""

    @http.post("/auth/keys", "exchangeAuthCodeForAPIKey", key="none", creates=True)
    def exchange_code(
        self,
        code: str,
        *,
        code_verifier: str | None = None,
        code_challenge_method: Literal["S256", "plain"] | str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[ExchangedKey]:
        """Exchange an authorization code for a key of the user who agreed. A code works once.

        Args:
            code_verifier: What the challenge was made of, if there was one.
            code_challenge_method: The method that the authorization URL named.

        Raises:
            PermissionDeniedError: The code or the verifier is wrong, or the code is too old.

        Source: exchangeAuthCodeForAPIKey
        """
        proof = drop_none(code_verifier=code_verifier, code_challenge_method=code_challenge_method)
        return json_call(ExchangedKey, {"code": code, **proof}, options)

    @http.post("/auth/keys/code", "createAuthKeysCode", creates=True)
    def create_code(self, callback_url: str, **options: Unpack[AuthCodeOptions]) -> Call[AuthCode]:
        """Create an authorization code; its `id` is what `exchange_code` takes.

        Source: createAuthKeysCode
        """
        return json_call(AuthCode, {"callback_url": callback_url}, options, envelope="data")

    @http.post("/oauth/token", "createOauthToken", key="none", creates=True)
    def exchange_token(
        self,
        subject_token: str | Secret,
        *,
        federation_policy_id: str,
        scope: Literal["inference", "management"] | str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[AccessToken]:
        """Exchange the JWT of an issuer that your organization trusts for a short-lived token.

        Args:
            subject_token: The JWT of the workload.
            federation_policy_id: The policy that says which key the token stands for.

        Source: createOauthToken
        """
        urn = "urn:ietf:params:oauth"
        token = (
            subject_token if isinstance(subject_token, str) else subject_token.get_secret_value()
        )
        form = {
            "grant_type": f"{urn}:grant-type:token-exchange",
            "subject_token": token,
            "subject_token_type": f"{urn}:token-type:jwt",
            "federation_policy_id": federation_policy_id,
            **drop_none(scope=scope),
        }
        return Call(
            AccessToken,
            form=body_of(form, options),
            query=options.get("extra_query", {}),
            headers=options.get("extra_headers", {}),
            timeout_s=options.get("timeout_s"),
        )

    @http.get("/oauth/jwks", "listOauthJwks", key="none")
    def jwks(self, **options: Unpack[CallOptions]) -> Call[JsonWebKeys]:
        """Fetch the public keys that access tokens are signed with.

        Source: listOauthJwks
        """
        return get_call(JsonWebKeys, options)
