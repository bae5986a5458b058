"""What exercise and assignment may do: early for a dividend or for interest, and on the last day. Pure.

Early exercise pays where it brings more than holding on. For a call that can only be just before a dividend:
the share loses the dividend, the exercised call does not. For a put it can be on any day, because the strike
earns interest. European options are exercised at expiry alone.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from sumppump.domain.instruments import SECONDS_PER_YEAR, OptionContract, Right
from sumppump.domain.missing import Missing
from sumppump.domain.pricing import american_prices, european_prices
from sumppump.domain.pricing.normal import Array, normal_cdf
from sumppump.domain.schedule import REGULAR_OPEN
from sumppump.kernel.clock import NEW_YORK

# A put whose time value is less than half a cent is as good as exercised: no order can be placed for it.
NO_TIME_VALUE = 0.005
# OCC exercises what is in the money by a cent or more at expiry (Rule 805), unless the holder says otherwise.
AUTOMATIC = Decimal("0.01")
# So long before its last trade (15:45 on a full day) what expires today is best closed or rolled; before that
# brokers may close out what an account could not carry through expiry, at no announced time. Our own margin.
EXIT_BEFORE = timedelta(minutes=15)
NO_DIVIDEND = "no dividend is known before its expiry, and a call without one is worth more than its exercise"
NO_PRICE = "at no price does exercise then bring more than holding"
EUROPEAN = "European: it can be exercised at expiry only"
_POINTS, _DEVIATIONS = 97, 8.0
_PER_YEAR = float(SECONDS_PER_YEAR)

Later = Sequence[tuple[datetime, float]]
"""Moments from which shares trade without a dividend, and its cash per share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOption:
    """A position in an option, with what its exercise is judged by.

    Attributes:
        quantity: contracts, signed.
        spot, price: of the underlying and of the option, per share; None where unknown.
        vol: per year. is_american: it may be exercised early. is_cash: no shares change hands.
    """

    contract: OptionContract
    quantity: int
    spot: Decimal | None
    price: Decimal | None = None
    vol: float | None = None
    is_american: bool = True
    is_cash: bool = False

    @property
    def beyond(self) -> Decimal | None:
        """How far it is in the money per share; below 0 out of it."""
        if self.spot is None:
            return None
        away = self.spot - self.contract.strike
        return away if self.contract.right is Right.CALL else -away

    @property
    def intrinsic(self) -> Decimal | None:
        """What exercise brings per share, at least 0."""
        return None if self.beyond is None else max(Decimal(0), self.beyond)

    @property
    def extrinsic(self) -> Decimal | None:
        """What it costs beyond its intrinsic value per share; quotes can leave it a little under 0."""
        return None if self.price is None or self.intrinsic is None else self.price - self.intrinsic

    @property
    def settles_at_open(self) -> bool:
        """Whether it settles on the opening prints of its expiry and last trades the day before."""
        return self.contract.last_trade.astimezone(NEW_YORK).date() < self.contract.expiry

    @property
    def settlement(self) -> str:
        """For example `PM, shares` or `AM, cash`."""
        return f"{'AM' if self.settles_at_open else 'PM'}, {'cash' if self.is_cash else 'shares'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExDividend:
    """A coming dividend: `eve` is the close of the last trading day before its ex-date; cash per share."""

    day: date
    amount: float
    eve: datetime

    @property
    def falls(self) -> datetime:
        """When the share first trades without it: the opening of the ex-date, New York."""
        return datetime.combine(self.day, REGULAR_OPEN, NEW_YORK)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyExercise:
    """How likely early exercise pays.

    Attributes:
        at: the close that it is asked for; None where it never pays.
        beyond: price of the underlying from which exercise brings more than holding; None for no price.
        probability: risk-neutral, that it closes beyond that price; lognormal, at the option's volatility.
        why: the rule in words.
    """

    probability: float
    at: datetime | None = None
    beyond: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Moments and interest: now, today's close, rate and dividend yield per year (continuous)."""

    now: datetime
    tonight: datetime
    rate: float
    dividend_yield: float = 0.0


