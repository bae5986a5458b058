"""What can be traded: an underlying, and the options on it.

A contract is known by IB's `con_id`; two values with the same `con_id` are the same contract.
The multiplier is read from the contract and is never assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.domain.schedule import REGULAR_OPEN
from sumppump.kernel.clock import NEW_YORK

SECONDS_PER_YEAR = 365 * 24 * 3600
_PIP, _YEN_PIP = Decimal("0.0001"), Decimal("0.01")


class Right(StrEnum):
    """Call or put."""

    CALL = "C"
    PUT = "P"

    @property
    def word(self) -> str:
        """`call` or `put`, for sentences."""
        return "call" if self is Right.CALL else "put"


class SecType(StrEnum):
    """IB's kinds of contract, with the word used on the wire; OTHER is ours: held, never traded."""

    STK = "STK"
    OPT = "OPT"
    BAG = "BAG"
    IND = "IND"
    FUT = "FUT"
    CASH = "CASH"
    CRYPTO = "CRYPTO"
    OTHER = "OTHER"

    @property
    def is_foreign(self) -> bool:
        """Whether it is held and quoted at most: neither valued as a strategy nor traded here."""
        return self not in (SecType.STK, SecType.IND, SecType.OPT, SecType.BAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Underlying:
    """A stock, ETF or index, what options are written on; or a currency pair or coin.

    Attributes:
        con_id: IB's key.
        symbol: ticker, upper case.
        sec_type: STK, IND, CASH or CRYPTO; another only of a position that is shown as the broker names it.
        currency: ISO code; of a pair or coin the one that prices are in.
        exchange: where orders are routed, mostly SMART.
        primary_exchange: where it is listed.
        long_name: text from outside, cleaned. industry: the broker's word for it, cleaned, "" for none.
        min_tick: smallest price step, currency per share.
        trading_hours: IB's own string of all sessions; the contract's hours win over any calendar.
        liquid_hours: the same of regular trading, "" where they are not known.
        time_zone: zone of both.
    """

    con_id: int
    symbol: str
    sec_type: SecType = SecType.STK
    currency: str = "USD"
    exchange: str = "SMART"
    primary_exchange: str = ""
    long_name: str = ""
    industry: str = ""
    min_tick: Decimal = Decimal("0.01")
    trading_hours: str = ""
    liquid_hours: str = ""
    time_zone: str = "America/New_York"

    @property
    def multiplier(self) -> int:
        """A share is one share."""
        return 1

    @property
    def pip(self) -> Decimal | None:
        """What a currency pair's spread is counted in: 0.0001, of prices in yen 0.01; None of other kinds."""
        if self.sec_type is not SecType.CASH:
            return None
        return _YEN_PIP if self.currency == "JPY" else _PIP

    @property
    def label(self) -> str:
        """What a trader calls it, for example `SPY`, `EUR.USD`, `BTC.USD`."""
        has_two = self.sec_type in (SecType.CASH, SecType.CRYPTO)
        return f"{self.symbol}.{self.currency}" if has_two else self.symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Future:
    """One listed futures contract.

    Attributes:
        con_id: IB's key.
        symbol: of what it is written on, for example `ES` or `VIX`.
        expiry: last trading day in the exchange's zone.
        last_trade: the last trading moment, aware UTC.
        multiplier: currency per point.
        trading_class, local_symbol: `VX` and `VXZ6` of a VIX future.
        min_tick: smallest price step in points.
        trading_hours: IB's own string of all sessions; liquid_hours: of the day's; time_zone: their zone.
    """

    con_id: int
    symbol: str
    expiry: date
    last_trade: datetime
    multiplier: int
    exchange: str
    trading_class: str = ""
    local_symbol: str = ""
    long_name: str = ""
    currency: str = "USD"
    min_tick: Decimal = Decimal("0.01")
    trading_hours: str = ""
    liquid_hours: str = ""
    time_zone: str = "America/Chicago"

    @property
    def sec_type(self) -> SecType:
        """Always FUT."""
        return SecType.FUT

    @property
    def label(self) -> str:
        """What a trader calls it, for example `VIX 2026-12-16 future`."""
        return f"{self.symbol} {self.expiry.isoformat()} future"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionContract:
    """One listed option.

    Attributes:
        con_id: IB's key.
        symbol: the underlying's ticker.
        underlying_con_id: the underlying's key, 0 where TWS did not say.
        right: call or put.
        strike: currency per share.
        expiry: expiration date in New York.
        last_trade: the last trading moment, aware UTC.
        multiplier: shares per contract.
        trading_class: SPX and SPXW differ in it.
        local_symbol: OCC's 21 characters.
        market_rule: increments as (from price, tick), rising; the tick of a price is the last row that fits.
    """

    con_id: int
    symbol: str
    right: Right
    strike: Decimal
    expiry: date
    last_trade: datetime
    multiplier: int
    underlying_con_id: int = 0
    trading_class: str = ""
    local_symbol: str = ""
    currency: str = "USD"
    exchange: str = "SMART"
    min_tick: Decimal = Decimal("0.01")
    market_rule: tuple[tuple[Decimal, Decimal], ...] = ()

    @property
    def sec_type(self) -> SecType:
        """Always OPT."""
        return SecType.OPT

    @property
    def label(self) -> str:
        """What a trader calls it, for example `SPY 2026-12-18 500C`."""
        return f"{self.symbol} {self.expiry.isoformat()} {self.strike.normalize():f}{self.right}"

    @property
    def settles(self) -> datetime:
        """When its worth is fixed, aware; after the last trade where the expiry's opening prints decide."""
        # No option trades past 19:00 New York, so that UTC's date is New York's: whole chains ask this.
        if self.last_trade.date() < self.expiry:
            return datetime.combine(self.expiry, REGULAR_OPEN, NEW_YORK)
        return self.last_trade

    def years(self, now: datetime) -> float:
        """Time from `now` to the moment that settles it in years, ACT/365, never below 0."""
        return max(0.0, (self.settles - now).total_seconds() / SECONDS_PER_YEAR)

    def tick(self, price: Decimal) -> Decimal:
        """Price step at `price` (currency per share) by the contract's market rule."""
        steps = [step for low, step in self.market_rule if abs(price) >= low]
        return steps[-1] if steps else self.min_tick


Instrument = Underlying | Future | OptionContract


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionClass:
    """Which expiries and strikes of one class are listed on one exchange.

    Not every pair of the two exists: only contract details prove a contract.
    """

    underlying: Underlying
    exchange: str
    trading_class: str
    multiplier: int
    expiries: tuple[date, ...]
    strikes: tuple[Decimal, ...]
