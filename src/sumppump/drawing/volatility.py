"""The charts of implied volatility: smiles with their quotes, and the term structure. Percent per year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.drawing.chart import Axis, Chart, Curve, Dots, Panel, Seal, gapped
from sumppump.drawing.scales import tick_percent
from sumppump.drawing.subjects import LOOKS


@dataclass(frozen=True, slots=True)
class SmileLine:
    """One expiry: the quotes' volatilities with their errors, and the fitted curve inside them.

    Attributes:
        quotes: (strike, volatility in %, error in points), rising.
        fitted: (strike, volatility in %), rising; empty where nothing fits.
    """

    label: str
    quotes: tuple[tuple[float, float, float], ...]
    fitted: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class TermDot:
    """One expiry: calendar days to it, volatility at the forward in %, its error in points; None unknown."""

    label: str
    dte: float
    vol: float | None
    error: float | None


def smile_panel(symbol: str, smiles: Sequence[SmileLine], *, spot: float | None) -> Panel:
    """Volatility over the strike, at most four expiries."""
    shown = smiles[: len(LOOKS)]
    return Panel(
        x=Axis(f"{symbol} strike in $"),
        y=Axis("implied volatility, % a year", tick_percent),
        curves=tuple(_fitted(each, place) for place, each in enumerate(shown) if each.fitted),
        dots=tuple(_quotes(each, place) for place, each in enumerate(shown) if each.quotes),
        now=spot,
        now_words="" if spot is None else f"{symbol} now {spot:,.2f}",
        has_zero=False,
        weight=3,
    )


def term_panel(term: Sequence[TermDot]) -> Panel:
    """Volatility at the forward over the days to expiry."""
    known = [(each.dte, each.vol, each.error or 0.0) for each in term if each.vol is not None]
    xs, ys, errors = (tuple(column) for column in zip(*known, strict=True)) if known else ((), (), ())
    line = Curve(
        label="at the forward",
        xs=tuple(each.dte for each in term),
        ys=gapped(each.vol for each in term),
    )
    return Panel(
        x=Axis("calendar days to expiry"),
        y=Axis("implied volatility at the forward, % a year", tick_percent),
        curves=(line,) if term else (),
        dots=(Dots(label="at the forward", xs=xs, ys=ys, errors=errors),) if known else (),
        has_zero=False,
        weight=2,
    )


def volatility_chart(
    symbol: str,
    smiles: Sequence[SmileLine],
    term: Sequence[TermDot],
    *,
    spot: float | None,
    seal: Seal,
    note: str = "",
) -> Chart:
    """Smiles above, term structure below; what there is of them.

    Raises:
        ValueError: neither is there.
    """
    panels = []
    if any(each.quotes or each.fitted for each in smiles):
        panels.append(smile_panel(symbol, smiles, spot=spot))
    if any(each.vol is not None for each in term):
        panels.append(term_panel(term))
    known = [f"{each.label} {tick_percent(each.vol)}" for each in term if each.vol is not None]
    return Chart(
        title=f"{symbol}: implied volatility",
        subtitle="dots: quotes with what their width leaves open; lines: the fitted smile, inside the quotes",
        panels=tuple(panels),
        seal=seal,
        summary=f"Implied volatility of {symbol} at the forward: {', '.join(known) or 'not known'}.",
        note=note,
    )


def _fitted(smile: SmileLine, place: int) -> Curve:
    tone, dash = LOOKS[place]
    strikes, vols = zip(*smile.fitted, strict=True)
    return Curve(label=smile.label, xs=strikes, ys=vols, tone=tone, dash=dash, is_strong=True)


def _quotes(smile: SmileLine, place: int) -> Dots:
    strikes, vols, errors = (tuple(column) for column in zip(*smile.quotes, strict=True))
    label = smile.label if smile.fitted else f"{smile.label}, no curve"
    return Dots(label=label, xs=strikes, ys=vols, errors=errors, tone=LOOKS[place][0])
