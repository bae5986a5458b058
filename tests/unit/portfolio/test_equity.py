"""Equity by day: what passed by is kept, what did not is unknown, and nothing is filled in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from tests.support.fake_market import NOW, FakeClock

from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.missing import Missing
from sumppump.kernel.errors import GatewayUnavailable, StoreFailed
from sumppump.kernel.money import Money
from sumppump.portfolio.equity import EVERY_S, EquityHistory, EquityService, NotingAccounts
from sumppump.ports.equity import EquityDay


@dataclass(slots=True)
class Figures:
    """An account whose value and time are set from outside."""

    now: AccountFigures = field(
        default_factory=lambda: AccountFigures(account="SIM1", as_of=NOW, taken=0.0, nlv=Money.of(100))
    )
    is_silent: bool = False

    async def positions(self) -> list[Position]:
        return []

    async def figures(self) -> AccountFigures:
        if self.is_silent:
            raise GatewayUnavailable("no account yet.")
        return self.now

    def worth(self, amount: int, at: datetime, taken: float, currency: str = "USD") -> None:
        self.now = replace(self.now, nlv=Money.of(amount, currency), as_of=at, taken=taken)


@dataclass(slots=True)
class MemoryLog:
    """What was noted, in order; `fails` refuses all of it."""

    rows: list[EquityDay] = field(default_factory=list)
    fails: bool = False

    def note(self, account: str, seen: EquityDay) -> None:
        if self.fails:
            raise StoreFailed("the disk is full")
        self.rows.append(seen)

    def days(self, account: str) -> list[EquityDay]:
        return sorted({each.day: each for each in self.rows}.values(), key=lambda each: each.day)


def past(*amounts: int) -> tuple[Figures, EquityService]:
    """The account was worth this much on each of the days up to now."""
    real, log = Figures(), MemoryLog()
    for back, amount in enumerate(reversed(amounts)):
        at = NOW - timedelta(days=back)
        log.rows.append(EquityDay(at.date(), at, Money.of(amount)))
    real.worth(amounts[-1], NOW, 0.0)
    return real, EquityService(accounts=NotingAccounts(real, log, FakeClock()), log=log)


async def history(service: EquityService, days_back: int) -> EquityHistory:
    found = await service.since(days_back)
    assert isinstance(found, EquityHistory)
    return found


async def test_values_pass_by_unchanged_and_are_kept_once_a_minute_and_day() -> None:
    """The first, none within the minute, the next after it, and the first of another day at once."""
    real, log = Figures(), MemoryLog()
    accounts = NotingAccounts(real, log, FakeClock())
    for amount, at, taken in (
        (100, NOW, 0.0),
        (101, NOW, EVERY_S - 1),
        (102, NOW, EVERY_S),
        (103, NOW + timedelta(days=1), EVERY_S + 1),
    ):
        real.worth(amount, at, taken)
        assert await accounts.figures() == real.now
    assert [float(each.nlv.amount) for each in log.rows] == [100, 102, 103]


async def test_the_first_look_of_a_day_at_positions_keeps_its_value() -> None:
    """Once; a silent broker is not asked again and again, and costs no positions."""
    real, log = Figures(), MemoryLog()
    accounts = NotingAccounts(real, log, FakeClock())
    for _ in range(3):
        assert await accounts.positions() == []
    assert len(log.rows) == 1
    silent = NotingAccounts(Figures(is_silent=True), log, FakeClock())
    assert await silent.positions() == []
    assert len(log.rows) == 1


async def test_a_missing_value_is_not_kept_as_nothing() -> None:
    """No day is worth 0 because the broker was silent."""
    real, log = Figures(), MemoryLog()
    real.now = replace(real.now, nlv=None)
    await NotingAccounts(real, log, FakeClock()).figures()
    assert log.rows == []


async def test_a_full_disk_costs_no_figures() -> None:
    """They are the broker's."""
    real = Figures()
    assert await NotingAccounts(real, MemoryLog(fails=True), FakeClock()).figures() == real.now


async def test_the_days_asked_for_are_told_with_their_drawdown() -> None:
    """Two days back are three days; the deepest fall is from the highest of them."""
    _, service = past(500, 100, 120, 90)
    found = await history(service, 2)
    assert [float(each.nlv.amount) for each in found.days] == [100, 120, 90]
    assert found.drawdown_pct == (0.0, 0.0, -25.0)
    assert found.deepest_pct == -25.0


async def test_of_one_day_there_is_no_drawdown() -> None:
    """Nothing to compare it with; null, not 0."""
    _, service = past(100)
    assert (await history(service, 30)).deepest_pct is None


async def test_days_that_have_not_been_yet_are_no_past() -> None:
    """A simulated exchange may begin again earlier than it ended."""
    real, service = past(100, 120)
    real.worth(100, NOW - timedelta(days=1), 0.0)
    assert len((await history(service, 30)).days) == 1


async def test_values_in_another_currency_are_left_out_and_counted() -> None:
    """They do not compare."""
    real, service = past(100, 120)
    real.worth(90, NOW, EVERY_S, "EUR")
    found = await history(service, 30)
    assert [each.nlv.currency for each in found.days] == ["EUR"]
    assert found.left_out == 1


@pytest.mark.parametrize("days_back", [0, 30])
async def test_without_an_account_the_reason_stands_for_the_past(days_back: int) -> None:
    """Trades are told all the same."""
    real, service = past(100)
    real.is_silent = True
    assert await service.since(days_back) == Missing("gateway_unavailable", "no account yet")
