"""The board: every contract that can be traded, its ids and its rules.

Option ids are a bijection of symbol, expiry, right and strike, so that they survive restarts and can be
read back without a table. Contracts of both kinds trade 9:30 to 16:00 New York; the few index-like ETFs
whose options trade until 16:15 in reality stop at 16:00 here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from sumppump.exchange.expiries import first_listed, listed_expiries, listed_strikes
from sumppump.exchange.instruments import Listing, SecType
from sumppump.exchange.reports import OptionParams
from sumppump.exchange.symbols import BY_CON_ID, BY_SYMBOL, INDEX_OF, UNDERLYINGS, Underlying
from sumppump.exchange.trading_days import (
    is_trading_day,
    previous_trading_day,
    session_of,
    to_datetime,
)
from sumppump.kernel.clock import NEW_YORK

CENT = Decimal("0.01")
RULE_PENNY, RULE_NICKEL_FROM_3 = 26, 32
MARKET_RULES: dict[int, tuple[tuple[Decimal, Decimal], ...]] = {
    RULE_PENNY: ((Decimal(0), CENT),),
    RULE_NICKEL_FROM_3: ((Decimal(0), CENT), (Decimal(3), Decimal("0.05"))),
}
NICKEL_FROM_CENTS = 300

STOCK_EXCHANGES = ("SMART", "NYSE", "ARCA", "NASDAQ", "BATS", "IEX", "EDGEA")
OPTION_EXCHANGES = ("SMART", "AMEX", "BOX", "CBOE", "CBOE2", "ISE", "NASDAQOM", "PHLX", "PSE")
ORDER_TYPES = ("ACTIVETIM", "DAY", "FOK", "GTC", "IOC", "LMT", "MKT", "STP", "STPLMT", "TRAIL", "WHATIF")
SHARES_PER_CONTRACT = 100

_EPOCH = date(2020, 1, 1)
_STRIKE_BITS, _DAY_BITS = 13, 13
_HOURS_DAYS = 6


@dataclass(frozen=True, slots=True)
class OptionKey:
    """What identifies an option; the strike in half-points."""

    symbol: str
    expiry: date
    right: str
    half_points: int

    @property
    def strike(self) -> Decimal:
        """Strike, currency per share."""
        return Decimal(self.half_points) / 2


def option_con_id(key: OptionKey) -> int:
    """A positive 31-bit id, above every stock's: symbol, expiry day, right, strike from high to low bits."""
    day = (key.expiry - _EPOCH).days
    if not (0 <= day < 1 << _DAY_BITS and 0 < key.half_points < 1 << _STRIKE_BITS):
        raise ValueError(f"no id for {key!r}")
    head = (INDEX_OF[key.symbol] + 1) << _DAY_BITS | day
    return (head << 1 | (key.right == "P")) << _STRIKE_BITS | key.half_points


def option_key(con_id: int) -> OptionKey | None:
    """The option with this id, listed or not; None where the id cannot be an option's."""
    half_points = con_id & ((1 << _STRIKE_BITS) - 1)
    head = con_id >> (_STRIKE_BITS + 1)
    index, day = (head >> _DAY_BITS) - 1, head & ((1 << _DAY_BITS) - 1)
    if not 0 <= index < len(UNDERLYINGS) or not half_points or con_id in BY_CON_ID:
        return None
    right = "P" if con_id >> _STRIKE_BITS & 1 else "C"
    return OptionKey(UNDERLYINGS[index].symbol, _EPOCH + timedelta(day), right, half_points)


def option_rule(under: Underlying) -> int:
    """The price increments of an underlying's options."""
    return RULE_PENNY if under.is_etf else RULE_NICKEL_FROM_3


def tick_for(rule_id: int, price: Decimal) -> Decimal:
    """The increment that holds at a price."""
    steps = MARKET_RULES[rule_id]
    return next(tick for low, tick in reversed(steps) if abs(price) >= low)


@lru_cache(maxsize=64)
def hours_text(today: date) -> str:
    """Trading hours from today on in the wire's form, closed days included."""
    days = (today + timedelta(ahead) for ahead in range(_HOURS_DAYS))
    return ";".join(_hours_of(day) for day in days)


