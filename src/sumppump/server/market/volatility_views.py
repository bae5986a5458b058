"""The answer about one underlying's volatility. Volatilities are per year, 0.23 is 23 %."""

from __future__ import annotations

from pydantic import Field

from sumppump.data.volatility_reading import (
    RANGE_WINDOW,
    STATES,
    ExpectedMove,
    Figure,
    TermPoint,
    VolatilityReading,
    known,
)
from sumppump.domain.missing import Missing
from sumppump.domain.surface import Sighted
from sumppump.domain.volatility import LEAST_SAMPLES
from sumppump.server.views import SKEW_UNIT, Answer, View, feed_warnings, moment, num, quality_of

STATE_RULE = ", ".join(f"{word} above {above:g}" for above, word in STATES if above > 0) + ", else low"
STATE_RULE_WORDS = f"by iv_rank: {STATE_RULE}; {LEAST_SAMPLES} daily closes at least"


class MissingView(View):
    """A figure that is null: code for programs, reason for people."""

    name: str
    code: str
    reason: str


class MoveView(View):
    """How far the price may go until the expiry: the straddle's mid, and one standard deviation."""

    expiry: str
    dte: int
    straddle: float | None
    straddle_pct: float | None
    deviation: float | None
    deviation_pct: float | None


class TermView(View):
    """One expiry: volatility at the forward, its standard error and the skew in volatility points.

    Rate and dividend_yield are those that parity implies, null where it tells none. Cash_dividends: those
    known with their dates until expiry, per share, for early exercise; null where none is known.
    """

    expiry: str
    dte: int
    atm_iv: float | None
    fit_error: float | None
    skew: float | None
    forward: float | None
    rate: float | None
    dividend_yield: float | None
    cash_dividends: float | None


class SurfaceView(View):
    """How sound the smiles are: worst figures of all of them; errors in volatility points."""

    smiles: int
    strikes: int
    quotes_left_out: int
    worst_rmse: float | None
    least_butterfly_density: float | None
    repaired: list[str] = Field(default_factory=list)
    refused: list[MissingView] = Field(default_factory=list)


class VolatilityAnswer(Answer):
    """Implied and past volatility. `skew`: 25-delta put less call in points, of the move's expiry."""

    symbol: str
    price: float | None
    iv: float | None
    iv_source: str
    iv_rank: float | None
    iv_percentile: float | None
    samples: int
    iv_low: float | None
    iv_high: float | None
    state: str | None
    state_rule: str
    hv_10: float | None
    hv_20: float | None
    hv_30: float | None
    hv_60: float | None
    parkinson: float | None
    yang_zhang: float | None
    range_window: int
    hv_through: str | None
    iv_hv_ratio: float | None
    skew: float | None
    skew_unit: str = SKEW_UNIT
    expected_move: MoveView | None
    term_structure: list[TermView]
    surface: SurfaceView | None
    missing: list[MissingView]
    chart: str | None = None


def missing_view(name: str, why: Missing) -> MissingView:
    """A reason with the figure's name."""
    return MissingView(name=name, code=why.code, reason=why.reason)


def volatility_answer(reading: VolatilityReading, monotonic: float) -> VolatilityAnswer:
    """Everything, with a reason for every null."""
    hv = {window: num(known(figure), 4) for window, figure in reading.hv}
    spot = None if reading.spot is None else float(reading.spot)
    return VolatilityAnswer(
        summary=_summary(reading),
        warnings=_warnings(reading),
        as_of=moment(reading.as_of),
        data_quality=quality_of(reading.quotes, monotonic),
        symbol=reading.underlying.symbol,
        price=num(spot),
        iv=num(known(reading.iv), 4),
        iv_source=reading.iv_source,
        iv_rank=num(known(reading.iv_rank), 1),
        iv_percentile=num(known(reading.iv_percentile), 1),
        samples=reading.samples,
        iv_low=num(reading.iv_low, 4),
        iv_high=num(reading.iv_high, 4),
        state=None if isinstance(reading.state, Missing) else reading.state,
        state_rule=STATE_RULE_WORDS,
        hv_10=hv[10],
        hv_20=hv[20],
        hv_30=hv[30],
        hv_60=hv[60],
        parkinson=num(known(reading.parkinson), 4),
        yang_zhang=num(known(reading.yang_zhang), 4),
        range_window=RANGE_WINDOW,
        hv_through=None if reading.through is None else reading.through.isoformat(),
        iv_hv_ratio=num(known(reading.iv_hv_ratio), 3),
        skew=num(known(reading.skew), 2),
        expected_move=None if isinstance(reading.move, Missing) else _move(reading.move, spot),
        term_structure=[_term(each) for each in reading.term],
        surface=None if isinstance(reading.sighted, Missing) else _surface(reading.sighted),
        missing=[missing_view(name, why) for name, why in reading.missing()],
    )


def _move(move: ExpectedMove, spot: float | None) -> MoveView:
    def percent(figure: Figure) -> float | None:
        return None if spot is None or isinstance(figure, Missing) else num(100.0 * figure / spot, 2)

    return MoveView(
        expiry=move.day.day.isoformat(),
        dte=move.day.dte,
        straddle=num(known(move.straddle), 2),
        straddle_pct=percent(move.straddle),
        deviation=num(known(move.deviation), 2),
        deviation_pct=percent(move.deviation),
    )


def _term(each: TermPoint) -> TermView:
    return TermView(
        expiry=each.day.day.isoformat(),
        dte=each.day.dte,
        atm_iv=num(known(each.atm_iv), 4),
        fit_error=num(each.fit_error, 3),
        skew=num(known(each.skew), 2),
        forward=num(each.forward, 3),
        rate=num(each.rate, 4),
        dividend_yield=num(each.dividend_yield, 4),
        cash_dividends=num(each.cash_dividends, 3),
    )


def _surface(sighted: Sighted) -> SurfaceView:
    smiles = sighted.surface.smiles
    return SurfaceView(
        smiles=len(smiles),
        strikes=sum(fit.strikes for fit in smiles),
        quotes_left_out=sum(fit.strays for fit in smiles),
        worst_rmse=num(max((fit.rmse for fit in smiles), default=None), 3),
        least_butterfly_density=num(min((fit.checks.least_density for fit in smiles), default=None), 3),
        repaired=[fit.expiry.isoformat() for fit in smiles if fit.checks.is_repaired or fit.checks.lift > 0],
        refused=[missing_view(each.expiry.isoformat(), each.why) for each in sighted.surface.refused],
    )


def _warnings(reading: VolatilityReading) -> list[str]:
    lost = reading.missing()
    names = ", ".join(name for name, _ in lost[:6])
    return [
        *feed_warnings(reading.quotes),
        *([f"{len(lost)} figures are missing: {names}"] if lost else []),
    ]


def _summary(reading: VolatilityReading) -> str:
    parts = [f"{reading.underlying.symbol}: IV {_percent(reading.iv)}"]
    if not isinstance(reading.iv_rank, Missing):
        parts.append(
            f"rank {reading.iv_rank:.0f} and percentile {known(reading.iv_percentile):.0f} of "
            f"{reading.samples} days ({reading.state})"
        )
    parts.append(f"HV30 {_percent(dict(reading.hv)[30])}")
    move = reading.move
    if isinstance(move, ExpectedMove) and isinstance(move.straddle, float):
        parts.append(f"the straddle of {move.day.day.isoformat()} costs {move.straddle:,.2f}")
    return ", ".join(parts) + "."


def _percent(figure: Figure) -> str:
    return "missing" if isinstance(figure, Missing) else f"{100.0 * figure:.1f} %"
