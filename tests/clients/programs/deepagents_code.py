"""Its model picker finds our models, with their profiles."""

import deepagents_code.model_config as config

found = config.get_available_models().get("openrouter", [])
assert len(found) > 200, found
assert "anthropic/claude-sonnet-4.5" in found
profiles = config.get_model_profiles()
assert any("openrouter" in name for name in profiles), list(profiles)[:3]
