"""The last trades of a contract; of what has no trades to see, the last changes of its best quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sumppump.data.meaning import Meanings
from sumppump.domain.instruments import Instrument, SecType
from sumppump.domain.quotes import Bar
from sumppump.domain.tape import BidAsk, Trade
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import MarketData
from sumppump.ports.tape import Tape

MOST_TRADES = 50
# Currency pairs are dealt bank to bank: IBKR has no tape of them, only quotes.
QUOTED_ONLY = frozenset({SecType.CASH})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentTrades:
    """The newest first.

    Attributes:
        trades: empty where the contract has none, or only quotes.
        quotes: changes of the best quote, of what has no trades.
        bar: the newest minute, still forming while the market is open; None with `bar_missing`.
        as_of: exchange time of the question.
    """

    instrument: Instrument
    as_of: datetime
    trades: tuple[Trade, ...] = ()
    quotes: tuple[BidAsk, ...] = ()
    bar: Bar | None = None
    bar_missing: str = ""

    @property
    def is_quoted_only(self) -> bool:
        """Whether quotes stand where trades would."""
        return self.instrument.sec_type in QUOTED_ONLY

    @property
    def size(self) -> int | None:
        """Shares or contracts over all trades; None where none has a size."""
        sizes = [trade.size for trade in self.trades if trade.size is not None]
        return sum(sizes) if sizes else None

    @property
    def vwap(self) -> Decimal | None:
        """Average price by size; None without a size."""
        sized = [(trade.price, trade.size) for trade in self.trades if trade.size]
        whole = sum(size for _, size in sized)
        return sum((price * size for price, size in sized), Decimal(0)) / whole if whole else None

    @property
    def prices(self) -> tuple[Decimal, Decimal] | None:
        """Lowest and highest price; None without trades."""
        prices = [trade.price for trade in self.trades]
        return (min(prices), max(prices)) if prices else None

    @property
    def span_s(self) -> float | None:
        """Seconds from the oldest to the newest row."""
        times = [trade.at for trade in self.trades] or [quote.at for quote in self.quotes]
        return (max(times) - min(times)).total_seconds() if times else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeService:
    """Reads the tape."""

    meanings: Meanings
    tape: Tape
    market: MarketData
    clock: Clock

    async def recent(self, text: str, count: int) -> RecentTrades:
        """The last `count` trades of a contract as people write it, or quotes of a currency pair.

        Raises:
            InvalidRequest, UnknownContract: the text names no contract.
            NotSubscribed, MarketDataError, GatewayUnavailable: see `ports.tape`.
        """
        now = self.clock.now()
        instrument = (await self.meanings.of(text)).instrument
        is_quoted = instrument.sec_type in QUOTED_ONLY
        trades, quotes = await self._ticks(instrument, now, count, is_quoted=is_quoted)
        bar, missing = await self._bar(instrument, "MIDPOINT" if is_quoted else "TRADES")
        return RecentTrades(
            instrument=instrument,
            as_of=now,
            trades=tuple(reversed(trades[-count:])),
            quotes=tuple(reversed(quotes[-count:])),
            bar=bar,
            bar_missing=missing,
        )

    async def _ticks(
        self, instrument: Instrument, until: datetime, count: int, *, is_quoted: bool
    ) -> tuple[Sequence[Trade], Sequence[BidAsk]]:
        if is_quoted:
            return (), await self.tape.quotes(instrument, until=until, count=count)
        return await self.tape.trades(instrument, until=until, count=count), ()

    async def _bar(self, instrument: Instrument, what: str) -> tuple[Bar | None, str]:
        """The newest minute; that it is missing never spoils the trades."""
        try:
            bars = await self.market.bars(
                instrument, duration="120 S", bar_size="1 min", what=what, regular_hours=False
            )
        except SumpPumpError as error:
            return None, error.message
        return (bars[-1], "") if bars else (None, "there is no bar of the last two minutes")
