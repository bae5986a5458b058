"""Contracts: from a client's description to a query, from a listing to what clients read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sumppump.exchange.calendar.hours import hours_text, in_zone_of, zone_of
from sumppump.exchange.listing.bonds import BOND, Bond
from sumppump.exchange.listing.instruments import BAG_CON_ID, Bag, ContractQuery, LegQuery, Listing, SecType
from sumppump.exchange.listing.instruments import Instrument as Traded
from sumppump.exchange.listing.market_rules import RULE_PENNY
from sumppump.exchange.listing.symbols import BY_CON_ID
from sumppump.exchange.translate.times import ZONE_IN_TIMES
from sumppump.exchange.wire.account_requests import ExerciseOptions
from sumppump.exchange.wire.bond_answers import BondContractData
from sumppump.exchange.wire.contracts import Contract, Instrument, MarketLeg, OrderLeg, Tag
from sumppump.exchange.wire.market_answers import ContractData

_AGG_GROUPS = {
    SecType.STOCK: 1,
    SecType.INDEX: 1,
    SecType.OPTION: 2,
    SecType.CASH: 4,
    SecType.CRYPTO: 1,
    SecType.FUTURE: 2147483647,
}  # futures' as TWS tells it; the others' are the numbers of their data feeds, unverified


def decimal_of(number: float) -> Decimal:
    """The decimal that a person would write for this double."""
    return Decimal(repr(number))


def _day_in(text: str) -> str:
    # @stoqey/ib sends a contract's last moment back as it came: day, time and zone.
    return text.partition(" ")[0]


def query_of(
    contract: Contract, legs: Sequence[MarketLeg | OrderLeg] = (), *, include_expired: bool = False
) -> ContractQuery:
    """What the venue is asked for."""
    return ContractQuery(
        con_id=contract.con_id,
        symbol=contract.symbol,
        sec_type=contract.sec_type,
        expiry=_day_in(contract.expiry),
        strike=decimal_of(contract.strike) if contract.strike else None,
        right=contract.right,
        multiplier=contract.multiplier,
        exchange=contract.exchange,
        primary_exchange=contract.primary_exchange,
        currency=contract.currency,
        local_symbol=contract.local_symbol,
        trading_class=contract.trading_class,
        include_expired=include_expired,
        legs=tuple(LegQuery(leg.con_id, leg.ratio, leg.action, leg.exchange) for leg in legs),
    )


def exercise_query(message: ExerciseOptions) -> ContractQuery:
    """The option that a request to exercise is about."""
    return ContractQuery(
        con_id=message.con_id,
        symbol=message.symbol,
        sec_type=message.sec_type,
        expiry=_day_in(message.expiry),
        strike=decimal_of(message.strike) if message.strike else None,
        right=message.right,
        multiplier=message.multiplier,
        exchange=message.exchange,
        currency=message.currency,
        local_symbol=message.local_symbol,
        trading_class=message.trading_class,
    )


def instrument_of(traded: Traded, *, exchange: str | None = None, no_right: str = "") -> Instrument:
    """How answers name an instrument.

    Args:
        traded: a listing or a combo.
        exchange: what stands in the exchange field; the routing destination by default.
        no_right: what stands for the right of what has none; orders say "?".
    """
    if isinstance(traded, Bag):
        return Instrument(
            con_id=BAG_CON_ID,
            symbol=traded.symbol,
            sec_type="BAG",
            right=no_right,
            exchange="SMART" if exchange is None else exchange,
            currency="USD",
            local_symbol=str(BAG_CON_ID),
            trading_class="COMB",
        )
    return Instrument(
        con_id=traded.con_id,
        symbol=traded.symbol,
        sec_type=str(traded.sec_type),
        expiry=f"{traded.expiry:%Y%m%d}" if traded.expiry else "",
        strike=float(traded.strike or 0),
        right=traded.right or no_right,
        multiplier=str(traded.multiplier) if traded.is_derivative else "",
        exchange=traded.exchange if exchange is None else exchange,
        currency=traded.currency,
        local_symbol=traded.local_symbol,
        trading_class=traded.trading_class,
    )


def listing_exchange(listing: Listing) -> str:
    """What stands in the exchange field of positions: a stock's primary exchange, nothing for an option."""
    return "" if listing.is_option else listing.primary_exchange


def contract_data(req_id: int, listing: Listing, version: int, today: date) -> ContractData:
    """The contract-details answer for one listing; its hours are told from `today` on."""
    return ContractData(
        req_id=req_id,
        symbol=listing.symbol,
        sec_type=str(listing.sec_type),
        last_trade_date=_last_trade_date(listing, version),
        strike=float(listing.strike or 0),
        right=listing.right,
        exchange=listing.exchange,
        currency=listing.currency,
        local_symbol=listing.local_symbol,
        market_name=listing.trading_class,
        trading_class=listing.trading_class,
        con_id=listing.con_id,
        min_tick=float(listing.min_tick),
        multiplier=str(listing.multiplier) if listing.is_derivative else "",
        order_types=",".join(listing.order_types),
        valid_exchanges=",".join(listing.valid_exchanges),
        under_con_id=listing.under_con_id,
        long_name=listing.long_name,
        primary_exchange=listing.primary_exchange,
        contract_month=listing.contract_month,
        industry=listing.industry,
        category=listing.category,
        subcategory=listing.subcategory,
        time_zone=zone_of(listing.hours),
        trading_hours=hours_text(listing.hours, today),
        liquid_hours=hours_text(listing.hours, today, liquid=True),
        sec_ids=_sec_ids(listing),
        agg_group=_AGG_GROUPS[listing.sec_type],
        under_symbol=listing.symbol if listing.is_derivative else "",
        under_sec_type=listing.under_sec_type,
        market_rule_ids=",".join(str(rule) for rule in listing.market_rule_ids),
        real_expiration_date=f"{listing.real_expiry:%Y%m%d}" if listing.real_expiry else "",
        stock_type=listing.stock_type,
        suggested_size_increment=Decimal(100 if listing.sec_type is SecType.STOCK else 1),
    )


def bond_data(req_id: int, bond: Bond) -> BondContractData:
    """The details of a bond."""
    return BondContractData(
        req_id=req_id,
        symbol=bond.symbol,
        sec_type=BOND,
        cusip=bond.cusip,
        coupon=f"{bond.coupon:g}",
        maturity=bond.maturity,
        issue_date=bond.issued,
        ratings=bond.ratings,
        bond_type="CORP",
        coupon_type="FIXED",
        exchange="SMART",
        currency="USD",
        market_name=bond.symbol,
        trading_class=bond.symbol,
        con_id=bond.con_id,
        valid_exchanges="SMART",
        long_name=bond.name,
        sec_ids=(Tag(tag="CUSIP", value=bond.cusip), Tag(tag="ISIN", value=bond.isin)),
        market_rule_ids=str(RULE_PENNY),
    )


def _last_trade_date(listing: Listing, version: int) -> str:
    if listing.expiry is None:
        return ""
    day = f"{listing.expiry:%Y%m%d}"
    if version < ZONE_IN_TIMES or listing.last_trade is None:
        return day
    zone = zone_of(listing.hours)
    return f"{in_zone_of(listing.hours, listing.last_trade):%Y%m%d %H:%M:%S} {zone}"


def _sec_ids(listing: Listing) -> tuple[Tag, ...]:
    under = BY_CON_ID.get(listing.con_id)
    return () if under is None or not under.isin else (Tag(tag="ISIN", value=under.isin),)
