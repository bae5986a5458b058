"""How each underlying has moved with the market: betas of a year's daily returns, with errors. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta, aligned_returns, ols_beta
from sumppump.risk.closes import Closes, point_changes

DAYS, FEWEST = 252, 60
# Under a name of its own: the market may be among what is held.
_MARKET = "the market"
OF_ITSELF = Beta(beta=1.0, error=0.0, alpha=0.0, r_squared=1.0, samples=0)


def betas_to(
    benchmark: str, closes: Mapping[str, Closes | Missing]
) -> tuple[dict[str, Beta], dict[str, Missing]]:
    """Betas by symbol, and the reasons where there is none; the benchmark's own is 1 without error."""
    known: dict[str, Beta] = {}
    unknown: dict[str, Missing] = {}
    for symbol, own in closes.items():
        found = OF_ITSELF if symbol == benchmark else _beta(own, closes.get(benchmark))
        if isinstance(found, Beta):
            known[symbol] = found
        else:
            unknown[symbol] = found
    return known, unknown


def joint_error(
    dollars: Mapping[str, float], benchmark: str, closes: Mapping[str, Closes | Missing]
) -> float | Missing:
    """Standard error of what these dollars together move per unit of the market, in the same currency.

    One regression of their common return: what two underlyings share beside the market adds up or cancels.

    Args:
        dollars: by symbol, signed.
        benchmark: the market.
        closes: of all of them.
    """
    market = closes.get(benchmark)
    wanted = {symbol: each.by_day for symbol in dollars if isinstance(each := closes.get(symbol), Closes)}
    if not isinstance(market, Closes) or len(wanted) < len(dollars):
        return Missing("no_history", "a part has no daily closes")
    returns = aligned_returns(wanted | {_MARKET: market.by_day}, least=FEWEST, most=DAYS)
    if returns.left_out:
        return next(iter(returns.left_out.values()))
    together = returns.columns(tuple(dollars)) @ np.array(list(dollars.values()))
    found = ols_beta(together, returns.of(_MARKET), least=FEWEST)
    return found if isinstance(found, Missing) else found.error


def vix_beta(benchmark: str, vix: str, closes: Mapping[str, Closes | Missing]) -> Beta | Missing:
    """Points that the VIX moves per percent of the market, by a year of both."""
    market, levels = closes.get(benchmark), closes.get(vix)
    if not isinstance(market, Closes) or not isinstance(levels, Closes):
        return Missing("no_history", "the VIX or the benchmark has no daily closes")
    returns = aligned_returns({_MARKET: market.by_day, vix: levels.by_day}, least=FEWEST, most=DAYS)
    if returns.left_out:
        return next(iter(returns.left_out.values()))
    return ols_beta(point_changes(levels, returns, vix), returns.of(_MARKET) * 100.0, least=FEWEST)


def _beta(own: Closes | Missing, market: Closes | Missing | None) -> Beta | Missing:
    if isinstance(own, Missing):
        return own
    if market is None or isinstance(market, Missing):
        return market or Missing("no_history", "the benchmark has no daily closes")
    pair = {"own": own.by_day, "market": market.by_day}
    returns = aligned_returns(pair, least=FEWEST, most=DAYS)
    if returns.left_out:
        return next(iter(returns.left_out.values()))
    return ols_beta(returns.of("own"), returns.of("market"), least=FEWEST)
