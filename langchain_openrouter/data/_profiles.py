"""The profiles of all models, by id, from the bundled model list.

LangChain's convention for provider packages: tools read `_PROFILES` out of this very file, e.g. the model picker
of deepagents-code, some without importing the package. Nothing else imports it.
"""

from __future__ import annotations

from langchain_core.language_models import ModelProfile

from langchain_openrouter._settings.profile import to_profile
from openrouter_core.catalog.models import bundled_models

_PROFILES: dict[str, ModelProfile] = {facts.id: to_profile(facts) for facts in bundled_models()}
