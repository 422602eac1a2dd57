"""Chains of LangChain's first generation: one prompt, several documents, agents of the old kind."""

from langchain_classic.chains import LLMChain
from langchain_classic.chains.summarize import load_summarize_chain
from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_core.documents import Document
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.vectorstores import InMemoryVectorStore

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings, OpenRouterRerank

model = ChatOpenRouter(model="openai/gpt-4o-mini")
documents = [Document("Lisbon is a city in Portugal."), Document("Green tea is a drink.")]

chain = LLMChain(llm=model, prompt=ChatPromptTemplate.from_template("Say {word}."))
assert chain.invoke({"word": "hello"})["text"]
for kind in ("stuff", "map_reduce", "refine"):
    summary = load_summarize_chain(model, chain_type=kind).invoke({"input_documents": documents})
    assert summary["output_text"], kind

store = InMemoryVectorStore(OpenRouterEmbeddings(model="openai/text-embedding-3-small"))
store.add_documents(documents)
retriever = ContextualCompressionRetriever(
    base_compressor=OpenRouterRerank(model="cohere/rerank-v3.5", top_n=1),
    base_retriever=store.as_retriever(),
)
[best] = retriever.invoke("Where is the city Lisbon?")
assert "Lisbon" in best.page_content
assert best.metadata["relevance_score"] > 0
