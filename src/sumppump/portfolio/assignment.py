"""The assignment radar: written options that may be exercised against us, and what expiry brings or takes."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sumppump.data.new_york_calendar import special_days
from sumppump.domain.assignment import (
    EarlyExercise,
    ExDividend,
    ExpiryDay,
    HeldOption,
    Times,
    early_exercise,
    expiry_days,
    is_pinned,
    pin_reach,
)
from sumppump.domain.instruments import OptionContract, SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Feed
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.portfolio.holdings import HeldLeg, HeldStrategy, Holdings
from sumppump.portfolio.next_events import ExDates
from sumppump.portfolio.positions import PortfolioService
from sumppump.ports.market import ContractDirectory, MarketData

# Cash-settled and yet exercised at any time; every other index option here is European.
AMERICAN_INDICES = frozenset({"OEX"})
CLOSE = time(16, 0)
LIKELY, POSSIBLE, SOON_DAYS = 0.5, 0.1, 7
SATURDAY = 5


class Level(StrEnum):
    """How near an assignment is; `LEVEL_RULE` says when which."""

    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"


LEVEL_RULE = (
    f"HIGH: early exercise is {LIKELY:.0%} likely or more, the strike may pin, or it is in the money on its "
    f"last trading day and brings shares; MODERATE: in the money, and early exercise {POSSIBLE:.0%} likely, "
    f"its last trade within {SOON_DAYS} days, or settled in cash today; LOW: all else"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortOption:
    """One written contract under watch.

    Attributes:
        strategies: that it belongs to, in the catalogue's words.
        dividend: the next one before its last trade; None where there is none, and `no_dividend` says why.
        early: how likely early exercise pays, or why nobody can say.
        pin_reach: half of the expected move that is left, currency per share; None but on the last day.
        reasons: why the level is not LOW.
    """

    held: HeldOption
    strategies: tuple[str, ...]
    dividend: ExDividend | None
    no_dividend: str
    early: EarlyExercise | Missing
    pin_reach: float | None
    level: Level
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Radar:
    """Everything that exercise may do to the account.

    Attributes:
        shorts: the gravest first. days: what expiry does if every underlying stays where it is.
        shares: held now, by symbol. oldest_s, feed: of the quotes.
    """

    shorts: tuple[ShortOption, ...]
    days: tuple[ExpiryDay, ...]
    shares: Mapping[str, int]
    as_of: datetime
    rate: float
    oldest_s: float | None
    feed: Feed
    warnings: tuple[str, ...]

    @property
    def level(self) -> Level:
        """The gravest among the written options."""
        return next((level for level in Level if any(each.level is level for each in self.shorts)), Level.LOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentService:
    """Looks at what is held; changes nothing."""

    holdings: PortfolioService
    directory: ContractDirectory
    market: MarketData
    clock: Clock

    async def radar(self) -> Radar:
        """The radar now.

        Raises:
            GatewayUnavailable: the broker has not said what is held.
        """
        holdings = await self.holdings.positions()
        beneath = [await self.directory.underlying(symbol) for symbol in _with_options(holdings)]
        dates = await self.holdings.ex_dates.of(beneath, self.market, self.clock)
        now, rate = self.clock.now(), self.holdings.assume.rate
        kinds = {each.symbol: each for each in beneath}
        return await asyncio.to_thread(_radar, holdings, kinds, dates, now, rate)


def _with_options(holdings: Holdings) -> list[str]:
    options = (leg for each in holdings.strategies for leg in each.legs if _is_option(leg))
    return sorted({leg.instrument.symbol for leg in options})


def _is_option(leg: HeldLeg) -> bool:
    return isinstance(leg.instrument, OptionContract)


def _radar(
    holdings: Holdings, kinds: Mapping[str, Underlying], dates: ExDates, now: datetime, rate: float
) -> Radar:
    """Prices trees: for a worker thread."""
    today = now.astimezone(NEW_YORK).date()
    times = Times(now=now, tonight=next_close(today), rate=rate)
    options = held_options(holdings, kinds)
    coming = {symbol: _coming(dates[symbol], now) for symbol in kinds}
    shorts = (
        _short(held, names, coming[held.contract.symbol], times)
        for held, names in options
        if held.quantity < 0
    )
    return Radar(
        shorts=tuple(sorted(shorts, key=_gravest)),
        days=expiry_days((held for held, _ in options), now),
        shares=_shares(holdings),
        as_of=holdings.as_of,
        rate=rate,
        oldest_s=holdings.oldest_s,
        feed=holdings.feed,
        warnings=holdings.warnings,
    )


def held_options(
    holdings: Holdings, kinds: Mapping[str, Underlying]
) -> list[tuple[HeldOption, tuple[str, ...]]]:
    """Every option once, however many strategies share it, with their names."""
    found: dict[int, list[tuple[HeldStrategy, HeldLeg]]] = defaultdict(list)
    for each in holdings.strategies:
        for leg in filter(_is_option, each.legs):
            found[leg.instrument.con_id].append((each, leg))
    return [(_held(parts, kinds), tuple(each.strategy for each, _ in parts)) for parts in found.values()]


def _held(parts: Sequence[tuple[HeldStrategy, HeldLeg]], kinds: Mapping[str, Underlying]) -> HeldOption:
    strategy, leg = parts[0]
    option = leg.instrument
    assert isinstance(option, OptionContract)
    is_index = kinds[option.symbol].sec_type is SecType.IND
    return HeldOption(
        contract=option,
        quantity=sum(each.quantity for _, each in parts),
        spot=strategy.spot,
        price=None if leg.price is None else leg.price.amount,
        vol=None if leg.greeks is None else leg.greeks.iv,
        is_american=not is_index or option.symbol in AMERICAN_INDICES,
        is_cash=is_index,
    )


def _shares(holdings: Holdings) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for position in holdings.positions:
        if position.instrument.sec_type is SecType.STK:
            counts[position.instrument.symbol] += position.quantity
    return counts


def _close(day: date) -> datetime:
    return datetime.combine(day, CLOSE, NEW_YORK)


def _coming(dividends: Dividends | Missing, now: datetime) -> ExDividend | str:
    """The next dividend with the close before it, or why there is none."""
    if isinstance(dividends, Missing):
        return dividends.reason
    day, amount = dividends.next_date, dividends.next_amount
    if day is None or amount is None or day <= now.astimezone(NEW_YORK).date():
        return "the broker has announced no further dividend"
    return ExDividend(day=day, amount=amount, eve=close_before(day))


def close_before(day: date) -> datetime:
    """The close of the last trading day before `day`, by the published calendar. Slow the first time."""
    return _nearest_close(day - timedelta(days=1), -1)


def next_close(day: date) -> datetime:
    """The close of `day`, or of the first trading day after it."""
    return _nearest_close(day, 1)


def _nearest_close(day: date, step: int) -> datetime:
    """The close of the first trading day from `day` on, by steps of days."""
    # Whole years, which the calendar keeps; around New Year the neighbouring weeks as well.
    years = special_days(date(day.year - 1, 12, 1), date(day.year + 1, 1, 31))
    closes = {each.day: each.closes for each in years}
    while day.weekday() >= SATURDAY or closes.get(day, _close(day)) is None:
        day += timedelta(days=step)
    return closes.get(day) or _close(day)


def _short(
    held: HeldOption, strategies: tuple[str, ...], coming: ExDividend | str, times: Times
) -> ShortOption:
    dividend, why = _within(held.contract, coming)
    early = early_exercise(held, dividend, times)
    level, reasons = _judged(held, early, times.now)
    return ShortOption(
        held=held,
        strategies=strategies,
        dividend=dividend,
        no_dividend=why,
        early=early,
        pin_reach=pin_reach(held, times.now),
        level=level,
        reasons=reasons,
    )


def _within(option: OptionContract, coming: ExDividend | str) -> tuple[ExDividend | None, str]:
    """The dividend if it comes in the option's life, else why there is none."""
    if isinstance(coming, str):
        return None, coming
    if coming.eve >= option.last_trade:
        return None, f"the next ex-date, {coming.day}, comes after its last trade"
    return coming, ""


