"""`openrouter models` and `openrouter endpoints`: what there is, what it can do, what it costs."""

from __future__ import annotations

import re
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from openrouter_core.catalog.models import bundled_models
from openrouter_core.cli.clients import client
from openrouter_core.cli.output import Json, per_million, print_json, print_table
from openrouter_core.wire.models import Endpoint, Model, Pricing

_HEAD = ("model", "in", "tools", "context", "$/M in", "$/M out")
_ENDPOINTS_HEAD = (
    "provider",
    "tag",
    "quantization",
    "context",
    "max out",
    "$/M in",
    "$/M out",
    "uptime",
)


def models(
    words: Annotated[list[str] | None, typer.Argument(help="Words in the name or id.")] = None,
    *,
    free: Annotated[bool, typer.Option("--free", help="Only those without a price.")] = False,
    tools: Annotated[bool, typer.Option("--tools", help="Only those that call tools.")] = False,
    modality: Annotated[
        str | None, typer.Option(help="What they must read: text, image, audio, file, video.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(help="What they must write: text, image, audio ...; all.")
    ] = None,
    context: Annotated[int | None, typer.Option(help="The least context length, tokens.")] = None,
    max_price: Annotated[
        float | None, typer.Option(help="The highest input price, USD per million tokens.")
    ] = None,
    sort: Annotated[str, typer.Option(help="price, context, newest or name.")] = "name",
    limit: Annotated[int | None, typer.Option(help="Show so many.")] = None,
    as_json: Json = False,
) -> None:
    """Search the models. Without options: all with text output."""
    order = _ORDERS.get(sort)
    if order is None:
        raise typer.BadParameter(f"{sort} is not a way to sort. There are: {', '.join(_ORDERS)}.")
    filters: dict[str, Any] = {
        "supported_parameters": ["tools"] if tools else None,
        "input_modalities": modality,
        "output_modalities": output,
        "context": context,
        "max_price": 0 if free else max_price,
    }
    with client() as opened:
        page = opened.models.list(**{k: v for k, v in filters.items() if v is not None})
    listed = zip(page.data, page.raw["data"], strict=True)
    found = sorted((x for x in listed if _has(x[0], words or ())), key=lambda x: order(x[0]))[
        :limit
    ]
    if as_json:
        print_json([raw for _, raw in found])
    elif found:
        print_table(_HEAD, [_line(model) for model, _ in found], less=("in", "tools", "context"))
    else:
        print("No model meets that.")


def _has(model: Model, words: Any) -> bool:
    text = f"{model.id} {model.name or ''}".lower()
    return all(word.lower() in text for word in words)


def _price(model: Model) -> Decimal:
    """Input and output once each; routers, which have no price of their own, come last."""
    pricing = model.pricing
    if pricing is None or pricing.prompt is None or pricing.prompt < 0:
        return Decimal("Infinity")
    return pricing.prompt + (pricing.completion or 0)


_ORDERS: dict[str, Any] = {
    "name": lambda model: model.id,
    "price": lambda model: (_price(model), model.id),
    "context": lambda model: (-(model.context_length or 0), model.id),
    "newest": lambda model: (-(model.created.timestamp() if model.created else 0), model.id),
}


def _line(model: Model) -> tuple[str, ...]:
    reads = model.architecture.input_modalities if model.architecture else None
    return (
        model.id,
        ", ".join(reads or ()),
        "yes" if "tools" in (model.supported_parameters or ()) else "",
        f"{model.context_length:,}" if model.context_length else "",
        *_prices(model.pricing),
    )


def _prices(pricing: Pricing | None) -> tuple[str, str]:
    if pricing is None:
        return "", ""
    return per_million(pricing.prompt), per_million(pricing.completion)


def endpoints(model: str, *, as_json: Json = False) -> None:
    """List the providers of a model: price, limits, uptime."""
    author, slash, slug = model.partition("/")
    if not slash:
        raise typer.BadParameter(
            f"{model} is not a model id, e.g. openai/gpt-4o-mini.{near(model)}"
        )
    with client() as opened:
        found = opened.models.endpoints(author, slug)
    if as_json:
        print_json(found.raw)
    else:
        print_table(
            _ENDPOINTS_HEAD,
            [_endpoint(e) for e in found.endpoints or ()],
            less=("quantization", "max out", "tag", "context", "uptime"),
        )


def _endpoint(endpoint: Endpoint) -> tuple[str, ...]:
    uptime = endpoint.uptime_last_30m
    return (
        endpoint.provider_name or "",
        endpoint.tag or "",
        str(endpoint.quantization or ""),
        f"{endpoint.context_length:,}" if endpoint.context_length else "",
        f"{endpoint.max_completion_tokens:,}" if endpoint.max_completion_tokens else "",
        *_prices(endpoint.pricing),
        "" if uptime is None else f"{uptime:.1f} %",
    )


def near(text: str) -> str:
    """Return " Did you mean ...?" for a text that holds what looks like a model id; else nothing."""
    known = [model.id for model in bundled_models()]
    for word in re.findall(r"[\w~.-]+/[\w.:-]+|[\w.-]{4,}", text):
        close = get_close_matches(word.rstrip("."), known, n=3, cutoff=0.75)
        if close and word.rstrip(".") not in known:
            return f" Did you mean {' or '.join(close)}?"
    return ""
