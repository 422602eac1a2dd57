"""Models that the bundled list leaves out, and what is known of listed ones beyond it. Data.

GET /models shows models that answer with text unless it is asked for more, and so does the list that `openrouter_core`
brings: embeddings, rerank, speech, transcription, pictures and videos stand here, as do models that only an emulator has.
Their prices look like the real ones of 2026 but are not a price list.
"""

from __future__ import annotations

from collections.abc import Mapping

from openrouter_emulator.catalogue.model_specs import Endpoint, ModelSpec
from openrouter_emulator.catalogue.provider_style import ProviderStyle
from openrouter_emulator.catalogue.providers import AI_STUDIO, AZURE, OPENAI, VERTEX

_SAMPLING = ("max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "seed")
_TOOLS = ("tools", "tool_choice", "parallel_tool_calls")
_JSON = ("response_format", "structured_outputs")
_PENALTIES = ("frequency_penalty", "presence_penalty", "logit_bias")
_LOGPROBS = ("logprobs", "top_logprobs")
_OPEN = ("top_k", "min_p", "repetition_penalty", *_PENALTIES)

ALIASES: Mapping[str, str] = {
    "~anthropic/claude-fable-latest": "anthropic/claude-fable-5",
    "~anthropic/claude-haiku-latest": "anthropic/claude-haiku-4.5",
    "~anthropic/claude-opus-latest": "anthropic/claude-opus-5",
    "~anthropic/claude-sonnet-latest": "anthropic/claude-sonnet-5",
    "~deepseek/deepseek-v4-flash-latest": "deepseek/deepseek-v4-flash-0731",
    "~google/gemini-flash-latest": "google/gemini-3.7-flash",
    "~google/gemini-pro-latest": "google/gemini-3.1-pro-preview",
    "~moonshotai/kimi-latest": "moonshotai/kimi-k3",
    "~openai/gpt-latest": "openai/gpt-5.6-sol",
    "~openai/gpt-mini-latest": "openai/gpt-5.4-mini",
    "~x-ai/grok-latest": "x-ai/grok-4.6",
}
"""Which model answers under `~author/family-latest`, as GET /models showed it in August 2026."""

ENDPOINTS: Mapping[str, tuple[Endpoint, ...]] = {
    "deepseek/deepseek-v3.2": (
        Endpoint("DeepSeek", "deepseek", without=("structured_outputs",), trains=True),
        Endpoint("DeepInfra", "deepinfra/fp4", quantization="fp4"),
        Endpoint(
            "Chutes", "chutes/bf16", {"prompt": "0.0000002", "completion": "0.0000003"},
            without=("tools", "tool_choice", "response_format", "structured_outputs"),
            quantization="bf16", context=65_536,
        ),
    ),
}  # fmt: skip
"""Providers that differ in price, parameters, quantization and policy."""


def _prices(prompt: str, completion: str, **more: str) -> dict[str, str]:
    return {"prompt": prompt, "completion": completion, **more}


EXTRA: tuple[ModelSpec, ...] = (
    ModelSpec(
        "black-forest-labs/flux.2-pro", "black-forest-labs/flux.2-pro",
        "Black Forest Labs: FLUX.2 Pro", 46_864, None,
        _prices("0", "0", image_output="0.00003"), ("seed",),
        (Endpoint("Black Forest Labs", "black-forest-labs"),),
        inputs=("text", "image"), outputs=("image",),
    ),
    ModelSpec(
        "emulator/echo", "emulator/echo", "Emulator: Echo", 8_192, 4_096,
        _prices("0.000001", "0.000002"), (*_SAMPLING, *_OPEN, *_LOGPROBS),
        (Endpoint("Emulator", "emulator"),), ProviderStyle(echoes=True), inputs=("text", "image"),
    ),
    ModelSpec(
        "emulator/refuser", "emulator/refuser", "Emulator: Refuser", 8_192, 4_096,
        _prices("0.000001", "0.000002"), (*_SAMPLING, *_TOOLS, *_JSON),
        (Endpoint("Emulator", "emulator"),), ProviderStyle(refuses=True),
    ),
    ModelSpec(
        "openai/text-embedding-3-small", "openai/text-embedding-3-small",
        "OpenAI: Text Embedding 3 Small", 8_192, None, _prices("0.00000002", "0"), (),
        (OPENAI, AZURE), outputs=("embeddings",), tokenizer="GPT", dimensions=1536,
    ),
    ModelSpec(
        "google/gemini-embedding-2", "google/gemini-embedding-2", "Google: Gemini Embedding 2",
        8_192, None, _prices("0.0000002", "0"), (), (AI_STUDIO,),
        inputs=("text", "image", "audio", "video", "file"), outputs=("embeddings",),
        tokenizer="Gemini", dimensions=768,
    ),
    ModelSpec(
        "google/gemini-embedding-2-preview", "google/gemini-embedding-2-preview",
        "Google: Gemini Embedding 2 Preview", 8_192, None, _prices("0.0000002", "0"), (), (AI_STUDIO,),
        inputs=("text", "image", "audio", "video", "file"), outputs=("embeddings",),
        tokenizer="Gemini", dimensions=3072,
    ),
    ModelSpec(
        "cohere/rerank-v3.5", "cohere/rerank-v3.5", "Cohere: Rerank 3.5", 4_096, None,
        _prices("0", "0", request="0.002"), (), (Endpoint("Cohere", "cohere"),),
        outputs=("rerank",), tokenizer="Cohere",
    ),
    ModelSpec(
        "voyageai/rerank-2.5-lite", "voyageai/rerank-2.5-lite", "Voyage AI: Rerank 2.5 Lite",
        32_000, None, _prices("0.00000002", "0"), (),
        (Endpoint("VoyageAI by MongoDB", "voyageai"),), outputs=("rerank",),
    ),
    ModelSpec(
        "openai/gpt-4o-mini-tts", "openai/gpt-4o-mini-tts-2025-12-15", "OpenAI: GPT-4o Mini TTS",
        4_096, None, _prices("0.0000006", "0"), (), (OPENAI,),
        outputs=("speech",), tokenizer="GPT", voices=("alloy", "ash", "coral", "nova"),
    ),
    ModelSpec(
        "openai/gpt-4o-mini-transcribe", "openai/gpt-4o-mini-transcribe",
        "OpenAI: GPT-4o Mini Transcribe", 16_000, None, _prices("0.00000125", "0.000005"), (),
        (OPENAI,), inputs=("audio",), outputs=("transcription",), tokenizer="GPT",
    ),
    ModelSpec(
        "google/veo-3.1-fast", "google/veo-3.1-fast", "Google: Veo 3.1 Fast", 1_024, None,
        _prices("0", "0"), ("seed",), (VERTEX,),
        inputs=("text", "image"), outputs=("video",), tokenizer="Gemini",
    ),
    ModelSpec(
        "emulator/decider", "emulator/decider", "Emulator: Decider", 8_192, None,
        _prices("0.000001", "0.000002"), (), (Endpoint("Emulator", "emulator"),),
        inputs=("text", "image"), outputs=("decisions",),
    ),
    ModelSpec(
        "nvidia/nemotron-3-embed-1b:free", "nvidia/nemotron-3-embed-1b", "NVIDIA: Nemotron 3 Embed 1B (free)",
        32_768, None, _prices("0", "0"), (), (Endpoint("Nvidia", "nvidia", trains=True),),
        outputs=("embeddings",), dimensions=2048,
    ),
    ModelSpec(
        "openrouter/fusion-flash", "openrouter/fusion-flash", "OpenRouter: Fusion Flash",
        1_000_000, None, _prices("-1", "-1"), (), (), tokenizer="Router",
    ),
)  # fmt: skip