def _judged(held: HeldOption, early: EarlyExercise | Missing, now: datetime) -> tuple[Level, tuple[str, ...]]:
    """The level, and why it is not LOW; see LEVEL_RULE."""
    is_inside = held.beyond is not None and held.beyond > 0
    chance = early.probability if isinstance(early, EarlyExercise) else 0.0
    days = (held.contract.last_trade.astimezone(NEW_YORK).date() - now.astimezone(NEW_YORK).date()).days
    rules = (
        (Level.HIGH, chance >= LIKELY, f"early exercise {chance:.0%} likely"),
        (Level.HIGH, is_pinned(held, now), "the strike may pin: assignment cannot be foreseen"),
        (Level.HIGH, is_inside and days <= 0 and not held.is_cash, "in the money on its last trading day"),
        (Level.MODERATE, is_inside and days <= 0 and held.is_cash, "in the money and settled in cash today"),
        (Level.MODERATE, is_inside and POSSIBLE <= chance < LIKELY, f"early exercise {chance:.0%} likely"),
        (Level.MODERATE, is_inside and 0 < days <= SOON_DAYS, f"in the money, last trade in {days} days"),
    )
    said = [(level, words) for level, holds, words in rules if holds]
    return (said[0][0] if said else Level.LOW), tuple(words for _, words in said)


def _gravest(each: ShortOption) -> tuple[int, date, str]:
    return list(Level).index(each.level), each.held.contract.expiry, each.held.contract.label


def assigned_short(radar: Radar) -> Iterable[str]:
    """Underlyings of which an expiry, as things stand, would leave the account short of shares."""
    left = dict(radar.shares)
    for day in radar.days:
        left[day.symbol] = left.get(day.symbol, 0) + day.shares
        if day.shares < 0 and left[day.symbol] < 0:
            yield f"{day.symbol}: {-left[day.symbol]} shares short after {day.expiry}, as prices stand"


def last_hours(radar: Radar) -> Iterable[str]:
    """What trades today for the last time, and how long it is still wise to hold it."""
    for day in radar.days:
        if day.exit_by is None:
            continue
        left = math.ceil((day.exit_by - radar.as_of).total_seconds() / 60)
        when = f"{day.exit_by.astimezone(NEW_YORK):%H:%M} New York"
        yield (
            f"{day.symbol} {day.expiry} ({day.settlement}) trades today for the last time: "
            + (f"{left} minutes to {when}" if left > 0 else f"it is past {when}")
            + ", 15 minutes before its end; brokers may close out earlier what the account cannot carry"
        )
