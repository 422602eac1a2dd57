"""The texts under the fields of a settings class, as `description` in its JSON schema.

Base class of the adapters' settings. Sources are read when a schema is asked for, and not at import: pydantic's
`use_attribute_docstrings` would take 20 ms of every program.
"""

from __future__ import annotations

import ast
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
    from pydantic_core.core_schema import CoreSchema


class FieldDocs(BaseModel, defer_build=True):
    """Describes its fields in its JSON schema. Fields that JSON cannot say, such as functions, are left out."""

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the JSON schema; takes what pydantic's method takes."""
        if len(args) < 3:
            kwargs.setdefault("schema_generator", _schema_generator())
        return super().model_json_schema(*args, **kwargs)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        properties: dict[str, Any] = handler.resolve_ref_schema(schema).get("properties", {})
        texts = field_docs(cls)
        for name, field in cls.model_fields.items():
            entry = properties.get(name) or properties.get(field.alias or "")
            if entry is not None and name in texts:
                entry.setdefault("description", texts[name])
        return schema


@cache
def _schema_generator() -> type[GenerateJsonSchema]:
    from pydantic.json_schema import GenerateJsonSchema
    from pydantic_core import PydanticOmit

    class WithoutFunctions(GenerateJsonSchema):
        def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:  # noqa: ARG002  # pydantic's signature
            raise PydanticOmit

    return WithoutFunctions


@cache
def field_docs(cls: type) -> dict[str, str]:
    """Return the text under each field of a class and its bases; a subclass's own wins."""
    texts: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        texts |= _own_docs(base)
    return texts


@cache
def _own_docs(cls: type) -> dict[str, str]:
    import inspect

    if not inspect.get_annotations(cls):
        return {}
    try:
        (tree,) = ast.parse(dedent(inspect.getsource(cls))).body
    except (OSError, TypeError, SyntaxError, ValueError):  # no source at hand
        return {}
    lines = cast("ast.ClassDef", tree).body
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(lines)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
