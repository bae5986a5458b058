"""The answer about the volatility index's curve. Prices are index points."""

from __future__ import annotations

from sumppump.data.vix import REGIME_RULE, VixCurve, VixMonth
from sumppump.data.volatility_reading import known
from sumppump.domain.missing import Missing
from sumppump.server.market.volatility_views import MissingView, missing_view
from sumppump.server.views import Answer, View, feed_warnings, num, quality_of


class VixMonthView(View):
    """One future, front month first; `on_previous_pct`: over the month before, the first over spot."""

    contract: str
    expiry: str
    dte: int
    price: float | None
    price_from: str
    on_previous_pct: float | None
    bid: float | None
    ask: float | None
    volume: int | None


class VixAnswer(Answer):
    """The curve; `contango_pct` is the second month over the first."""

    spot: float | None
    regime: str | None
    regime_rule: str
    contango_pct: float | None
    spot_basis_pct: float | None
    slope_per_month: float | None
    futures: list[VixMonthView]
    missing: list[MissingView]


def vix_answer(curve: VixCurve, monotonic: float) -> VixAnswer:
    """Index, months, and what they say together."""
    return VixAnswer(
        summary=_summary(curve),
        warnings=_warnings(curve),
        data_quality=quality_of(curve.quotes, monotonic),
        spot=num(known(curve.spot)),
        regime=None if isinstance(curve.regime, Missing) else curve.regime,
        regime_rule=REGIME_RULE,
        contango_pct=num(known(curve.contango_pct), 2),
        spot_basis_pct=num(known(curve.spot_basis_pct), 2),
        slope_per_month=num(known(curve.slope), 3),
        futures=[_month(each) for each in curve.months],
        missing=[missing_view(name, why) for name, why in curve.missing()],
    )


def _warnings(curve: VixCurve) -> list[str]:
    lost = [f"{name}: {why.reason}" for name, why in curve.missing()][:3]
    prices = [each for each in curve.months if not isinstance(each.price, Missing)]
    is_still = bool(prices) and not any(each.is_mid for each in prices)
    still = ["no future has a bid and an ask now: prices are those of last trades"] if is_still else []
    return [*feed_warnings(curve.quotes), *still, *lost]


def _month(each: VixMonth) -> VixMonthView:
    has_price = not isinstance(each.price, Missing)
    return VixMonthView(
        contract=each.future.local_symbol or each.future.label,
        expiry=each.future.expiry.isoformat(),
        dte=each.dte,
        price=num(known(each.price), 3),
        price_from="" if not has_price else "mid" if each.is_mid else "last trade",
        on_previous_pct=num(known(each.on_previous_pct), 2),
        bid=num(each.quote.bid),
        ask=num(each.quote.ask),
        volume=each.quote.volume,
    )


def _summary(curve: VixCurve) -> str:
    spot = "missing" if isinstance(curve.spot, Missing) else f"{curve.spot:.2f}"
    if isinstance(curve.regime, Missing) or isinstance(curve.contango_pct, Missing):
        return f"VIX {spot}; the curve has no regime: {curve.missing()[-1][1].reason}."
    basis = (
        ""
        if isinstance(curve.spot_basis_pct, Missing)
        else f", the first {curve.spot_basis_pct:+.1f} % on spot"
    )
    slope = "" if isinstance(curve.slope, Missing) else f", {curve.slope:+.2f} points a month"
    return (
        f"VIX {spot}: {curve.regime}, the second month {curve.contango_pct:+.1f} % on the first"
        f"{basis}{slope} over {len(curve.months)} months."
    )