def _hours_of(day: date) -> str:
    if not is_trading_day(day):
        return f"{day:%Y%m%d}:CLOSED"
    session = session_of(day)
    opens, closes = (to_datetime(ms).astimezone(NEW_YORK) for ms in (session.open_ms, session.close_ms))
    return f"{opens:%Y%m%d:%H%M}-{closes:%Y%m%d:%H%M}"


def local_symbol(key: OptionKey) -> str:
    """The 21 characters of the OCC."""
    return f"{key.symbol:<6}{key.expiry:%y%m%d}{key.right}{key.half_points * 500:08d}"


@lru_cache(maxsize=4096)
def stock_listing(under: Underlying, today: date) -> Listing:
    """An underlying's own contract."""
    return Listing(
        con_id=under.con_id,
        symbol=under.symbol,
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
        trading_hours=hours_text(today),
        liquid_hours=hours_text(today),
        order_types=ORDER_TYPES,
    )


def option_listing(key: OptionKey, today: date) -> Listing:
    """An option's contract."""
    under = BY_SYMBOL[key.symbol]
    return Listing(
        con_id=option_con_id(key),
        symbol=key.symbol,
        sec_type=SecType.OPTION,
        local_symbol=local_symbol(key),
        trading_class=key.symbol,
        long_name=under.name,
        primary_exchange="",
        multiplier=SHARES_PER_CONTRACT,
        min_tick=CENT,
        valid_exchanges=OPTION_EXCHANGES,
        market_rule_ids=(option_rule(under),) * len(OPTION_EXCHANGES),
        expiry=key.expiry,
        strike=key.strike,
        right=key.right,
        last_trade=to_datetime(session_of(key.expiry).close_ms),
        under_con_id=under.con_id,
        under_sec_type="STK",
        contract_month=f"{key.expiry:%Y%m}",
        trading_hours=hours_text(today),
        liquid_hours=hours_text(today),
        order_types=ORDER_TYPES,
    )


class Board:
    """What is listed on a date. Strikes depend on closing levels, which `close_of` gives."""

    def __init__(self, start_day: date, close_of: Callable[[str, date], float]) -> None:
        self._start_day = start_day
        self._close_of = close_of
        self._strikes: dict[tuple[str, date], tuple[int, ...]] = {}
        self._listings: dict[int, Listing] = {}
        self._made_for: date | None = None

    def expiries(self, symbol: str, today: date) -> tuple[date, ...]:
        """Listed expiries, rising; today's is among them on an expiry day."""
        return listed_expiries(BY_SYMBOL[symbol].is_etf, today)

    def strikes(self, symbol: str, expiry: date) -> tuple[int, ...]:
        """Listed strikes of one expiry in half-points."""
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
        for half_points in self.strikes(symbol, expiry):
            for right in "CP":
                yield OptionKey(symbol, expiry, right, half_points)

    def option(self, key: OptionKey, today: date) -> Listing:
        """The listing of an option known to exist."""
        if self._made_for != today:  # trading hours are told from today on
            self._listings.clear()
            self._made_for = today
        con_id = option_con_id(key)
        if con_id not in self._listings:
            self._listings[con_id] = option_listing(key, today)
        return self._listings[con_id]

    def find(self, con_id: int, today: date, *, include_expired: bool = False) -> Listing | None:
        """The contract with this id, None if it is not on the board."""
        under = BY_CON_ID.get(con_id)
        if under is not None:
            return stock_listing(under, today)
        key = option_key(con_id)
        return self.option(key, today) if key and self._is_listed(key, today, include_expired) else None

    def _is_listed(self, key: OptionKey, today: date, include_expired: bool) -> bool:
        if key.expiry < today:
            return include_expired and self._was_listed(key)
        return key.expiry in self.expiries(key.symbol, today) and key.half_points in self.strikes(
            key.symbol, key.expiry
        )

    def _was_listed(self, key: OptionKey) -> bool:
        # Only what this exchange itself had on the board since it started is remembered.
        if key.expiry < self._start_day or not is_trading_day(key.expiry):
            return False
        last_chance = listed_expiries(BY_SYMBOL[key.symbol].is_etf, key.expiry)
        return key.expiry in last_chance and key.half_points in self.strikes(key.symbol, key.expiry)

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
