"""Contract details of TWS as instruments of ours.

A listing has a thousand rows that repeat a few texts: what a text means is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from ib_async.contract import Contract, ContractDescription, ContractDetails
from ib_async.objects import OptionChain, PriceIncrement

from sumppump.domain.instruments import Future, OptionClass, OptionContract, Right, SecType, Underlying
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.text import clean
from sumppump.tws.numbers import decimal, zone_named

NO_SUCH_CONTRACT = 200
Rule = tuple[tuple[Decimal, Decimal], ...]
CENT = Decimal("0.01")
# When details name no time of day: the close of the US options market.
CLOSE = time(16, 0)
NAME_LIMIT = 80
KEPT = 4096


def underlying(row: ContractDetails) -> Underlying:
    """A stock, ETF, index, currency pair or coin."""
    contract = _contract(row)
    kind = SecType(contract.secType)
    return Underlying(
        con_id=contract.conId, symbol=contract.symbol, sec_type=kind, currency=contract.currency or "USD",
        exchange="SMART" if kind is SecType.STK else contract.exchange,
        primary_exchange=contract.primaryExchange, long_name=clean(row.longName, limit=NAME_LIMIT),
        industry=clean(row.industry or "", limit=NAME_LIMIT),
        min_tick=decimal(row.minTick) or CENT, trading_hours=row.tradingHours or row.liquidHours,
        liquid_hours=row.liquidHours, time_zone=_zone(row).key,
    )  # fmt: skip


def sampled(sample: ContractDescription) -> Underlying | None:
    """A stock or index in USD from a symbol search, None for anything else."""
    contract = sample.contract
    if contract is None or contract.secType not in ("STK", "IND") or contract.currency != "USD":
        return None
    return Underlying(
        con_id=contract.conId, symbol=contract.symbol, sec_type=SecType(contract.secType),
        exchange="SMART" if contract.secType == "STK" else contract.primaryExchange,
        primary_exchange=contract.primaryExchange,
        long_name=clean(getattr(contract, "description", "") or "", limit=NAME_LIMIT),
    )  # fmt: skip


def option_class(item: Underlying, row: OptionChain) -> OptionClass:
    """Expiries and strikes of one class on one exchange."""
    return OptionClass(
        underlying=item, exchange=row.exchange, trading_class=row.tradingClass,
        multiplier=_multiplier(row.multiplier), expiries=tuple(sorted(day(text) for text in row.expirations)),
        strikes=tuple(sorted(_strike(strike) for strike in row.strikes)),
    )  # fmt: skip


def option(row: ContractDetails, underlying_con_id: int, *, rule: Rule) -> OptionContract:
    """One listed option; ValueError where its multiplier or strike is missing."""
    contract = _contract(row)
    last_day = day(contract.lastTradeDateOrContractMonth)
    return OptionContract(
        con_id=contract.conId, symbol=contract.symbol, right=Right(contract.right[:1]),
        strike=_strike(contract.strike), multiplier=_multiplier(contract.multiplier),
        expiry=day(row.realExpirationDate) if row.realExpirationDate else last_day,
        last_trade=last_moment(row, last_day), underlying_con_id=underlying_con_id or row.underConId,
        trading_class=contract.tradingClass, local_symbol=contract.localSymbol,
        currency=contract.currency or "USD", min_tick=decimal(row.minTick) or CENT, market_rule=rule,
    )  # fmt: skip


def future(row: ContractDetails) -> Future:
    """One listed future; ValueError where its multiplier is missing or no whole number."""
    contract = _contract(row)
    last_day = day(contract.lastTradeDateOrContractMonth)
    return Future(
        con_id=contract.conId, symbol=contract.symbol, expiry=last_day, last_trade=last_moment(row, last_day),
        multiplier=_multiplier(contract.multiplier), exchange=contract.exchange,
        trading_class=contract.tradingClass, local_symbol=contract.localSymbol,
        long_name=clean(row.longName, limit=NAME_LIMIT), currency=contract.currency or "USD",
        min_tick=decimal(row.minTick) or CENT,
        trading_hours=row.tradingHours or row.liquidHours, liquid_hours=row.liquidHours,
        time_zone=_zone(row).key,
    )  # fmt: skip


def last_moment(row: ContractDetails, last_day: date) -> datetime:
    """When the contract trades for the last time, aware UTC; never midnight of the expiry day."""
    return _moment(row.lastTradeTime.strip(), last_day, _zone(row))


@lru_cache(maxsize=KEPT)
def _moment(text: str, last_day: date, zone: ZoneInfo) -> datetime:
    at = time.fromisoformat(text) if text else CLOSE
    return datetime.combine(last_day, at, zone).astimezone(UTC)


def smart_rule_id(row: ContractDetails) -> int:
    """The market rule of SMART, which stands at the same place in both lists; 0 for none."""
    return _smart_rule_id(row.validExchanges, row.marketRuleIds)


@lru_cache(maxsize=KEPT)
def _smart_rule_id(valid_exchanges: str, market_rule_ids: str) -> int:
    exchanges, rules = valid_exchanges.split(","), market_rule_ids.split(",")
    by_exchange = dict(zip(exchanges, rules, strict=False))
    text = by_exchange.get("SMART", rules[0])
    return int(text) if text.isdigit() else 0


def rule(rows: Iterable[PriceIncrement]) -> Rule:
    """Price steps as (from this price, step), rising."""
    steps = ((decimal(row.lowEdge), decimal(row.increment)) for row in rows)
    return tuple(sorted((low, step) for low, step in steps if low is not None and step))


@lru_cache(maxsize=KEPT)
def day(text: str) -> date:
    """YYYYMMDD; ValueError for anything else."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _contract(row: ContractDetails) -> Contract:
    if row.contract is None:
        raise ValueError("contract details without a contract")
    return row.contract


@lru_cache(maxsize=KEPT)
def _strike(number: float) -> Decimal:
    """Currency per share; 515.0 and 515 are one strike and are written as one."""
    strike = decimal(number)
    if strike is None or strike <= 0:
        raise ValueError(f"a strike of {number!r}")
    return Decimal(format(strike.normalize(), "f"))


@lru_cache(maxsize=KEPT)
def _multiplier(text: str) -> int:
    """Shares per contract, currency per point; it is read, never assumed."""
    number = decimal(text)
    if number is None or number <= 0 or number != int(number):
        raise ValueError(f"a multiplier of {text!r}")
    return int(number)


def _zone(row: ContractDetails) -> ZoneInfo:
    zone = zone_named(row.timeZoneId, fallback=NEW_YORK)
    return zone if isinstance(zone, ZoneInfo) else NEW_YORK
