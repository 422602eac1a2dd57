"""The providers of the emulator's models. Data.

Which provider serves which author's models is taken from recorded answers; what is known of none is served by DeepInfra.
"""

from __future__ import annotations

from openrouter_emulator.catalogue.model_specs import Endpoint

OPENAI = Endpoint("OpenAI", "openai")
AZURE = Endpoint("Azure", "azure", zdr=True)
ANTHROPIC = Endpoint("Anthropic", "anthropic")
BEDROCK = Endpoint("Amazon Bedrock", "amazon-bedrock", zdr=True)
VERTEX = Endpoint("Google", "google-vertex", zdr=True)
AI_STUDIO = Endpoint("Google AI Studio", "google-ai-studio")
DEEPINFRA = Endpoint("DeepInfra", "deepinfra/fp8", quantization="fp8")
NOVITA = Endpoint("Novita", "novita")

BY_AUTHOR: dict[str, tuple[Endpoint, ...]] = {
    "amazon": (BEDROCK,),
    "anthropic": (ANTHROPIC, BEDROCK, VERTEX),
    "bytedance-seed": (Endpoint("Seed", "seed"),),
    "cohere": (Endpoint("Cohere", "cohere"),),
    "deepseek": (Endpoint("DeepSeek", "deepseek", trains=True), DEEPINFRA, NOVITA),
    "google": (AI_STUDIO, VERTEX),
    "inception": (Endpoint("Inception", "inception"),),
    "meta": (Endpoint("Meta", "meta"),),
    "meta-llama": (Endpoint("Novita", "novita/bf16", quantization="bf16"), DEEPINFRA),
    "minimax": (Endpoint("Minimax", "minimax/fp8", quantization="fp8"),),
    "mistralai": (Endpoint("Mistral", "mistral"),),
    "moonshotai": (Endpoint("Moonshot AI", "moonshotai/int4", quantization="int4"), NOVITA),
    "nousresearch": (Endpoint("Nebius", "nebius/fp8", quantization="fp8"),),
    "openai": (OPENAI, AZURE),
    "perplexity": (Endpoint("Perplexity", "perplexity"),),
    "qwen": (Endpoint("Alibaba Cloud Int.", "alibaba"),),
    "x-ai": (Endpoint("xAI", "xai"),),
    "xiaomi": (Endpoint("Xiaomi", "xiaomi/fp8", quantization="fp8"),),
    "z-ai": (Endpoint("Z.AI", "z-ai"), NOVITA),
}
FREE = (Endpoint("OpenInference", "open-inference", trains=True),)
"""Of `:free` models."""


def providers_of(id: str) -> tuple[Endpoint, ...]:
    """Who serves a model."""
    if id.endswith(":free"):
        return FREE
    author, _, name = id.partition("/")
    if name.startswith(("gpt-oss", "gemma", "lyria")):
        return (DEEPINFRA,)
    return BY_AUTHOR.get(author, (DEEPINFRA,))
