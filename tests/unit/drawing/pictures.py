"""One of every picture that there is, with figures as ugly as they come."""

from __future__ import annotations

from datetime import date, timedelta

from sumppump.drawing.chart import Axis, HeatMap, Picture, Seal
from sumppump.drawing.heat_svg import heat_svg
from sumppump.drawing.payoff import AT_EXPIRY, Cone, PayoffLine, PayoffPicture, payoff_chart
from sumppump.drawing.subjects import equity_chart, greeks_chart, pnl_chart, scenario_map
from sumppump.drawing.svg import chart_svg
from sumppump.drawing.volatility import SmileLine, TermDot, volatility_chart

SEAL = Seal("SIM", "2026-11-27 11:30:00 New York")
NAN = float("nan")
_PRICES = [450.0 + step for step in range(0, 111, 5)]
_MOVES = [-20.0, -10.0, 0.0, 10.0, 20.0]
_DAYS = [date(2026, 1, 1) + timedelta(days=at) for at in range(5)]
_UNITS = {
    "delta": "delta, shares",
    "gamma": "gamma, shares per $1",
    "theta": "theta, $ a day",
    "vega": "vega, $ per vol point",
}


def _payoff(*points: tuple[float, float], cones: tuple[Cone, ...] = ()) -> Picture:
    prices, pnl = zip(*points, strict=True)
    return payoff_chart(
        PayoffPicture(
            title="1 × SPY strangle", symbol="SPY", lines=(PayoffLine(AT_EXPIRY, prices, pnl),),
            max_loss="unlimited", max_profit="$1.00", spot=505.0, breakevens=(495.0, 515.0), cones=cones,
            seal=SEAL,
        )
    )  # fmt: skip


def _greeks(greeks: dict[str, list[float]], now: float) -> Picture:
    return greeks_chart(
        "SPY", Axis("price in $"), _PRICES, greeks, units=_UNITS, now=now, now_words="SPY now", seal=SEAL
    )


PICTURES: dict[str, Picture] = {
    "payoff": _payoff((480, -500), (500, 300), (520, -500)),
    "payoff with a cone": _payoff(
        (480, -500), (500, 300), (520, -500), cones=(Cone("68 %", (0, 9), (505, 400), (505, 600)),)
    ),
    "payoff of nothing": _payoff((480, 0), (520, 0)),
    "payoff that only loses, hugely": _payoff((1, -1), (1e6, -2.4e9)),
    "Greeks": _greeks(dict.fromkeys(_UNITS, _PRICES), 505.0),
    "Greeks with gaps, tiny and huge": _greeks(
        {"delta": [NAN, 1e-9] * 11 + [NAN], "vega": [-1e12] * 23}, 9.0
    ),
    "heat": scenario_map(
        "Account", moves_pct=_MOVES, down="points", rows=("0", "+5"),
        pnl=[[-9e6, -10, 0, 5, 2e9], [NAN, None, -1, -2, -3]], seal=SEAL, here=(0, 2), note="Left out: X.",
    ),
    "heat of one missing cell": scenario_map(
        "A", moves_pct=[0], down="date", rows=("now",), pnl=[[None]], seal=SEAL
    ),
    "P&L": pnl_chart("Account", _MOVES, {"today": [-3, NAN, 0, 1, 2], "in 7 days": [-9] * 5}, seal=SEAL),
    "P&L of which nothing is known": pnl_chart("Account", _MOVES, {"today": [NAN] * 5}, seal=SEAL),
    "equity": equity_chart(
        "Account", _DAYS, [100.0, 120.0, None, 90.0, 130.0], [0.0, 0.0, None, -25.0, 0.0], seal=SEAL
    ),
    "equity of one day": equity_chart("Account", _DAYS[:1], [100.0], [0.0], seal=SEAL),
    "volatility": volatility_chart(
        "SPY",
        [SmileLine("2026-12-18", ((490, 20, 0.5), (500, 18, 0.0)), ((490, 20.1), (500, 18.2)))],
        [TermDot("2026-12-18", 21, 18.2, 0.1), TermDot("2027-01-15", 49, None, None)],
        spot=497.0,
        seal=SEAL,
    ),
    "volatility of one strike": volatility_chart(
        "X", [SmileLine("2026-12-04", ((5, 250, 90),), ())], [], spot=None, seal=SEAL
    ),
}  # fmt: skip


def drawn(picture: Picture) -> str:
    """The picture as SVG."""
    return heat_svg(picture) if isinstance(picture, HeatMap) else chart_svg(picture, height=600)
