"""The board: every contract that can be traded, and its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sumppump.exchange.contract_ids import OptionKey, option_con_id, option_key
from sumppump.exchange.expiries import first_listed, listed_expiries, listed_strikes
from sumppump.exchange.instruments import Listing, SecType
from sumppump.exchange.option_classes import (
    BY_CLASS,
    OPTION_EXCHANGES,
    RULE_NICKEL_FROM_3,
    RULE_PENNY,
)
from sumppump.exchange.reports import OptionParams
from sumppump.exchange.symbols import BY_CON_ID, BY_SYMBOL, Underlying
from sumppump.exchange.trading_days import (
    is_trading_day,
    previous_trading_day,
    session_of,
    to_datetime,
)

CENT = Decimal("0.01")
MARKET_RULES: dict[int, tuple[tuple[Decimal, Decimal], ...]] = {
    RULE_PENNY: ((Decimal(0), CENT),),
    RULE_NICKEL_FROM_3: ((Decimal(0), CENT), (Decimal(3), Decimal("0.05"))),
}
NICKEL_FROM_CENTS = 300

STOCK_EXCHANGES = ("SMART", "NYSE", "ARCA", "NASDAQ", "BATS", "IEX", "EDGEA")
ORDER_TYPES = ("ACTIVETIM", "DAY", "FOK", "GTC", "IOC", "LMT", "MKT", "STP", "STPLMT", "TRAIL", "WHATIF")
SHARES_PER_CONTRACT = 100


def tick_for(rule_id: int, price: Decimal) -> Decimal:
    """The increment that holds at a price."""
    steps = MARKET_RULES[rule_id]
    return next(tick for low, tick in reversed(steps) if abs(price) >= low)


def local_symbol(key: OptionKey) -> str:
    """The 21 characters of the OCC."""
    return f"{key.trading_class:<6}{key.expiry:%y%m%d}{key.right}{int(key.strike * 1000):08d}"


@lru_cache(maxsize=4096)
def stock_listing(under: Underlying) -> Listing:
    """An underlying's own contract."""
    return Listing(
        con_id=under.con_id,
        symbol=under.symbol,
        underlying=under.symbol,
        sec_type=SecType.STOCK,
        local_symbol=under.symbol,
        trading_class="NMS" if under.primary_exchange == "NASDAQ" else under.symbol,
        long_name=under.name,
        primary_exchange=under.primary_exchange,
        multiplier=1,
        min_tick=CENT,
        valid_exchanges=STOCK_EXCHANGES,
        market_rule_ids=(RULE_PENNY,) * len(STOCK_EXCHANGES),
        stock_type="ETF" if under.is_etf else "COMMON",
        industry=under.industry,
        category=under.category,
        subcategory=under.subcategory,
        order_types=ORDER_TYPES,
        hours=under.hours,
    )


@lru_cache(maxsize=8192)
def option_listing(key: OptionKey) -> Listing:
    """An option's contract."""
    one = BY_CLASS[key.trading_class]
    ends = to_datetime(session_of(key.expiry).close_ms)
    return Listing(
        con_id=option_con_id(key),
        symbol=one.under.ticker,
        underlying=one.underlying,
        sec_type=SecType.OPTION,
        local_symbol=local_symbol(key),
        trading_class=one.name,
        long_name=one.under.name,
        primary_exchange="",
        multiplier=one.multiplier,
        min_tick=CENT,
        valid_exchanges=one.exchanges,
        market_rule_ids=(one.rule,) * len(one.exchanges),
        expiry=key.expiry,
        strike=key.strike,
        right=key.right,
        last_trade=ends,
        settles_at=ends,
        under_con_id=one.under.con_id,
        under_sec_type=str(one.under.sec_type),
        contract_month=f"{key.expiry:%Y%m}",
        order_types=ORDER_TYPES,
        is_american=one.is_american,
        is_cash_settled=one.is_cash_settled,
        hours=one.hours,
    )


def listing_of(con_id: int) -> Listing:
    """The contract of an id that was listed once, expired or not.

    Raises:
        ValueError: no contract can have this id.
    """
    under = BY_CON_ID.get(con_id)
    if under is not None:
        return stock_listing(under)
    key = option_key(con_id)
    if key is None:
        raise ValueError(f"no contract has the id {con_id}")
    return option_listing(key)


class Board:
    """What is listed on a date. Strikes depend on closing levels, which `close_of` gives."""

    def __init__(self, start_day: date, close_of: Callable[[str, date], float]) -> None:
        self._start_day = start_day
        self._close_of = close_of
        self._strikes: dict[tuple[str, date], tuple[int, ...]] = {}

    def expiries(self, symbol: str, today: date) -> tuple[date, ...]:
        """Listed expiries, rising; today's is among them on an expiry day."""
        return listed_expiries(BY_SYMBOL[symbol].is_etf, today)

    def strikes(self, symbol: str, expiry: date) -> tuple[int, ...]:
        """Listed strikes of one expiry in the class's units."""
        known = self._strikes.get((symbol, expiry))
        if known is None:
            under = BY_SYMBOL[symbol]
            listed = first_listed(under.is_etf, expiry, self._start_day)
            spot = self._close_of(symbol, previous_trading_day(listed))
            known = listed_strikes(under, spot, (expiry - listed).days)
            self._strikes[symbol, expiry] = known
        return known

    def keys(self, symbol: str, expiry: date) -> Iterator[OptionKey]:
        """All options of one expiry, by strike, calls before puts."""
        for units in self.strikes(symbol, expiry):
            for right in "CP":
                yield OptionKey(symbol, expiry, right, units)

    def find(self, con_id: int, today: date, *, include_expired: bool = False) -> Listing | None:
        """The contract with this id, None if it is not on the board."""
        under = BY_CON_ID.get(con_id)
        if under is not None:
            return stock_listing(under)
        key = option_key(con_id)
        return option_listing(key) if key and self._is_listed(key, today, include_expired) else None

    def _is_listed(self, key: OptionKey, today: date, include_expired: bool) -> bool:
        if key.expiry < today:
            return include_expired and self._was_listed(key)
        return key.expiry in self.expiries(key.trading_class, today) and key.units in self.strikes(
            key.trading_class, key.expiry
        )

    def _was_listed(self, key: OptionKey) -> bool:
        # Only what this exchange itself had on the board since it started is remembered.
        if key.expiry < self._start_day or not is_trading_day(key.expiry):
            return False
        last_chance = listed_expiries(BY_SYMBOL[key.trading_class].is_etf, key.expiry)
        return key.expiry in last_chance and key.units in self.strikes(key.trading_class, key.expiry)

    def params(self, symbol: str, today: date) -> tuple[OptionParams, ...]:
        """Expiries and the union of their strikes, the same on every options exchange."""
        under = BY_SYMBOL.get(symbol)
        if under is None:
            return ()
        expiries = self.expiries(symbol, today)
        strikes = sorted({strike for expiry in expiries for strike in self.strikes(symbol, expiry)})
        prices = tuple(Decimal(strike) / 2 for strike in strikes)
        return tuple(
            OptionParams(exchange, under.con_id, symbol, SHARES_PER_CONTRACT, expiries, prices)
            for exchange in OPTION_EXCHANGES
        )