def early_exercise(
    held: HeldOption, dividend: ExDividend | None, times: Times, later: Later = ()
) -> EarlyExercise | Missing:
    """How likely it is that the holder does well to exercise before expiry.

    Args:
        held: the position; either side of it.
        dividend: the next one known, None for none.
        times: a call is judged on the eve of its dividend, a put tonight: its question comes anew every day.
        later: ex-dates after that one with their cash per share: who keeps the option reckons with them.
    """
    if not held.is_american:
        return EarlyExercise(probability=0.0, why=EUROPEAN)
    if held.spot is None or held.vol is None or not held.vol > 0:
        return Missing("no_volatility", "the underlying's price or the option's volatility is not known")
    if held.contract.right is Right.PUT:
        return _of_put(held, dividend, times, later)
    if dividend is None or dividend.eve >= held.contract.last_trade:
        return EarlyExercise(probability=0.0, why=NO_DIVIDEND)
    return _of_call(held, dividend, times, later)


def _of_call(held: HeldOption, dividend: ExDividend, times: Times, later: Later) -> EarlyExercise:
    strike, vol = float(held.contract.strike), held.vol or 0.0
    years, coming = held.contract.years(dividend.eve), _cash(later, dividend.eve)

    def gain(prices: Array) -> Array:
        after = np.maximum(prices - dividend.amount, 1e-9)
        inputs = (after, strike, years, times.rate, times.dividend_yield, vol, True)
        # Without a payment still to come the call is held to its end.
        kept = american_prices(*inputs, dividends=coming, steps=50) if coming else european_prices(*inputs)
        return np.asarray(prices - strike - kept)

    reach = strike * math.exp(min(_DEVIATIONS * vol * math.sqrt(years), 3.0)) + dividend.amount
    beyond = _first(gain, strike, reach)
    return EarlyExercise(
        probability=0.0 if beyond is None else 1.0 - _below(held, beyond, dividend.eve, times),
        at=dividend.eve,
        beyond=beyond,
        why=NO_PRICE
        if beyond is None
        else "above it on the eve of the ex-date exercise brings more than the call",
    )


def _of_put(held: HeldOption, dividend: ExDividend | None, times: Times, later: Later) -> EarlyExercise:
    strike, vol = float(held.contract.strike), held.vol or 0.0
    years = held.contract.years(times.tonight)
    if years <= 0:
        return EarlyExercise(probability=0.0, why="it expires today: only the close counts")
    # By its opening and not by its eve: whoever exercises tonight has not yet gained the fall of the share.
    to_come = [] if dividend is None else [(_years(times.tonight, dividend.falls), dividend.amount)]
    coming = [pair for pair in (*to_come, *_cash(later, times.tonight)) if pair[0] > 0]

    def gain(mirrored: Array) -> Array:
        prices = strike - mirrored
        inputs = (prices, strike, years, times.rate, times.dividend_yield, vol, False)
        kept = american_prices(*inputs, dividends=coming, steps=100)
        return np.asarray(mirrored - kept + NO_TIME_VALUE)

    depth = _first(gain, 0.0, strike * 0.95)
    beyond = None if depth is None else strike - depth
    return EarlyExercise(
        probability=0.0 if beyond is None else _below(held, beyond, times.tonight, times),
        at=times.tonight,
        beyond=beyond,
        why=NO_PRICE
        if beyond is None
        else "below it tonight the put has no time value, its strike earns interest",
    )


def _first(gain: Callable[[Array], Array], low: float, high: float) -> float | None:
    """Where `gain` reaches 0 for good, to a ten-millionth of the range; None for nowhere."""
    for _ in range(4):
        places = np.linspace(low, high, _POINTS)
        reached = gain(places) >= 0
        if not reached[-1]:
            return None
        first = int(np.flatnonzero(~reached)[-1]) + 1 if not reached.all() else 0
        if first == 0:
            return float(places[0])
        low, high = float(places[first - 1]), float(places[first])
    return high


def _below(held: HeldOption, level: float, at: datetime, times: Times) -> float:
    """Probability of closing below `level` at that moment; what is past is certain."""
    years, spot, vol = _years(times.now, at), float(held.spot or 0), held.vol or 0.0
    if years <= 0:
        return float(spot < level)
    spread = vol * math.sqrt(years)
    place = (math.log(level / spot) - (times.rate - times.dividend_yield) * years) / spread + spread / 2
    return float(normal_cdf(np.array([place]))[0])


def _cash(later: Later, start: datetime) -> list[tuple[float, float]]:
    return [(_years(start, day), cash) for day, cash in later]


