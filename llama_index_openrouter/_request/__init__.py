"""From LlamaIndex's messages, tools and schemas to the body of a request."""
