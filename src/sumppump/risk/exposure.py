"""Greeks of what is held: of each leg, strategy and underlying, and of the account. Pure.

A leg whose Greeks nobody knows is named in `left_out`; sums hold the others and are never filled with 0.
Greeks are the broker's where it gives them, else ours (see the quote's source).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from sumppump.domain.instruments import OptionContract, SecType, Underlying
from sumppump.portfolio.holdings import HeldLeg, HeldStrategy

UNITS = (
    "delta shares (options as shares of their underlying), delta_dollars $, gamma shares per $1, gamma_1pct "
    "$ of delta per 1 % move, theta $ a calendar day, vega $ a vol point, rho $ per 1 % of rate"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivities:
    """What a position gains, in cash of its currency; None where it is not known.

    Attributes:
        delta: shares of the underlying that it moves like. delta_dollars: the same at the price.
        gamma: change of delta, shares per 1 of price. gamma_1pct: change of delta dollars per 1 % move.
        theta: cash a calendar day. vega: cash a volatility point. rho: cash per 1 % of rate.
    """

    delta: float | None = None
    delta_dollars: float | None = None
    gamma: float | None = None
    gamma_1pct: float | None = None
    theta: float | None = None
    vega: float | None = None
    rho: float | None = None


NAMES = tuple(each.name for each in fields(Sensitivities))


def summed(parts: Iterable[Sensitivities]) -> Sensitivities:
    """Of each figure the sum of what is known, None where nothing is."""
    rows = list(parts)
    known = {name: [value for row in rows if (value := getattr(row, name)) is not None] for name in NAMES}
    return Sensitivities(**{name: sum(values) if values else None for name, values in known.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class LegExposure:
    """One leg as it is held.

    Attributes:
        quantity: contracts or shares, signed.
        position_id, strategy: the held strategy that it is part of.
        expiry: ISO date, "" for shares.
        source: whose Greeks, "" where there are none; why_not: the reason then.
    """

    con_id: int
    label: str
    symbol: str
    quantity: int
    position_id: str
    strategy: str
    expiry: str
    sums: Sensitivities
    source: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A sum over legs; `left_out` names the legs that it does not hold, with the reason."""

    name: str
    sums: Sensitivities
    legs: int
    left_out: tuple[str, ...] = ()


def leg_exposures(strategies: Sequence[HeldStrategy], rho: Mapping[int, float]) -> tuple[LegExposure, ...]:
    """Every leg of every strategy.

    Args:
        strategies: as they are held.
        rho: by con_id, currency per share and 1 % of rate, where the source of the Greeks gives none.
    """
    return tuple(_leg(each, leg, rho) for each in strategies for leg in each.legs)


def _leg(owner: HeldStrategy, leg: HeldLeg, rho: Mapping[int, float]) -> LegExposure:
    spot = None if owner.spot is None else float(owner.spot)
    sums, source, why_not = _sums(leg, spot, rho.get(leg.instrument.con_id))
    option = leg.instrument if isinstance(leg.instrument, OptionContract) else None
    return LegExposure(
        con_id=leg.instrument.con_id,
        label=leg.instrument.label,
        symbol=leg.instrument.symbol,
        quantity=leg.quantity,
        position_id=owner.position_id,
        strategy=owner.strategy,
        expiry=option.expiry.isoformat() if option else "",
        sums=sums,
        source=source,
        why_not=why_not,
    )


def _sums(leg: HeldLeg, spot: float | None, rho: float | None) -> tuple[Sensitivities, str, str]:
    if isinstance(leg.instrument, OptionContract):
        return _option(leg, leg.instrument, spot, rho)
    if isinstance(leg.instrument, Underlying) and leg.instrument.sec_type is SecType.STK:
        return _shares(leg, spot)
    return Sensitivities(), "", f"{leg.instrument.sec_type} is not figured here"


def _shares(leg: HeldLeg, spot: float | None) -> tuple[Sensitivities, str, str]:
    """A share has a delta of one, and nothing else."""
    own = Sensitivities(delta=float(leg.quantity), gamma=0.0, gamma_1pct=0.0, theta=0.0, vega=0.0, rho=0.0)
    if spot is None:
        return own, "shares", "no price for its dollars"
    return replace(own, delta_dollars=leg.quantity * spot), "shares", ""


def _option(
    leg: HeldLeg, option: OptionContract, spot: float | None, rho: float | None
) -> tuple[Sensitivities, str, str]:
    greeks = leg.greeks
    if greeks is None:
        said = "" if leg.quote is None else leg.quote.greeks_missing
        return Sensitivities(), "", said or "no quote"
    units = leg.quantity * option.multiplier
    each = greeks.rho if greeks.rho is not None else rho
    sums = Sensitivities(
        delta=greeks.delta * units,
        gamma=greeks.gamma * units,
        theta=greeks.theta * units,
        vega=greeks.vega * units,
        rho=None if each is None else each * units,
    )
    if spot is None:
        return sums, greeks.source.value, "the underlying has no price for its dollars"
    dollars = replace(
        sums,
        delta_dollars=greeks.delta * units * spot,
        gamma_1pct=greeks.gamma * units * spot * spot * 0.01,
    )
    return dollars, greeks.source.value, ""


def exposure(name: str, legs: Sequence[LegExposure]) -> Exposure:
    """The sum of these legs."""
    return Exposure(
        name=name,
        sums=summed(leg.sums for leg in legs),
        legs=len(legs),
        left_out=tuple(f"{leg.label}: {leg.why_not}" for leg in legs if leg.why_not),
    )


def by_key(legs: Sequence[LegExposure], key: Callable[[LegExposure], str]) -> tuple[Exposure, ...]:
    """One exposure for each value of `key`, the largest delta dollars first."""
    groups: dict[str, list[LegExposure]] = {}
    for leg in legs:
        groups.setdefault(key(leg), []).append(leg)
    found = [exposure(name, rows) for name, rows in groups.items()]
    return tuple(sorted(found, key=lambda each: -abs(each.sums.delta_dollars or 0.0)))
