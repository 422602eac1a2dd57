"""`OpenRouterImageTool`: lets an agent make images with any image model on OpenRouter.

The images are the artifact of the tool's message; the agent's model reads what was made, not the bytes,
unless it is to see them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Unpack

from langchain_core.callbacks import AsyncCallbackManagerForToolRun, CallbackManagerForToolRun
from langchain_core.tools import BaseTool
from pydantic import BaseModel, Field

from langchain_openrouter._settings.retrieval import Connected
from langchain_openrouter.errors import translated
from openrouter_core.wire.images import Images

if TYPE_CHECKING:
    from langchain_openrouter._settings.arguments import ImageToolArguments

ImageBlock = dict[str, Any]


class ImagePrompt(BaseModel):
    """What the tool is called with."""

    prompt: str = Field(description="What the image shows, in detail.")


class OpenRouterImageTool(Connected, BaseTool):
    """A tool that makes images.

        >>> tool = OpenRouterImageTool(model="google/gemini-2.5-flash-image")
        >>> agent = create_agent(model, tools=[tool])

    `ToolMessage.artifact` holds the images as LangChain's image blocks. `track_openrouter_cost()` counts
    what they cost. Errors are those of `langchain_openrouter.errors`.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack[ImageToolArguments]) -> None:
            """Take the fields by name, and their other names. `help(OpenRouterImageTool)` lists them."""

    name: str = "make_image"
    description: str = "Make an image from a description of what it shows."
    args_schema: Any = ImagePrompt
    response_format: Literal["content", "content_and_artifact"] = "content_and_artifact"
    image_options: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Options of each image, e.g. {"aspect_ratio": "16:9", "n": 2}."""
    _example_model: ClassVar[str] = "google/gemini-2.5-flash-image"

    is_shown: bool = False
    """Whether the agent's model sees the images; it needs image inputs then."""

    def _run(
        self,
        prompt: str,
        run_manager: CallbackManagerForToolRun | None = None,  # noqa: ARG002  # LangChain's signature
    ) -> tuple[Any, list[ImageBlock]]:
        with translated():
            return self._made(self._sync().images.create(prompt, **self._image_options()))

    async def _arun(
        self,
        prompt: str,
        run_manager: AsyncCallbackManagerForToolRun | None = None,  # noqa: ARG002  # LangChain's signature
    ) -> tuple[Any, list[ImageBlock]]:
        with translated():
            return self._made(await self._async().images.create(prompt, **self._image_options()))

    def _image_options(self) -> dict[str, Any]:
        return self._options(**self.image_options)

    def _made(self, answer: Images) -> tuple[Any, list[ImageBlock]]:
        blocks: list[ImageBlock] = [
            {
                "type": "image",
                "base64": image.b64_json,
                "mime_type": image.media_type or "image/png",
            }
            for image in answer.data
        ]
        kinds = ", ".join(block["mime_type"] for block in blocks)
        text = f"Made {len(blocks)} image{'' if len(blocks) == 1 else 's'} ({kinds})."
        return [{"type": "text", "text": text}, *blocks] if self.is_shown else text, blocks
