"""What the official SDK's methods are called with; what a call needs is made by other calls first.

Part of sdk_openrouter.py, which runs in an environment of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from openrouter import OpenRouter, operations
from reporting import EMULATOR

BASE, ORIGIN = EMULATOR["base_url"], EMULATOR["origin"]
CHAT, EMBEDDER = "openai/gpt-4o-mini", "openai/text-embedding-3-small"
MESSAGES = [{"role": "user", "content": "Hello"}]
user = OpenRouter(api_key=EMULATOR["key"], server_url=BASE, retry_config=None)
admin = OpenRouter(api_key=EMULATOR["management_key"], server_url=BASE, retry_config=None)
numbers = itertools.count(1)


def name() -> str:
    return f"witness-{next(numbers)}"


# ---------------------------------------------------------------- what calls need


def guardrail() -> str:
    return str(admin.guardrails.create(name=name()).data.id)


def key_hash() -> str:
    return str(admin.api_keys.create(name=name()).data.hash)


def byok() -> str:
    return str(admin.byok.create(key="sk-a-provider-key", provider="openai").data.id)


def destination() -> str:
    for old in admin.observability.list().result.data:
        admin.observability.delete(id=old.id)
    config = {"apiKey": "secret-key", "projectId": "p"}
    made = admin.observability.create(config=config, name=name(), type_="braintrust")
    return str(made.data.id)


def workspace() -> str:
    return str(admin.workspaces.create(name="Witness", slug=name()).data.id)


def budget() -> str:
    place = workspace()
    admin.workspaces.set_budget(workspace_ref=place, interval="daily", limit_usd=5)
    return place


def external_user() -> str:
    return str(admin.external_users.create(user=name()).data.user)


def mapping() -> str:
    group, place = EMULATOR["group"], workspace()
    return str(admin.scim.create(role="member", scim_group_id=group, workspace_id=place).data.id)


def private_endpoint(*moves: str) -> str:
    made = admin.private_endpoints.create(
        model_permaslug=CHAT, provider_slug="openai", upstream_model_id="mine"
    )
    for move in moves:
        getattr(admin.private_endpoints, move)(id=made.data.id)
    return str(made.data.id)


def preset() -> str:
    return str(
        user.presets.create_presets_chat_completions(slug=name(), messages=MESSAGES).data.slug
    )


def file() -> str:
    return str(user.files.upload(file={"file_name": "a.txt", "content": b"text"}).id)


def kept_file() -> str:
    place = {"container_id": EMULATOR["container"], "file_id": EMULATOR["container_file"]}
    return str(user.containers.promote_container_file(**place).id)


def secret() -> str:
    made = user.vault.store_vault_secret(name=name(), hosts=["example.com"], value="s")
    return str(made.data.name)


def intern_secret() -> str:
    made = user.vault.store_intern_vault_secret(
        intern_id=EMULATOR["intern"], name=name(), hosts=["example.com"], value="s"
    )
    return str(made.data.name)


def generation() -> str:
    return str(user.chat.send(messages=MESSAGES, model=CHAT).id)


def video() -> str:
    job = user.video_generation.generate(model="google/veo-3.1-fast", prompt="A cat")
    while user.video_generation.get_generation(job_id=job.id).status != "completed":
        pass
    return str(job.id)


REQUESTS = [{"custom_id": "1", "body": {"messages": MESSAGES}}]


def batch() -> str:
    made = user.batch.create_batches(endpoint="/v1/chat/completions", model=CHAT, requests=REQUESTS)
    while user.batch.get_batches(id=made.id).status != "completed":
        pass
    return str(made.id)


def code() -> str:
    return str(user.o_auth.create_auth_code(callback_url="https://example.com/back").data.id)


def bearer(kind: str) -> Any:
    return getattr(operations, kind)(bearer=EMULATOR["key"])


# ---------------------------------------------------------------- arguments

Make = Callable[[], dict[str, Any]]


def just(**values: Any) -> Make:
    return lambda: values


def with_id(make: Callable[[], str], field: str = "id", /, **more: Any) -> Make:
    return lambda: {field: make(), **more}


URN = "urn:ietf:params:oauth"
MODEL = just(author="openai", slug="gpt-4o-mini")
INTERN = {"intern_id": EMULATOR["intern"]}
CONTAINER = {"container_id": EMULATOR["container"], "file_id": EMULATOR["container_file"]}
QUESTIONS = {
    "safe": {"type": "noul", "instructions": "Is it safe?"},
    "which": {"type": "choice", "instructions": "Which?", "criteria": {"a": "A", "b": "B"}},
    "grade": {"type": "score", "instructions": "How good?", "criteria": ["bad", "good"]},
    "place": {"type": "box", "instructions": "Where?"},
}
DECISION = just(model="emulator/decider", questions=QUESTIONS, state="a")
SOUND = {"file_name": "a.mp3", "content": b"ID3 sound"}
ARGUMENTS: dict[str, Make] = {
    "analytics.query_analytics": just(
        metrics=["request_count", "total_usage"], dimensions=["model"], granularity="day"
    ),
    "tts.create_speech": just(input="Hello", model="openai/gpt-4o-mini-tts"),
    "stt.create_transcription": just(
        input_audio={"data": "SUQz", "format": "mp3"}, model="openai/gpt-4o-mini-transcribe"
    ),
    "stt.create_transcription_multipart": just(file=SOUND, model="openai/gpt-4o-mini-transcribe"),
    "o_auth.create_auth_code": just(callback_url="https://example.com/back"),
    "o_auth.create_oauth_token": just(
        federation_policy_id=EMULATOR["policy"],
        grant_type=f"{URN}:grant-type:token-exchange",
        subject_token="header.claims.signature",
        subject_token_type=f"{URN}:token-type:jwt",
    ),
    "o_auth.exchange_auth_code_for_api_key": with_id(code, "code"),
    "batch.create_batches": just(endpoint="/v1/chat/completions", model=CHAT, requests=REQUESTS),
    "batch.delete": with_id(batch),
    "batch.get_batches": with_id(batch),
    "byok.create": just(key="sk-a-provider-key", provider="openai"),
    "byok.delete": with_id(byok),
    "byok.get": with_id(byok),
    "byok.update": with_id(byok, name="New"),
    "chat.send": just(messages=MESSAGES, model=CHAT),
    "containers.download_container_file_content": just(**CONTAINER),
    "containers.get_container_file": just(**CONTAINER),
    "containers.list_container_files": just(container_id=EMULATOR["container"]),
    "containers.promote_container_file": just(**CONTAINER),
    "embeddings.generate": just(input="Hello", model=EMBEDDER),
    "endpoints.list": MODEL,
    "external_users.create": with_id(name, "user"),
    "external_users.delete": with_id(external_user, "user"),
    "external_users.get": with_id(external_user, "user"),
    "external_users.update": with_id(external_user, "user", is_active=False),
    "files.delete": with_id(file, "file_id"),
    "files.download": with_id(kept_file, "file_id"),
    "files.retrieve": with_id(file, "file_id"),
    "files.upload": just(file={"file_name": "a.md", "content": b"# Hello"}),
    "generations.get_generation": with_id(generation),
    "generations.list_generation_content": with_id(generation),
    "generations.submit_feedback": with_id(generation, "generation_id", category="other"),
    "guardrails.bulk_assign_keys": lambda: {"id": guardrail(), "key_hashes": [key_hash()]},
    "guardrails.bulk_assign_members": with_id(guardrail, member_user_ids=["user_ada"]),
    "guardrails.bulk_unassign_keys": lambda: {"id": guardrail(), "key_hashes": [key_hash()]},
    "guardrails.bulk_unassign_members": with_id(guardrail, member_user_ids=["user_ada"]),
    "guardrails.create": with_id(name, "name"),
    "guardrails.delete": with_id(guardrail),
    "guardrails.get": with_id(guardrail),
    "guardrails.list_guardrail_key_assignments": with_id(guardrail),
    "guardrails.list_guardrail_member_assignments": with_id(guardrail),
    "guardrails.update": with_id(guardrail, limit_usd=5, reset_interval="daily"),
    "images.generate": just(model="google/gemini-2.5-flash-image", prompt="A cat"),
    "images.list_model_endpoints": just(author="black-forest-labs", slug="flux.2-pro"),
    "api_keys.create": with_id(name, "name"),
    "api_keys.delete": with_id(key_hash, "hash"),
    "api_keys.get": with_id(key_hash, "hash"),
    "api_keys.update": with_id(key_hash, "hash", disabled=True),
    "models.get": MODEL,
    "models.list_for_user": lambda: {"security": bearer("ListModelsUserSecurity")},
    "observability.create": lambda: {
        "config": {"url": "https://example.com"},
        "name": name(),
        "type_": "webhook",
    },
    "observability.delete": with_id(destination),
    "observability.get": with_id(destination),
    "observability.update": with_id(destination, enabled=False),
    "organization.update_settings": just(is_filtered_model_catalog_enabled=True),
    "presets.create_presets_chat_completions": with_id(name, "slug", messages=MESSAGES, model=CHAT),
    "presets.create_presets_messages": with_id(name, "slug", messages=MESSAGES, model=CHAT),
    "presets.create_presets_responses": with_id(name, "slug", input="Hello", model=CHAT),
    "presets.get": with_id(preset, "slug"),
    "presets.get_version": with_id(preset, "slug", version="1"),
    "presets.list_versions": with_id(preset, "slug"),
    "private_endpoints.activate": with_id(private_endpoint),
    "private_endpoints.create": just(
        model_permaslug=CHAT, provider_slug="openai", upstream_model_id="mine"
    ),
    "private_endpoints.delete": with_id(private_endpoint),
    "private_endpoints.disable": lambda: {"id": private_endpoint("activate")},
    "private_endpoints.enable": lambda: {"id": private_endpoint("activate", "disable")},
    "private_endpoints.get": with_id(private_endpoint),
    "private_endpoints.update": with_id(private_endpoint, upstream_model_id="other"),
    "private_endpoints.update_pricing": with_id(
        private_endpoint, pricing={"prompt": "0.1", "completion": "0.2"}
    ),
    "private_endpoints.validate": with_id(private_endpoint, workspace_id=EMULATOR["workspace"]),
    "rerank.rerank": just(documents=["one", "two"], model="cohere/rerank-v3.5", query="one"),
    "responses.send": just(input="Hello", model=CHAT),
    "beta.responses.send": just(input="Hello", model=CHAT),
    "alpha.decisions.create": lambda: {**DECISION(), "server_url": ORIGIN},
    "scim.create": lambda: {
        "role": "admin",
        "scim_group_id": EMULATOR["group"],
        "workspace_id": workspace(),
    },
    "scim.delete": with_id(mapping, keep_members=True),
    "scim.get_sync_job": lambda: {"id": admin.scim.create_sync_job().result.data.id},
    "scim.read": with_id(mapping),
    "scim.update": with_id(mapping, role="admin"),
    "system_one.create": DECISION,
    "tools.get_tool": lambda: {"security": bearer("GetToolSecurity"), "name": "web_search"},
    "tools.list_tools": lambda: {"security": bearer("ListToolsSecurity")},
    "vault.copy_vault_secrets_to_intern": lambda: {**INTERN, "names": [secret()]},
    "vault.delete_intern_vault_secret": lambda: {**INTERN, "name": intern_secret()},
    "vault.delete_vault_secret": with_id(secret, "name"),
    "vault.list_intern_connections": just(**INTERN),
    "vault.list_intern_effective_vault_secrets": just(**INTERN),
    "vault.list_intern_vault_secrets": just(**INTERN),
    "vault.store_intern_vault_secret": with_id(
        name, "name", hosts=["example.com"], value="s", **INTERN
    ),
    "vault.store_vault_secret": with_id(name, "name", hosts=["example.com"], value="s"),
    "video_generation.generate": just(model="google/veo-3.1-fast", prompt="A cat"),
    "video_generation.get_generation": with_id(video, "job_id"),
    "video_generation.get_video_content": with_id(video, "job_id"),
    "workspaces.bulk_add_members": with_id(workspace, user_ids=["user_ada"]),
    "workspaces.bulk_remove_members": with_id(workspace, user_ids=["user_ada"]),
    "workspaces.create": with_id(name, "slug", name="New"),
    "workspaces.delete": with_id(workspace),
    "workspaces.delete_budget": with_id(budget, "workspace_ref", interval="daily"),
    "workspaces.get": with_id(workspace),
    "workspaces.get_budget": with_id(budget, "workspace_ref", interval="daily"),
    "workspaces.list_budgets": with_id(budget, "workspace_ref"),
    "workspaces.list_members": with_id(workspace),
    "workspaces.set_budget": with_id(workspace, "workspace_ref", interval="daily", limit_usd=5),
    "workspaces.update": with_id(workspace, description="New"),
}