def _years(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / _PER_YEAR


def pin_reach(held: HeldOption, now: datetime) -> float | None:
    """Half of the move to be expected until the last trade, currency per share; on the last day only.

    Whoever is short cannot know whether a strike within it will be assigned. None on other days, without a
    volatility, for what settles on tomorrow's opening prints, and in cash: no shares hang on its side.
    """
    left = held.contract.years(now)
    if held.is_cash or not is_last_day(held.contract, now) or held.settles_at_open:
        return None
    if held.spot is None or held.vol is None or left <= 0:
        return None
    return 0.5 * float(held.spot) * held.vol * math.sqrt(left)


def is_last_day(option: OptionContract, now: datetime) -> bool:
    """Whether it trades today for the last time, by New York's calendar."""
    return option.last_trade.astimezone(NEW_YORK).date() == now.astimezone(NEW_YORK).date()


def is_pinned(held: HeldOption, now: datetime) -> bool:
    """Whether the strike is within reach of a pin."""
    reach = pin_reach(held, now)
    return reach is not None and held.beyond is not None and abs(float(held.beyond)) <= reach


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryDay:
    """What the options of one underlying and day do if the underlying stays where it is.

    Attributes:
        settlement: as of `HeldOption`.
        shares: that come in (+) or go out (-), net. cash: received (+) or paid (-), settlement included.
        assigned, exercised: written and held contracts that are in the money, in words.
        unknown: contracts whose underlying has no price.
        may: contracts within reach of a pin: they may end on either side of their strike.
        exit_by: on the last day, `EXIT_BEFORE` the last trade.
    """

    symbol: str
    expiry: date
    settlement: str
    shares: int
    cash: Decimal
    assigned: tuple[str, ...]
    exercised: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    exit_by: datetime | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happens on it, as prices stand, and it is not today."""
        return not (self.assigned or self.exercised or self.unknown or self.may or self.exit_by)


def expiry_days(options: Iterable[HeldOption], now: datetime) -> tuple[ExpiryDay, ...]:
    """Days on which something happens or may, the nearest first, and today in any case.

    Long options are exercised by exception.
    """
    groups: dict[tuple[date, str, str], list[HeldOption]] = defaultdict(list)
    for held in options:
        groups[held.contract.expiry, held.contract.symbol, held.settlement].append(held)
    days = (_expiry_day(*key, groups[key], now) for key in sorted(groups))
    return tuple(day for day in days if not day.is_quiet)


def _expiry_day(
    expiry: date, symbol: str, settlement: str, options: Sequence[HeldOption], now: datetime
) -> ExpiryDay:
    happening = [each for each in options if each.beyond is not None and each.beyond >= AUTOMATIC]
    return ExpiryDay(
        symbol=symbol,
        expiry=expiry,
        settlement=settlement,
        shares=sum(shares_moved(each) for each in happening),
        cash=sum((_cash_moved(each) for each in happening), start=Decimal(0)),
        assigned=tuple(_words(each) for each in happening if each.quantity < 0),
        exercised=tuple(_words(each) for each in happening if each.quantity > 0),
        unknown=tuple(_words(each) for each in options if each.beyond is None),
        may=tuple(_words(each) for each in options if is_pinned(each, now)),
        exit_by=_exit_by([each.contract for each in options], now),
    )


def _exit_by(options: Iterable[OptionContract], now: datetime) -> datetime | None:
    """Until when what trades today for the last time is best closed; None on other days and after it."""
    last = [each.last_trade for each in options if is_last_day(each, now) and each.last_trade > now]
    return min(last) - EXIT_BEFORE if last else None


def shares_moved(held: HeldOption) -> int:
    """Shares that exercise or assignment of all of it brings (+) or takes (-); none in cash settlement."""
    if held.is_cash:
        return 0
    sign = 1 if held.contract.right is Right.CALL else -1
    return sign * held.quantity * held.contract.multiplier


def _cash_moved(held: HeldOption) -> Decimal:
    if held.is_cash:
        return (held.intrinsic or Decimal(0)) * held.quantity * held.contract.multiplier
    return -shares_moved(held) * held.contract.strike


def _words(held: HeldOption) -> str:
    return f"{held.quantity:+d} {held.contract.label}"
