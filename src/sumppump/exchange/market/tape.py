"""What traded: prints of options and of stocks. Pure functions of seed and time, as quotes are.

An option may print every 15 seconds of a session, from the open to the close, at the bid or the ask; how
often it does and how much follows from the demand for it, and what nobody bids for hardly trades. One that
did not print today has no last price. A stock prints once in every second that has volume, at the moment at
which the second's price shows; the open and the close are auctions. Last prices, volumes and bars are made
of exactly these prints. The account's own fills leave no trace on the tape.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.hours import HoursKind, end_of_trading, next_opening
from sumppump.exchange.calendar.trading_days import STEPS_PER_SECOND, TradingSession
from sumppump.exchange.listing.symbols import Underlying
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.kept import Kept
from sumppump.exchange.market.market import last_units
from sumppump.exchange.market.months import month_share
from sumppump.exchange.market.option_demand import OptionDemand
from sumppump.exchange.market.option_set import OptionSet
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.randomness import key_of, normals, uniforms

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PRINT_STEPS = 15 * STEPS_PER_SECOND
_MINUTE_S = 60
_MOST_OFTEN, _LEAST_OFTEN = 0.9, 1e-9
_WITHOUT_BID = 0.03  # of the demand that is met where nobody bids
_INTEREST_DAYS = 12  # in which the open interest of an option turns over
_USUALLY_TURNED = 0.25 + 1.0 / (12 * _INTEREST_DAYS)  # mean of the square of the mean of so many draws
_DAYS_KEPT = 512
_TOTALS_KEPT = 16 << 20  # bytes
_SECONDS_KEPT = 48  # days
_OPENING_SHARE, _CLOSING_SHARE = 0.012, 0.07  # of a day's volume, in the two auctions
_DAY_S = 86_400
_NIGHT_SHARE, _OTHER_NIGHT_SHARE = 0.03, 0.12  # of shares, and of what trades around the clock
_EVENING_FADES, _MORNING_FADES, _DEAD = 45, 75, 0.02  # minutes, and what is left of either at its farthest
_RUSH_FADES = 0.07  # of the session
_DAY_LUCK = 0.22  # standard deviation of the logarithm of a day's volume


@dataclass(frozen=True, slots=True)
class Prints:
    """Prints of some instruments, arrays of print times by instruments; size 0 where none happened."""

    steps: Ints
    price: Ints
    size: Ints


def _trading_seconds(under: Underlying, night: TradingSession) -> NDArray[np.bool_]:
    """Which seconds of a night its hours allow trading in."""
    on = np.zeros(night.seconds, dtype=bool)
    moment = night.open_ms
    while (moment := next_opening(under.hours, moment)) < night.close_ms:
        ends = end_of_trading(under.hours, moment)
        on[(moment - night.open_ms) // 1000 : (ends - night.open_ms) // 1000] = True
        moment = ends
    return on


def _share(under: Underlying, session: TradingSession) -> float:
    """The part of a day's volume that is traded in a session without its auctions, or in a night."""
    if under.hours is HoursKind.CRYPTO:
        return session.seconds / _DAY_S
    if session.is_regular:
        return 1.0 - _OPENING_SHARE - _CLOSING_SHARE
    return _NIGHT_SHARE if under.hours is HoursKind.STOCK else _OTHER_NIGHT_SHARE


def _shape(minutes: int) -> Floats:
    """How a session's volume lies over its minutes: a rush after the open, more and more to the close."""
    middle = (np.arange(minutes) + 0.5) / minutes
    shape: Floats = 0.62 + np.exp(-middle / _RUSH_FADES) + 1.6 * middle**10
    return shape


def _shared_out(minutes: Ints, draw: Floats) -> Ints:
    """Each minute's volume over its seconds, in parts that are exponential; `draw` is its own to change."""
    np.log1p(np.negative(draw, out=draw), out=draw)
    np.negative(draw, out=draw)
    done = np.cumsum(draw, axis=1, out=draw)
    done /= done[:, -1:].copy()
    done *= minutes[:, None]
    until = done.astype(np.int64)
    until[:, -1] = minutes
    until[:, 1:] -= until[:, :-1].copy()
    return until


def _night_shape(under: Underlying, night: TradingSession) -> Floats:
    """How a night's volume lies over its minutes: it fades after the close and grows towards the open.

    What trades around the clock has more in between. The shape is our decision (unverified).
    """
    minutes = night.seconds // _MINUTE_S
    if under.hours is HoursKind.CRYPTO:
        return np.ones(minutes)
    since = np.arange(minutes) + 0.5
    shape = np.exp(-since / _EVENING_FADES) + np.exp((since - minutes) / _MORNING_FADES)
    shape += _DEAD if under.hours is HoursKind.STOCK else 10.0 * _DEAD
    open_minutes: Floats = shape * _trading_seconds(under, night).reshape(-1, _MINUTE_S)[:, 0]
    return open_minutes


