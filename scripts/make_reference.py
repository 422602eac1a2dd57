"""Write `docs/reference.md`, a line for each operation, and `docs/api/operations.md`, a section for each.

Run by a maintainer after an endpoint was added: `python scripts/make_reference.py`. With `--check` nothing
is written and the exit code says whether the pages are up to date.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from html import escape
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from typing_extensions import is_typeddict

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "shared"))

from openrouter_core.resources import RESOURCES  # noqa: E402  # path first
from openrouter_core.wire._options import CallOptions  # noqa: E402

_HEAD = """# Every operation

Generated from the declarations in `shared/openrouter_core/resources/` by `scripts/make_reference.py`.
Every method is there on `OpenRouterClient`, and on `AsyncOpenRouterClient` to be awaited; its arguments and its
answer are behind the link. The key is an inference key, a management key, or none at all. Paged lists are crossed by
iterating them. Paths are below `https://openrouter.ai/api/v1` unless they say more.

| Method | Request | Key | Pages | Answer | Operation |
|---|---|---|---|---|---|
"""
_OPERATIONS_HEAD = """# Arguments and answers

Generated, as [the table of operations](../reference.md), from the declarations in `shared/openrouter_core/resources/`.
Shapes are importable from `openrouter_core.types`: [their fields](types.md). Arguments marked **required** have no
default; the others are sent only when given. Every method also takes the [options of any call](#calloptions).

"""
_BASES = {"v1": "", "root": "https://openrouter.ai"}
_ANSWERS = {"json": "JSON", "sse": "event stream", "bytes": "bytes, streamed"}
_PAGES = {"none": "", "offset": "offset", "cursor": "cursor", "after": "after"}


def pages() -> dict[Path, str]:
    """Return the pages by their files."""
    return {
        ROOT / "docs" / "reference.md": _HEAD + "\n".join(rows()) + "\n",
        ROOT / "docs" / "api" / "operations.md": operations(),
    }


def endpoints() -> Iterator[tuple[str, type, str, Any]]:
    """Yield resource, class, method and declaration of each operation, in the order of the resources."""
    for resource, (module, name) in sorted(RESOURCES.items()):
        owner = getattr(import_module(module), name)
        for method, value in vars(owner).items():
            if hasattr(value, "route"):
                yield resource, owner, method, value


# ---------------------------------------------------------------- a line for each


def rows() -> Iterator[str]:
    """Yield one line per method."""
    for resource, _, method, endpoint in endpoints():
        yield row(f"{resource}.{method}", endpoint)


def row(name: str, endpoint: Any) -> str:
    """Return the line of one method."""
    route = endpoint.route
    answer = _ANSWERS[route.answers]
    if "Call[bytes]" in str(endpoint.describe.__annotations__.get("return")) and answer == "JSON":
        answer = "bytes"
    link = f"[`{name}`](api/operations.md#{name.replace('.', '')})"
    cells = [link, f"`{_request(route)}`", route.key, _PAGES[route.pages], answer, route.operation]
    return f"| {' | '.join(cells)} |"


def _request(route: Any) -> str:
    return f"{route.method} {_BASES[route.base]}{route.path}"


# ---------------------------------------------------------------- a section for each


def operations() -> str:
    """Return the page of arguments and answers."""
    parts, shapes, group = [], {CallOptions.__name__: CallOptions}, ""
    for resource, owner, method, endpoint in endpoints():
        if resource != group:
            group = resource
            parts.append(f"## `client.{resource}`\n\n{inspect.getdoc(owner)}\n")
        parts.append(section(f"{resource}.{method}", endpoint))
        if (shape := _options(endpoint)) is not None:
            shapes[shape.__name__] = shape
    parts.append("## Options\n")
    parts += [options_section(shape) for _, shape in sorted(shapes.items())]
    return _OPERATIONS_HEAD + "\n".join(parts)


def section(name: str, endpoint: Any) -> str:
    """Return what one method does, takes and answers."""
    route = endpoint.route
    facts = [f"`{_request(route)}`", f"key: {route.key}"]
    facts += [f"pages: {route.pages}"] if route.pages != "none" else []
    summary = (inspect.getdoc(endpoint.describe) or "").partition("\n\n")[0].replace("\n", " ")
    lines = [f"### `{name}`", "", summary, "", " · ".join(facts), "", *_arguments(endpoint)]
    return "\n".join([*lines, f"Answer: {_answer(endpoint)}", ""])


def _arguments(endpoint: Any) -> list[str]:
    taken = [
        (parameter.name, str(parameter.annotation), parameter.default is parameter.empty)
        for parameter in inspect.signature(endpoint.describe).parameters.values()
        if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    ]
    shape = _options(endpoint)
    if shape is not None:
        taken += [(name, kind, True) for name, kind in _fields(shape).items() if name in shape.__required_keys__]  # fmt: skip
    if not taken and (shape is None or shape is CallOptions):
        return []
    lines = [f"| `{name}` | {_code(kind)} | {'**required**' if required else ''} |" for name, kind, required in taken]  # fmt: skip
    if shape is not None and shape is not CallOptions:
        lines.append(f"| and those of | [`{shape.__name__}`](#{shape.__name__.lower()}) | |")
    return ["| Argument | Type | |", "|---|---|---|", *lines, ""]


def _answer(endpoint: Any) -> str:
    described = str(inspect.signature(endpoint.describe).return_annotation)
    inner = described.partition("[")[2].removesuffix("]")
    if endpoint.route.answers == "bytes":
        return "the bytes, piece by piece: a `ByteStream`"
    if described.startswith("StreamCall["):
        chunk, _, whole = inner.partition(", ")
        return f"a `Stream` of `{chunk}`; `stream.so_far` is a `{whole}`"
    if inner.startswith("Page["):
        return f"a page of {_code(inner[5:-1])}, to be iterated"
    return _code(inner)


def _options(endpoint: Any) -> Any:
    """The `TypedDict` of a method's keyword options, if it has one."""
    for parameter in inspect.signature(endpoint.describe, eval_str=True).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            (shape,) = get_args(parameter.annotation)
            return shape
    return None


def options_section(shape: Any) -> str:
    """Return the fields of one kind of options."""
    texts = _texts(shape)
    lines = [
        f"| `{name}` | {_code(kind)} | {texts.get(name, '')} |"
        for name, kind in _fields(shape).items()
    ]
    summary = (inspect.getdoc(shape) or "").replace("\n", " ")
    return "\n".join([f"### `{shape.__name__}`", "", summary, "", "| Field | Type | |", "|---|---|---|", *lines, ""])  # fmt: skip


def _fields(shape: Any) -> dict[str, str]:
    """The fields and their types, without those of every call."""
    common = () if shape is CallOptions else CallOptions.__annotations__
    return {
        name: getattr(kind, "__forward_arg__", str(kind))
        for name, kind in shape.__annotations__.items()
        if name not in common
    }


def _written_bases(shape: type) -> list[type]:
    """The bases as the source names them: a TypedDict of Python 3.11 forgets them."""
    (written,) = ast.parse(inspect.getsource(shape)).body
    assert isinstance(written, ast.ClassDef)
    names = [base.id for base in written.bases if isinstance(base, ast.Name)]
    module = sys.modules[shape.__module__]
    return [base for name in names if is_typeddict(base := getattr(module, name))]


def _texts(shape: Any) -> Mapping[str, str]:
    """The text under each field of a `TypedDict` and its bases."""
    texts: dict[str, str] = {}
    for base in _written_bases(shape):
        texts |= _texts(base)
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(shape))).body
    for field, text in pairwise(tree.body):  # type: ignore[attr-defined]  # a class
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            words = inspect.cleandoc(ast.literal_eval(text.value)).replace("\n", " ")
            texts[ast.unparse(field.target)] = words.replace("|", "\\|")
    return texts


def _code(kind: str) -> str:
    """A type as code in a cell; what only says that a field is required is left out."""
    plain = re.sub(r"^Required\[(.*)\]$", r"\1", " ".join(kind.split()))
    return f"<code>{escape(plain, quote=False).replace('|', '&#124;')}</code>"


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them; return how the process is to exit."""
    made = pages()
    if "--check" not in arguments:
        for file, text in made.items():
            file.write_text(text, "utf-8")
        return 0
    old = [
        file for file, text in made.items() if not file.exists() or file.read_text("utf-8") != text
    ]
    for file in old:
        print(f"docs/{file.relative_to(ROOT / 'docs')} is out of date: run python scripts/make_reference.py")  # fmt: skip
    return bool(old)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
