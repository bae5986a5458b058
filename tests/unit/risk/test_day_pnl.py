"""The day's P&L by cause: from the close before, trades from their own price, beside the broker's figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.fake_market import FAR, MONTH, NOW, SPX, SPY, TODAY, closes, make_option
from tests.support.fake_schedule import FakeSchedule
from tests.unit.risk.held import Account, YearMarket, held

from sumppump.domain.account import Position
from sumppump.domain.instruments import Instrument, Right
from sumppump.domain.missing import Missing
from sumppump.domain.orders import Fill
from sumppump.domain.quotes import Bar, Quote
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.kernel.money import Money, Premium
from sumppump.risk.closing_prices import SPAN
from sumppump.risk.day_pnl import DayPnl
from sumppump.server.portfolio.summary_views import summary_answer

LOW, HIGH = (make_option(SPY, MONTH, strike, Right.CALL) for strike in (600, 610))
INDEX = make_option(SPX, FAR, 600, Right.PUT, "SPXW")
CLOSES = {
    SPY.con_id: "597.50",
    SPX.con_id: "596.00",
    LOW.con_id: "12.80",
    HIGH.con_id: "8.10",
    INDEX.con_id: "22.40",
}
YESTERDAY = datetime(2026, 11, 17, 16, 0, tzinfo=NEW_YORK)
BOOK = [held(100, SPY), held(2, LOW), held(-2, HIGH), held(1, INDEX)]


class ClosedMarket(YearMarket):
    """The market with a close of everything but what is `unsaid`; after the bell ticks tell `turned` ones."""

    unsaid: frozenset[int] = frozenset()
    turned: str = ""
    has_bars: bool = True

    def quote(self, instrument: Instrument, *, greeks: bool = True) -> Quote:
        found = YearMarket.quote(self, instrument, greeks=greeks)
        close = None if instrument.con_id in self.unsaid else self.turned or CLOSES.get(instrument.con_id)
        return replace(found, close=None if close is None else Premium.of(close))

    async def bars(self, instrument: Instrument, **said: Any) -> Sequence[Bar]:
        if said["duration"] != SPAN:
            return await YearMarket.bars(self, instrument, **said)
        self.bars_asked.append(f"{instrument.symbol} {said.get('what', 'TRADES')}")
        if not self.has_bars:
            raise GatewayUnavailable("no history today")
        before = Decimal(CLOSES[instrument.con_id])
        return [bar(TODAY - timedelta(days=1), before), bar(TODAY, Decimal(600))]


class ExMarket(ClosedMarket):
    """SPY went ex two dollars this morning: yesterday's adjusted close is that much below its close."""

    async def bars(self, instrument: Instrument, **said: Any) -> Sequence[Bar]:
        what = said.get("what", "TRADES")
        self.bars_asked.append(f"{instrument.symbol} {what}")
        close = Decimal(CLOSES[SPY.con_id])
        then = close if what == "TRADES" else close - 2
        rows = [(TODAY - timedelta(days=2), then), (TODAY - timedelta(days=1), then), (TODAY, Decimal(600))]
        return [bar(day, price) for day, price in rows]


def bar(day: date, close: Decimal) -> Bar:
    start = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)
    return Bar(start=start, open=close, high=close, low=close, close=close)


def fill(instrument: Instrument, quantity: int, price: str, *, fee: str | None = "0.65") -> Fill:
    """An execution of this morning, signed."""
    return Fill(
        exec_base=f"{instrument.con_id}.{quantity}.{price}", revision=1, order_ref="SP1-X", perm_id=7,
        order_id=1, client_id=17, account="SIM1234567", con_id=instrument.con_id,
        sec_type=str(instrument.sec_type), symbol=instrument.symbol, side="BUY" if quantity > 0 else "SELL",
        quantity=Decimal(abs(quantity)), price=Decimal(price), at=NOW - timedelta(minutes=5),
        commission=None if fee is None else Money.of(fee),
    )  # fmt: skip


def account(
    rows: Sequence[Position], fills: Sequence[Fill] = (), market: type[YearMarket] = ClosedMarket
) -> Account:
    found = Account(list(rows), market=market())
    found.broker.venue.fills.extend(fills)
    return found


async def day_of(found: Account) -> DayPnl:
    day = (await found.desk.summary.summary()).day
    assert isinstance(day, DayPnl)
    return day


def gain(found: Account, instrument: Instrument) -> float:
    """From the close to the mid now, per share."""
    quote = found.market.quote(instrument)
    price = quote.mid or quote.last
    assert price is not None
    return float(price.amount - Decimal(CLOSES[instrument.con_id]))


def after_the_bell(found: Account) -> None:
    clock = found.market.clock
    clock.advance((closes(TODAY) + timedelta(minutes=5) - clock.now()).total_seconds())


