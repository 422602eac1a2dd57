"""`BudgetMiddleware`: what an agent may spend, by the real cost of its calls.

The counting is the core's `Budget`, which watches every OpenRouter call made while the agent's model or
one of its tools is at work, sub-agents included. The agent's state carries what is spent, as text, so
that a thread keeps its budget where a checkpointer keeps the thread.
"""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import uuid4

from langchain.agents.middleware import (
    AgentMiddleware,
    AgentState,
    ExtendedModelResponse,
    ModelResponse,
    ToolCallRequest,
)
from langchain.agents.middleware.types import PrivateStateAttr
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.channels import UntrackedValue  # pyright: ignore[reportMissingTypeStubs]  # none exist
from langgraph.types import Command

from langchain_openrouter.errors import BudgetExceededError, ConfigurationError
from langchain_openrouter.middleware.fallback import AsyncHandler, Handler, Request
from openrouter_core.config import not_picklable
from openrouter_core.costs import Budget, CallIntent, CompletedCall, active_observers, observing
from openrouter_core.costs.records.tables import money

Per = Literal["run", "thread"]
OnExceeded = Literal["error", "end", "warn"]
ToolResult = ToolMessage | Command[Any]

_MOST_SCOPES = 1024
"""Budgets kept in memory. One that was dropped goes on from what the agent's state says."""


class SpentSoFar(TypedDict):
    """What an agent's state holds of a budget."""

    scope: str
    spent_usd: str


class RunBudgetState(AgentState[Any]):
    """State of an agent whose runs have a budget; a checkpointer does not keep it."""

    openrouter_run_budget: NotRequired[Annotated[SpentSoFar, UntrackedValue, PrivateStateAttr]]


class ThreadBudgetState(AgentState[Any]):
    """State of an agent whose threads have a budget."""

    openrouter_thread_budget: NotRequired[Annotated[SpentSoFar, PrivateStateAttr]]


_STATES: Mapping[Per, tuple[str, type[AgentState[Any]]]] = {
    "run": ("openrouter_run_budget", RunBudgetState),
    "thread": ("openrouter_thread_budget", ThreadBudgetState),
}


