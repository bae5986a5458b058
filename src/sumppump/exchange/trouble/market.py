"""Trouble of the market itself: it moves, and nobody was asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.trouble.effect import Effect, Scene
from sumppump.exchange.trouble.parameters import Seconds, Span, Symbol

Move = Annotated[float, Span(-60.0, 150.0)]
"""Percent."""
Factor = Annotated[float, Span(1 / 12, 12.0)]
Days = Annotated[float, Span(0.001, 1000.0)]


@dataclass(kw_only=True)
class MarketMove(Effect):
    """A fall or a rise, a spike of volatility, or both; it stays when the fault is healed.

    Attributes:
        symbol: whose; "" moves the whole market, each symbol with its beta.
        percent: of the price.
        seconds: how long it takes, spread evenly.
        volatility: factor on implied volatility; distant expiries follow the less, the sooner it fades.
        half_life_days: calendar days in which the factor fades by half.
    """

    symbol: Symbol = ""
    percent: Move = 0.0
    seconds: Seconds = 60.0
    volatility: Factor = 1.0
    half_life_days: Days = 4.0

    def begin(self, scene: Scene) -> None:
        symbol = self.symbol.upper()
        shock = Shock(
            at_ms=to_ms(scene.now),
            duration_ms=max(round(self.seconds * 1000), 1),
            log_return=math.log1p(self.percent / 100),
            vol_factor=self.volatility,
            symbol=symbol,
            half_life_days=self.half_life_days,
        )
        scene.venue.shock(shock)
        scene.after(self.seconds, scene.over)
