"""Our models behind LiteLLM's proxy: a call, a stream with its usage, a tool."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2

from langchain_openrouter import ChatOpenRouter

CONFIG = """
model_list:
  - model_name: mini
    litellm_params:
      model: openrouter/openai/gpt-4o-mini
      api_base: {base_url}
      api_key: {key}
general_settings:
  master_key: sk-1
"""


def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
config = Path(tempfile.mkdtemp()) / "config.yaml"
config.write_text(
    CONFIG.format(base_url=os.environ["OPENROUTER_BASE_URL"], key=os.environ["OPENROUTER_API_KEY"])
)
program = Path(sys.executable).parent / "litellm"
command = [program, "--config", config, "--port", str(port), "--host", "127.0.0.1"]
proxy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(1200):
        time.sleep(0.1)
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/health/liveliness").status_code == 200:
                break
        except httpx2.TransportError:
            assert proxy.poll() is None, "the proxy did not start"
    model = ChatOpenRouter(model="mini", api_key="sk-1", base_url=f"http://127.0.0.1:{port}/v1")
    answer = model.invoke("Hello")
    assert answer.text
    chunks = list(model.stream("Hello"))
    total = sum(chunks[1:], chunks[0])
    assert total.text == answer.text
    assert total.usage_metadata["total_tokens"] == answer.usage_metadata["total_tokens"]
    called = model.bind_tools([population]).invoke("What is the population of the city Lisbon?")
    assert called.tool_calls[0]["args"] == {"city": "Lisbon"}
finally:
    proxy.terminate()
    proxy.wait(30)
