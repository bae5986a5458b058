"""How much risk the Greeks hold, as points for shares of net liquidation: a table, so that all can follow it.

The thresholds are ours: whole steps of what a loss limit of some percent a day could bear. They are no
forecast; the same book in a larger account scores lower.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MODERATE, HIGH = 3, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the score looks at, cash; None where it is not known.

    Attributes:
        market_delta: beta-weighted delta dollars.
        gamma_1pct: change of delta dollars per 1 % move. theta: a day. vega: a volatility point.
        worst: P&L of the worst scenario of the market.
    """

    market_delta: float | None
    gamma_1pct: float | None
    theta: float | None
    vega: float | None
    worst: float | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One measure: percent of net liquidation from which it costs 1, 2 and 3 points."""

    words: str
    steps: tuple[float, ...]
    of: Callable[[Measured], float | None]


RULES = (
    Rule(
        "market delta (beta-weighted delta dollars)",
        (100.0, 150.0, 250.0),
        lambda it: it.market_delta and abs(it.market_delta),
    ),
    Rule(
        "short gamma (delta dollars lost per 1 % move)",
        (5.0, 10.0, 20.0),
        lambda it: it.gamma_1pct and max(0.0, -it.gamma_1pct),
    ),
    Rule("decay (theta paid a day)", (0.1, 0.25, 0.5), lambda it: it.theta and max(0.0, -it.theta)),
    Rule("vega (for 10 volatility points)", (2.0, 5.0, 10.0), lambda it: it.vega and abs(it.vega) * 10.0),
    Rule("worst scenario of the market", (5.0, 10.0, 20.0), lambda it: it.worst and max(0.0, -it.worst)),
)


RULE = (
    "a point for each step reached, in percent of net liquidation: "
    + "; ".join(f"{rule.words} {', '.join(f'{step:g}' for step in rule.steps)}" for rule in RULES)
    + f". Below {MODERATE} in all LOW, from {HIGH} HIGH; the steps are SumpPump's own"
)


@dataclass(frozen=True, slots=True)
class Score:
    """Points, their level, and a reason for each measure that costs any; points None without net liquidation.

    Attributes:
        missing: measures that could not be looked at.
    """

    points: int | None
    level: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...] = ()


def risk_score(measured: Measured, net_liquidation: float | None) -> Score:
    """The score of what was measured, for an account worth `net_liquidation` in the same currency."""
    if net_liquidation is None or net_liquidation <= 0:
        return Score(None, "UNKNOWN", ("net liquidation is not known or not above 0",))
    points, reasons, missing = 0, [], []
    for rule in RULES:
        value = rule.of(measured)
        if value is None:
            missing.append(rule.words)
            continue
        percent = value / net_liquidation * 100.0
        earned = sum(percent >= step for step in rule.steps)
        points += earned
        if earned:
            reasons.append(
                f"{rule.words}: {percent:.1f} % of net liquidation, {earned} of {len(rule.steps)} points"
            )
    return Score(points, level_of(points), tuple(reasons), tuple(missing))


def level_of(points: int) -> str:
    """LOW, MODERATE or HIGH."""
    return "HIGH" if points >= HIGH else "MODERATE" if points >= MODERATE else "LOW"
