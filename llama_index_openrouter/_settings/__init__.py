"""The fields of the LLM: connection, options of a call, metadata."""
