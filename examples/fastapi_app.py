"""A web service that streams an answer and ends with its price: `python examples/fastapi_app.py`.

Starts the service, asks it once and prints the events; `--serve` leaves it running on port 8000. Each customer has a limit of a dollar a
day, which is asked before a byte is sent. Needs `pip install fastapi uvicorn`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import replies
import uvicorn
from api import an_api
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from openrouter_core import AsyncOpenRouterClient, OpenRouterError
from openrouter_core.costs import Budget, cost_labels
from openrouter_core.errors import BudgetExceededError

MODEL = "openai/gpt-4o-mini"


class Question(BaseModel):
    """What a customer asks."""

    customer: str
    text: str = Field(max_length=4000)


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[None]:
    """One client for the life of the service: connections are shared."""
    budget = Budget("1.00", per="tag")
    async with AsyncOpenRouterClient(observers=[budget]) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=opened)


@app.post("/ask")
async def ask(question: Question) -> StreamingResponse:
    """Answer as server-sent events: `text` as it comes, `cost` or `error` at the end."""
    events = answer(question)
    try:
        first = await anext(events)  # a refusal is a status, not half a stream
    except BudgetExceededError as refused:
        raise HTTPException(402, str(refused)) from refused
    except OpenRouterError as error:
        raise HTTPException(502, str(error)) from error

    async def all_events() -> AsyncIterator[str]:
        yield first
        async for event in events:
            yield event

    return StreamingResponse(all_events(), media_type="text/event-stream")


async def answer(question: Question) -> AsyncIterator[str]:
    """The events of one answer. When the customer leaves, the call ends, and what was used is booked."""
    messages = [{"role": "user", "content": question.text}]
    client: AsyncOpenRouterClient = app.state.client
    with cost_labels(tags=[question.customer], user=question.customer):
        stream = client.chat.stream(messages, model=MODEL, max_tokens=500)
    try:
        async with stream:
            async for text in stream.text_stream:
                yield event("text", text)
        usage = stream.so_far.usage or {}
        yield event("cost", {"usd": usage.get("cost"), "tokens": usage.get("total_tokens")})
    except OpenRouterError as error:
        if not stream.so_far.text:
            raise
        yield event("error", str(error))


def event(name: str, data: object) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def main(*, keep: bool) -> None:
    """Serve; unless it is to stay, ask once and end."""
    config = uvicorn.Config(app, port=8000 if keep else 0, log_level="info" if keep else "warning")
    server = uvicorn.Server(config)
    if keep:
        server.run()
        return
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        question = {"customer": "acme", "text": "Why is the sky blue? Two sentences."}
        with httpx2.stream("POST", f"http://127.0.0.1:{port}/ask", json=question) as response:
            print(response.status_code, response.headers["content-type"])
            for line in response.iter_lines():
                print(line)
    finally:
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    with an_api(replies.fastapi_app, tokens_per_s=200):
        main(keep="--serve" in sys.argv)
