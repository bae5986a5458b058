"""What traded: prints of options, and volumes of stocks. Pure functions of seed and time, as quotes are.

An option may print every 15 seconds of a session, from the open to the close, at the bid or the ask; how
often it does depends on how liquid its class is and how far away its expiry. One that did not
print today has no last price. A stock trades all the time, at its last price. The account's own fills
leave no trace on the tape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.character import CHARACTERS
from sumppump.exchange.quotes import OptionSet, Quoter
from sumppump.exchange.randomness import key_of, uniforms
from sumppump.exchange.symbols import Underlying
from sumppump.exchange.trading_days import STEPS_PER_SECOND, TradingSession

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PRINT_STEPS = 15 * STEPS_PER_SECOND
_MINUTE_STEPS = 60 * STEPS_PER_SECOND
_MOST_OFTEN, _LEAST_OFTEN = 0.9, 0.03
_BUSIEST_LOT = 140.0
_FADING_DAYS = 120.0
_DAYS_KEPT = 512
_PRINT_SHARE = 0.12  # of a typical displayed size


@dataclass(frozen=True, slots=True)
class Prints:
    """Prints of some options, arrays of print times by options; size 0 where none happened."""

    steps: Ints
    price: Ints
    size: Ints


def prints_until(step: int) -> int:
    """How many print times there were up to and including this step."""
    return step // PRINT_STEPS + 1


class Tape:
    """Prints and volumes."""

    def __init__(self, quoter: Quoter) -> None:
        self._quoter = quoter
        seed = quoter.market.seed
        self._often_key = key_of(seed, "print")
        self._side_key = key_of(seed, "print side")
        self._size_key = key_of(seed, "print size")
        self._volume_key = key_of(seed, "volume")
        self._interest_key = key_of(seed, "interest")
        self._days: dict[tuple[str, date], Ints] = {}

    # -- options ----------------------------------------------------------------------------
    def prints(self, options: OptionSet, session: TradingSession, first: int, count: int) -> Prints:
        """The print times `first` to `first + count - 1` of a session."""
        steps = np.arange(first, first + count, dtype=np.int64) * PRINT_STEPS
        tops = self._quoter.option_tops(options, session, steps, self._quoter.priced(options, session, steps))
        seconds = (session.open_ms // 1000 + steps // STEPS_PER_SECOND)[:, None]
        happens = uniforms(self._often_key, options.con_ids, seconds) < self._frequency(options, session)
        bought = uniforms(self._side_key, options.con_ids, seconds) < 0.5
        price = np.where(bought | (tops.bid == 0), tops.ask, tops.bid)
        draw = uniforms(self._size_key, options.con_ids, seconds)
        size = 1 + (options.lot * _PRINT_SHARE * draw**3).astype(np.int64)
        return Prints(steps, price, np.where(happens, size, 0))

    def _frequency(self, options: OptionSet, session: TradingSession) -> Floats:
        days = (options.last_ms - session.open_ms) / 86_400_000.0
        often: Floats = np.clip(
            options.lot / _BUSIEST_LOT * np.exp(-days / _FADING_DAYS), _LEAST_OFTEN, _MOST_OFTEN
        )
        return often

    def open_interest(self, options: OptionSet, day: date, spots: Floats) -> Ints:
        """Contracts open, fixed for the day; `spots` are the levels that the distance is measured from."""
        draw = uniforms(self._interest_key, options.con_ids, day.toordinal())
        distance = np.abs(np.log(options.strike / spots))
        round_strike = np.where(options.strike % 10 == 0, 3.0, np.where(options.strike % 5 == 0, 1.8, 1.0))
        interest: Ints = (options.lot * 60.0 * round_strike * draw * np.exp(-8.0 * distance)).astype(np.int64)
        return interest

    # -- stocks -----------------------------------------------------------------------------
    def minute_volumes(self, under: Underlying, session: TradingSession) -> Ints:
        """Shares traded in each minute of a session."""
        known = self._days.get((under.symbol, session.day))
        if known is None:
            minutes = session.seconds // 60
            middle = (np.arange(minutes) + 0.5) / minutes
            shape = 0.55 + 1.8 * (2.0 * middle - 1.0) ** 4 + 0.35 * (2.0 * middle - 1.0) ** 2
            opened = session.open_ms // 60_000
            draw = uniforms(self._volume_key, under.con_id, np.arange(opened, opened + minutes))
            volumes = CHARACTERS[under.symbol].daily_volume * shape / shape.sum() * (0.6 + 0.8 * draw)
            known = volumes.astype(np.int64)
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            self._days[under.symbol, session.day] = known
        return known

    def volumes_until(self, under: Underlying, session: TradingSession, steps: Ints) -> Ints:
        """Shares traded up to these steps; within a minute in proportion to the time passed."""
        volumes = self.minute_volumes(under, session)
        whole = np.concatenate([[0], np.cumsum(volumes)])
        minutes, rest = np.divmod(steps, _MINUTE_STEPS)
        passing = np.append(volumes, 0)[minutes] * rest // _MINUTE_STEPS
        until: Ints = whole[minutes] + passing
        return until
