"""The names that users may import. A change here is a change for users: see the changelog.

All other names may change from one version to the next, whether or not they begin with an underscore
(docs/architecture.md, "What is public").
"""

from __future__ import annotations

from importlib import import_module

import pytest

PUBLIC = {
    "openrouter_core": """
        ApiStatusError AsyncOpenRouterClient AsyncStream AuthenticationError
        BadRequestError BudgetExceededError ChatAccumulator ChatChunk ChatOptions
        ChatResult ClientConfig ConfigurationError ConflictError ConnectionFailedError
        ContextLengthError EdgeTimeoutError IncompleteBodyError MidStreamError
        MissingApiKeyError ModelCatalog ModelFacts ModerationError NoEndpointsError
        NotFoundError OpenRouterClient OpenRouterError Page PayloadTooLargeError
        PaymentRequiredError PermissionDeniedError ProviderOverloadedError
        RateLimitError RawAccumulator ReplayPolicy ReplyInfo RequestTimeoutError ResponseShapeError
        Secret ServerError Stream StreamError StreamInterruptedError Timeouts ToolCalls
        TransportError UnprocessableError WebhookSignatureError WireModel __version__
        aiterate facts_offline iterate merge_reasoning_details replayable
    """,
    "openrouter_core.costs": """
        Budget CallIntent CallObserver CompletedCall Cost CostLedger CostReconciler
        CostRecord CostTracker Labels PendingHold Price Tokens Totals active_observers cost_labels
        observing origin_of track_openrouter_cost
    """,
    "openrouter_core.bulk": """
        Item Job Progress Run aembed_into embed_into
    """,
    "openrouter_emulator": """
        ApiError Charge Cut Emulator Exchange Fault HandlerRequest Pause PlannedResponse Raw
        RecordedRequest Recording Reply Table ToolCall faults
    """,
    "langchain_openrouter": """
        BudgetMiddleware ChatOpenRouter OpenRouterCostCallback OpenRouterEmbeddings
        OpenRouterFallbackMiddleware OpenRouterImageTool OpenRouterPromptCachingMiddleware
        OpenRouterRerank __version__ server_tool track_openrouter_cost
    """,
    "llama_index_openrouter": """
        OpenRouter OpenRouterCostCallback OpenRouterCostHandler OpenRouterEmbedding
        OpenRouterRerank WireBlock server_tool track_openrouter_cost
    """,
    "openrouter_core.errors": """
        ApiStatusError AuthenticationError BadRequestError BudgetExceededError
        ConfigurationError ConflictError ConnectionFailedError ContextLengthError
        EdgeTimeoutError IncompleteBodyError MidStreamError MissingApiKeyError
        ModerationError NoEndpointsError NotFoundError OpenRouterError PayloadTooLargeError
        PaymentRequiredError PermissionDeniedError ProviderOverloadedError RateLimitError
        RequestTimeoutError ResponseShapeError ServerError StreamError
        StreamInterruptedError TransportError UnprocessableError
    """,
    "openrouter_core.oauth": """
        AUTH_URL Callback Pkce SignInError aexchange asign_in authorization_url exchange
        sign_in
    """,
    "openrouter_core.media": """
        Source Upload chat_audio chat_file embedding_part image_url inline stored_file
        upload_part video_url
    """,
    "openrouter_core.webhooks": """
        IDEMPOTENCY_HEADER SIGNATURE_HEADER WebhookEvent WebhookSignatureError
        idempotency_key sign verify
    """,
    "openrouter_core.pagination": """
        aiterate iterate
    """,
    "openrouter_core.catalog": """
        ModelCatalog ModelFacts facts_offline
    """,
    "openrouter_core.types": """
        AccessToken ActivityItem AnalyticsOptions AnalyticsResult AsyncByteStream
        AsyncStream AudioInput BYOKKey BYOKOptions Batch BatchOptions BatchReply
        BatchRequest BatchResult BatchUsage BatchesPage ByteStream CallOptions ChatChoice
        ChatChunk ChatMessage ChatOptions ChatResult ChatUsage Completion CompletionOptions
        CompletionUsage ContentBlock CreatedKey Credits CurrentKey Embedding
        EmbeddingOptions EmbeddingUsage Embeddings Endpoint ExchangedKey FilesPage
        Generation GenerationContent Guardrail GuardrailOptions GuardrailUpdate Image
        ImageEvent ImageModel ImageOptions ImageUsage Images InferenceOptions Key KeyOptions
        KeyUpdate MaxPrice Message MessageEvent MessageUsage MessagesOptions Model
        ModelEndpoints ModelFilters ModelsPage MultimodalInput OutputItem Page Preset
        PresetVersion Pricing Provider ProviderPreferences Ranking Reasoning RerankOptions
        RerankResult RerankUsage Response ResponseEvent ResponseUsage ResponsesOptions
        ServerTool SpeechOptions SpeechTurn StoredFile Stream Thinking ToolsPage Trace
        Transcription TranscriptionOptions TranscriptionUsage Video VideoModel VideoOptions
        VideoUsage WireModel Workspace WorkspaceOptions
    """,
    "openrouter_core.costs.exporters": """
        LangfuseCostExporter OpenTelemetryCostExporter
    """,
    "langchain_openrouter.errors": """
        ApiStatusError AuthenticationError BadRequestError BudgetExceededError
        ConfigurationError ConflictError ConnectionFailedError ContextLengthError
        EdgeTimeoutError IncompleteBodyError MidStreamError MissingApiKeyError
        ModerationError NoEndpointsError NotFoundError OpenRouterError PayloadTooLargeError
        PaymentRequiredError PermissionDeniedError ProviderOverloadedError RateLimitError
        RefusalError RequestTimeoutError ResponseShapeError ServerError StreamError
        StreamInterruptedError TransportError UnprocessableError
    """,
    "langchain_openrouter.middleware": """
        BudgetMiddleware OpenRouterFallbackMiddleware OpenRouterPromptCachingMiddleware
    """,
}


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names_are_these(package: str):
    assert sorted(import_module(package).__all__) == sorted(PUBLIC[package].split())


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_can_be_imported(package: str):
    module = import_module(package)

    assert [name for name in module.__all__ if getattr(module, name, None) is None] == []


@pytest.mark.parametrize("package", PUBLIC)
def test_dir_lists_the_public_names(package: str):
    assert set(PUBLIC[package].split()) <= set(dir(import_module(package)))


def test_unknown_names_are_refused():
    for package in PUBLIC:
        with pytest.raises(AttributeError, match="no_such_name"):
            import_module(package).no_such_name  # noqa: B018
