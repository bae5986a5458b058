"""What the broker says of an underlying beside its prices: generic ticks, taken from a line of their own."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.statistics import ALL_FIGURES, Dividends, Figure, MarketStatistics
from sumppump.ports.market import Need
from sumppump.tws.line import Line
from sumppump.tws.lines import LineBudget
from sumppump.tws.numbers import count, finite
from sumppump.tws.settings import TwsSettings
from sumppump.tws.ticks import Tick, TickBook

INCORRECT_LIST = 321
UNLISTED = 104  # documented, but not on the list that TWS prints when it refuses one (321): then left out
_ASKED = {
    Figure.OPTION_VOLUME: ((100,), {Tick.CALL_VOLUME, Tick.PUT_VOLUME}),
    Figure.OPEN_INTEREST: ((101,), {Tick.CALL_OPEN_INTEREST, Tick.PUT_OPEN_INTEREST}),
    Figure.HISTORICAL_VOL: ((UNLISTED, 411), set[Tick]()),  # one of two will do
    Figure.AVERAGE_OPTION_VOLUME: ((105,), {Tick.AVERAGE_OPTION_VOLUME}),
    Figure.IMPLIED_VOL: ((106,), {Tick.IMPLIED_VOL}),
    Figure.RANGE_AND_VOLUME: ((165,), {Tick.LOW_52W, Tick.HIGH_52W, Tick.AVERAGE_VOLUME}),
    Figure.DIVIDENDS: ((456,), set[Tick]()),  # a text, and many pay none
}
"""The generic ticks that bring a figure, and the ticks that come for it."""
# What a kind never has.
_NEVER = {SecType.IND: frozenset({Tick.AVERAGE_VOLUME})}
_HISTORICAL = (Tick.HISTORICAL_VOL, Tick.RTH_HISTORICAL_VOL)
HUNDREDS_OF_SHARES = 100
# How soon after a line's other news tick 59 comes, if it does (unverified against TWS).
TEXT_S = 1.0


def generics_of(figures: frozenset[Figure]) -> str:
    """The list of generic ticks that brings these figures."""
    return ",".join(str(number) for number in sorted(n for each in figures for n in _ASKED[each][0]))


async def taken(
    lines: LineBudget, underlying: Underlying, end: float, settings: TwsSettings, figures: frozenset[Figure]
) -> MarketStatistics:
    """The figures of one underlying by `end` (monotonic); what did not come is None.

    Not everything has everything: of all figures, a pause in the news after the first one is the end of it.
    Until then it waits, since TWS may take its time over figures of a year; so it does for what was chosen.

    Raises:
        GatewayUnavailable: the connection ended.
    """
    generics = generics_of(figures)
    for said in (generics, generics.replace(f"{UNLISTED},", "")):
        line = lines.acquire(underlying, Need.LOOKUP, said)
        try:
            await _complete(line, end, settings, figures)
            is_late = Figure.DIVIDENDS in figures and not await _heard_dividends(line, end)
        finally:
            lines.release(line, Need.LOOKUP)
        if line.book.ended != INCORRECT_LIST:
            break
    return replace(statistics(underlying, line.book), are_dividends_late=is_late)


async def _complete(line: Line, end: float, settings: TwsSettings, figures: frozenset[Figure]) -> None:
    expected = {tick for each in figures for tick in _ASKED[each][1]}
    expected -= _NEVER.get(line.instrument.sec_type, frozenset())
    quiet_s = settings.quiet_s if figures == ALL_FIGURES else end - time.monotonic()

    def is_complete(book: TickBook) -> bool:
        has_historical = any(tick in book.values for tick in _HISTORICAL)
        return expected <= book.values.keys() and (has_historical or Figure.HISTORICAL_VOL not in figures)

    def has_begun(book: TickBook) -> bool:
        hoped_for = expected or book.values.keys()  # dividends alone have no number to wait for
        return any(tick in book.values for tick in (*hoped_for, *_HISTORICAL))

    await line.reached(has_begun, end - time.monotonic())
    known = -1
    while (left_s := end - time.monotonic()) > 0 and known < len(line.book.values):
        known = len(line.book.values)
        if await line.reached(is_complete, min(left_s, quiet_s)):
            return


async def _heard_dividends(line: Line, end: float) -> bool:
    """Whether the dividends came, or had their time on a line that told other things.

    Nothing else tells that none are announced: the text may come after every number.
    """
    if line.instrument.sec_type is not SecType.STK:
        return True
    left_s = min(TEXT_S, end - time.monotonic()) if line.book.values else 0.0
    is_over = await line.reached(_has_dividends, left_s)
    return _has_dividends(line.book) or (not is_over and left_s >= TEXT_S)


def _has_dividends(book: TickBook) -> bool:
    return Tick.DIVIDENDS in book.texts


def statistics(underlying: Underlying, book: TickBook) -> MarketStatistics:
    """The figures that a book holds."""
    values = book.values
    hundreds = count(values.get(Tick.AVERAGE_VOLUME))
    return MarketStatistics(
        con_id=underlying.con_id,
        implied_vol=_positive(values.get(Tick.IMPLIED_VOL)),
        historical_vol=_positive(next((values[tick] for tick in _HISTORICAL if tick in values), None)),
        call_volume=count(values.get(Tick.CALL_VOLUME)),
        put_volume=count(values.get(Tick.PUT_VOLUME)),
        call_open_interest=count(values.get(Tick.CALL_OPEN_INTEREST)),
        put_open_interest=count(values.get(Tick.PUT_OPEN_INTEREST)),
        average_option_volume=count(values.get(Tick.AVERAGE_OPTION_VOLUME)),
        average_volume=hundreds * HUNDREDS_OF_SHARES if hundreds else None,  # 0 of an index, which has none
        low_52w=_positive(values.get(Tick.LOW_52W)),
        high_52w=_positive(values.get(Tick.HIGH_52W)),
        dividends=dividends(book.texts.get(Tick.DIVIDENDS, "")),
    )


def dividends(text: str) -> Dividends | None:
    """Tick 59: past twelve months, next twelve, next ex-date, next amount.

    >>> dividends("0.83,0.92,20130219,0.23").next_date
    datetime.date(2013, 2, 19)
    >>> dividends("0.83,0.92,,").next_amount is None
    True
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not any(parts):
        return None
    past, ahead, ex_date, amount = parts
    return Dividends(
        past_12m=finite(past), next_12m=finite(ahead), next_date=_day(ex_date), next_amount=finite(amount)
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _positive(value: float | None) -> float | None:
    number = finite(value)
    return None if number is None or number <= 0 else number
