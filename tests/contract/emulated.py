"""Arguments with which every declared method succeeds on the emulator.

What a method needs (a key, a guardrail, a finished video) is made by calls first. Used by the tests that
call every operation by both clients, and by nobody else.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from openrouter_core import OpenRouterClient
from openrouter_emulator import Emulator
from openrouter_emulator.state import seed_data

from . import samples
from .declared import Declared

CHAT = "openai/gpt-4o-mini"
EMBEDDER = "openai/text-embedding-3-small"
_MODELS = {
    "audio.speak": "openai/gpt-4o-mini-tts",
    "audio.stream_speech": "openai/gpt-4o-mini-tts",
    "audio.transcribe": "openai/gpt-4o-mini-transcribe",
    "audio.transcribe_file": "openai/gpt-4o-mini-transcribe",
    "batches.create": EMBEDDER,
    "decisions.create": "emulator/decider",
    "embeddings.create": EMBEDDER,
    "images.create": "black-forest-labs/flux.2-pro",
    "images.stream": "black-forest-labs/flux.2-pro",
    "rerank.create": "cohere/rerank-v3.5",
    "system_one.create": "emulator/decider",
    "videos.create": "google/veo-3.1-fast",
}
_VERIFIER = "v" * 43


class World:
    """An emulator with clients for its two kinds of key, and what calls need to find there."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.numbers = itertools.count(1)
        self.user = OpenRouterClient(emulator.api_key, base_url=emulator.base_url, max_retries=0)
        self.admin = OpenRouterClient(
            emulator.management_key, base_url=emulator.base_url, max_retries=0
        )
        self._fill()

    def _fill(self) -> None:
        """Put something into every list, so that no schema is met by an empty one."""
        for make in (self.generation, self.guardrail, self.key_hash, self.byok, self.destination):
            make()
        for make in (self.workspace, self.external_user, self.mapping, self.private_endpoint):
            make()
        for make in (self.preset, self.file, self.secret, self.intern_secret, self.batch):
            make()
        bound = self.guardrail()
        self.admin.guardrails.assign_keys(bound, [self.key_hash()])
        self.admin.guardrails.assign_members(bound, ["user_grace"])

    def name(self) -> str:
        """A name that nothing has yet."""
        return f"sample-{next(self.numbers)}"

    def key_for(self, one: Declared) -> str:
        """The key that a method asks for."""
        management = one.route.key == "management"
        return self.emulator.management_key if management else self.emulator.api_key

    def arguments(self, one: Declared) -> dict[str, Any]:
        """What to call a method with."""
        values = samples.arguments(one)
        if "model" in one.parameters():
            values["model"] = _MODELS.get(one.name, CHAT)
        make = _OWN.get(one.name)
        return {**values, **(make(self) if make else {})}

    # ------------------------------------------------------------ things that calls need

    def generation(self) -> str:
        return str(self.user.chat.send([{"role": "user", "content": "Hi"}], model=CHAT).id)

    def guardrail(self) -> str:
        return self.admin.guardrails.create(self.name()).id

    def key_hash(self) -> str:
        return str(self.admin.keys.create(self.name()).data.hash)

    def byok(self) -> str:
        return self.admin.byok.create(key="sk-a-provider-key", provider="openai").id

    def destination(self) -> str:
        config = {"apiKey": "secret-key", "projectId": "p"}
        for old in self.admin.observability.list().data:
            self.admin.observability.delete(old.id)
        made = self.admin.observability.create(config=config, name=self.name(), type="braintrust")
        return made.id

    def workspace(self) -> str:
        return self.admin.workspaces.create("Sample", slug=self.name()).id

    def external_user(self) -> str:
        name = self.name()
        self.admin.external_users.create(name)
        return name

    def mapping(self) -> str:
        made = self.admin.scim.create_group_mapping(
            role="member",
            scim_group_id=str(seed_data.GROUPS[0]["id"]),
            workspace_id=self.workspace(),
        )
        return str(made.id)

    def private_endpoint(self, status: str = "draft") -> str:
        made = self.admin.private_endpoints.create(
            model_permaslug=CHAT, provider_slug="openai", upstream_model_id="mine"
        )
        if status != "draft":
            self.admin.private_endpoints.activate(made.id)
        if status == "disabled":
            self.admin.private_endpoints.disable(made.id)
        return made.id

    def preset(self) -> str:
        slug = self.name()
        body = {"model": CHAT, "messages": [{"role": "system", "content": "Be kind."}]}
        self.user.presets.from_chat(slug, body)
        return slug

    def file(self) -> str:
        return self.user.files.create(b"text", filename="a.txt").id

    def kept_file(self) -> str:
        return self.user.containers.promote(seed_data.CONTAINER, seed_data.CONTAINER_FILE).id

    def secret(self) -> str:
        name = self.name()
        self.user.vault.store(name, hosts=["example.com"], value="secret")
        return name

    def intern_secret(self) -> str:
        name = self.name()
        self.user.vault.store_intern(seed_data.INTERN, name, hosts=["example.com"], value="secret")
        return name

    def video(self) -> str:
        job = self.user.videos.create(model="google/veo-3.1-fast", prompt="A cat")
        for _ in range(self.emulator.polls_until_done):
            self.user.videos.get(job.id)
        return job.id

    def batch(self) -> str:
        made = self.user.batches.create(
            [{"custom_id": "1", "body": {"input": "Hi"}}], endpoint="/v1/embeddings", model=EMBEDDER
        )
        for _ in range(self.emulator.polls_until_done):
            self.user.batches.get(made.id)
        return made.id

    def sync(self) -> str:
        return str(self.admin.scim.start_sync().id)

    def budget(self) -> str:
        workspace = self.workspace()
        self.admin.workspaces.set_budget(workspace, "daily", limit_usd=5)
        return workspace

    def code(self) -> str:
        """An authorization code, as the consent page gives it."""
        query = {"code_challenge": _VERIFIER, "code_challenge_method": "plain"}
        return httpx2.get(f"{self.emulator.origin}/auth", params=query).text


