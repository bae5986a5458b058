"""What the broker says of an underlying beside its prices: generic ticks, taken from a line of their own."""

from __future__ import annotations

import time
from datetime import date

from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.statistics import Dividends, MarketStatistics
from sumppump.ports.market import Need
from sumppump.tws.line import Line
from sumppump.tws.lines import LineBudget
from sumppump.tws.numbers import count, finite
from sumppump.tws.settings import TwsSettings
from sumppump.tws.ticks import Tick, TickBook

# Option volume and open interest, historical volatility, average option volume, implied volatility, 52 weeks
# and average volume, historical volatility of regular hours, dividends.
GENERICS = "100,101,104,105,106,165,411,456"
# 104 is documented, but not on the list that TWS prints when it refuses one (321): then it is left out.
GENERICS_WITHOUT_104 = GENERICS.replace("104,", "")
INCORRECT_LIST = 321

_OPTION_FIGURES = frozenset(
    {
        Tick.CALL_VOLUME, Tick.PUT_VOLUME, Tick.CALL_OPEN_INTEREST, Tick.PUT_OPEN_INTEREST,
        Tick.AVERAGE_OPTION_VOLUME, Tick.IMPLIED_VOL,
    }
)  # fmt: skip
_RANGE = frozenset({Tick.LOW_52W, Tick.HIGH_52W})
_EXPECTED = {
    SecType.STK: _OPTION_FIGURES | _RANGE | {Tick.AVERAGE_VOLUME},
    SecType.IND: _OPTION_FIGURES | _RANGE,
}
_HISTORICAL = (Tick.HISTORICAL_VOL, Tick.RTH_HISTORICAL_VOL)
_FIGURES = _OPTION_FIGURES | _RANGE | {Tick.AVERAGE_VOLUME, *_HISTORICAL}
HUNDREDS_OF_SHARES = 100


async def taken(
    lines: LineBudget, underlying: Underlying, end: float, settings: TwsSettings
) -> MarketStatistics:
    """The figures of one underlying by `end` (monotonic); what did not come is None.

    Not everything has everything: once a first figure has come, a pause in the news is the end of it. Until
    then it waits to the end, since TWS may take its time over figures of a year.

    Raises:
        GatewayUnavailable: the connection ended.
    """
    for generics in (GENERICS, GENERICS_WITHOUT_104):
        line = lines.acquire(underlying, Need.LOOKUP, generics)
        try:
            await _complete(line, end, settings)
        finally:
            lines.release(line, Need.LOOKUP)
        if line.book.ended != INCORRECT_LIST:
            break
    return statistics(underlying, line.book)


async def _complete(line: Line, end: float, settings: TwsSettings) -> None:
    expected = _EXPECTED.get(line.instrument.sec_type, _RANGE)

    def is_complete(book: TickBook) -> bool:
        return expected <= book.values.keys() and any(tick in book.values for tick in _HISTORICAL)

    await line.reached(lambda book: not _FIGURES.isdisjoint(book.values), end - time.monotonic())
    known = -1
    while (left_s := end - time.monotonic()) > 0 and known < len(line.book.values):
        known = len(line.book.values)
        if await line.reached(is_complete, min(left_s, settings.quiet_s)):
            return


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
