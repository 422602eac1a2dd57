"""From an answer, whole or streamed, to LlamaIndex's responses."""
