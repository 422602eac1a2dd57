"""A chat generator is called and streamed; what goes through `extra_body` arrives."""

from haystack.dataclasses import ChatMessage

[reply] = generator.run([ChatMessage.from_user("Hello")])["replies"]
assert reply.text
pieces = []
[streamed] = generator.run([ChatMessage.from_user("Hello")], streaming_callback=pieces.append)[
    "replies"
]
assert streamed.text == reply.text
assert len(pieces) > 1