def prints_until(step: int) -> int:
    """How many print times there were up to and including this step."""
    return step // PRINT_STEPS + 1


class Tape:
    """Prints and volumes."""

    def __init__(self, quoter: Quoter) -> None:
        self._quoter = quoter
        self._demand = OptionDemand(quoter.market)
        seed = quoter.market.seed
        self._often_key = key_of(seed, "print")
        self._side_key = key_of(seed, "print side")
        self._size_key = key_of(seed, "print size")
        self._volume_key = key_of(seed, "volume")
        self._day_key = key_of(seed, "day volume")
        self._interest_key = key_of(seed, "interest")
        self._split_key = key_of(seed, "volume of a second")
        self._day_volumes: dict[tuple[str, date], float] = {}
        self._days: dict[tuple[str, int], Ints] = {}
        self._seconds: OrderedDict[tuple[str, int], Ints] = OrderedDict()
        self._totals: Kept[tuple[str, int], Ints] = Kept(_TOTALS_KEPT)

    # -- options ----------------------------------------------------------------------------
    def prints(self, options: OptionSet, session: TradingSession, first: int, count: int) -> Prints:
        """The print times `first` to `first + count - 1` of a session."""
        steps = np.arange(first, first + count, dtype=np.int64) * PRINT_STEPS
        priced = self._quoter.priced(options, session, steps)
        tops = self._quoter.option_tops(options, session, steps, priced)
        seconds = (session.open_ms // 1000 + steps // STEPS_PER_SECOND)[:, None]
        bought = uniforms(self._side_key, options.con_ids, seconds) < 0.5
        price = np.where(bought | (tops.bid == 0), tops.ask, tops.bid)
        wanted = self._demand.volume(options, session, priced.terms.spot) / prints_until(session.last_step)
        wanted *= np.where(tops.bid == 0, _WITHOUT_BID, 1.0)
        often = np.clip(wanted / (1.0 + np.sqrt(wanted)), _LEAST_OFTEN, _MOST_OFTEN)
        happens = uniforms(self._often_key, options.con_ids, seconds) < often
        draw = uniforms(self._size_key, options.con_ids, seconds)
        size = 1 + (4.0 * np.maximum(wanted / often - 1.0, 0.0) * draw**3 + 0.5).astype(np.int64)
        return Prints(steps, price, np.where(happens, size, 0))

    def open_interest(self, options: OptionSet, day: date, spots: Floats) -> Ints:
        """Contracts open at the day's beginning: each day's trading changes a part of them.

        Args:
            options: which.
            day: the trading day.
            spots: closes of the day before, from which the distance to the money is measured.
        """
        days = np.arange(day.toordinal() - _INTEREST_DAYS, day.toordinal(), dtype=np.int64)[:, None]
        turned = uniforms(self._interest_key, options.con_ids, days).mean(axis=0) ** 2
        interest: Ints = (self._demand.interest(options, day, spots) * turned / _USUALLY_TURNED).astype(
            np.int64
        )
        return interest

    # -- stocks -----------------------------------------------------------------------------
    def minute_volumes(self, under: Underlying, session: TradingSession) -> Ints:
        """Shares traded in each minute of a session, without the auctions."""
        known = self._days.get((under.symbol, session.open_ms))
        if known is None:
            minutes = session.seconds // _MINUTE_S
            shape = _shape(minutes) if session.is_regular else _night_shape(under, session)
            opened = session.open_ms // 60_000
            draw = uniforms(self._volume_key, under.con_id, np.arange(opened, opened + minutes))
            share = _share(under, session)
            part = share * shape / max(float(shape.sum()), 1.0)
            volumes = self.day_volume(under, session.day) * part * (0.6 + 0.8 * draw)
            known = volumes.astype(np.int64)
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            self._days[under.symbol, session.open_ms] = known
        return known

    def second_volumes(self, under: Underlying, session: TradingSession) -> Ints:
        """Shares printed in each second of a session: the auctions in the first and the last."""
        known = self._seconds.get((under.symbol, session.open_ms))
        if known is None:
            known = self._seconds[under.symbol, session.open_ms] = self._split(under, session)
            if len(self._seconds) > _SECONDS_KEPT:
                self._seconds.popitem(last=False)
        return known

    def _split(self, under: Underlying, session: TradingSession) -> Ints:
        """Each minute's volume over its seconds, most of it in a few of them."""
        minutes = self.minute_volumes(under, session)
        opened = session.open_ms // 1000
        draw = uniforms(self._split_key, under.con_id, np.arange(opened, opened + len(minutes) * _MINUTE_S))
        seconds = np.zeros(session.seconds + 1, dtype=np.int64)
        seconds[: draw.size] = _shared_out(minutes, draw.reshape(-1, _MINUTE_S)).ravel()
        if session.is_regular:
            seconds[-1] = self._auction(under, session.day, _CLOSING_SHARE)
            seconds[0] += self._auction(under, session.day, _OPENING_SHARE)
        else:
            seconds[:-1] *= _trading_seconds(under, session)
        return seconds

    def session_volume(self, under: Underlying, session: TradingSession) -> int:
        """Shares printed in a regular session, its auctions with it: the sum of `second_volumes`."""
        auctions = (self._auction(under, session.day, share) for share in (_OPENING_SHARE, _CLOSING_SHARE))
        return int(self.minute_volumes(under, session).sum()) + sum(auctions)

    def day_volume(self, under: Underlying, day: date) -> float:
        """Shares that a day is good for: more of them when prices move, and some days for no reason."""
        known = self._day_volumes.get((under.symbol, day))
        if known is None:
            known = self._drawn_day_volume(under, day)
            if len(self._day_volumes) >= _DAYS_KEPT:
                self._day_volumes.clear()
            self._day_volumes[under.symbol, day] = known
        return known

    def _drawn_day_volume(self, under: Underlying, day: date) -> float:
        luck = float(normals(self._day_key, day.toordinal(), under.con_id)[0])
        busy = self._quoter.market.activity(under.symbol, day)
        usual = CHARACTERS[under.symbol].daily_volume * month_share(under.symbol, day)
        return usual * busy * math.exp(_DAY_LUCK * luck - _DAY_LUCK**2 / 2)

    def _auction(self, under: Underlying, day: date, share: float) -> int:
        return int(self.day_volume(under, day) * share)

    def volumes_until(self, under: Underlying, session: TradingSession, steps: Ints) -> Ints:
        """Shares printed up to and including these steps."""
        seen = self._quoter.market.seconds_seen(under.symbol, session, steps)
        key = (under.symbol, session.open_ms)
        until: Ints = self._totals.get(key, lambda: np.cumsum(self.second_volumes(under, session)))[seen]
        return until

    def stock_prints(self, under: Underlying, session: TradingSession, first: int, end: int) -> Prints:
        """The prints of one stock at the steps from `first` until before `end`; none has size 0."""
        seconds = np.arange(first // STEPS_PER_SECOND, max(end - 1, 0) // STEPS_PER_SECOND + 1)
        steps = self._print_steps(under, session, seconds)
        size = self.second_volumes(under, session)[seconds]
        inside = (steps >= first) & (steps < end) & (size > 0)
        levels = self._quoter.market.levels(under.symbol, session)[seconds[inside]]
        last = last_units(under, levels)
        return Prints(steps[inside], last[:, None], size[inside, None])

    def prints_by_second(self, under: Underlying, session: TradingSession, first: int, end: int) -> Prints:
        """As `stock_prints`, much faster, for whole seconds: each print at the first step of its second."""
        size = self.second_volumes(under, session)[first:end]
        (printed,) = np.nonzero(size)
        last = last_units(under, self._quoter.market.levels(under.symbol, session)[first:end][printed])
        return Prints((first + printed) * STEPS_PER_SECOND, last[:, None], size[printed, None])

    def published_by_second(self, under: Underlying, session: TradingSession, first: int, end: int) -> Prints:
        """As `published`, much faster, for whole seconds: each level at the first step of its second."""
        last = last_units(under, self._quoter.market.levels(under.symbol, session)[first:end])
        steps = np.arange(first, first + len(last), dtype=np.int64) * STEPS_PER_SECOND
        return Prints(steps, last[:, None], np.zeros((len(last), 1), dtype=np.int64))

    def published(self, under: Underlying, session: TradingSession, first: int, end: int) -> Prints:
        """The levels of what is computed and not traded, one a second and of size 0, as `stock_prints`."""
        seconds = np.arange(first // STEPS_PER_SECOND, max(end - 1, 0) // STEPS_PER_SECOND + 1)
        steps = self._print_steps(under, session, seconds)
        inside = (steps >= first) & (steps < end)
        last = last_units(under, self._quoter.market.levels(under.symbol, session)[seconds[inside]])
        return Prints(steps[inside], last[:, None], np.zeros((len(last), 1), dtype=np.int64))

    def _print_steps(self, under: Underlying, session: TradingSession, seconds: Ints) -> Ints:
        """The step of each second at which its price shows first."""
        quarters = seconds[:, None] * STEPS_PER_SECOND + np.arange(STEPS_PER_SECOND)
        steps = np.minimum(quarters, session.last_step)
        seen = self._quoter.market.seconds_seen(under.symbol, session, steps.ravel())
        late: Ints = (seen.reshape(steps.shape) < seconds[:, None]).sum(axis=1)
        return seconds * STEPS_PER_SECOND + late

    def last_print(self, under: Underlying, session: TradingSession, step: int) -> tuple[int, int]:
        """Step and size of the newest print up to and including this step; (0, 0) before the first."""
        seen = int(self._quoter.market.seconds_seen(under.symbol, session, np.array([step]))[0])
        volumes = self.second_volumes(under, session)
        while seen > 0 and not volumes[seen]:
            seen -= 1
        at = self._print_steps(under, session, np.array([seen], dtype=np.int64))
        return int(at[0]), int(volumes[seen])