class BudgetMiddleware(AgentMiddleware[Any, Any, Any]):
    """Stops an agent before it spends more than a limit.

    Each OpenRouter call of the agent and of its tools, sub-agents included, holds back what it may cost
    before it is sent and is booked at its real price: a limit is not passed, also by parallel calls.
    What a call may cost depends on its `max_tokens`; see `openrouter_core.costs.Budget`. A sub-agent
    with this very object shares the limit; one with a `BudgetMiddleware` of its own has both limits.
    Not counted are calls to other services, and calls that other middleware makes between the agent's
    own, such as summaries: give their model `observers=[Budget(...)]`.

    Args:
        limit_usd: The limit, in USD. A string or Decimal is exact.
        per: What has this limit: each "run" (an `invoke` or `stream` of the agent) or each "thread",
            which needs a checkpointer.
        on_exceeded: "error" raises a `BudgetExceededError`; "end" ends the agent with a message that
            says so, and a tool whose call was refused answers with that error; "warn" warns and goes on.
    """

    def __init__(
        self,
        limit_usd: Decimal | str | float,
        *,
        per: Per = "run",
        on_exceeded: OnExceeded = "error",
    ) -> None:
        super().__init__()
        if per not in _STATES or on_exceeded not in {"error", "end", "warn"}:
            raise ConfigurationError(
                f'per={per!r} must be "run" or "thread", '
                f'and on_exceeded={on_exceeded!r} "error", "end" or "warn".'
            )
        self.limit_usd = Budget(limit_usd).limit_usd
        self.per: Per = per
        self.on_exceeded: OnExceeded = on_exceeded
        self._key, self.state_schema = _STATES[per]
        self._budgets: OrderedDict[str, AgentBudget] = OrderedDict()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        raise not_picklable("A BudgetMiddleware")

    @property
    def name(self) -> str:
        """One agent can have a budget per run and another per thread."""
        return f"BudgetMiddleware[{self.per}]"

    # ------------------------------------------------------------------ hooks

    def wrap_model_call(self, request: Request, handler: Handler) -> ExtendedModelResponse[Any]:
        """Call the model if the budget covers it."""
        budget = self._budget_of(request.state)
        try:
            with _observed_by(budget):
                response = handler(request)
        except BudgetExceededError as error:
            response = self._ending(error, budget)
        return self._noted(response, budget)

    async def awrap_model_call(
        self, request: Request, handler: AsyncHandler
    ) -> ExtendedModelResponse[Any]:
        """`wrap_model_call` for asyncio."""
        budget = self._budget_of(request.state)
        try:
            with _observed_by(budget):
                response = await handler(request)
        except BudgetExceededError as error:
            response = self._ending(error, budget)
        return self._noted(response, budget)

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], ToolResult]
    ) -> ToolResult:
        """Run the tool; the OpenRouter calls that it makes count."""
        budget = self._budget_of(request.state)
        try:
            with _observed_by(budget):
                return handler(request)
        except BudgetExceededError as error:
            return self._refusing(error, budget, request)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[ToolResult]]
    ) -> ToolResult:
        """`wrap_tool_call` for asyncio."""
        budget = self._budget_of(request.state)
        try:
            with _observed_by(budget):
                return await handler(request)
        except BudgetExceededError as error:
            return self._refusing(error, budget, request)

    # ------------------------------------------------------------------ whose budget

    def _budget_of(self, state: Any) -> AgentBudget:
        """The budget of this run or thread; a sub-agent's is that of the agent around it."""
        for observer in active_observers():
            if isinstance(observer, AgentBudget) and observer.owner is self:
                return observer
        noted: SpentSoFar | None = state.get(self._key)
        spent = Decimal(noted["spent_usd"]) if noted else Decimal(0)
        scope = noted["scope"] if noted else uuid4().hex
        with self._lock:
            budget = self._budgets.get(scope)
            # Another process may have gone on with the thread.
            if budget is None or budget.spent_usd < spent:
                budget = self._budgets[scope] = AgentBudget(self, scope, spent)
            self._budgets.move_to_end(scope)
            if len(self._budgets) > _MOST_SCOPES:
                self._budgets.popitem(last=False)
        return budget

    def _noted(
        self, response: ModelResponse[Any], budget: AgentBudget
    ) -> ExtendedModelResponse[Any]:
        note = SpentSoFar(scope=budget.scope, spent_usd=str(budget.spent_usd))
        return ExtendedModelResponse(response, Command(update={self._key: note}))

    # ------------------------------------------------------------------ when it is used up

    def _ending(self, error: BudgetExceededError, budget: AgentBudget) -> ModelResponse[Any]:
        if not self._handles(error, budget):
            raise error
        return ModelResponse(result=[AIMessage(error.message)])

    def _refusing(
        self, error: BudgetExceededError, budget: AgentBudget, request: ToolCallRequest
    ) -> ToolMessage:
        if not self._handles(error, budget):
            raise error
        call = request.tool_call
        return ToolMessage(
            error.message, tool_call_id=call["id"], name=call["name"], status="error"
        )

    def _handles(self, error: BudgetExceededError, budget: AgentBudget) -> bool:
        """Whether to end gracefully; what another budget refused is that one's to handle."""
        return self.on_exceeded == "end" and getattr(error, "scope", None) == budget.scope


class AgentBudget:
    """The budget of one run or thread. Watches calls; see `CallObserver`."""

    def __init__(self, owner: BudgetMiddleware, scope: str, spent_usd: Decimal) -> None:
        self.owner = owner
        self.scope = scope
        self._before_usd = spent_usd
        left = max(Decimal(0), owner.limit_usd - spent_usd)
        self._budget = Budget(left, per="total", on_exceeded=self._exceeded)

    @property
    def spent_usd(self) -> Decimal:
        """What is spent, as far as prices are known."""
        return self._before_usd + self._budget.spent_usd()

    def admit(self, intent: CallIntent, /) -> object:
        """See `CallObserver`."""
        return self._budget.admit(intent)

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        """See `CallObserver`."""
        self._budget.completed(call, ticket)

    def _exceeded(self, refusal: Any) -> None:
        """Say it in the figures of the whole run or thread."""
        limit, spent = self.owner.limit_usd, self._before_usd + refusal.spent_usd
        sentence = (
            f"The agent's budget of {money(limit)} per {self.owner.per} does not cover the next call: "
            f"{money(spent)} is spent, {money(refusal.reserved_usd)} is held for calls under way, "
            f"and the call may cost {money(refusal.requested_usd)}."
        )
        if self.owner.on_exceeded == "warn":
            warnings.warn(f"{sentence} It is made nevertheless.", RuntimeWarning, stacklevel=2)
            return
        raise BudgetExceededError(
            f"{sentence} It was not made. Raise limit_usd, or lower the model's max_tokens.",
            limit_usd=limit,
            spent_usd=spent,
            reserved_usd=refusal.reserved_usd,
            requested_usd=refusal.requested_usd,
            scope=self.scope,
        )


@contextmanager
def _observed_by(budget: AgentBudget) -> Generator[None]:
    """Let the budget see the calls made in this context; once, however deep."""
    if budget in active_observers():
        yield
        return
    with observing(budget):
        yield
