"""A picture from words, then the same picture changed by words: `python examples/make_images.py "a paper boat"`.

Writes picture-1.png and picture-2.png into the folder `pictures`, or the one named by --to. The second call sends the first picture back.
"""

from __future__ import annotations

import argparse
from base64 import b64decode
from pathlib import Path

import replies
from api import an_api
from langchain_core.messages import AIMessage, HumanMessage

from langchain_openrouter import ChatOpenRouter

MODEL = "google/gemini-2.5-flash-image"


def main(wish: str, change: str, folder: Path) -> None:
    """Two turns of one conversation, each with a picture."""
    model = ChatOpenRouter(model=MODEL, modalities="auto", image_config={"aspect_ratio": "16:9"})
    history: list[HumanMessage | AIMessage] = []
    folder.mkdir(exist_ok=True)
    for number, request in enumerate((f"Draw {wish}.", change), 1):
        history.append(HumanMessage(request))
        answer = model.invoke(history)
        history.append(answer)
        file = folder / f"picture-{number}.png"
        file.write_bytes(picture_in(answer))
        cost = answer.response_metadata["cost"]
        print(f"{request}\n  {file}  {file.stat().st_size:,} bytes  ${cost:.6f}")


def picture_in(answer: AIMessage) -> bytes:
    """The first picture of an answer."""
    for block in answer.content_blocks:
        if block["type"] == "image":
            return b64decode(block["base64"])
    raise SystemExit(f"The model did not draw: {answer.text}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wish", nargs="?", default="a paper boat on a pond in the rain")
    parser.add_argument("--change", default="The same at night, with a lantern on the boat.")
    parser.add_argument("--to", type=Path, default=Path("pictures"))
    args = parser.parse_args()
    with an_api(replies.make_images):
        main(args.wish, args.change, args.to)
