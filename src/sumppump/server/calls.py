"""What happens to every tool call, once: budget, arguments, the tool, its answer or its refusal, the record.

A tool sees only arguments that could be read and never answers an error by itself. Whatever goes wrong
becomes one shape, in text and structure alike; a call leaves exactly one row in the audit.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import anyio
from loguru import logger
from mcp.server.mcpserver import Context
from mcp_types import CallToolResult, ImageContent, InputRequiredResult, TextContent
from pydantic import ValidationError

from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest, SumpPumpError
from sumppump.server.apps.offer import VIEW_META, shows_pages
from sumppump.server.coercion import readings, shown_briefly
from sumppump.server.desk import Call, Desk
from sumppump.server.errors import of_arguments, of_bug, rate_limited, view_of
from sumppump.server.orders.confirmation import form_of
from sumppump.server.orders.decisions import by_form
from sumppump.server.registry import Kind, Tool
from sumppump.server.text import render
from sumppump.server.views import Answer, Header, Pictured, Question

READ_LIMIT_S = 45.0
MAX_BYTES = 20_000
NARROWING = (
    *("symbol", "symbols", "expiry", "strikes", "strikes_around", "strike_range_pct", "limit", "count"),
    *("fields", "num_articles", "duration", "days_back", "scenario_moves", "time_decay_days", "iv_change"),
)
"""Parameters by which an answer becomes shorter."""
SECRET_ARGUMENTS = frozenset({"confirm_token"})


@dataclass(slots=True)
class CallBudget:
    """A bucket of calls that fills evenly; a minute's worth at most."""

    per_minute: int
    clock: Clock
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._at = float(self.per_minute), self.clock.monotonic()

    def wait_s(self) -> float:
        """Take one call; 0 if there was one, else the seconds until there is."""
        now = self.clock.monotonic()
        self._left = min(self.per_minute, self._left + (now - self._at) * self.per_minute / 60)
        self._at = now
        if self._left < 1:
            return (1 - self._left) * 60 / self.per_minute
        self._left -= 1
        return 0.0


