"""The fields of `OpenRouter`, beside those of the connection. No clients, no messages.

What they mean, and what wins over what, is the core's knowledge: `openrouter_core.chat.request`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from llama_index.core.bridge.pydantic import Field

from openrouter_core.chat.merging import merged_provider
from openrouter_core.chat.parameters import ChatParameters, ProviderField, name_sent_fields
from openrouter_core.chat.request import ChatDefaults, defaults_of

JsonObject = dict[str, Any]
StructuredMode = Literal["auto", "json_schema", "tools", "prompt"]


class ChatSettings(ChatParameters):
    """Every setting of the model object beside the connection. None is not sent."""

    model: str = ""
    """E.g. "anthropic/claude-sonnet-4.5", "openai/gpt-5:nitro", "openrouter/auto", "@preset/name". Empty only
    when `models` or `preset` decide."""
    provider: ProviderField | None = None
    """Which providers may answer, e.g. {"only": ["anthropic"], "zdr": True}. Merged with a call's."""
    order: list[str] | None = None
    """Short for `provider={"order": ...}`."""
    allow_fallbacks: bool | None = None
    """Short for `provider={"allow_fallbacks": ...}`."""
    additional_kwargs: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Further body fields, sent as they are."""
    structured_output_mode: StructuredMode = "auto"
    """How structured_predict asks: by JSON schema, by a tool, or in the prompt. "auto" asks the catalogue."""
    strict: bool | None = None
    """Whether JSON schemas are to be obeyed to the letter. None: where strict mode can say the class; True:
    or not at all; False sends the schema as it is."""
    require_parameters: bool = True
    """Whether structured_predict goes only to providers that support what it asks for, if the model lists all
    parameters of the request."""
    response_healing: bool = False
    """Whether OpenRouter mends broken JSON of structured answers that are not streamed."""
    context_window: int | None = None
    """Tokens. None: what the model catalogue says."""
    num_output: int | None = None
    """Tokens that prompts leave free for the answer. None: the output limit, else from the catalogue."""
    is_function_calling_model: bool | None = None
    """None: what the model catalogue says; an unknown model may call functions."""
    refresh_metadata: bool = False
    """Whether `metadata` may fetch the model list, and who serves a pinned model. False: it never touches
    the network."""

    sent_fields: ClassVar[Mapping[str, str]] = name_sent_fields("model", "provider")
    more_field: ClassVar[str] = "additional_kwargs"

    def chat_defaults(self) -> ChatDefaults:
        """Return what is set here for each call, the short provider preferences among them."""
        defaults = defaults_of(self)
        if (provider := self.provider_preferences()) is self.provider:
            return defaults
        return defaults._replace(fields={**defaults.fields, "provider": provider})

    def provider_preferences(self) -> Mapping[str, Any] | None:
        """Return the provider preferences of every call, the short ones among them."""
        if self.order is None and self.allow_fallbacks is None:
            return self.provider
        short = {"order": self.order, "allow_fallbacks": self.allow_fallbacks}
        given = {name: value for name, value in short.items() if value is not None}
        merged: JsonObject = merged_provider(self.provider, given)
        return merged
