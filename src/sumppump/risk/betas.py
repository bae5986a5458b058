"""How each underlying has moved with the market: betas of a year's daily returns, with errors. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta, aligned_returns, ols_beta
from sumppump.risk.closes import Closes

DAYS, FEWEST = 252, 60
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
