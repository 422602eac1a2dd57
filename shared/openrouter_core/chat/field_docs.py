"""The texts under the fields of a settings class, as `description` in its JSON schema and in `help()`.

Base class of the adapters' settings. Sources are read when a schema or a docstring is asked for, and not at import:
pydantic's `use_attribute_docstrings` would take 20 ms of every program. Editors show the same texts on hover.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from inspect import cleandoc
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic._internal._model_construction import ModelMetaclass as _Documented
    from pydantic.fields import FieldInfo
    from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
    from pydantic_core.core_schema import CoreSchema
else:

    class _Documented(type(BaseModel)):
        """The class of the classes: their docstring ends with their fields, and is made when it is read."""

        @property
        def __doc__(cls) -> str:
            return _doc_with_fields(cls)


class FieldDocs(BaseModel, metaclass=_Documented, defer_build=True):
    """Describes its fields in its JSON schema. Fields that JSON cannot say, such as functions, are left out."""

    other_field_docs: ClassVar[Mapping[str, str]] = {}
    """Texts of fields that a framework's own base class leaves without one."""

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
        own = handler.resolve_ref_schema(schema)
        own["description"] = _summary(cls)
        for name, text in field_docs(cls).items():
            if entry := _entry(own.get("properties", {}), name, cls.model_fields.get(name)):
                entry.setdefault("description", text)
        return schema


_MODULES = re.compile(r"\b(?:\w+\.)+(?=\w)")
"""Where a type is defined, such as `collections.abc.`."""


def _entry(properties: dict[str, Any], name: str, field: FieldInfo | None) -> dict[str, Any] | None:
    return properties.get(name) or properties.get((field and field.alias) or "")


@cache
def _schema_generator() -> type[GenerateJsonSchema]:
    from pydantic.json_schema import GenerateJsonSchema
    from pydantic_core import PydanticOmit

    class WithoutFunctions(GenerateJsonSchema):
        def emit_warning(self, kind: Any, detail: str) -> None:
            if kind != "non-serializable-default":  # such as a class; it is left out
                super().emit_warning(kind, detail)

        def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:  # noqa: ARG002  # pydantic's signature
            raise PydanticOmit

    return WithoutFunctions


# ---------------------------------------------------------------- the docstring of a class


@cache
def _doc_with_fields(cls: type[FieldDocs]) -> str:
    texts = field_docs(cls)
    lines = [_line(name, field, texts) for name, field in cls.model_fields.items()]
    return "\n".join([_summary(cls), "", "Attributes:", *lines])


def _line(name: str, field: FieldInfo, texts: Mapping[str, str]) -> str:
    import inspect
    import textwrap

    kind = _MODULES.sub("", inspect.formatannotation(field.annotation))
    named = f", argument `{field.alias}`" if field.alias else ""
    text = " ".join((field.description or texts.get(name, "")).split())
    line = f"{name} ({kind}{named}): {text}"
    return textwrap.fill(line, 100, initial_indent=" " * 4, subsequent_indent=" " * 8)


def _summary(cls: type) -> str:
    """The docstring as it stands in the source of the class, or of the base that has one."""
    written = (vars(base).get("__doc__") for base in cls.__mro__)
    return cleandoc(next(filter(None, written), ""))


# ---------------------------------------------------------------- the texts


@cache
def field_docs(cls: type) -> dict[str, str]:
    """Return the text under each field of a class and its bases; a subclass's own wins."""
    texts: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        texts |= vars(base).get("other_field_docs", {})
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
        field.target.id: cleandoc(text.value.value)
        for field, text in pairwise(lines)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
