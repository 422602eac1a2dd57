"""Pydantic classes as users write them: what schemas are made of."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    """Where somebody lives."""

    street: str
    number: int = 1
    zip_code: str | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = Field(default_factory=lambda: ["sit"])


class Described(BaseModel):
    home: Address = Field(description="where they live")
    favourite: Color = Field(Color.RED, description="the favourite colour")


class Union(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    other: Cat | Dog | None = None


class Node(BaseModel):
    name: str
    children: list["Node"] = []  # noqa: UP037  # a recursive class is written so


class Kin(BaseModel):
    mother: "Kin | None" = Field(None, description="her own kind")  # noqa: UP037
    twin: "Kin" = Field(None, description="the same, without null")  # type: ignore[assignment]  # noqa: UP037


class Plain(BaseModel):
    """Kinds of values that strict mode can say."""

    text: str = "a"
    day: date
    ident: UUID
    size: Annotated[int, Field(ge=1, le=9)] = 3
    words: Annotated[list[str], Field(min_length=1, max_length=3)]
    ratio: float | None = 0.5
    default: int = 3


class Empty(BaseModel):
    """Nothing to say."""
