"""How much of what is held stands on one underlying, and on one expiry. Pure.

Gross value is the sum of what the legs are worth, long and short alike, so that a spread does not look
small. What has no value, or another currency than the account, is in no sum and is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import Unlimited
from sumppump.kernel.money import Money
from sumppump.portfolio.holdings import HeldLeg, HeldStrategy


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderlyingShare:
    """Everything on one underlying.

    Attributes:
        positions: held strategies. gross: value of all legs without their signs; share: of all gross, 0 to 1.
        net: value with signs. unrealized: open P&L. Cash.
        max_loss: sum of the strategies' largest losses from entry to their first expiry; None where one is
            not known or has no bound. unlimited: strategies whose loss has no bound.
    """

    symbol: str
    positions: int
    gross: Decimal
    share: float | None
    net: Decimal
    unrealized: Decimal | None
    max_loss: Decimal | None
    unlimited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryShare:
    """Everything that expires on one day.

    Attributes:
        contracts: long and short together; short: those owed. theta: cash a calendar day, None where unknown.
    """

    expiry: date
    contracts: int
    short: int
    gross: Decimal
    share: float | None
    theta: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """Shares, largest first (expiries by day); `left_out` names the legs that no sum holds."""

    underlyings: tuple[UnderlyingShare, ...]
    expiries: tuple[ExpiryShare, ...]
    left_out: tuple[str, ...]


def concentration(strategies: Sequence[HeldStrategy], currency: str) -> Concentration:
    """The shares of everything held whose value is in `currency`."""
    legs = [leg for each in strategies for leg in each.legs]
    total = _gross(legs, currency)
    by_symbol: dict[str, list[HeldStrategy]] = defaultdict(list)
    for each in strategies:
        by_symbol[each.symbol].append(each)
    by_expiry: dict[date, list[HeldLeg]] = defaultdict(list)
    for leg in legs:
        if isinstance(leg.instrument, OptionContract):
            by_expiry[leg.instrument.expiry].append(leg)
    found = [_underlying(symbol, rows, currency, total) for symbol, rows in by_symbol.items()]
    return Concentration(
        underlyings=tuple(sorted(found, key=lambda each: (-each.gross, each.symbol))),
        expiries=tuple(_expiry(day, by_expiry[day], currency, total) for day in sorted(by_expiry)),
        left_out=tuple(_why_not(leg, currency) for leg in legs if _value(leg, currency) is None),
    )


def _underlying(symbol: str, rows: Sequence[HeldStrategy], currency: str, total: Decimal) -> UnderlyingShare:
    legs = [leg for each in rows for leg in each.legs]
    gross = _gross(legs, currency)
    bounded = [each.max_loss for each in rows if not isinstance(each.max_loss, Unlimited)]
    return UnderlyingShare(
        symbol=symbol,
        positions=len(rows),
        gross=gross,
        share=_share(gross, total),
        net=sum((value for leg in legs if (value := _value(leg, currency)) is not None), Decimal(0)),
        unrealized=_total([each.unrealized_pnl for each in rows], currency),
        max_loss=_total(bounded, currency) if len(bounded) == len(rows) else None,
        unlimited=len(rows) - len(bounded),
    )


def _expiry(day: date, legs: Sequence[HeldLeg], currency: str, total: Decimal) -> ExpiryShare:
    gross = _gross(legs, currency)
    thetas = [None if leg.greeks is None else leg.greeks.theta * _units(leg) for leg in legs]
    known = [theta for theta in thetas if theta is not None]
    return ExpiryShare(
        expiry=day,
        contracts=sum(abs(leg.quantity) for leg in legs),
        short=-sum(min(0, leg.quantity) for leg in legs),
        gross=gross,
        share=_share(gross, total),
        theta=sum(known) if len(known) == len(thetas) else None,
    )


def _units(leg: HeldLeg) -> int:
    return leg.quantity * leg.instrument.multiplier


def _value(leg: HeldLeg, currency: str) -> Decimal | None:
    value = leg.market_value
    return value.amount if value is not None and value.currency == currency else None


def _why_not(leg: HeldLeg, currency: str) -> str:
    why = "no price" if leg.market_value is None else f"in {leg.market_value.currency}, not {currency}"
    return f"{leg.instrument.label}: {why}"


def _gross(legs: Iterable[HeldLeg], currency: str) -> Decimal:
    return sum((abs(value) for leg in legs if (value := _value(leg, currency)) is not None), Decimal(0))


def _share(part: Decimal, total: Decimal) -> float | None:
    return float(part / total) if total else None


def _total(amounts: Sequence[Money | None], currency: str) -> Decimal | None:
    """The sum; None where a part is missing or in another currency."""
    known = [each.amount for each in amounts if each is not None and each.currency == currency]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
