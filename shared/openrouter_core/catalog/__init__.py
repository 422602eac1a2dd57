"""What is known of models without asking for each: prices, limits, parameters, modalities.

`models` holds the facts of a model, `endpoints` those of the providers that serve it.
"""

from openrouter_core.catalog.models import ModelCatalog, ModelFacts, facts_offline

__all__ = ["ModelCatalog", "ModelFacts", "facts_offline"]
