"""What is traded here: listed contracts, combos of them, and the description by which a client asks.

The words are those of the TWS wire where a client sends or reads them (`SMART`, `STK`, `BAG`, `C`), because
this is where clients' words are judged. Prices are per share, plus is a debit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.exchange.calendar.hours import HoursKind

BAG_CON_ID = 28812380  # the generic id that TWS reports for every combo


class SecType(StrEnum):
    """Kinds of instruments; the values are the wire's words."""

    STOCK = "STK"
    OPTION = "OPT"
    INDEX = "IND"
    FUTURE = "FUT"
    CASH = "CASH"
    CRYPTO = "CRYPTO"
    BAG = "BAG"


@dataclass(frozen=True, slots=True)
class LegQuery:
    """One leg of a combo as a client names it; `ratio` > 0, the side is in `action` (BUY or SELL)."""

    con_id: int
    ratio: int
    action: str
    exchange: str = "SMART"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractQuery:
    """A contract as a client describes it; an empty field matches anything.

    Attributes:
        expiry: "", "YYYYMM" or "YYYYMMDD".
        strike: None (or 0) when not given.
        right: "", "C", "P", "CALL", "PUT", "?" or "0".
        sec_id_type, sec_id: ISIN or CUSIP, and the number.
        legs: for `sec_type` BAG only.
    """

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    expiry: str = ""
    strike: Decimal | None = None
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    include_expired: bool = False
    sec_id_type: str = ""
    sec_id: str = ""
    legs: tuple[LegQuery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One listed contract with everything that a contract-details answer says of it.

    Attributes:
        underlying: whose level it goes by: the key of `symbols` and of `character`.
        right: "C", "P", or "" for what is no option.
        multiplier: shares (index points, coins) per contract; 1 for what is no derivative.
        price_units: units per currency that its prices are whole numbers of inside the exchange (100: cents).
        min_tick: the smallest increment; the rule per exchange is `market_rule_ids`, parallel to
            `valid_exchanges`.
        expiry: the last trading day, New York.
        real_expiry: the day of expiration, one trading day later where the morning settles.
        last_trade: the moment at which trading in the contract ends (options, futures), aware.
        settles_at: the moment whose level settles it, aware: the open of the expiry day for what is
            settled in the morning.
        is_american: whether an option may be exercised before it expires.
        is_cash_settled: whether money changes hands at expiry instead of shares.
        hours: when it trades.
    """

    con_id: int
    symbol: str
    underlying: str
    sec_type: SecType
    local_symbol: str
    trading_class: str
    long_name: str
    primary_exchange: str
    multiplier: int
    min_tick: Decimal
    valid_exchanges: tuple[str, ...]
    market_rule_ids: tuple[int, ...]
    exchange: str = "SMART"
    currency: str = "USD"
    expiry: date | None = None
    real_expiry: date | None = None
    strike: Decimal | None = None
    right: str = ""
    last_trade: datetime | None = None
    under_con_id: int = 0
    under_sec_type: str = ""
    stock_type: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    contract_month: str = ""
    order_types: tuple[str, ...] = ()
    price_units: int = 100
    settles_at: datetime | None = None
    is_american: bool = True
    is_cash_settled: bool = False
    hours: HoursKind = HoursKind.STOCK

    @property
    def is_derivative(self) -> bool:
        """Whether it ends some day."""
        return self.expiry is not None

    @property
    def is_option(self) -> bool:
        """Whether this is an option."""
        return self.sec_type is SecType.OPTION


@dataclass(frozen=True, slots=True)
class Leg:
    """A listed leg; `ratio` is signed: plus is bought when the combo is bought."""

    listing: Listing
    ratio: int
    exchange: str = "SMART"


@dataclass(frozen=True, slots=True)
class Bag:
    """Legs that trade as one, in the order in which the client named them.

    The net price is per share of `multiplier` shares: a covered call of 100 shares against one call is
    quoted at share price minus call price.
    """

    symbol: str
    legs: tuple[Leg, ...]

    @property
    def sec_type(self) -> SecType:
        """Always BAG."""
        return SecType.BAG

    @property
    def con_id(self) -> int:
        """The generic id of combos."""
        return BAG_CON_ID

    @property
    def multiplier(self) -> int:
        """Shares per combo unit: the largest multiplier among the legs."""
        return max(leg.listing.multiplier for leg in self.legs)


Instrument = Listing | Bag
