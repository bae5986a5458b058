"""The market, seen from the use cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from sumppump.domain.instruments import Instrument, OptionClass, OptionContract, Right, Underlying
from sumppump.domain.quotes import Bar, Quote


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


class MarketData(Protocol):
    """Quotes and history."""

    async def quotes(
        self, instruments: Sequence[Instrument], *, deadline_s: float = 10.0, greeks: bool = True
    ) -> Sequence[Quote]:
        """Fresh quotes in the order asked, within the line budget; missing numbers are None.

        Subscribes, takes each when its first full set has come, releases, and goes on; what has not
        come by the deadline is returned with None and a notice.

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
    ) -> Sequence[Bar]:
        """History, oldest first; `duration` and `bar_size` in TWS's words ("5 D", "1 hour")."""
        ...

    def lines(self) -> tuple[int, int]:
        """Market data lines in use, and the budget."""
        ...


class Charts(Protocol):
    """Pictures on disk."""

    def directory(self) -> str:
        """Where they are written."""
        ...

    def write_png(self, name: str, content: bytes) -> str:
        """Store a picture and return its path."""
        ...