@dataclass(frozen=True, slots=True)
class Calls:
    """Runs tools by name.

    Attributes:
        changed: called when a tool has run that may have changed orders, tickets or drafts.
    """

    desk: Desk
    tools: Mapping[str, Tool]
    budget: CallBudget
    changed: Callable[[], None]

    async def run(
        self, name: str, arguments: Mapping[str, Any], context: Context[Any, Any]
    ) -> CallToolResult | InputRequiredResult:
        """The result of one call; anything but a cancellation comes back as a result."""
        began = self.desk.clock.monotonic()
        read_as: list[str] = []
        token = readings.set(read_as)
        outcome = "cancelled"
        try:
            result = await self._guarded(name, arguments, context, read_as)
            outcome = "ok"
            return result
        except SumpPumpError as error:
            outcome = error.code
            return self._refusal(error, read_as)
        finally:
            readings.reset(token)
            self._record(name, arguments, outcome, began, context)

    async def _guarded(
        self, name: str, arguments: Mapping[str, Any], context: Context[Any, Any], read_as: list[str]
    ) -> CallToolResult | InputRequiredResult:
        try:
            done = await self._answer(name, arguments, context)
            return form_of(done) if isinstance(done, Question) else self._result(name, done, read_as, context)
        except SumpPumpError:
            raise
        except TimeoutError:
            raise GatewayUnavailable(
                f"{name} had no answer within {READ_LIMIT_S:.0f} s",
                code="timeout",
                next_steps=["Ask for less at once, or look at trade_check_market_data and try again."],
            ) from None
        except Exception as error:
            raise of_bug(name, error) from error

    async def _answer(
        self, name: str, arguments: Mapping[str, Any], context: Context[Any, Any]
    ) -> Answer | Pictured | Question:
        tool = self._tool(name)
        self._take_from_budget(tool)
        values = self._arguments(tool, arguments)
        call = Call(self.desk, context)
        with _limits_of(tool):
            if not tool.is_local:
                await self.desk.under_way(tool.kind is Kind.MONEY)
            try:
                decided = await by_form(call) if tool.kind is Kind.MONEY else None
                return await tool.run(call, **values) if decided is None else decided
            finally:
                if tool.kind in (Kind.DRAFT, Kind.MONEY):
                    self.changed()

    def _tool(self, name: str) -> Tool:
        if name in self.tools:
            return self.tools[name]
        raise InvalidRequest(
            f"there is no tool {name[:80]!r} here",
            code="unknown_tool",
            expected=", ".join(self.tools),
            found=name[:80],
            next_steps=["Choose one of the tools of tools/list."],
        )

    def _take_from_budget(self, tool: Tool) -> None:
        if not tool.always_on and (wait := self.budget.wait_s()) > 0:
            raise rate_limited(self.budget.per_minute, wait)

    def _arguments(self, tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in arguments.items() if value is not None and value != ""}
        try:
            read = tool.arguments.model_validate(given)
        except ValidationError as error:
            raise of_arguments(tool.name, tool.argument_names, error) from None
        return {name: getattr(read, name) for name in tool.argument_names}

    def _result(
        self, name: str, done: Answer | Pictured, read_as: Sequence[str], context: Context[Any, Any]
    ) -> CallToolResult:
        header = self.desk.header()
        answer = done.answer if isinstance(done, Pictured) else done
        payload = answer.complete(header, [*read_as, *answer.read_as]).payload()
        if isinstance(done, Pictured):
            told = {name: value for name, value in payload.items() if name not in done.drawn}
            words = "\n".join(filter(None, (render(header.banner, told), done.table)))
            return CallToolResult(content=[TextContent(type="text", text=words), _image(done.png)])
        text = _text(header, payload)
        if self.tools[name].kind is not Kind.MONEY:  # what was done must be told, however long it is
            _check_size(text, payload, self.tools[name])
        drawn = answer.for_page() if shows_pages(context) else {}
        meta = {VIEW_META: drawn} if drawn else None
        return CallToolResult(content=[text], structured_content=payload, _meta=meta)

    def _refusal(self, error: SumpPumpError, read_as: Sequence[str]) -> CallToolResult:
        header = self.desk.header()
        payload = view_of(error).complete(header, read_as).payload()
        return CallToolResult(content=[_text(header, payload)], structured_content=payload, is_error=True)

    def _record(
        self,
        name: str,
        arguments: Mapping[str, Any],
        outcome: str,
        began: float,
        context: Context[Any, Any],
    ) -> None:
        tool = self.tools.get(name)
        try:
            self.desk.audit.record(
                "tool_call",
                {
                    "tool": name[:80],
                    "kind": "unknown" if tool is None else tool.kind.value,
                    "arguments": _redacted(arguments),
                    "outcome": outcome,
                    "elapsed_ms": round((self.desk.clock.monotonic() - began) * 1000, 1),
                    "client": _client(context),
                },
            )
        except SumpPumpError as error:
            # What was done is in the journal, which refuses by itself; the answer must still get out.
            logger.error("the audit row of {} could not be written: {}", name[:80], error)


def _limits_of(tool: Tool) -> AbstractContextManager[object]:
    # A host that gives up waiting must not tear a send from its bookkeeping; a read may be dropped.
    return anyio.CancelScope(shield=True) if tool.kind is Kind.MONEY else anyio.fail_after(READ_LIMIT_S)


def _text(header: Header, payload: Mapping[str, Any]) -> TextContent:
    return TextContent(type="text", text=render(header.banner, payload))


def _image(png: bytes) -> ImageContent:
    return ImageContent(type="image", data=base64.b64encode(png).decode(), mime_type="image/png")


def _check_size(text: TextContent, payload: Mapping[str, Any], tool: Tool) -> None:
    size = max(len(text.text.encode()), len(json.dumps(payload, allow_nan=False)))
    if size > MAX_BYTES:
        raise InvalidRequest(
            f"the answer would have {size} bytes",
            code="answer_too_large",
            expected=f"at most {MAX_BYTES} bytes",
            found=f"{size} bytes",
            next_steps=[_narrower(tool)],
        )


def _narrower(tool: Tool) -> str:
    """How the same tool says less, by the parameters that it has."""
    named = [name for name in NARROWING if name in tool.argument_names]
    return f"Ask for less: {', '.join(named)}." if named else f"{tool.name} cannot be asked for less."


def _redacted(arguments: Mapping[str, Any]) -> str:
    shown = {name: "***" if name in SECRET_ARGUMENTS else value for name, value in arguments.items()}
    try:
        return json.dumps(shown, sort_keys=True, default=str)[:2000]
    except ValueError:  # an integer of thousands of digits
        return shown_briefly(sorted(shown), 2000)


def _client(context: Context[Any, Any]) -> str:
    try:
        params = context.session.client_params
    except ValueError:  # a resource read at a fixed address comes without its request
        return ""
    return "" if params is None else f"{params.client_info.name} {params.client_info.version}"[:80]
