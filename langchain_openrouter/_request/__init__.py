"""From LangChain's messages, tools and schemas to the body of a request."""
