"""Which answers name a picture, when it is drawn, and what goes out where one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from mcp_types import CallToolResult, ImageContent
from tests.support.fake_market import MONTH, NOW, SPY, make_option
from tests.unit.risk.held import Account, held
from tests.unit.server import fakes
from tests.unit.server.test_calls import call, code_of, text_of

from sumppump.domain.account import Position
from sumppump.domain.instruments import Right
from sumppump.kernel.errors import StoreFailed
from sumppump.kernel.money import Money
from sumppump.portfolio.equity import EquityService
from sumppump.ports.equity import EquityDay
from sumppump.server.app import build_server
from sumppump.server.desk import Desk

pytestmark = pytest.mark.anyio

HELD = [held(2, make_option(SPY, MONTH, 600, Right.CALL)), held(-100, SPY)]
DRAFT = {"symbol": "SPY", "strategy_type": "iron_condor", "dte": 30}
WORTH = (100_000, 101_500, 99_000)
MOST_BYTES = 8_000


@dataclass(slots=True)
class Past:
    """A log of values, one a day, the last today."""

    amounts: Sequence[int]
    noted: list[EquityDay] = field(default_factory=list)

    def note(self, account: str, seen: EquityDay) -> None:
        self.noted.append(seen)

    def days(self, account: str) -> list[EquityDay]:
        last = len(self.amounts) - 1
        moments = [NOW - timedelta(days=last - place) for place in range(len(self.amounts))]
        return [
            EquityDay(at.date(), at, Money.of(amount))
            for at, amount in zip(moments, self.amounts, strict=True)
        ]


@dataclass(slots=True)
class Host:
    """A server on an account that holds something and was worth something, and the pictures that it keeps."""

    desk: Desk
    charts: fakes.MemoryCharts = field(default_factory=fakes.MemoryCharts)

    def holding(
        self, rows: Sequence[Position] = HELD, worth: Sequence[int] = (100_000, 101_500, 99_000)
    ) -> Host:
        """With these positions, and these values of the last days."""
        account = Account(list(rows))
        portfolio = replace(account.desk, equity=EquityService(accounts=account, log=Past(worth)))
        return Host(replace(self.desk, portfolio=portfolio, charts=self.charts), self.charts)

    async def ask(self, tool: str, **arguments: Any) -> CallToolResult:
        """An answer, when what it hung is drawn as well."""
        result = await call(build_server(self.desk, profile="read"), tool, **arguments)
        await self.desk.easel.done()
        return result

    async def facts(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structure of an answer."""
        result = await self.ask(tool, **arguments)
        assert result.structured_content is not None, text_of(result)
        return dict(result.structured_content)


@pytest.fixture
def host(desk: Desk) -> Host:
    return Host(desk).holding()


def image(result: CallToolResult) -> bool:
    """Whether the answer is text and an image, and nothing else."""
    kinds = [type(each).__name__ for each in result.content]
    return kinds == ["TextContent", "ImageContent"] and result.structured_content is None


DRAWN: dict[str, tuple[str, dict[str, Any]]] = {
    "payoff": ("trade_calculate_strategy", DRAFT),
    "Greeks of a draft": ("trade_calculate_strategy", DRAFT | {"chart": "greeks"}),
    "P&L of everything": ("trade_analyze_greeks", {}),
    "Greeks of everything": ("trade_analyze_greeks", {"chart": "greeks"}),
    "moves and volatility": ("trade_get_portfolio_risk", {}),
    "equity": ("trade_get_history", {}),
    "volatility": ("trade_get_volatility_analysis", {"symbol": "SPY"}),
    "bars": ("trade_get_price_history", {"symbol": "SPY"}),
}


@pytest.mark.parametrize("name", list(DRAWN))
async def test_as_chart_answers_text_and_an_image_alone(host: Host, name: str) -> None:
    """Claim: no structure, the rows of the picture in a text of at most 8 kB. Provenance: settled 21."""
    tool, arguments = DRAWN[name]
    result = await host.ask(tool, **arguments, as_chart=True)
    assert image(result), text_of(result)
    assert "Picture: " in text_of(result)
    assert len(text_of(result).encode()) <= MOST_BYTES
    assert len(host.charts.pictures) == 1


@pytest.mark.parametrize("name", list(DRAWN))
async def test_an_ordinary_answer_has_figures_and_names_its_picture(host: Host, name: str) -> None:
    """Claim: the named file is written, before the answer or behind it. Provenance: settled 21."""
    tool, arguments = DRAWN[name]
    result = await host.ask(tool, **arguments)
    assert result.structured_content is not None
    assert not any(isinstance(each, ImageContent) for each in result.content)
    assert result.structured_content["chart"] in [host.charts.path(each) for each in host.charts.pictures]


@pytest.mark.parametrize("tool", ["trade_analyze_greeks", "trade_get_portfolio_risk", "trade_get_history"])
async def test_where_nothing_is_held_no_picture_is_named(host: Host, tool: str) -> None:
    """Claim: not an empty frame, nor a file of another day, with `as_chart` neither."""
    empty = host.holding([], [100_000])
    for as_chart in (False, True):
        assert (await empty.facts(tool, as_chart=as_chart))["chart"] is None
    assert empty.charts.pictures == {}


async def test_equity_says_how_many_days_it_knows(host: Host) -> None:
    """Claim: two days make a picture, one makes a figure and the reason."""
    found = await host.holding(worth=[100_000, 120_000, 90_000]).facts("trade_get_history")
    assert found["equity"] | {"note": ""} == {
        "days_seen": 3, "first_day": "2026-11-16", "first": 100_000, "last": 90_000, "currency": "USD",
        "drawdown_pct": -25.0, "note": "",
    }  # fmt: skip
    found = await host.holding(worth=[100_000]).facts("trade_get_history")
    assert found["equity"]["drawdown_pct"] is None
    assert "two days" in found["equity"]["note"]


async def test_an_unknown_picture_is_refused_with_the_names_of_those_there_are(host: Host) -> None:
    """Claim: errors name what was expected."""
    result = await host.ask("trade_analyze_greeks", chart="pie")
    assert code_of(result) == "invalid_chart"
    assert "one of pnl, greeks" in text_of(result)


async def test_a_disk_that_takes_no_picture_costs_no_figures(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: the image goes out all the same, and no file is named."""

    def full(*_: object) -> str:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr(fakes.MemoryCharts, "write_png", full)
    assert image(await host.ask("trade_analyze_greeks", as_chart=True))
    assert (await host.facts("trade_calculate_strategy", **DRAFT))["chart"] is None
