"""What one market data line has said so far, and the quote it makes. What did not come is None."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from sumppump.domain.instruments import Instrument, OptionContract, Right, SecType
from sumppump.domain.quotes import Feed, Greeks, GreeksSource, Quote
from sumppump.tws.clock import ServerClock
from sumppump.tws.notices import LINE_ENDS, LINE_REMARKS, NOT_SUBSCRIBED
from sumppump.tws.numbers import count, price


class Tick(IntEnum):
    """TWS's tick types that we read, by their live number."""

    BID_SIZE = 0
    BID = 1
    ASK = 2
    ASK_SIZE = 3
    LAST = 4
    LAST_SIZE = 5
    HIGH = 6
    LOW = 7
    VOLUME = 8
    CLOSE = 9
    MODEL = 13
    OPEN = 14
    CALL_OPEN_INTEREST = 27
    PUT_OPEN_INTEREST = 28
    HALTED = 49


# Delayed data comes under numbers of its own.
LIVE_OF = {66: 1, 67: 2, 68: 4, 69: 0, 70: 3, 71: 5, 72: 6, 73: 7, 74: 8, 75: 9, 76: 14, 83: 13, 90: 49}
FEEDS = {1: Feed.LIVE, 2: Feed.FROZEN, 3: Feed.DELAYED, 4: Feed.DELAYED_FROZEN}
# "Not computable" for implied volatility, delta, gamma, vega, theta.
_NOT_COMPUTED = {0: -1.0, 1: -2.0, 4: -2.0, 5: -2.0, 6: -2.0}


@dataclass(slots=True, eq=False)
class TickBook:
    """Numbers of one line by tick type.

    Attributes:
        touched: monotonic seconds of the newest tick, 0 before any.
        ended: code of the error that ended the line, 0 while it runs.
        remark: what TWS said about a part that will not come.
    """

    values: dict[int, float] = field(default_factory=dict)
    greeks: Greeks | None = None
    feed: Feed = Feed.LIVE
    touched: float = 0.0
    ended: int = 0
    remark: str = ""

    def number(self, tick: int, value: float) -> None:
        """A price, size or generic tick."""
        live = LIVE_OF.get(tick)
        if live is not None and self.feed is Feed.LIVE:
            self.feed = Feed.DELAYED
        self.values[tick if live is None else live] = value
        self.touched = time.monotonic()

    def computed(self, tick: int, values: Sequence[float | None]) -> None:
        """An option computation; only the model's, and only a complete one, is kept."""
        if LIVE_OF.get(tick, tick) != Tick.MODEL:
            return
        found = _greeks(values, GreeksSource.IBKR_MODEL if tick == Tick.MODEL else GreeksSource.DELAYED_MODEL)
        if found is not None:
            self.greeks = found
            self.touched = time.monotonic()

    def failed(self, code: int, text: str) -> None:
        """An error: some end the line, some only say that a part will not come."""
        if code in LINE_REMARKS or 2100 <= code < 2200:
            self.remark = LINE_REMARKS.get(code, text)
        else:
            self.ended = code
            self.remark = f"{LINE_ENDS.get(code, text)} (TWS {code})"

    def has_market(self, instrument: Instrument) -> bool:
        """Whether both sides have been told, even as missing; an index only has a last price."""
        if instrument.sec_type is SecType.IND:
            return Tick.LAST in self.values
        return Tick.BID in self.values and Tick.ASK in self.values


def _greeks(values: Sequence[float | None], source: GreeksSource) -> Greeks | None:
    known = [None if value == _NOT_COMPUTED.get(place) else value for place, value in enumerate(values)]
    iv, delta, _, _, gamma, vega, theta, spot = known
    if iv is None or delta is None or gamma is None or vega is None or theta is None or iv <= 0:
        return None
    return Greeks(
        iv=iv, delta=delta, gamma=gamma, theta=theta, vega=vega, source=source,
        underlying_price=spot if spot is not None and spot > 0 else None,
    )  # fmt: skip


def quote(
    instrument: Instrument, book: TickBook, clock: ServerClock, *, greeks: bool, notice: str = ""
) -> Quote:
    """The market of a contract as the line tells it now."""
    values, now = book.values, clock.monotonic()
    bid, ask, last = (price(values.get(tick)) for tick in (Tick.BID, Tick.ASK, Tick.LAST))
    wants = greeks and isinstance(instrument, OptionContract)
    return Quote(
        instrument=instrument, as_of=clock.at(book.touched or now), taken=now,
        feed=Feed.NONE if book.ended in NOT_SUBSCRIBED or not book.touched else book.feed,
        bid=bid, ask=ask, last=last,
        bid_size=count(values.get(Tick.BID_SIZE)) if bid else None,
        ask_size=count(values.get(Tick.ASK_SIZE)) if ask else None,
        last_size=count(values.get(Tick.LAST_SIZE)) if last else None,
        volume=count(values.get(Tick.VOLUME)), open_interest=_open_interest(instrument, book),
        open=price(values.get(Tick.OPEN)), high=price(values.get(Tick.HIGH)),
        low=price(values.get(Tick.LOW)), close=price(values.get(Tick.CLOSE)),
        halted=values.get(Tick.HALTED, 0.0) > 0, greeks=book.greeks if wants else None,
        greeks_missing="" if not wants or book.greeks else book.remark or "the model gave none in time",
        notice="; ".join(part for part in (notice, book.remark) if part),
    )  # fmt: skip


def _open_interest(instrument: Instrument, book: TickBook) -> int | None:
    if not isinstance(instrument, OptionContract):
        return None
    call = instrument.right is Right.CALL
    return count(book.values.get(Tick.CALL_OPEN_INTEREST if call else Tick.PUT_OPEN_INTEREST))
