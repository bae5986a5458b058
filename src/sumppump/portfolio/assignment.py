"""The assignment radar: written options that may be exercised against us, and what expiry brings or takes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sumppump.data.announced import ExDates
from sumppump.data.ex_dates import coming_dividend, next_close
from sumppump.data.off_loop import off_loop
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
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.portfolio.carries import Carries, is_american
from sumppump.portfolio.holdings import HeldLeg, HeldStrategy, Holdings
from sumppump.portfolio.positions import PortfolioService
from sumppump.ports.market import ContractDirectory, MarketData

LIKELY, POSSIBLE, SOON_DAYS = 0.5, 0.1, 7


class Level(StrEnum):
    """How near an assignment is; `LEVEL_RULE` says when which."""

    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"


LEVEL_RULE = (
    f"HIGH: early exercise is {LIKELY:.0%} likely or more, the strike may pin, or it is in the money on its "
    f"last trading day and brings shares; MODERATE: in the money, and early exercise {POSSIBLE:.0%} likely, "
    f"its last trade within {SOON_DAYS} days, or on its last trading day, settling in cash; LOW: all else"
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
        carries: by symbol what exercise was weighed with: rates, yields, dividends.
    """

    shorts: tuple[ShortOption, ...]
    days: tuple[ExpiryDay, ...]
    shares: Mapping[str, int]
    as_of: datetime
    carries: Carries
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
        dates = await self.holdings.dividends.of(beneath, self.market, self.clock)
        kinds = {each.symbol: each for each in beneath}
        return await off_loop(_radar, holdings, kinds, dates, self.clock.now())


def _with_options(holdings: Holdings) -> list[str]:
    options = (leg for each in holdings.strategies for leg in each.legs if _is_option(leg))
    return sorted({leg.instrument.symbol for leg in options})


def _is_option(leg: HeldLeg) -> bool:
    return isinstance(leg.instrument, OptionContract)


def _radar(holdings: Holdings, kinds: Mapping[str, Underlying], dates: ExDates, now: datetime) -> Radar:
    """Prices trees: for a worker thread."""
    options = held_options(holdings, kinds)
    coming = {symbol: _coming(dates[symbol], now) for symbol in kinds}
    shorts = (
        _short(held, names, coming[held.contract.symbol], holdings.carries, now)
        for held, names in options
        if held.quantity < 0
    )
    return Radar(
        shorts=tuple(sorted(shorts, key=_gravest)),
        days=expiry_days((held for held, _ in options), now),
        shares=_shares(holdings),
        as_of=holdings.as_of,
        carries=holdings.carries,
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
    beneath = kinds[option.symbol]
    return HeldOption(
        contract=option,
        quantity=sum(each.quantity for _, each in parts),
        spot=strategy.spot,
        price=None if leg.price is None else leg.price.amount,
        vol=None if leg.greeks is None else leg.greeks.iv,
        is_american=is_american(beneath),
        is_cash=beneath.sec_type is SecType.IND,
    )


def _shares(holdings: Holdings) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for position in holdings.positions:
        if position.instrument.sec_type is SecType.STK:
            counts[position.instrument.symbol] += position.quantity
    return counts


def _coming(dividends: Dividends | Missing, now: datetime) -> ExDividend | str:
    """The next dividend with the close before it, or why there is none."""
    if isinstance(dividends, Missing):
        return dividends.reason
    return coming_dividend(dividends, now) or "the broker has announced no further dividend"


def _short(
    held: HeldOption,
    strategies: tuple[str, ...],
    coming: ExDividend | str,
    carries: Carries,
    now: datetime,
) -> ShortOption:
    dividend, why = _within(held.contract, coming)
    assume = carries.get(held.contract.symbol, Assumptions())
    own = assume.until(held.contract.settles)
    times = Times(
        now=now,
        tonight=next_close(now.astimezone(NEW_YORK).date()),
        rate=own.rate,
        dividend_yield=own.dividend_yield,
    )
    later = [
        (each.ex, each.cash)
        for each in assume.dividends
        if dividend is not None
        and each.ex <= held.contract.settles
        and each.ex.astimezone(NEW_YORK).date() > dividend.day
    ]
    early = early_exercise(held, dividend, times, later)
    level, reasons = _judged(held, early, now)
    return ShortOption(
        held=held,
        strategies=strategies,
        dividend=dividend,
        no_dividend=why,
        early=early,
        pin_reach=pin_reach(held, now),
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
    ends_inside = is_inside and days <= 0
    rules = (
        (Level.HIGH, chance >= LIKELY, f"early exercise {chance:.0%} likely"),
        (Level.HIGH, is_pinned(held, now), "the strike may pin: assignment cannot be foreseen"),
        (Level.HIGH, ends_inside and not held.is_cash, "in the money on its last trading day"),
        (
            Level.MODERATE,
            ends_inside and held.is_cash,
            "in the money on its last trading day, settles in cash",
        ),
        (Level.MODERATE, is_inside and POSSIBLE <= chance < LIKELY, f"early exercise {chance:.0%} likely"),
        (
            Level.MODERATE,
            is_inside and 0 < days <= SOON_DAYS,
            f"in the money, last trade in {days} day{'s' if days > 1 else ''}",
        ),
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