async def test_the_day_is_what_every_position_gained_since_the_close_before() -> None:
    found = account(BOOK)
    day = await day_of(found)
    spread = gain(found, LOW) - gain(found, HIGH)
    expected = 100 * (gain(found, SPY) + 2 * spread + gain(found, INDEX))
    assert day.since == YESTERDAY
    assert day.total == pytest.approx(expected, abs=0.01)
    assert abs(float(day.causes.unexplained.sum())) < 0.01
    assert (day.trades, day.fees, day.left_out) == (0.0, 0.0, ())


async def test_underlyings_add_up_to_the_day_before_fees_and_what_is_partly_known_has_no_figure() -> None:
    found = account(BOOK, [fill(LOW, 1, "13.00"), fill(HIGH, -1, "8.30")])
    day = await day_of(found)
    assert day.total is not None
    assert day.fees == pytest.approx(1.30)
    assert sum(day.by_symbol.values()) == pytest.approx(day.total + day.fees, abs=1e-6)
    assert isinstance(found.market, ClosedMarket)
    found.market.unsaid = frozenset({INDEX.con_id})
    assert set((await day_of(found)).by_symbol) == {"SPY"}


async def test_causes_and_greeks_are_two_ways_to_say_the_same() -> None:
    day = await day_of(account(BOOK))
    three = day.causes.time + day.causes.spot + day.causes.volatility
    assert day.greeks.total == pytest.approx(three, abs=1e-9)
    shares = [label.words for label in day.causes.labels].index(SPY.label)
    assert day.greeks.delta[shares] == pytest.approx(day.causes.spot[shares])


async def test_a_dividend_of_this_morning_is_proved_by_the_bars_and_is_cash_of_the_shares() -> None:
    """200 for the shares, which the broker's figure does not hold; what the call stood to lose as well."""
    found = account([held(100, SPY), held(2, LOW)], market=ExMarket)
    plain = await day_of(account([held(100, SPY), held(2, LOW)]))
    day = await day_of(found)
    assert day.cash_dividends == pytest.approx(200.0)
    assert day.causes.dividends[0] > 0
    assert plain.total is not None
    assert day.total == pytest.approx(plain.total + 200.0, abs=0.01)
    found.daily_pnl = Money(Decimal(str(round(plain.total, 2))))
    assert (await day_of(found)).difference == pytest.approx(0.0, abs=0.01)


async def test_bars_are_asked_for_a_proof_on_suspicion_and_once_a_day() -> None:
    found = account([held(100, SPY)], market=ExMarket)
    summary = found.desk.summary
    for _ in range(2):
        await summary.summary()
    assert isinstance(found.market, ExMarket)
    assert found.market.bars_asked.count("SPY TRADES") == 1


async def test_what_was_bought_today_counts_from_its_own_price_and_its_fee() -> None:
    """Two calls held, one of them bought this morning at 13.00."""
    found = account([held(2, LOW)], [fill(LOW, 1, "13.00")])
    day = await day_of(found)
    now = gain(found, LOW) + 12.80
    assert float(day.causes.total.sum()) == pytest.approx(100 * (now - 12.80), abs=0.01)
    assert day.trades == pytest.approx(100 * (now - 13.00), abs=0.01)
    assert day.fees == pytest.approx(0.65)
    assert day.total == pytest.approx(100 * (2 * now - 12.80 - 13.00) - 0.65, abs=0.01)


async def test_what_was_closed_today_counts_from_the_close_to_its_sale() -> None:
    found = account([held(100, SPY)], [fill(LOW, -2, "13.30")])
    day = await day_of(found)
    assert day.trades == pytest.approx(200 * (13.30 - 12.80))


async def test_a_commission_that_is_not_told_leaves_the_total_open() -> None:
    day = await day_of(account([held(2, LOW)], [fill(LOW, 1, "13.00", fee=None)]))
    assert (day.fees, day.total, day.difference) == (None, None, None)


async def test_the_brokers_figure_stands_beside_and_the_difference_is_shown() -> None:
    found = account(BOOK)
    first = await day_of(found)
    assert first.total is not None
    assert (first.told, first.difference) == (None, None)
    found.daily_pnl = Money(Decimal(str(round(first.total, 2))) + 3)
    assert (await day_of(found)).difference == pytest.approx(3.0, abs=0.01)
    shown = summary_answer(await found.desk.summary.summary(), [])
    assert "the broker's figure beyond that +3.0" in shown.summary


async def test_a_position_without_a_close_is_named_and_in_no_sum() -> None:
    found = account(BOOK)
    assert isinstance(found.market, ClosedMarket)
    found.market.unsaid = frozenset({HIGH.con_id})
    day = await day_of(found)
    assert [words.split(":")[0] for words in day.left_out] == [HIGH.label]
    assert HIGH.label not in [label.words for label in day.causes.labels]


