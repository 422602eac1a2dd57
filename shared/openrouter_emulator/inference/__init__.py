"""What a model answers, and how the answer is written out and streamed.

`run` answers one request in the shape of chat; the other modules translate the other shapes.
"""

from openrouter_emulator.inference.turn import Turn, run

__all__ = ["Turn", "run"]
