"""Its LangChain-free protocol is met by a small wrapper; here the embeddings and the model are asked."""

from neo4j_graphrag.generation import GraphRAG
from neo4j_graphrag.retrievers.base import Retriever
from neo4j_graphrag.types import RawSearchResult, RetrieverResultItem

from langchain_openrouter import ChatOpenRouter


class Fixed(Retriever):
    VERIFY_NEO4J_VERSION = False

    def __init__(self):
        pass

    def get_search_results(self, query_text):
        return RawSearchResult(records=[], metadata={})

    def search(self, *args, **kwargs):
        from neo4j_graphrag.types import RetrieverResult

        return RetrieverResult(
            items=[RetrieverResultItem(content="Lisbon has 570,000 inhabitants.")]
        )


answer = GraphRAG(retriever=Fixed(), llm=ChatOpenRouter(model="openai/gpt-4o-mini")).search(
    "How many people live in Lisbon?"
)
assert answer.answer
