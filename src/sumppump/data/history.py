"""Price history: bars of any contract, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sumppump.data.bar_shelf import BarShelf, ShelvedBars
from sumppump.data.history_request import HistoryRequest, kind_of_bars, unit_of, word_of
from sumppump.data.meaning import Meaning, Meanings
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import MarketDataError

SMA_LENGTHS = (20, 50, 200)
NO_CHANGE = (
    "BID_ASK bars open with the average bid and close with the average ask: no change, no moving averages"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Bars, oldest first, and what they say together, in `unit`.

    Attributes:
        reading: how the symbol was understood.
        unit: what the numbers are, for example `USD per share`.
        as_of: exchange time when the bars came; the bars themselves name only their beginnings.
        age_s: seconds since then.
        change: last close minus first open, None of BID_ASK bars; change_pct: percent of that open.
        highest, lowest: the bars with the extremes.
        average_volume: per bar; None where the kind has none.
        sma: (bars, mean of that many last closes); None where there are fewer bars.
        trend: `above` or `below` its 20-bar mean, "" when that is not known.
        gaps: why figures are None.
    """

    instrument: Instrument
    reading: str
    request: HistoryRequest
    unit: str
    bars: tuple[Bar, ...]
    as_of: datetime
    age_s: float
    change: Decimal | None
    change_pct: float | None
    highest: Bar
    lowest: Bar
    average_volume: float | None
    sma: tuple[tuple[int, float | None], ...]
    trend: str = ""
    gaps: tuple[str, ...] = ()

    @property
    def last(self) -> Bar:
        """The newest bar; it may still be forming."""
        return self.bars[-1]

    @property
    def first_open(self) -> Decimal:
        """Where `change` counts from."""
        return self.bars[0].open

    @property
    def high(self) -> Decimal:
        """The highest high."""
        return self.highest.high

    @property
    def low(self) -> Decimal:
        """The lowest low."""
        return self.lowest.low


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryService:
    """Fetches bars; sends nothing."""

    meanings: Meanings
    shelf: BarShelf
    clock: Clock

    async def history(
        self, request: HistoryRequest, *, waiting: Callable[[float], None] | None = None
    ) -> History:
        """Bars of one contract; `waiting` hears the seconds that IBKR's pacing makes it wait for.

        Raises:
            InvalidRequest: no such bars of this kind of contract.
            UnknownContract: no such contract.
            MarketDataError: there are no bars.
            GatewayUnavailable: no connection, no answer, or none in time because of the pacing.
        """
        meant = await self.meanings.of(request.symbol)
        data_type, note = kind_of_bars(meant.instrument, request.data_type)
        found = await self.shelf.bars(
            meant.instrument,
            duration=request.duration,
            bar_size=request.bar_size,
            what=word_of(meant.instrument, data_type),
            regular_hours=request.rth_only,
            waiting=waiting,
        )
        if not found.bars:
            raise _none(meant, request)
        noted = replace(request, data_type=data_type, notes=(*request.notes, *note))
        return summarised(meant, noted, found, self.clock.monotonic())


def _none(meant: Meaning, request: HistoryRequest) -> MarketDataError:
    return MarketDataError(
        f"{meant.instrument.label} has no {request.bar_size} bars over {request.duration}",
        code="no_history",
        expected="at least one bar",
        found="none",
        next_steps=["Ask for a longer duration or a larger bar."],
    )


def summarised(meant: Meaning, request: HistoryRequest, found: ShelvedBars, monotonic: float) -> History:
    """The figures over at least one bar, oldest first."""
    bars = found.bars
    # Opens and closes of BID_ASK are averages of different sides: nothing follows from both together.
    is_path = request.data_type != "BID_ASK"
    first, last = bars[0], bars[-1]
    change = last.close - first.open if is_path else None
    volumes = [bar.volume for bar in bars if bar.volume is not None]
    means = tuple((length, moving_average(bars, length) if is_path else None) for length in SMA_LENGTHS)
    short = means[0][1]
    return History(
        instrument=meant.instrument,
        reading=meant.reading,
        request=request,
        unit=unit_of(meant.instrument, request.data_type),
        bars=bars,
        as_of=found.as_of,
        age_s=max(0.0, monotonic - found.taken),
        change=change,
        change_pct=float(change / first.open * 100) if change is not None and first.open > 0 else None,
        highest=max(bars, key=lambda bar: bar.high),
        lowest=min(bars, key=lambda bar: bar.low),
        average_volume=sum(volumes) / len(volumes) if volumes else None,
        sma=means,
        trend="" if short is None else "above" if float(last.close) >= short else "below",
        gaps=_gaps(len(bars), is_path=is_path, has_volume=bool(volumes)),
    )


def _gaps(count: int, *, is_path: bool, has_volume: bool) -> tuple[str, ...]:
    short = [str(length) for length in SMA_LENGTHS if count < length]
    rules = (
        (not is_path, NO_CHANGE),
        (is_path and bool(short), f"{count} bars are too few for a mean of {', '.join(short)}"),
        (not has_volume, "bars of this kind have no volume"),
    )
    return tuple(words for holds, words in rules if holds)


def moving_average(bars: Sequence[Bar], length: int) -> float | None:
    """Mean of the last `length` closes; None when there are fewer bars."""
    return None if len(bars) < length else float(sum(bar.close for bar in bars[-length:]) / length)
