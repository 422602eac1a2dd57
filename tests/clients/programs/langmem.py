"""A memory manager extracts memories from a conversation."""

from langmem import create_memory_manager
from pydantic import BaseModel

from langchain_openrouter import ChatOpenRouter


class Preference(BaseModel):
    """What a user likes."""

    subject: str
    likes: str


manager = create_memory_manager(
    ChatOpenRouter(model="openai/gpt-4o-mini"), schemas=[Preference], enable_inserts=True
)
memories = manager.invoke(
    {"messages": [{"role": "user", "content": "I like green tea. Use Preference to remember."}]}
)

assert memories, memories
assert isinstance(memories[0].content, Preference)