Make = Callable[[World], dict[str, Any]]


def _id(make: Callable[[World], str], field: str = "id", /, **more: Any) -> Make:
    return lambda world: {field: make(world), **more}


def _just(**values: Any) -> Make:
    return lambda _world: values


_IMAGE_MODEL = _just(author="black-forest-labs", slug="flux.2-pro")
_CONTAINER = _just(container_id=seed_data.CONTAINER, file_id=seed_data.CONTAINER_FILE)
_GROUP = str(seed_data.GROUPS[1]["id"])
_JWT = "header.claims.signature"
_OWN: Mapping[str, Make] = {
    "analytics.query": _just(metrics=["request_count"]),
    "audio.transcribe": _just(
        input_audio={"data": base64.b64encode(b"sound").decode(), "format": "mp3"}
    ),
    "batches.get": _id(World.batch),
    "batches.delete": _id(World.batch),
    "byok.get": _id(World.byok),
    "byok.update": _id(World.byok),
    "byok.delete": _id(World.byok),
    "containers.list_files": _just(container_id=seed_data.CONTAINER),
    "containers.get_file": _CONTAINER,
    "containers.download": _CONTAINER,
    "containers.promote": _CONTAINER,
    "external_users.create": _id(World.name, "user"),
    "external_users.get": _id(World.external_user, "user"),
    "external_users.update": _id(World.external_user, "user"),
    "external_users.delete": _id(World.external_user, "user"),
    "files.get": _id(World.file, "file_id"),
    "files.delete": _id(World.file, "file_id"),
    "files.download": _id(World.kept_file, "file_id"),
    "generations.get": _id(World.generation),
    "generations.content": _id(World.generation),
    "generations.feedback": _id(World.generation, "generation_id"),
    "guardrails.get": _id(World.guardrail),
    "guardrails.update": _id(World.guardrail, description="New"),
    "guardrails.delete": _id(World.guardrail),
    "guardrails.list_keys": _id(World.guardrail),
    "guardrails.list_members": _id(World.guardrail),
    "guardrails.assign_keys": lambda w: {"id": w.guardrail(), "key_hashes": [w.key_hash()]},
    "guardrails.unassign_keys": lambda w: {"id": w.guardrail(), "key_hashes": [w.key_hash()]},
    "guardrails.assign_members": _id(World.guardrail, member_user_ids=["user_ada"]),
    "guardrails.unassign_members": _id(World.guardrail, member_user_ids=["user_ada"]),
    "images.endpoints": _IMAGE_MODEL,
    "keys.get": _id(World.key_hash, "hash"),
    "keys.update": _id(World.key_hash, "hash", name="Renamed"),
    "keys.delete": _id(World.key_hash, "hash"),
    "models.get": _just(author="openai", slug="gpt-4o-mini"),
    "models.endpoints": _just(author="openai", slug="gpt-4o-mini"),
    "oauth.exchange_code": _id(World.code, "code", code_verifier=_VERIFIER),
    "oauth.create_code": _just(callback_url="https://example.com/callback"),
    "oauth.exchange_token": _just(subject_token=_JWT, federation_policy_id=seed_data.POLICY),
    "observability.create": lambda w: {"name": w.name()},
    "observability.get": _id(World.destination),
    "observability.update": _id(World.destination, enabled=False),
    "observability.delete": _id(World.destination),
    "presets.get": _id(World.preset, "slug"),
    "presets.list_versions": _id(World.preset, "slug"),
    "presets.get_version": _id(World.preset, "slug", version="1"),
    "private_endpoints.create": _just(model_permaslug=CHAT, provider_slug="openai"),
    "private_endpoints.get": _id(World.private_endpoint),
    "private_endpoints.update": _id(World.private_endpoint),
    "private_endpoints.delete": _id(World.private_endpoint),
    "private_endpoints.validate": _id(World.private_endpoint, workspace_id=seed_data.WORKSPACE),
    "private_endpoints.activate": _id(World.private_endpoint),
    "private_endpoints.enable": lambda w: {"id": w.private_endpoint("disabled")},
    "private_endpoints.disable": lambda w: {"id": w.private_endpoint("active")},
    "private_endpoints.set_pricing": _id(
        World.private_endpoint, pricing={"prompt": "0.1", "completion": "0.2"}
    ),
    "rerank.create": _just(documents=["one", "two"]),
    "scim.get_group_mapping": _id(World.mapping),
    "scim.create_group_mapping": lambda w: {
        "scim_group_id": _GROUP,
        "workspace_id": w.workspace(),
        "role": "admin",
    },
    "scim.update_group_mapping": _id(World.mapping, role="admin"),
    "scim.delete_group_mapping": _id(World.mapping),
    "scim.get_sync": _id(World.sync),
    "tools.get": _just(name="web_search"),
    "vault.store": _just(hosts=["example.com"]),
    "vault.delete": _id(World.secret, "name"),
    "vault.list_intern": _just(intern_id=seed_data.INTERN),
    "vault.store_intern": _just(intern_id=seed_data.INTERN, hosts=["example.com"]),
    "vault.delete_intern": lambda w: {"intern_id": seed_data.INTERN, "name": w.intern_secret()},
    "vault.copy_to_intern": lambda w: {"intern_id": seed_data.INTERN, "names": [w.secret()]},
    "vault.list_effective": _just(intern_id=seed_data.INTERN),
    "vault.list_connections": _just(intern_id=seed_data.INTERN),
    "videos.get": _id(World.video, "job_id"),
    "videos.download": _id(World.video, "job_id"),
    "workspaces.create": lambda w: {"slug": w.name()},
    "workspaces.get": _id(World.workspace),
    "workspaces.update": _id(World.workspace, description="New"),
    "workspaces.delete": _id(World.workspace),
    "workspaces.list_members": _id(World.workspace),
    "workspaces.add_members": _id(World.workspace, user_ids=["user_ada"]),
    "workspaces.remove_members": _id(World.workspace, user_ids=["user_ada"]),
    "workspaces.list_budgets": _id(World.budget),
    "workspaces.get_budget": _id(World.budget),
    "workspaces.set_budget": _id(World.workspace),
    "workspaces.delete_budget": _id(World.budget),
}
"""Arguments by method, where what `samples` makes is not enough."""
