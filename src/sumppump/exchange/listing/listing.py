"""Listings: everything that contract details say, made for each kind of contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sumppump.exchange.calendar.hours import windows
from sumppump.exchange.calendar.trading_days import previous_trading_day, session_of, to_datetime
from sumppump.exchange.listing.contract_ids import OptionKey, option_con_id, option_key
from sumppump.exchange.listing.futures import FutureKey, future_con_id, future_key
from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.listing.market_rules import (
    CENT,
    RULE_PAIR,
    RULE_PENNY,
    RULE_QUARTER_COIN,
    RULE_YEN_PAIR,
    smallest_tick,
)
from sumppump.exchange.listing.option_classes import BY_CLASS, OptionClass
from sumppump.exchange.listing.symbols import BY_CON_ID, BY_SYMBOL, Underlying

NICKEL_FROM_CENTS = 300
STOCK_EXCHANGES = ("SMART", "NYSE", "ARCA", "NASDAQ", "BATS", "IEX", "EDGEA")
ORDER_TYPES = (
    "ACTIVETIM", "ALGO", "ALL", "AON", "COND", "CONDORDTYPE", "DAY", "FOK", "GAT", "GTC", "GTD", "GTT", "HID",
    "ICE", "IOC", "LIT", "LMT", "LTH", "MIT", "MKT", "MTL", "NGCOMB", "NONALGO", "OCA", "STP", "STPLMT",
    "TRAIL", "TRAILLMT", "WHATIF",
)  # fmt: skip
STOCK_ORDER_TYPES = (
    *ORDER_TYPES,
    "DIS",
    "LOC",
    "LOO",
    "MIDPX",
    "MOC",
    "MOO",
    "OPG",
    "PEGMID",
    "REL",
    "SWEEP",
)


def local_symbol(key: OptionKey) -> str:
    """The 21 characters of the OCC."""
    return f"{key.trading_class:<6}{key.expiry:%y%m%d}{key.right}{int(key.strike * 1000):08d}"


# -- what has a level of its own ------------------------------------------------------------------
@lru_cache(maxsize=4096)
def plain_listing(under: Underlying) -> Listing:
    """An underlying's own contract."""
    return _MAKERS[under.sec_type](under)


def stock_listing(under: Underlying) -> Listing:
    """A share's or a fund's contract."""
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
        order_types=STOCK_ORDER_TYPES,
        hours=under.hours,
    )


@dataclass(frozen=True, slots=True)
class _Away:
    """What traded on one exchange only has in common with its kind."""

    rule: Callable[[Underlying], int]
    trading_class: Callable[[Underlying], str]
    order_types: tuple[str, ...] = ORDER_TYPES


def _away_listing(under: Underlying) -> Listing:
    kind = _AWAY[under.sec_type]
    rule = kind.rule(under)
    return Listing(
        con_id=under.con_id,
        symbol=under.ticker,
        underlying=under.symbol,
        sec_type=under.sec_type,
        local_symbol=under.symbol,
        trading_class=kind.trading_class(under),
        long_name=under.name,
        primary_exchange=under.primary_exchange,
        exchange=under.primary_exchange,
        currency=under.currency,
        multiplier=1,
        min_tick=smallest_tick(rule),
        valid_exchanges=(under.primary_exchange,),
        market_rule_ids=(rule,),
        industry=under.industry,
        category=under.category,
        subcategory=under.subcategory,
        order_types=kind.order_types,
        price_units=under.price_units,
        hours=under.hours,
    )


def _symbol(under: Underlying) -> str:
    return under.symbol


_AWAY = {
    SecType.INDEX: _Away(lambda _: RULE_PENNY, _symbol, ()),
    SecType.CASH: _Away(lambda under: RULE_YEN_PAIR if under.currency == "JPY" else RULE_PAIR, _symbol),
    SecType.CRYPTO: _Away(
        lambda under: RULE_PENNY if under.price_units == 100 else RULE_QUARTER_COIN, _symbol
    ),
}
_MAKERS: dict[SecType, Callable[[Underlying], Listing]] = {
    SecType.STOCK: stock_listing,
    **dict.fromkeys(_AWAY, _away_listing),
}


# -- derivatives ----------------------------------------------------------------------------------
def option_ends(one: OptionClass, expiry: date) -> tuple[datetime, datetime]:
    """The last moment of trading, and the moment whose level settles."""
    session = session_of(expiry)
    if not one.settles_at_open:
        return to_datetime(session.close_ms), to_datetime(session.close_ms)
    *_, (_, last) = windows(one.hours, previous_trading_day(expiry))
    return to_datetime(last), to_datetime(session.open_ms)


@lru_cache(maxsize=8192)
def option_listing(key: OptionKey) -> Listing:
    """An option's contract."""
    one = BY_CLASS[key.trading_class]
    last_trade, settles_at = option_ends(one, key.expiry)
    return Listing(
        con_id=option_con_id(key),
        symbol=one.under.ticker,
        underlying=FutureKey(one.future_root, key.expiry).text if one.future_root else one.underlying,
        sec_type=SecType.OPTION,
        local_symbol=local_symbol(key),
        trading_class=one.name,
        long_name=one.under.name,
        primary_exchange="",
        multiplier=one.multiplier,
        min_tick=smallest_tick(one.rule),
        valid_exchanges=one.exchanges,
        market_rule_ids=(one.rule,) * len(one.exchanges),
        expiry=previous_trading_day(key.expiry) if one.settles_at_open else key.expiry,
        real_expiry=key.expiry,
        strike=key.strike,
        right=key.right,
        last_trade=last_trade,
        settles_at=settles_at,
        under_con_id=one.under.con_id,
        under_sec_type=str(one.under.sec_type),
        contract_month=f"{key.expiry:%Y%m}",
        order_types=ORDER_TYPES,
        is_american=one.is_american,
        is_cash_settled=one.is_cash_settled,
        hours=one.hours,
    )


@lru_cache(maxsize=1024)
def future_listing(key: FutureKey) -> Listing:
    """A future's contract."""
    root, under = key.root, BY_SYMBOL[key.root.index]
    return Listing(
        con_id=future_con_id(key),
        symbol=root.symbol,
        underlying=key.text,
        sec_type=SecType.FUTURE,
        local_symbol=key.local_symbol,
        trading_class=root.trading_class,
        long_name=root.name,
        primary_exchange="",
        exchange=root.exchange,
        multiplier=root.multiplier,
        min_tick=root.tick,
        valid_exchanges=(root.exchange,),
        market_rule_ids=(root.rule,),
        expiry=key.expiry,
        real_expiry=key.expiry,
        last_trade=key.ends_at,
        settles_at=to_datetime(session_of(key.expiry).open_ms),
        under_con_id=under.con_id,
        under_sec_type=str(under.sec_type),
        contract_month=key.month,
        industry=under.industry,
        category=under.category,
        order_types=ORDER_TYPES,
        price_units=root.price_units,
        is_cash_settled=True,
        hours=BY_SYMBOL[key.text].hours,
    )


@lru_cache(maxsize=8192)
def listing_of(con_id: int) -> Listing:
    """The contract of an id that was listed once, expired or not.

    Raises:
        ValueError: no contract can have this id.
    """
    under, future = BY_CON_ID.get(con_id), future_key(con_id)
    if under is not None:
        return plain_listing(under)
    if future is not None:
        return future_listing(future)
    option = option_key(con_id)
    if option is None:
        raise ValueError(f"no contract has the id {con_id}")
    return option_listing(option)
