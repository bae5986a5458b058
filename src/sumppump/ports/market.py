"""The market, seen from the use cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from sumppump.domain.instruments import Future, Instrument, OptionClass, OptionContract, Right, Underlying
from sumppump.domain.quotes import Bar, Quote
from sumppump.domain.statistics import ALL_FIGURES, Figure, MarketStatistics


class ContractDirectory(Protocol):
    """Which contracts exist."""

    async def underlying(self, symbol: str) -> Underlying:
        """The stock, ETF or index of this ticker.

        Raises:
            UnknownContract: no such symbol; the nearest are named.
            AmbiguousContract: several.
            GatewayUnavailable: no connection or no answer.
        """
        ...

    async def futures(self, symbol: str, exchange: str = "") -> Sequence[Future]:
        """The listed months of a future that still trade, front month first; cached a day.

        Args:
            symbol: as people write it: `ES`, `MES`, `VX` (or `VIX`, for the months of class VX).
            exchange: where it trades; "" for the usual one of a well-known root, else any.

        Raises:
            UnknownContract: no such future; roots that are alike are named.
            AmbiguousContract: several contracts in one month; classes and multipliers are named.
            GatewayUnavailable: no connection or no answer.
        """
        ...

    async def pair(self, text: str) -> Underlying:
        """A currency pair on IDEALPRO: `EURUSD`, `EUR/USD`, `EUR.USD`; prices are in the second one.

        Raises:
            InvalidRequest: not two currencies.
            UnknownContract: not listed; where only the reverse is, it is named.
            GatewayUnavailable: no connection or no answer.
        """
        ...

    async def coin(self, text: str) -> Underlying:
        """A coin on PAXOS in USD: `BTC`, `BTC-USD`.

        Raises:
            InvalidRequest: cannot be a coin.
            UnknownContract: not listed; the known ones are named.
            GatewayUnavailable: no connection or no answer.
        """
        ...

    async def search(self, text: str) -> Sequence[Underlying]:
        """What is listed under a ticker or name like this, best first."""
        ...

    async def option_classes(self, underlying: Underlying) -> Sequence[OptionClass]:
        """Listed expiries and strikes by class, SMART only."""
        ...

    async def options(
        self, underlying: Underlying, expiry: date, *, right: Right | None = None, trading_class: str = ""
    ) -> Sequence[OptionContract]:
        """All contracts of one expiry by strike, puts and calls; one request to TWS, cached a day."""
        ...

    async def option(
        self, underlying: Underlying, expiry: date, strike: Decimal, right: Right, *, trading_class: str = ""
    ) -> OptionContract:
        """One listed option.

        Raises:
            UnknownContract: not listed; the nearest strikes or expiries are named.
        """
        ...

    async def instrument(self, con_id: int) -> Instrument:
        """The contract of this id, from the cache or TWS."""
        ...


class Need(IntEnum):
    """Who gets a market data line before whom: a lower one may take the line of a higher one.

    ORDERS are orders and open positions, PINNED is what is followed, LOOKUP is all else.
    """

    ORDERS = 0
    PINNED = 1
    LOOKUP = 2


class Stream(Protocol):
    """One contract's market, kept current on a line of its own until it is closed."""

    @property
    def instrument(self) -> Instrument:
        """What is followed."""
        ...

    def quote(self) -> Quote:
        """The market as the line tells it now; `is_stale` where ticks may have been missed."""
        ...

    @property
    def ended(self) -> str:
        """Why no tick will come any more (an unknown contract, not subscribed, closed), "" while it runs.

        Neither a lost connection ends a stream, nor a line that was taken for an order: it is stale, with the
        reason in its quote's notice, and is subscribed again as soon as that can be.
        """
        ...

    def close(self) -> None:
        """Give the line back. Nothing is called afterwards; closing twice is harmless."""
        ...


class MarketData(Protocol):
    """Quotes and history."""

    async def quotes(
        self,
        instruments: Sequence[Instrument],
        *,
        deadline_s: float = 10.0,
        greeks: bool = True,
        need: Need = Need.LOOKUP,
        arrived: Callable[[Quote], None] | None = None,
    ) -> Sequence[Quote]:
        """Fresh quotes in the order asked, within the line budget; missing numbers are None.

        Subscribes, takes each when its first full set has come, releases, and goes on; what has not
        come by the deadline is returned with None and a notice. A contract that is followed already is
        answered from its line, `is_stale` where ticks may have been missed. `arrived` is called with each
        quote as it is taken, from the loop's thread. Cancelling the call releases its lines.

        Raises:
            GatewayUnavailable: no connection.
        """
        ...

    async def follow(
        self,
        instruments: Sequence[Instrument],
        *,
        changed: Callable[[int], None],
        need: Need = Need.PINNED,
        greeks: bool = True,
    ) -> Sequence[Stream]:
        """Lines that stay open, in the order asked; does not wait for their first ticks.

        `changed` is called with the con_id after ticks, once for all that came in one piece, when its numbers
        become stale, and at the stream's end, from the loop's thread; it must return at once. Fewer
        streams than instruments come back when the budget has no room for all: the first ones asked for are
        served.

        Raises:
            GatewayUnavailable: no connection.
        """
        ...

    async def statistics(
        self,
        underlyings: Sequence[Underlying],
        *,
        deadline_s: float = 10.0,
        figures: frozenset[Figure] = ALL_FIGURES,
    ) -> Sequence[MarketStatistics]:
        """What the broker says of each beside its prices, in the order asked; missing figures are None.

        Of all figures a pause in the news is the end, since nothing has all of them; a choice of `figures` is
        waited for to the deadline. Dividends, which many never have, get a second after the rest has come or,
        asked for alone, after the first sign of life; without it they are called late.

        Raises:
            GatewayUnavailable: no connection.
        """
        ...

    async def bars(
        self,
        instrument: Instrument,
        *,
        duration: str,
        bar_size: str,
        what: str = "TRADES",
        regular_hours: bool = True,
        deadline_s: float = 40.0,
        waiting: Callable[[float], None] | None = None,
    ) -> Sequence[Bar]:
        """History, oldest first; equal requests that are under way are asked once.

        `duration` and `bar_size` are TWS's words ("5 D", "1 hour"); `what` is TRADES, MIDPOINT, BID, ASK,
        BID_ASK, ADJUSTED_LAST, AGGTRADES (coins), HISTORICAL_VOLATILITY or OPTION_IMPLIED_VOLATILITY (a year,
        0.2 is 20 %). The deadline is for everything, IBKR's pacing of bars of 30 s or less included;
        `waiting` is called with the seconds that the pacing makes it wait for.

        Raises:
            InvalidRequest: TWS has no such bars, or not so many at once.
            MarketDataError: `no_history`: nothing was traded or quoted there.
            NotSubscribed: history needs a live subscription.
            GatewayUnavailable: no answer by then; `history_pacing` says when it may be asked again.
        """
        ...

    def lines(self) -> tuple[int, int]:
        """Market data lines in use, and the budget."""
        ...


class Charts(Protocol):
    """Pictures on disk."""

    def directory(self) -> str:
        """Where they are written."""
        ...

    def path(self, name: str) -> str:
        """Where a picture of this name is or will be; its name holds letters, digits, `-` and `_`."""
        ...

    def write_png(self, name: str, content: bytes) -> str:
        """Store a picture and return its path; a reader sees the whole of it or what was there before.

        Raises:
            StoreFailed, OSError: it could not be stored.
        """
        ...
