"""The shapes that cross the wire, for annotations: options that are sent and answers that come back.

    >>> from openrouter_core.types import ChatOptions, Generation

Each name is imported when it is first asked for. Where a shape is defined may change: import it from here.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrouter_core.streaming.download import AsyncByteStream, ByteStream
    from openrouter_core.streaming.stream import AsyncStream, Stream
    from openrouter_core.wire._base import Page, WireModel
    from openrouter_core.wire._options import (
        CallOptions,
        InferenceOptions,
        MaxPrice,
        ProviderPreferences,
        Reasoning,
        Trace,
    )
    from openrouter_core.wire.analytics import ActivityItem, AnalyticsOptions, AnalyticsResult
    from openrouter_core.wire.audio import (
        AudioInput,
        SpeechOptions,
        SpeechTurn,
        Transcription,
        TranscriptionOptions,
        TranscriptionUsage,
    )
    from openrouter_core.wire.batches import (
        Batch,
        BatchesPage,
        BatchOptions,
        BatchReply,
        BatchRequest,
        BatchResult,
        BatchUsage,
    )
    from openrouter_core.wire.byok import BYOKKey, BYOKOptions
    from openrouter_core.wire.chat import (
        ChatChoice,
        ChatChunk,
        ChatMessage,
        ChatOptions,
        ChatResult,
        ChatUsage,
    )
    from openrouter_core.wire.completions import Completion, CompletionOptions, CompletionUsage
    from openrouter_core.wire.credits import Credits
    from openrouter_core.wire.embeddings import (
        Embedding,
        EmbeddingOptions,
        Embeddings,
        EmbeddingUsage,
        MultimodalInput,
    )
    from openrouter_core.wire.files import FilesPage, StoredFile
    from openrouter_core.wire.generations import Generation, GenerationContent
    from openrouter_core.wire.guardrails import Guardrail, GuardrailOptions, GuardrailUpdate
    from openrouter_core.wire.images import (
        Image,
        ImageEvent,
        ImageModel,
        ImageOptions,
        Images,
        ImageUsage,
    )
    from openrouter_core.wire.keys import CreatedKey, CurrentKey, Key, KeyOptions, KeyUpdate
    from openrouter_core.wire.messages import (
        ContentBlock,
        Message,
        MessageEvent,
        MessagesOptions,
        MessageUsage,
        Thinking,
    )
    from openrouter_core.wire.models import (
        Endpoint,
        Model,
        ModelEndpoints,
        ModelFilters,
        ModelsPage,
        Pricing,
        Provider,
    )
    from openrouter_core.wire.oauth import AccessToken, ExchangedKey
    from openrouter_core.wire.presets import Preset, PresetVersion
    from openrouter_core.wire.rerank import Ranking, RerankOptions, RerankResult, RerankUsage
    from openrouter_core.wire.responses import (
        OutputItem,
        Response,
        ResponseEvent,
        ResponsesOptions,
        ResponseUsage,
    )
    from openrouter_core.wire.tools import ServerTool, ToolsPage
    from openrouter_core.wire.videos import Video, VideoModel, VideoOptions, VideoUsage
    from openrouter_core.wire.workspaces import Workspace, WorkspaceOptions

_HOMES = {
    "AccessToken": "wire.oauth",
    "ActivityItem": "wire.analytics",
    "AnalyticsOptions": "wire.analytics",
    "AnalyticsResult": "wire.analytics",
    "AsyncByteStream": "streaming.download",
    "AsyncStream": "streaming.stream",
    "AudioInput": "wire.audio",
    "BYOKKey": "wire.byok",
    "BYOKOptions": "wire.byok",
    "Batch": "wire.batches",
    "BatchOptions": "wire.batches",
    "BatchReply": "wire.batches",
    "BatchRequest": "wire.batches",
    "BatchResult": "wire.batches",
    "BatchUsage": "wire.batches",
    "BatchesPage": "wire.batches",
    "ByteStream": "streaming.download",
    "CallOptions": "wire._options",
    "ChatChoice": "wire.chat",
    "ChatChunk": "wire.chat",
    "ChatMessage": "wire.chat",
    "ChatOptions": "wire.chat",
    "ChatResult": "wire.chat",
    "ChatUsage": "wire.chat",
    "Completion": "wire.completions",
    "CompletionOptions": "wire.completions",
    "CompletionUsage": "wire.completions",
    "ContentBlock": "wire.messages",
    "CreatedKey": "wire.keys",
    "Credits": "wire.credits",
    "CurrentKey": "wire.keys",
    "Embedding": "wire.embeddings",
    "EmbeddingOptions": "wire.embeddings",
    "EmbeddingUsage": "wire.embeddings",
    "Embeddings": "wire.embeddings",
    "Endpoint": "wire.models",
    "ExchangedKey": "wire.oauth",
    "FilesPage": "wire.files",
    "Generation": "wire.generations",
    "GenerationContent": "wire.generations",
    "Guardrail": "wire.guardrails",
    "GuardrailOptions": "wire.guardrails",
    "GuardrailUpdate": "wire.guardrails",
    "Image": "wire.images",
    "ImageEvent": "wire.images",
    "ImageModel": "wire.images",
    "ImageOptions": "wire.images",
    "ImageUsage": "wire.images",
    "Images": "wire.images",
    "InferenceOptions": "wire._options",
    "Key": "wire.keys",
    "KeyOptions": "wire.keys",
    "KeyUpdate": "wire.keys",
    "MaxPrice": "wire._options",
    "Message": "wire.messages",
    "MessageEvent": "wire.messages",
    "MessageUsage": "wire.messages",
    "MessagesOptions": "wire.messages",
    "Model": "wire.models",
    "ModelEndpoints": "wire.models",
    "ModelFilters": "wire.models",
    "ModelsPage": "wire.models",
    "MultimodalInput": "wire.embeddings",
    "OutputItem": "wire.responses",
    "Page": "wire._base",
    "Preset": "wire.presets",
    "PresetVersion": "wire.presets",
    "Pricing": "wire.models",
    "Provider": "wire.models",
    "ProviderPreferences": "wire._options",
    "Ranking": "wire.rerank",
    "Reasoning": "wire._options",
    "RerankOptions": "wire.rerank",
    "RerankResult": "wire.rerank",
    "RerankUsage": "wire.rerank",
    "Response": "wire.responses",
    "ResponseEvent": "wire.responses",
    "ResponseUsage": "wire.responses",
    "ResponsesOptions": "wire.responses",
    "ServerTool": "wire.tools",
    "SpeechOptions": "wire.audio",
    "SpeechTurn": "wire.audio",
    "StoredFile": "wire.files",
    "Stream": "streaming.stream",
    "Thinking": "wire.messages",
    "ToolsPage": "wire.tools",
    "Trace": "wire._options",
    "Transcription": "wire.audio",
    "TranscriptionOptions": "wire.audio",
    "TranscriptionUsage": "wire.audio",
    "Video": "wire.videos",
    "VideoModel": "wire.videos",
    "VideoOptions": "wire.videos",
    "VideoUsage": "wire.videos",
    "WireModel": "wire._base",
    "Workspace": "wire.workspaces",
    "WorkspaceOptions": "wire.workspaces",
}

__all__ = [
    "AccessToken",
    "ActivityItem",
    "AnalyticsOptions",
    "AnalyticsResult",
    "AsyncByteStream",
    "AsyncStream",
    "AudioInput",
    "BYOKKey",
    "BYOKOptions",
    "Batch",
    "BatchOptions",
    "BatchReply",
    "BatchRequest",
    "BatchResult",
    "BatchUsage",
    "BatchesPage",
    "ByteStream",
    "CallOptions",
    "ChatChoice",
    "ChatChunk",
    "ChatMessage",
    "ChatOptions",
    "ChatResult",
    "ChatUsage",
    "Completion",
    "CompletionOptions",
    "CompletionUsage",
    "ContentBlock",
    "CreatedKey",
    "Credits",
    "CurrentKey",
    "Embedding",
    "EmbeddingOptions",
    "EmbeddingUsage",
    "Embeddings",
    "Endpoint",
    "ExchangedKey",
    "FilesPage",
    "Generation",
    "GenerationContent",
    "Guardrail",
    "GuardrailOptions",
    "GuardrailUpdate",
    "Image",
    "ImageEvent",
    "ImageModel",
    "ImageOptions",
    "ImageUsage",
    "Images",
    "InferenceOptions",
    "Key",
    "KeyOptions",
    "KeyUpdate",
    "MaxPrice",
    "Message",
    "MessageEvent",
    "MessageUsage",
    "MessagesOptions",
    "Model",
    "ModelEndpoints",
    "ModelFilters",
    "ModelsPage",
    "MultimodalInput",
    "OutputItem",
    "Page",
    "Preset",
    "PresetVersion",
    "Pricing",
    "Provider",
    "ProviderPreferences",
    "Ranking",
    "Reasoning",
    "RerankOptions",
    "RerankResult",
    "RerankUsage",
    "Response",
    "ResponseEvent",
    "ResponseUsage",
    "ResponsesOptions",
    "ServerTool",
    "SpeechOptions",
    "SpeechTurn",
    "StoredFile",
    "Stream",
    "Thinking",
    "ToolsPage",
    "Trace",
    "Transcription",
    "TranscriptionOptions",
    "TranscriptionUsage",
    "Video",
    "VideoModel",
    "VideoOptions",
    "VideoUsage",
    "WireModel",
    "Workspace",
    "WorkspaceOptions",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"openrouter_core.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
