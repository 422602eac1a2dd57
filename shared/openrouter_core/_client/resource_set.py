"""The resources of a client as attributes; each module is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic

from openrouter_core.resources import RESOURCES
from openrouter_core.resources._endpoint import Mode

if TYPE_CHECKING:
    from openrouter_core.resources.analytics import Analytics
    from openrouter_core.resources.audio import Audio
    from openrouter_core.resources.batches import Batches
    from openrouter_core.resources.benchmarks import Benchmarks
    from openrouter_core.resources.byok import Byok
    from openrouter_core.resources.chat import Chat
    from openrouter_core.resources.classifications import Classifications
    from openrouter_core.resources.completions import Completions
    from openrouter_core.resources.containers import Containers
    from openrouter_core.resources.credits import Credits
    from openrouter_core.resources.datasets import Datasets
    from openrouter_core.resources.decisions import Decisions
    from openrouter_core.resources.embeddings import Embeddings
    from openrouter_core.resources.endpoints import Endpoints
    from openrouter_core.resources.external_users import ExternalUsers
    from openrouter_core.resources.files import Files
    from openrouter_core.resources.generations import Generations
    from openrouter_core.resources.guardrails import Guardrails
    from openrouter_core.resources.images import Images
    from openrouter_core.resources.keys import Keys
    from openrouter_core.resources.messages import Messages
    from openrouter_core.resources.models import Models
    from openrouter_core.resources.oauth import OAuth
    from openrouter_core.resources.observability import Observability
    from openrouter_core.resources.organization import Organization
    from openrouter_core.resources.presets import Presets
    from openrouter_core.resources.private_endpoints import PrivateEndpoints
    from openrouter_core.resources.providers import Providers
    from openrouter_core.resources.rerank import Rerank
    from openrouter_core.resources.responses import Responses
    from openrouter_core.resources.scim import Scim
    from openrouter_core.resources.system_one import SystemOne
    from openrouter_core.resources.tools import Tools
    from openrouter_core.resources.vault import Vault
    from openrouter_core.resources.videos import Videos
    from openrouter_core.resources.workspaces import Workspaces


class ResourceSet(Generic[Mode]):
    """What a client offers, to a sync or an async client."""

    if TYPE_CHECKING:
        analytics: Analytics[Mode]
        audio: Audio[Mode]
        batches: Batches[Mode]
        benchmarks: Benchmarks[Mode]
        byok: Byok[Mode]
        chat: Chat[Mode]
        classifications: Classifications[Mode]
        completions: Completions[Mode]
        containers: Containers[Mode]
        credits: Credits[Mode]
        datasets: Datasets[Mode]
        decisions: Decisions[Mode]
        embeddings: Embeddings[Mode]
        endpoints: Endpoints[Mode]
        external_users: ExternalUsers[Mode]
        files: Files[Mode]
        generations: Generations[Mode]
        guardrails: Guardrails[Mode]
        images: Images[Mode]
        keys: Keys[Mode]
        messages: Messages[Mode]
        models: Models[Mode]
        oauth: OAuth[Mode]
        observability: Observability[Mode]
        organization: Organization[Mode]
        presets: Presets[Mode]
        private_endpoints: PrivateEndpoints[Mode]
        providers: Providers[Mode]
        rerank: Rerank[Mode]
        responses: Responses[Mode]
        scim: Scim[Mode]
        system_one: SystemOne[Mode]
        tools: Tools[Mode]
        vault: Vault[Mode]
        videos: Videos[Mode]
        workspaces: Workspaces[Mode]

    else:

        def __getattr__(self, name: str) -> Any:
            if name not in RESOURCES:
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            module, kind = RESOURCES[name]
            resource = getattr(import_module(module), kind)(self)
            self.__dict__[name] = resource
            return resource

        def __dir__(self) -> list[str]:
            return sorted({*super().__dir__(), *RESOURCES})
