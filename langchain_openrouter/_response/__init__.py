"""From an answer, whole or streamed, to LangChain's messages and chunks."""
