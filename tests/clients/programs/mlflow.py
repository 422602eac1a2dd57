"""Autolog traces a call with its tokens, and no key is in what it stores."""

import os
import tempfile
from pathlib import Path

import mlflow

from langchain_openrouter import ChatOpenRouter

os.chdir(tempfile.mkdtemp())
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.langchain.autolog()
model = ChatOpenRouter(model="openai/gpt-4o-mini")
answer = model.invoke("Hello")
mlflow.flush_trace_async_logging()

[trace] = mlflow.search_traces(return_type="list")
usage = trace.info.token_usage
assert usage["total_tokens"] == answer.usage_metadata["total_tokens"], usage
key = os.environ["OPENROUTER_API_KEY"].encode()
assert not any(key in p.read_bytes() for p in Path().rglob("*") if p.is_file())
