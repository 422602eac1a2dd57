"""A knowledge graph out of a text, and chunks by meaning."""

from langchain_core.documents import Document
from langchain_experimental.graph_transformers import LLMGraphTransformer
from langchain_experimental.text_splitter import SemanticChunker

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings

model = ChatOpenRouter(model="openai/gpt-5.5", temperature=0)
transformer = LLMGraphTransformer(llm=model)
[graph] = transformer.convert_to_graph_documents([Document("Marie Curie lived in Paris.")])
assert graph.nodes, graph

chunker = SemanticChunker(OpenRouterEmbeddings(model="openai/text-embedding-3-small"))
assert chunker.split_text("Tea is green. Tea is hot. Lisbon is a city. It is in Portugal.")