async def test_a_close_that_was_seen_this_morning_is_known_when_the_position_is_gone() -> None:
    found = account([held(100, SPY), held(2, LOW)])
    summary = found.desk.summary
    await summary.summary()
    assert isinstance(found.market, ClosedMarket)
    found.market.unsaid = frozenset({LOW.con_id})
    found.rows = [held(100, SPY)]
    found.broker.venue.fills.append(fill(LOW, -2, "13.30"))
    day = (await summary.summary()).day
    assert isinstance(day, DayPnl)
    assert (day.trades, day.left_out) == (pytest.approx(100.0), ())


async def test_after_the_bell_the_day_still_counts_from_the_close_that_it_names() -> None:
    """What was known before is kept; of shares and indexes the bars tell it to whoever asks first."""
    found = account(BOOK)
    assert isinstance(found.market, ClosedMarket)
    summary = found.desk.summary
    await summary.summary()
    after_the_bell(found)
    found.market.turned = "11.11"
    kept, fresh = (await summary.summary()).day, await day_of(found)
    assert isinstance(kept, DayPnl)
    assert kept.since == fresh.since == YESTERDAY
    spread = gain(found, LOW) - gain(found, HIGH)
    expected = 100 * (gain(found, SPY) + 2 * spread + gain(found, INDEX))
    assert (kept.total, kept.unsure) == (pytest.approx(expected, abs=0.01), ())
    assert sorted(fresh.unsure) == sorted([INDEX.label, LOW.label, HIGH.label])
    shares = [label.words for label in fresh.causes.labels].index(SPY.label)
    assert fresh.causes.total[shares] == pytest.approx(100 * gain(found, SPY))
    shown = summary_answer(await found.desk.summary.summary(), [])
    assert any("may have turned" in words and LOW.label in words for words in shown.warnings)


async def test_after_the_bell_an_underlying_without_a_bar_has_no_close() -> None:
    found = account([held(100, SPY)])
    assert isinstance(found.market, ClosedMarket)
    found.market.has_bars = False
    assert (await day_of(found)).left_out == ()
    after_the_bell(found)
    assert [words.split(":")[0] for words in (await day_of(found)).left_out] == [SPY.label]


async def test_a_clock_that_lags_behind_the_broker_tells_no_day() -> None:
    """Claim: after a jump a summary named the day of the old moment with prices of the new one."""
    desk = account(BOOK).desk
    day = replace(desk.summary.day, memory=FakeSchedule(last=TODAY + timedelta(days=1)))
    told = (await replace(desk.summary, day=day).summary()).day
    assert isinstance(told, Missing)
    assert told.code == "clock_behind"


class ToldPnl:
    """A broker that tells the day of one contract."""

    async def of_today(self, con_ids: Sequence[int]) -> Mapping[int, Money]:
        return {con_id: Money.of("49.35") for con_id in con_ids if con_id == LOW.con_id}


async def test_the_day_of_what_was_settled_before_anybody_looked_is_the_brokers_before_fees() -> None:
    """Its close was never seen; what the broker does not tell either stays named."""
    found = account([held(100, SPY)], [fill(LOW, -1, "13.30"), fill(HIGH, 1, "8.00")])
    assert isinstance(found.market, ClosedMarket)
    found.market.unsaid = frozenset({LOW.con_id, HIGH.con_id})
    desk = found.desk
    day = replace(desk.summary.day, position_pnl=ToldPnl())
    told = (await replace(desk.summary, day=day).summary()).day
    assert isinstance(told, DayPnl)
    assert told.trades == pytest.approx(49.35 + 0.65)
    assert [words.split(":")[0] for words in told.left_out] == [HIGH.label]


async def test_before_the_open_there_is_no_day_and_the_answer_says_why() -> None:
    found = account(BOOK)
    desk = found.desk
    early = FakeSchedule(last=TODAY - timedelta(days=1))
    day = replace(desk.summary.day, memory=early)
    summary = await replace(desk.summary, day=day).summary()
    assert isinstance(summary.day, Missing)
    shown = summary_answer(summary, [])
    assert shown.day is None
    assert any("has not begun" in words for words in shown.left_out)


async def test_the_answer_adds_up_to_the_cent_as_its_note_says() -> None:
    shown = summary_answer(await account(BOOK, [fill(LOW, 1, "13.00")]).desk.summary.summary(), [])
    day = shown.day
    assert day is not None
    assert day.total is not None
    assert day.fees is not None
    parts = day.time + day.spot + day.volatility + day.dividends + day.carry + day.unmodelled + day.trades
    assert day.total == pytest.approx(parts - day.fees, abs=0.05)
    terms = day.theta + day.delta + day.gamma + day.vega + day.cross + day.higher_order + day.expiring
    assert terms == pytest.approx(day.time + day.spot + day.volatility, abs=0.05)
