"""The verbs: one file per group of endpoints, one class per file.

A client reads `RESOURCES` and imports a module when its attribute is first used, so that importing
the package costs the same however many groups there are.
"""

from __future__ import annotations

_CLASSES = {
    "analytics": "Analytics",
    "audio": "Audio",
    "batches": "Batches",
    "benchmarks": "Benchmarks",
    "byok": "Byok",
    "chat": "Chat",
    "classifications": "Classifications",
    "completions": "Completions",
    "containers": "Containers",
    "credits": "Credits",
    "datasets": "Datasets",
    "decisions": "Decisions",
    "embeddings": "Embeddings",
    "endpoints": "Endpoints",
    "external_users": "ExternalUsers",
    "files": "Files",
    "generations": "Generations",
    "guardrails": "Guardrails",
    "images": "Images",
    "keys": "Keys",
    "messages": "Messages",
    "models": "Models",
    "oauth": "OAuth",
    "observability": "Observability",
    "organization": "Organization",
    "presets": "Presets",
    "private_endpoints": "PrivateEndpoints",
    "providers": "Providers",
    "rerank": "Rerank",
    "responses": "Responses",
    "scim": "Scim",
    "system_one": "SystemOne",
    "tools": "Tools",
    "vault": "Vault",
    "videos": "Videos",
    "workspaces": "Workspaces",
}

RESOURCES: dict[str, tuple[str, str]] = {
    name: (f"openrouter_core.resources.{name}", cls) for name, cls in _CLASSES.items()
}
"""Attribute of a client -> the module and the class behind it. Modules are named like attributes."""
