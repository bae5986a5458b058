"""Books in one line each, and random ones, for tests of scenarios and tail risk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sumppump.domain.book import Book, OptionRows, RowLabel, ShareRows, Shocks
from sumppump.domain.pricing.normal import Array
from sumppump.domain.smile import Curve


def random_book(
    count: int,
    *,
    american: bool = False,
    seed: int = 20_262,
    shares: int = 0,
    symbols: Sequence[str] = ("SPY", "IWM", "QQQ"),
    dividends: Sequence[tuple[float, float]] = (),
    smile: Curve | None = None,
) -> Book:
    """Options of 1 day to 2 years on several underlyings, bought and sold, and some shares."""
    random = np.random.default_rng(seed)
    spots = random.uniform(40.0, 600.0, len(symbols))
    places = random.integers(0, len(symbols), count)
    years = np.exp(random.uniform(np.log(1 / 365), np.log(2.0), count))
    vol = random.uniform(0.12, 0.6, count)
    when, cash = (
        (np.array(part, dtype=float)[:, None] for part in zip(*dividends, strict=True))
        if (dividends)
        else (np.zeros((0, 1)), np.zeros((0, 1)))
    )
    options = OptionRows(
        underlying=places,
        strike=spots[places] * np.exp(random.normal(0.0, 1.0, count) * vol * np.sqrt(years)),
        years=years,
        call=random.random(count) < 0.5,
        american=np.full(count, american),
        units=100.0 * random.integers(-5, 6, count),
        vol=vol,
        rate=random.uniform(0.01, 0.06, count),
        carry=random.uniform(0.0, 0.04, count),
        when=np.repeat(when, count, axis=1),
        cash=np.repeat(cash, count, axis=1),
    )
    held = random.integers(0, len(symbols), shares)
    stock = ShareRows(
        underlying=held,
        units=100.0 * random.integers(-5, 6, shares),
        when=np.repeat(when, shares, axis=1),
        cash=np.repeat(cash, shares, axis=1),
    )
    labels = [
        RowLabel(con_id=row, symbol=symbols[place], words=f"row {row}", strategy=f"strategy {row % 4}")
        for row, place in enumerate((*places, *held))
    ]
    return Book(
        symbols=tuple(symbols),
        spots=spots,
        options=options,
        shares=stock,
        labels=tuple(labels),
        smiles=(smile,) * count,
    )


def one_option(
    *,
    strike: float,
    years: float,
    call: bool,
    vol: float = 0.2,
    spot: float = 100.0,
    rate: float = 0.04,
    carry: float = 0.0,
    american: bool = False,
    units: float = 1.0,
    dividends: Sequence[tuple[float, float]] = (),
    smile: Curve | None = None,
) -> Book:
    """A book of a single option row."""
    table = np.array(dividends, dtype=float).reshape(-1, 2)
    options = OptionRows(
        underlying=np.array([0]),
        strike=np.array([strike]),
        years=np.array([years]),
        call=np.array([call]),
        american=np.array([american]),
        units=np.array([units]),
        vol=np.array([vol]),
        rate=np.array([rate]),
        carry=np.array([carry]),
        when=table[:, :1],
        cash=table[:, 1:],
    )
    nothing = np.zeros((len(table), 0))
    shares = ShareRows(underlying=np.zeros(0, np.intp), units=np.zeros(0), when=nothing, cash=nothing)
    return Book(
        symbols=("XYZ",),
        spots=np.array([spot]),
        options=options,
        shares=shares,
        labels=(RowLabel(con_id=1, symbol="XYZ", words="one option"),),
        smiles=(smile,),
    )


def shocks_of(log_returns: Array, *, days: float, points: Array | float = 0.0) -> Shocks:
    """One scenario a row of (paths, underlyings) logarithmic returns, all at one date.

    `points` are added to volatilities: one number for all paths, or one for each.
    """
    shifts = np.asarray(points, dtype=np.float64).reshape(-1, 1)
    return Shocks(factors=np.exp(log_returns), points=shifts, days=np.array([[days]]))
