"""The models that the emulator offers, and look-ups among them. Data.

Ids, permaslugs and prices look like the real ones of 2026 but are not a price list.
"""

from __future__ import annotations

from dataclasses import replace

from openrouter_core.catalog.models import facts_offline
from openrouter_emulator.catalogue.model_specs import Endpoint, ModelSpec
from openrouter_emulator.catalogue.provider_style import ProviderStyle

_SAMPLING = ("max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "seed")
_TOOLS = ("tools", "tool_choice", "parallel_tool_calls")
_JSON = ("response_format", "structured_outputs")
_THINK = ("reasoning", "include_reasoning", "reasoning_effort")
_PENALTIES = ("frequency_penalty", "presence_penalty", "logit_bias")
_LOGPROBS = ("logprobs", "top_logprobs")
_OPEN = ("top_k", "min_p", "repetition_penalty", *_PENALTIES)


def _prices(prompt: str, completion: str, **more: str) -> dict[str, str]:
    return {"prompt": prompt, "completion": completion, **more}


_OPENAI = Endpoint("OpenAI", "openai")
_AZURE = Endpoint("Azure", "azure", zdr=True)
_ANTHROPIC = Endpoint("Anthropic", "anthropic")
_BEDROCK = Endpoint("Amazon Bedrock", "amazon-bedrock", zdr=True)
_VERTEX = Endpoint("Google", "google-vertex", zdr=True)
_AI_STUDIO = Endpoint("Google AI Studio", "google-ai-studio")
_CLAUDE = ProviderStyle(
    "anthropic",
    ids="toolu",
    native_stop="end_turn",
    native_tools="tool_use",
    native_length="max_tokens",
)
_GEMINI = ProviderStyle(
    "gemini",
    ids="gemini",
    native_stop="STOP",
    native_tools="STOP",
    native_length="MAX_TOKENS",
)
_GPT5 = ProviderStyle(
    "openai",
    native_stop="completed",
    native_tools="completed",
    native_length="max_output_tokens",
)
_EFFORTS = ["max", "xhigh", "high", "medium", "low"]

_ALL: tuple[ModelSpec, ...] = (
    ModelSpec(
        "openai/gpt-4o-mini", "openai/gpt-4o-mini", "OpenAI: GPT-4o-mini", 128_000, 16_384,
        _prices("0.00000015", "0.0000006", input_cache_read="0.000000075", web_search="0.0275"),
        (*_SAMPLING, *_TOOLS, *_JSON, *_PENALTIES, *_LOGPROBS, "prediction", "web_search_options"),
        (_OPENAI, _AZURE),
        inputs=("text", "image", "file"), tokenizer="GPT",
    ),
    ModelSpec(
        "openai/gpt-4.1-mini", "openai/gpt-4.1-mini-2025-04-14", "OpenAI: GPT-4.1 Mini",
        1_047_576, 32_768,
        _prices("0.0000004", "0.0000016", input_cache_read="0.0000001", web_search="0.0275"),
        (*_SAMPLING, *_TOOLS, *_JSON, *_PENALTIES, *_LOGPROBS, "prediction"),
        (_OPENAI, _AZURE),
        inputs=("text", "image", "file"), tokenizer="GPT",
    ),
    ModelSpec(
        "openai/gpt-5.5", "openai/gpt-5.5-20260423", "OpenAI: GPT-5.5", 1_050_000, 128_000,
        _prices("0.000005", "0.00003", input_cache_read="0.0000005", web_search="0.01"),
        ("max_tokens", "max_completion_tokens", "seed", *_TOOLS, *_JSON, *_THINK, "verbosity"),
        (_OPENAI, _AZURE), _GPT5,
        inputs=("text", "image", "file"), tokenizer="GPT",
        reasoning={
            "mandatory": False, "default_enabled": True, "default_effort": "medium",
            "supported_efforts": ["xhigh", "high", "medium", "low", "none"],
        },
    ),
    ModelSpec(
        "openai/gpt-audio-mini", "openai/gpt-audio-mini", "OpenAI: GPT Audio Mini",
        128_000, 16_384,
        _prices("0.0000006", "0.0000024", audio="0.0000006", audio_output="0.0000024"),
        (*_SAMPLING, *_TOOLS, *_JSON, *_PENALTIES), (_OPENAI,),
        inputs=("text", "audio"), outputs=("text", "audio"), tokenizer="GPT",
    ),
    ModelSpec(
        "openai/gpt-oss-20b:free", "openai/gpt-oss-20b", "OpenAI: gpt-oss-20b (free)",
        131_072, 32_768, _prices("0", "0"),
        (*_SAMPLING, *_TOOLS, *_JSON, *_THINK, *_OPEN), (Endpoint("OpenInference", "open-inference", trains=True),),
        ProviderStyle("plain", deltas="early_arguments"), tokenizer="GPT",
        reasoning={
            "mandatory": True, "default_effort": "medium",
            "supported_efforts": ["high", "medium", "low"],
        },
    ),
    ModelSpec(
        "anthropic/claude-sonnet-4.5", "anthropic/claude-4.5-sonnet-20250929",
        "Anthropic: Claude Sonnet 4.5", 1_000_000, 64_000,
        _prices(
            "0.000003", "0.000015", input_cache_read="0.0000003", input_cache_write="0.00000375",
            input_cache_write_1h="0.000006", web_search="0.01",
        ),
        (*_SAMPLING[:-1], *_TOOLS[:2], *_JSON, "reasoning", "include_reasoning", "top_k", "verbosity"),
        (_ANTHROPIC, _BEDROCK, _VERTEX), _CLAUDE,
        inputs=("text", "image", "file"), tokenizer="Claude",
        reasoning={"mandatory": False, "default_enabled": False, "supports_max_tokens": True},
    ),
    ModelSpec(
        "anthropic/claude-haiku-4.5", "anthropic/claude-4.5-haiku-20251001",
        "Anthropic: Claude Haiku 4.5", 200_000, 64_000,
        _prices(
            "0.000001", "0.000005", input_cache_read="0.0000001", input_cache_write="0.00000125",
            input_cache_write_1h="0.000002", web_search="0.01",
        ),
        (*_SAMPLING[:-1], *_TOOLS[:2], *_JSON, "reasoning", "include_reasoning", "top_k"),
        (_ANTHROPIC, _BEDROCK, _VERTEX), _CLAUDE,
        inputs=("text", "image", "file"), tokenizer="Claude",
        reasoning={"mandatory": False},
    ),
    ModelSpec(
        "google/gemini-3-flash-preview", "google/gemini-3-flash-preview-20251217",
        "Google: Gemini 3 Flash Preview", 1_048_576, 65_536,
        _prices("0.0000005", "0.000003", input_cache_read="0.00000005", audio="0.000001"),
        (*_SAMPLING, *_TOOLS[:2], *_JSON, *_THINK),
        (_AI_STUDIO, _VERTEX), _GEMINI,
        inputs=("text", "image", "file", "audio", "video"), tokenizer="Gemini",
        reasoning={
            "mandatory": True, "default_effort": "high",
            "supported_efforts": ["high", "medium", "low", "minimal"],
        },
    ),
    ModelSpec(
        "google/gemini-2.5-flash-image", "google/gemini-2.5-flash-image",
        "Google: Gemini 2.5 Flash Image", 32_768, 8_192,
        _prices("0.0000003", "0.0000025", image="0.0000003", image_output="0.00003"),
        (*_SAMPLING, *_JSON), (_AI_STUDIO, _VERTEX),
        ProviderStyle(native_stop="STOP", native_length="MAX_TOKENS"),
        inputs=("image", "text"), outputs=("image", "text"), tokenizer="Gemini",
    ),
    ModelSpec(
        "black-forest-labs/flux.2-pro", "black-forest-labs/flux.2-pro",
        "Black Forest Labs: FLUX.2 Pro", 46_864, None,
        _prices("0", "0", image_output="0.00003"), ("seed",),
        (Endpoint("Black Forest Labs", "black-forest-labs"),),
        inputs=("text", "image"), outputs=("image",),
    ),
    ModelSpec(
        "deepseek/deepseek-v3.2", "deepseek/deepseek-v3.2-20251201", "DeepSeek: DeepSeek V3.2",
        163_840, 65_536, _prices("0.00000025", "0.00000038", input_cache_read="0.000000025"),
        (*_SAMPLING, *_TOOLS[:2], *_JSON, *_THINK, *_OPEN, *_LOGPROBS),
        (
            Endpoint("DeepSeek", "deepseek", without=("structured_outputs",), trains=True),
            Endpoint("DeepInfra", "deepinfra/fp4", quantization="fp4"),
            Endpoint(
                "Chutes", "chutes/bf16", {"prompt": "0.0000002", "completion": "0.0000003"},
                without=("tools", "tool_choice", "response_format", "structured_outputs"),
                quantization="bf16", context=65_536,
            ),
        ),
        ProviderStyle("plain", deltas="typed"), tokenizer="DeepSeek",
        reasoning={"mandatory": False, "default_enabled": False},
    ),
    ModelSpec(
        "moonshotai/kimi-k2-thinking", "moonshotai/kimi-k2-thinking-20251106",
        "MoonshotAI: Kimi K2 Thinking", 262_144, 65_536, _prices("0.0000006", "0.0000025"),
        (*_SAMPLING, *_TOOLS[:2], *_JSON, *_THINK, *_OPEN),
        (Endpoint("Moonshot AI", "moonshotai/int4", quantization="int4"), Endpoint("Novita", "novita")),
        ProviderStyle("plain", deltas="late_arguments", ids="functions"),
        reasoning={"mandatory": True},
    ),
    ModelSpec(
        "minimax/minimax-m2", "minimax/minimax-m2", "MiniMax: MiniMax M2", 196_608, 65_536,
        _prices("0.000000255", "0.00000102"),
        (*_SAMPLING, *_TOOLS[:2], *_JSON, *_THINK, *_OPEN),
        (Endpoint("Minimax", "minimax/fp8", quantization="fp8"),), ProviderStyle("null"),
        reasoning={"mandatory": True},
    ),
    ModelSpec(
        "x-ai/grok-4.1-fast", "x-ai/grok-4.1-fast", "xAI: Grok 4.1 Fast", 2_000_000, 30_000,
        _prices("0.0000002", "0.0000005", input_cache_read="0.00000005"),
        (*_SAMPLING, *_TOOLS, *_JSON, *_THINK, *_LOGPROBS), (Endpoint("xAI", "xai"),),
        ProviderStyle("xai", native_stop="completed", native_tools="completed"),
        inputs=("text", "image"), tokenizer="Grok",
        reasoning={"mandatory": False, "default_enabled": True},
    ),
    ModelSpec(
        "qwen/qwen3-max", "qwen/qwen3-max", "Qwen: Qwen3 Max", 262_144, 32_768,
        _prices("0.0000012", "0.000006", input_cache_read="0.00000024"),
        (*_SAMPLING, *_TOOLS, *_JSON, "top_k", "presence_penalty"),
        (Endpoint("Alibaba Cloud Int.", "alibaba"),), ProviderStyle(deltas="empty_id"), tokenizer="Qwen",
    ),
    ModelSpec(
        "mistralai/mistral-medium-3.1", "mistralai/mistral-medium-3.1",
        "Mistral: Mistral Medium 3.1", 131_072, None, _prices("0.0000004", "0.000002"),
        (*_SAMPLING, *_TOOLS[:2], *_JSON, "frequency_penalty", "presence_penalty"),
        (Endpoint("Mistral", "mistral"),), ProviderStyle(deltas="whole", ids="nine"),
        inputs=("text", "image"), tokenizer="Mistral",
    ),
    ModelSpec(
        "meta-llama/llama-4-scout", "meta-llama/llama-4-scout-17b-16e-instruct",
        "Meta: Llama 4 Scout", 327_680, 16_384, _prices("0.00000008", "0.0000003"),
        (*_SAMPLING, *_TOOLS[:2], *_JSON, *_OPEN),
        (Endpoint("Novita", "novita/bf16", quantization="bf16"),),
        ProviderStyle(deltas="late_arguments", ids="uuid"), inputs=("text", "image"), tokenizer="Llama4",
    ),
    ModelSpec(
        "meta-llama/llama-3.2-3b-instruct", "meta-llama/llama-3.2-3b-instruct",
        "Meta: Llama 3.2 3B Instruct", 131_072, 16_384, _prices("0.00000002", "0.00000002"),
        (*_SAMPLING, *_OPEN), (Endpoint("DeepInfra", "deepinfra/bf16", quantization="bf16"),),
        tokenizer="Llama3",
    ),
    ModelSpec(
        "perplexity/sonar", "perplexity/sonar", "Perplexity: Sonar", 127_072, None,
        _prices("0.000001", "0.000001", request="0.005"),
        (*_SAMPLING[:4], "top_k", "frequency_penalty", "presence_penalty", "web_search_options"),
        (Endpoint("Perplexity", "perplexity"),), ProviderStyle(searches=True), inputs=("text", "image"),
    ),
    ModelSpec(
        "openrouter/auto", "openrouter/auto", "Auto Router", 2_000_000, None, _prices("-1", "-1"),
        (*_SAMPLING, *_TOOLS[:2], *_JSON, *_THINK, *_OPEN, *_LOGPROBS), (),
        inputs=("text", "image", "audio", "file", "video"), outputs=("text", "image"),
        tokenizer="Router",
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
        (_OPENAI, _AZURE), outputs=("embeddings",), tokenizer="GPT", dimensions=1536,
    ),
    ModelSpec(
        "google/gemini-embedding-2", "google/gemini-embedding-2", "Google: Gemini Embedding 2",
        8_192, None, _prices("0.0000002", "0"), (), (_AI_STUDIO,),
        inputs=("text", "image", "audio", "video", "file"), outputs=("embeddings",),
        tokenizer="Gemini", dimensions=768,
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
        4_096, None, _prices("0.0000006", "0"), (), (_OPENAI,),
        outputs=("speech",), tokenizer="GPT", voices=("alloy", "ash", "coral", "nova"),
    ),
    ModelSpec(
        "openai/gpt-4o-mini-transcribe", "openai/gpt-4o-mini-transcribe",
        "OpenAI: GPT-4o Mini Transcribe", 16_000, None, _prices("0.00000125", "0.000005"), (),
        (_OPENAI,), inputs=("audio",), outputs=("transcription",), tokenizer="GPT",
    ),
    ModelSpec(
        "google/veo-3.1-fast", "google/veo-3.1-fast", "Google: Veo 3.1 Fast", 1_024, None,
        _prices("0", "0"), ("seed",), (_VERTEX,),
        inputs=("text", "image"), outputs=("video",), tokenizer="Gemini",
    ),
    ModelSpec(
        "emulator/decider", "emulator/decider", "Emulator: Decider", 8_192, None,
        _prices("0.000001", "0.000002"), (), (Endpoint("Emulator", "emulator"),),
        inputs=("text", "image"), outputs=("decisions",),
    ),
)  # fmt: skip


def _as_listed(spec: ModelSpec) -> ModelSpec:
    """With the parameters that the real model lists, where there is one of its name."""
    facts = facts_offline(spec.id)
    listed = sorted(facts.supported_parameters) if facts and not spec.router else None
    return replace(spec, params=tuple(listed)) if listed else spec


MODELS: dict[str, ModelSpec] = {spec.id: _as_listed(spec) for spec in _ALL}
MODELS["~anthropic/claude-sonnet-latest"] = ModelSpec(
    "~anthropic/claude-sonnet-latest",
    "~anthropic/claude-sonnet-latest",
    "Anthropic Claude Sonnet Latest",
    1_000_000,
    64_000,
    MODELS["anthropic/claude-sonnet-4.5"].prices,
    MODELS["anthropic/claude-sonnet-4.5"].params,
    MODELS["anthropic/claude-sonnet-4.5"].endpoints,
    _CLAUDE,
    inputs=("text", "image", "file"),
    tokenizer="Router",
    reasoning={
        "mandatory": False,
        "default_enabled": True,
        "default_effort": "high",
        "supported_efforts": _EFFORTS,
    },
    alias_target={
        "name": "Anthropic: Claude Sonnet 4.5",
        "slug": "anthropic/claude-sonnet-4.5",
    },
)

_BY_SLUG = {spec.slug: spec for spec in MODELS.values()}


def lookup(name: str) -> ModelSpec | None:
    """A model by id, permaslug or alias; None when there is none."""
    return MODELS.get(name) or _BY_SLUG.get(name)


def providers() -> dict[str, Endpoint]:
    """Every provider of the catalogue, by base slug."""
    found: dict[str, Endpoint] = {}
    for spec in MODELS.values():
        for endpoint in spec.endpoints:
            found.setdefault(endpoint.slug, endpoint)
    return found


def named(name: str) -> ModelSpec | None:
    """A model by what replies call it: also the bare slug that embeddings and rerank use."""
    return lookup(name) or next((s for s in MODELS.values() if s.slug.endswith(f"/{name}")), None)
