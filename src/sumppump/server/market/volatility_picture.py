"""Smiles and term structure of an underlying as a chart: quotes with their errors, curves inside them."""

from __future__ import annotations

import numpy as np

from sumppump.data.volatility_reading import VolatilityReading, known
from sumppump.domain.missing import Missing
from sumppump.domain.surface import Sighted, SmileFit
from sumppump.domain.surface.fitting import ExpiryQuotes
from sumppump.drawing.chart import Chart, Seal
from sumppump.drawing.volatility import SmileLine, TermDot, volatility_chart
from sumppump.server.desk import Desk
from sumppump.server.pictures import Sketch, seal_of, sketch

MOST_SMILES = 4
_POINTS = 60


def volatility_sketch(desk: Desk, reading: VolatilityReading) -> Sketch | None:
    """The chart of a reading; None where neither a quote nor a volatility is known."""
    drawn = volatility_picture_of(reading, seal_of(desk, reading.as_of))
    if drawn is None:
        return None
    return sketch(f"volatility-{reading.underlying.symbol}", lambda: drawn, frozenset({"term_structure"}))


def volatility_picture_of(reading: VolatilityReading, seal: Seal) -> Chart | None:
    """The chart of a reading; None where neither a quote nor a volatility is known."""
    smiles = () if isinstance(reading.sighted, Missing) else _smiles(reading.sighted)
    term = [TermDot(each.day.day.isoformat(), each.day.dte, _percent(known(each.atm_iv)), each.fit_error)
            for each in reading.term]  # fmt: skip
    if not smiles and all(each.vol is None for each in term):
        return None
    return volatility_chart(
        reading.underlying.symbol,
        smiles,
        term,
        spot=None if reading.spot is None else float(reading.spot),
        seal=seal,
        note=_left_out(reading),
    )


def _smiles(sighted: Sighted) -> tuple[SmileLine, ...]:
    """Of the nearest expiry, the furthest and some between."""
    quoted = sorted((each for each in sighted.quotes if each.points), key=lambda each: each.years)
    most = min(MOST_SMILES, len(quoted))
    places = [round(at * (len(quoted) - 1) / max(1, most - 1)) for at in range(most)]
    fits = {(fit.expiry, fit.trading_class): fit for fit in sighted.surface.smiles}
    return tuple(
        _smile(each, fits.get((each.expiry, each.trading_class))) for each in (quoted[at] for at in places)
    )


def _smile(quotes: ExpiryQuotes, fit: SmileFit | None) -> SmileLine:
    points = sorted((strike, 100.0 * vol, 100.0 * error) for strike, vol, error in quotes.points)
    return SmileLine(quotes.expiry.isoformat(), tuple(points), () if fit is None else _fitted(fit))


def _fitted(fit: SmileFit) -> tuple[tuple[float, float], ...]:
    """The curve between the outermost quoted strikes, where alone it is known."""
    strikes = np.linspace(fit.low, fit.high, _POINTS).tolist()
    found = ((strike, fit.vol(strike)) for strike in strikes)
    return tuple((strike, 100.0 * vol) for strike, vol in found if vol is not None)


def _percent(vol: float | None) -> float | None:
    return None if vol is None else 100.0 * vol


def _left_out(reading: VolatilityReading) -> str:
    if isinstance(reading.sighted, Missing):
        return f"No smile: {reading.sighted.reason}."
    refused = [each.expiry.isoformat() for each in reading.sighted.surface.refused]
    return f"Without a curve: {', '.join(refused)}." if refused else ""
