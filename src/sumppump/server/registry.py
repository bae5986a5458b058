"""One row per tool: what it is called, which set it belongs to, and what it may do.

The kind decides the four annotations that hosts read, whether a read-only process offers the tool at all,
and whether its work is shielded from a host that gives up waiting.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from loguru import logger
from mcp_types import Tool as ToolCard
from mcp_types import ToolAnnotations
from pydantic import BaseModel, ConfigDict, create_model
from pydantic.fields import FieldInfo

from sumppump.kernel.errors import InvalidRequest
from sumppump.server.views import Answer, Pictured, Question


class Kind(StrEnum):
    """What a tool can do to the account; KEEP writes something of the person's own on this machine only."""

    READ = "read"
    DRAFT = "draft"
    KEEP = "keep"
    MONEY = "money"


class Toolset(StrEnum):
    """Families of tools that are switched on together."""

    MARKET = "market"
    PORTFOLIO = "portfolio"
    STRATEGY = "strategy"
    EXECUTION = "execution"
    STREAMING = "streaming"
    CRYPTO_FX = "crypto_fx"


_READ = frozenset({Toolset.MARKET, Toolset.PORTFOLIO, Toolset.STRATEGY})
PROFILES: dict[str, frozenset[Toolset]] = {
    "read": _READ,
    "trade": _READ | {Toolset.EXECUTION, Toolset.STREAMING},
    "full": frozenset(Toolset) - {Toolset.CRYPTO_FX},
}
LATER = frozenset({"zero_dte", "gateway", "legacy"})
"""Sets that may be named already; this version has no tools in them."""
ToolFunction = Callable[..., Awaitable[Answer | Pictured | Question]]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool.

    Attributes:
        run: the function; its first parameter is the `Call`, the others are the arguments of the tool, its
            name is the tool's name and its docstring the description.
        title: what a person reads.
        answer: the model of its structured content; None where a picture may take its place.
        is_repeatable: whether the same call again changes nothing more.
        removes: whether a KEEP tool may replace or remove what was kept before.
        heeds_nothing: whether arguments it does not know are ignored: a stop must not fail on its words.
        always_on: whether it works when the budget of calls is used up: what makes things safer.
        is_local: whether it answers from what this process knows, so that it never waits for a connection.
    """

    run: ToolFunction
    title: str
    toolset: Toolset
    kind: Kind
    answer: type[Answer] | None = None
    is_repeatable: bool = False
    always_on: bool = False
    is_local: bool = False
    removes: bool = False
    heeds_nothing: bool = False

    @property
    def name(self) -> str:
        """The name on the wire."""
        return self.run.__name__

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The model that reads the arguments; names it does not know are refused."""
        extra: Literal["ignore", "forbid"] = "ignore" if self.heeds_nothing else "forbid"
        fields: dict[str, Any] = {}
        for name, parameter in list(inspect.signature(self.run, eval_str=True).parameters.items())[1:]:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (parameter.annotation, default)
        return create_model(f"{self.name}_arguments", __config__=ConfigDict(extra=extra), **fields)

    @property
    def argument_names(self) -> tuple[str, ...]:
        """In the order of the signature."""
        return tuple(self.arguments.model_fields)

    @cached_property
    def card(self) -> ToolCard:
        """What `tools/list` says about it."""
        return ToolCard(
            name=self.name,
            title=self.title,
            description=" ".join(inspect.cleandoc(self.run.__doc__ or "").split()),
            input_schema=_input_schema(self.arguments),
            output_schema=None if self.answer is None else _output_schema(self.answer),
            annotations=self._annotations(),
        )

    def _annotations(self) -> ToolAnnotations:
        reads = self.kind is Kind.READ
        return ToolAnnotations(
            title=self.title,
            read_only_hint=reads,
            destructive_hint=self.kind is Kind.MONEY or self.removes,
            idempotent_hint=reads or self.is_repeatable,
            open_world_hint=not (self.kind is Kind.KEEP and self.is_local),
        )


def market_tool(run: ToolFunction, title: str, answer: type[Answer] | None) -> Tool:
    """A tool that looks at the market and changes nothing."""
    return Tool(run=run, title=title, toolset=Toolset.MARKET, kind=Kind.READ, answer=answer)


def portfolio_tool(run: ToolFunction, title: str, answer: type[Answer] | None) -> Tool:
    """A tool that reads what is held or what it could lose, and changes nothing."""
    return Tool(run=run, title=title, toolset=Toolset.PORTFOLIO, kind=Kind.READ, answer=answer)


def chosen(tools: Iterable[Tool], *, profile: str, read_only: bool) -> tuple[Tool, ...]:
    """The tools of a profile such as `trade` or `read,execution`, without MONEY where `read_only`.

    Raises:
        InvalidRequest: a name that is neither a profile nor a set.
    """
    wanted = _toolsets(profile)
    return tuple(
        tool for tool in tools if tool.toolset in wanted and not (read_only and tool.kind is Kind.MONEY)
    )


def _toolsets(profile: str) -> frozenset[Toolset]:
    names = [name.strip().lower() for name in profile.split(",") if name.strip()] or ["trade"]
    wanted: frozenset[Toolset] = frozenset()
    for name in names:
        if name in PROFILES:
            wanted |= PROFILES[name]
        elif name in set(Toolset):
            wanted |= {Toolset(name)}
        elif name in LATER:
            logger.warning("the set of tools {} is empty in this version", name)
        else:
            known = [*PROFILES, *Toolset, *sorted(LATER)]
            raise InvalidRequest(
                f"SUMPPUMP_TOOLSETS names {name!r}, which is not a set of tools",
                code="unknown_toolset",
                expected=", ".join(known),
                found=name,
                next_steps=["Correct SUMPPUMP_TOOLSETS and start again."],
            )
    return wanted


def _input_schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    properties = {
        name: _property(schema["properties"][name], field) for name, field in model.model_fields.items()
    }
    slim: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required := schema.get("required"):
        slim["required"] = required
    return slim


def _property(schema: dict[str, Any], field: FieldInfo) -> dict[str, Any]:
    """A property without its title and without a default of null, which says nothing."""
    return {
        key: value
        for key, value in schema.items()
        if key != "title" and not (key == "default" and field.default is None)
    }


def _output_schema(model: type[Answer]) -> dict[str, Any]:
    """Only the top level and the types in it: enough to check an answer, small enough to send."""
    said = {name: field for name, field in model.model_fields.items() if not field.exclude}
    properties = {name: {"type": _json_types(field.annotation)} for name, field in said.items()}
    return {"type": "object", "properties": properties, "required": list(properties)}


_JSON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),  # before int, whose kind it is in Python
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (BaseModel, "object"),
    (NoneType, "null"),
)


def _json_types(annotation: Any) -> str | list[str]:  # noqa: ANN401 - annotations have no type
    arms = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    names = [_json_type(arm) for arm in arms]
    return names[0] if len(names) == 1 else names


def _json_type(arm: Any) -> str:  # noqa: ANN401
    origin = get_origin(arm)
    kind = str if origin is Literal else origin or arm
    return next(name for base, name in _JSON_TYPES if issubclass(kind, base))
