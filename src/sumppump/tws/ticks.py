"""What one market data line has said so far, and the quote it makes. What did not come is None."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from sumppump.domain.instruments import Instrument, OptionContract, Right, SecType
from sumppump.domain.quotes import Feed, Greeks, GreeksSource, Quote
from sumppump.tws.clock import ServerClock
from sumppump.tws.notices import PARTLY_REFUSED, OnLine, line_code
from sumppump.tws.numbers import count, price, size
from sumppump.tws.subscriptions import subscription_named


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
    LOW_52W = 19
    HIGH_52W = 20
    AVERAGE_VOLUME = 21
    OPEN_INTEREST = 22
    HISTORICAL_VOL = 23
    IMPLIED_VOL = 24
    CALL_OPEN_INTEREST = 27
    PUT_OPEN_INTEREST = 28
    CALL_VOLUME = 29
    PUT_VOLUME = 30
    HALTED = 49
    RTH_HISTORICAL_VOL = 58
    DIVIDENDS = 59
    FUTURE_OPEN_INTEREST = 86
    AVERAGE_OPTION_VOLUME = 87


# Delayed data comes under numbers of its own.
LIVE_OF = {66: 1, 67: 2, 68: 4, 69: 0, 70: 3, 71: 5, 72: 6, 73: 7, 74: 8, 75: 9, 76: 14, 83: 13, 90: 49}
FEEDS = {1: Feed.LIVE, 2: Feed.FROZEN, 3: Feed.DELAYED, 4: Feed.DELAYED_FROZEN}
# What makes a first picture; all else trades on two sides. An index only has a last price.
_SIDES = (Tick.BID, Tick.ASK)
_FIRST_PICTURE = {SecType.IND: (Tick.LAST,)}
# Where the open interest of a contract is told; the first that came counts.
_OPEN_INTEREST = {
    Right.CALL: (Tick.CALL_OPEN_INTEREST,),
    Right.PUT: (Tick.PUT_OPEN_INTEREST,),
    SecType.FUT: (Tick.FUTURE_OPEN_INTEREST, Tick.OPEN_INTEREST),
}
# "Not computable" for volatility, delta, price, present value of dividends, gamma, vega, theta, underlying.
_NOT_COMPUTED = (-1.0, -2.0, -1.0, -1.0, -2.0, -2.0, -2.0, -1.0)


@dataclass(slots=True, eq=False)
class TickBook:
    """Numbers of one line by tick type.

    Attributes:
        texts: ticks that are texts, by tick type.
        touched: monotonic seconds of the newest tick, 0 before any.
        ended: code of the error that ended the line, 0 while it runs.
        remark: what TWS said about a part that will not come.
        missing_subscription: by name, "" where none is known to be missing.
        is_partly_refused: whether TWS said that a part is not subscribed; the model's Greeks may never come.
    """

    values: dict[int, float] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    greeks: Greeks | None = None
    feed: Feed = Feed.LIVE
    touched: float = 0.0
    ended: int = 0
    remark: str = ""
    missing_subscription: str = ""
    is_partly_refused: bool = False

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

    def text(self, tick: int, value: str) -> None:
        """A tick that is a text."""
        self.texts[tick] = value
        self.touched = time.monotonic()

    def failed(self, instrument: Instrument, code: int, text: str) -> tuple[OnLine, str]:
        """An error on the line; returns what it does to the line, and the sentence for a person."""
        meant = line_code(code, text)
        missing = subscription_named(instrument, text) if meant.names_subscription else ""
        words = f"{meant.words}{f': {missing}' * bool(missing)} (TWS {code})"
        if meant.effect in (OnLine.GOES_ON, OnLine.ENDS):
            self.remark = words
            self.missing_subscription = missing or self.missing_subscription
            self.is_partly_refused |= code in PARTLY_REFUSED
            self.ended = code if meant.effect is OnLine.ENDS else self.ended
        return meant.effect, words

    def has_market(self, instrument: Instrument) -> bool:
        """Whether both sides have been told, even as missing; an index only has a last price."""
        return all(tick in self.values for tick in _FIRST_PICTURE.get(instrument.sec_type, _SIDES))


def _greeks(values: Sequence[float | None], source: GreeksSource) -> Greeks | None:
    known = (
        None if value == nothing else value for value, nothing in zip(values, _NOT_COMPUTED, strict=True)
    )
    iv, delta, _, paid, gamma, vega, theta, spot = known
    if iv is None or delta is None or gamma is None or vega is None or theta is None or iv <= 0:
        return None
    return Greeks(
        iv=iv, delta=delta, gamma=gamma, theta=theta, vega=vega, source=source,
        underlying_price=spot if spot is not None and spot > 0 else None, pv_dividend=paid,
    )  # fmt: skip


def quote(
    instrument: Instrument,
    book: TickBook,
    clock: ServerClock,
    *,
    greeks: bool,
    notice: str = "",
    stale: str = "",
) -> Quote:
    """The market of a contract as the line tells it now.

    Args:
        instrument: what the line is for.
        book: what it has said.
        clock: of the server.
        greeks: whether an option's Greeks are wanted.
        notice: what else a person should hear.
        stale: why ticks may have been missed, "" where none were.
    """
    values, now = book.values, clock.monotonic()
    bid, ask, last = (price(values.get(tick)) for tick in (Tick.BID, Tick.ASK, Tick.LAST))
    wants = greeks and isinstance(instrument, OptionContract)
    return Quote(
        instrument=instrument, as_of=clock.at(book.touched or now), taken=now,
        feed=Feed.NONE if not book.touched or (book.ended and book.missing_subscription) else book.feed,
        is_stale=bool(stale),
        bid=bid, ask=ask, last=last,
        bid_size=size(values.get(Tick.BID_SIZE)) if bid else None,
        ask_size=size(values.get(Tick.ASK_SIZE)) if ask else None,
        last_size=size(values.get(Tick.LAST_SIZE)) if last else None,
        volume=count(values.get(Tick.VOLUME)), open_interest=_open_interest(instrument, book),
        open=price(values.get(Tick.OPEN)), high=price(values.get(Tick.HIGH)),
        low=price(values.get(Tick.LOW)), close=price(values.get(Tick.CLOSE)),
        halted=values.get(Tick.HALTED, 0.0) > 0, greeks=book.greeks if wants else None,
        greeks_missing="" if not wants or book.greeks else book.remark or "the model gave none in time",
        notice="; ".join(dict.fromkeys(part for part in (notice, stale, book.remark) if part)),
        missing_subscription=book.missing_subscription,
    )  # fmt: skip


def _open_interest(instrument: Instrument, book: TickBook) -> int | None:
    kind = instrument.right if isinstance(instrument, OptionContract) else instrument.sec_type
    told = (book.values.get(tick) for tick in _OPEN_INTEREST.get(kind, ()))
    return count(next((value for value in told if value is not None), None))
