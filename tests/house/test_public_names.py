"""The names that users may import. A change here is a change for users: see the changelog."""

from __future__ import annotations

from importlib import import_module

import pytest

PUBLIC = {
    "openrouter_core": """
        ApiStatusError AsyncOpenRouterClient AsyncStream AuthenticationError
        BadRequestError BudgetExceededError ChatAccumulator ChatChunk ChatOptions
        ChatResult ClientConfig ConfigurationError ConflictError ConnectionFailedError
        ContextLengthError EdgeTimeoutError Events IncompleteBodyError MidStreamError
        MissingApiKeyError ModelCatalog ModelFacts ModerationError NoEndpointsError
        NotFoundError OpenRouterClient OpenRouterError Page PayloadTooLargeError
        PaymentRequiredError PermissionDeniedError ProviderOverloadedError
        RateLimitError ReplayPolicy ReplyInfo RequestTimeoutError ResponseShapeError
        Secret ServerError Stream StreamError StreamInterruptedError Timeouts ToolCalls
        TransportError UnprocessableError WebhookSignatureError WireModel __version__
        aiterate facts_offline iterate merge_reasoning_details replayable
    """,
    "openrouter_core.costs": """
        Budget CallIntent CallObserver CompletedCall Cost CostLedger CostReconciler
        CostRecord CostTracker Labels Price Tokens Totals active_observers cost_labels
        observing origin_of track_openrouter_cost
    """,
    "openrouter_emulator": """
        ApiError Charge Cut Emulator Fault HandlerRequest Pause PlannedResponse Raw
        RecordedRequest Reply Table ToolCall faults
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
