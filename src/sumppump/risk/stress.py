"""What the book loses in named crashes, on days that markets remember, and how small a move is enough. Pure.

Moves are the market's; each underlying moves by its beta. On a day before the VIX, volatility stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sumppump.domain.book import Book, ReverseStress, Scenario, market_moves, reprice, reverse_stress
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta
from sumppump.risk.history_days import HISTORY_DAYS, HistoryDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """One thing that may happen to the market.

    Attributes:
        move_pct: of the market. vol_points: added to every volatility, None where that is not known.
        days: calendar days that pass.
    """

    name: str
    move_pct: float = 0.0
    vol_points: float | None = 0.0
    days: float = 0.0
    note: str = ""


NAMED = (
    Shock(name="crash -20 %", move_pct=-20.0),
    Shock(name="crash -20 % and volatility +10", move_pct=-20.0, vol_points=10.0),
    Shock(name="slump -10 % and volatility +10", move_pct=-10.0, vol_points=10.0),
    Shock(name="rally +10 % and volatility -5", move_pct=10.0, vol_points=-5.0),
    Shock(name="volatility +10 points", vol_points=10.0),
    Shock(name="a week passes", days=7.0),
)
NO_VIX = "volatility held"


def of_history(each: HistoryDay) -> Shock:
    """A historical day as a shock."""
    notes = (NO_VIX if each.vix_points is None else "", each.note)
    return Shock(
        name=f"{each.day.isoformat()} {each.words}",
        move_pct=each.move_pct,
        vol_points=each.vix_points,
        note="; ".join(note for note in notes if note),
    )


SHOCKS = (*NAMED, *map(of_history, HISTORY_DAYS))


@dataclass(frozen=True, slots=True)
class Stressed:
    """What one shock comes to, cash."""

    shock: Shock
    pnl: float


def stressed(
    book: Book, betas: Mapping[str, float], shocks: Sequence[Shock] = SHOCKS
) -> tuple[Stressed, ...]:
    """Every shock, in the order given."""
    scenarios = [
        Scenario(
            name=each.name,
            moves_pct=market_moves(each.move_pct, betas),
            vol_points=each.vol_points or 0.0,
            days=each.days,
        )
        for each in shocks
    ]
    totals = reprice(book, scenarios).total.tolist()
    return tuple(Stressed(shock, pnl) for shock, pnl in zip(shocks, totals, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """How small a move of the market costs a limit.

    Attributes:
        loss: the limit, cash, positive; what today has cost already is taken off it.
        held: the smallest moves while volatility is held. moving: while it moves along; None where nobody
            can say how it does.
    """

    name: str
    loss: float
    held: ReverseStress
    moving: ReverseStress | None


def smallest_moves(
    book: Book, betas: Mapping[str, float], limits: Mapping[str, float], vix: Beta | Missing
) -> tuple[Enough, ...]:
    """For each limit, by name, the smallest moves that reach it; a limit not above 0 is reached already.

    Args:
        book: what is held.
        betas: of its underlyings to the market.
        limits: losses, cash.
        vix: how the VIX goes with the market, hundredths of a point a percent.
    """
    return tuple(_enough(book, betas, name, loss, vix) for name, loss in limits.items())


def _enough(book: Book, betas: Mapping[str, float], name: str, loss: float, vix: Beta | Missing) -> Enough:
    if not loss > 0:
        reached = Missing("reached", "today's loss has reached it already")
        both = ReverseStress(down=reached, up=reached)
        return Enough(name=name, loss=max(loss, 0.0), held=both, moving=both)
    moving = None
    if isinstance(vix, Beta):
        moving = reverse_stress(book, loss, betas=betas, points_per_pct=vix.beta)
    return Enough(name=name, loss=loss, held=reverse_stress(book, loss, betas=betas), moving=moving)
