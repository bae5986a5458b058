"""The answer about the whole account. Cash is signed as the holder sees it; shares of a whole are 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence

from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array
from sumppump.domain.trade import TradeState
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.first_few import first_lines
from sumppump.kernel.money import Money
from sumppump.portfolio.account import AccountSummary
from sumppump.portfolio.trade_history import TradeHistory
from sumppump.risk.concentration import ExpiryShare, UnderlyingShare
from sumppump.risk.day_pnl import DayPnl
from sumppump.risk.exposure import UNITS
from sumppump.risk.summary import BookGreeks, PortfolioSummary
from sumppump.server.portfolio.position_views import quality
from sumppump.server.portfolio.trade_history_views import TallyView, tally_view
from sumppump.server.room import fullest
from sumppump.server.views import Answer, View, cash, moment, num

ROWS, MOST_NAMED = (12, 10, 8, 6, 4, 2), 8
OVER = (TradeState.CLOSED, TradeState.CANCELLED, TradeState.REJECTED, TradeState.IDLE)
BETA_NOTE = (
    "betas by least squares on daily log returns of a year; beta_weighted_error by one "
    "regression of all of them together; benchmark_price is live where it is held, else the last close"
)

DAY_NOTE = (
    "by full reprice of what was held at the close before: total = time + spot + volatility + dividends + "
    "carry + unmodelled + trades - fees; time + spot + volatility = theta + delta + gamma + vega + cross "
    "(Greeks changed on the way) + higher_order + expiring (less than half of its time left); trades: "
    "today's executions to the price now; difference: broker less total, dividends aside"
)


class ValueView(View):
    """The account in its currency; null where the broker gave nothing."""

    currency: str | None
    net_liquidation: float | None
    cash: float | None
    buying_power: float | None
    excess_liquidity: float | None
    maintenance_margin: float | None
    cushion: float | None


class PnlView(View):
    """Day, unrealised and realised as the broker says; open_positions summed from the positions here."""

    day: float | None
    day_pct: float | None
    unrealized: float | None
    realized_today: float | None
    open_positions: float | None


class DayView(View):
    """The day's P&L from the close `since`; what the names mean is said in day_note."""

    since: str
    total: float | None
    time: float
    spot: float
    volatility: float
    dividends: float
    carry: float
    unmodelled: float
    trades: float
    fees: float | None
    theta: float
    delta: float
    gamma: float
    vega: float
    cross: float
    higher_order: float
    expiring: float
    broker: float | None
    difference: float | None


class CountsView(View):
    """How many strategies are held, and of what."""

    strategies: int
    contracts: int
    options: int
    stocks: int
    other: int


class TotalGreeksView(View):
    """Sums in cash; shares of different underlyings add up only as the benchmark's."""

    delta_dollars: float | None
    gamma_1pct: float | None
    theta: float | None
    vega: float | None
    benchmark: str
    benchmark_price: float | None
    beta_weighted_delta: float | None
    beta_weighted_dollars: float | None
    beta_weighted_error: float | None


class UnderlyingView(View):
    """One underlying: weight, Greeks, and beta with standard error and days; day_pnl is before fees."""

    symbol: str
    positions: int
    gross_value: float | None
    share_of_gross: float | None
    unrealized_pnl: float | None
    day_pnl: float | None
    max_loss: float | None
    unlimited_loss: int
    delta: float | None
    delta_dollars: float | None
    theta: float | None
    vega: float | None
    beta: float | None
    beta_error: float | None
    beta_days: int | None


class ExpiryView(View):
    """One expiry day."""

    expiry: str
    dte: int
    contracts: int
    short_contracts: int
    gross_value: float | None
    share_of_gross: float | None
    theta: float | None


class StateView(View):
    """How many trades that are not over stand at this state."""

    state: str
    trades: int


class SummaryAnswer(Answer):
    """The whole account; `left_out` names what the sums do not hold."""

    value: ValueView | None
    pnl: PnlView
    day: DayView | None
    day_note: str = DAY_NOTE
    positions: CountsView
    greeks: TotalGreeksView | None
    greek_units: str = UNITS
    beta_note: str = BETA_NOTE
    underlyings: list[UnderlyingView]
    expiries: list[ExpiryView]
    session_state: list[StateView]
    closed_today: TallyView | None
    left_out: list[str]


def summary_answer(found: PortfolioSummary, states: Sequence[TradeState]) -> SummaryAnswer:
    """The whole account.

    Args:
        found: what is known.
        states: of every trade; those that are over are not counted.
    """
    alive = [state.value for state in states if state not in OVER]
    return fullest(lambda rows: _answer(found, alive, rows), ROWS)


def _answer(found: PortfolioSummary, alive: Sequence[str], rows: int) -> SummaryAnswer:
    """With so many underlyings and expiries."""
    today = found.as_of
    return SummaryAnswer(
        summary=_words(found),
        warnings=[
            *found.holdings.warnings,
            *_account_warnings(found.account),
            *_late(found.day),
            *_more(found, rows),
        ],
        as_of=moment(today),
        data_quality=quality(found.holdings),
        value=None if found.account is None else _value(found.account),
        pnl=_pnl(found),
        day=_day(found.day) if isinstance(found.day, DayPnl) else None,
        positions=_counts(found),
        greeks=None if found.greeks is None else _totals(found.greeks),
        underlyings=[_underlying(each, found) for each in found.concentration.underlyings[:rows]],
        expiries=[_expiry(each, found) for each in found.concentration.expiries[:rows]],
        session_state=[StateView(state=each, trades=alive.count(each)) for each in sorted(set(alive))],
        closed_today=None if found.closed is None else tally_view(found.closed),
        left_out=first_lines(_left_out(found), MOST_NAMED),
    )


def _words(found: PortfolioSummary) -> str:
    figures = None if found.account is None else found.account.figures
    nlv = "unknown" if figures is None or figures.nlv is None else str(figures.nlv)
    day = "unknown" if figures is None or figures.daily_pnl is None else _signed(figures.daily_pnl)
    pnl = found.holdings.unrealized_pnl
    held = len(found.holdings.strategies)
    sentences = (
        f"Net liquidation {nlv}, today {day}; {held} position{'' if held == 1 else 's'} held with open "
        f"profit or loss {'unknown' if pnl is None else _signed(pnl)}.",
        _day_words(found.day),
        _weighted_words(found.greeks),
        _closed_words(found.closed),
    )
    return " ".join(words for words in sentences if words)


def _day_words(day: DayPnl | Missing | None) -> str:
    if not isinstance(day, DayPnl):
        return ""
    causes = {
        "prices": _cents(day.causes.spot),
        "time": _cents(day.causes.time),
        "volatility": _cents(day.causes.volatility),
        "trades": round(day.trades, 2),
        "the broker's figure beyond that": round(day.difference or 0.0, 2),
    }
    said = ", ".join(f"{name} {amount:+,.2f}" for name, amount in causes.items() if amount)
    return f"By cause: {said}." if said else ""


def _weighted_words(greeks: BookGreeks | None) -> str:
    if greeks is None or not greeks.total.legs:
        return ""
    weighted = greeks.weighted
    error = "" if weighted.error is None else f" (± {weighted.error:,.0f})"
    return f"Together they move like {weighted.dollars:+,.0f}{error} dollars of {greeks.benchmark}."


def _closed_words(closed: TradeHistory | None) -> str:
    if closed is None:
        return ""
    if not closed.trips:
        return "Nothing was closed today."
    total = closed.tally.total
    return f"Closed today: {len(closed.trips)}, {'result unknown' if total is None else _signed(total)}."


def _signed(amount: Money) -> str:
    return f"{amount.amount:+,.2f} {amount.currency}"


def _account_warnings(account: AccountSummary | None) -> tuple[str, ...]:
    return ("the broker gave no figures of the account",) if account is None else account.warnings


def _late(day: DayPnl | Missing | None) -> list[str]:
    """What the end of the session does to the day's figures."""
    if not isinstance(day, DayPnl) or not day.is_over:
        return []
    moved = "day: after the bell shares move on and options stand still, which falls on spot and volatility"
    names = ", ".join(first_lines(day.unsure, MOST_NAMED))
    unsure = f"day: closes first seen after the bell, which the broker may have turned to today's: {names}"
    return [moved, unsure] if names else [moved]


def _more(found: PortfolioSummary, most: int) -> list[str]:
    lists = (
        ("underlyings", len(found.concentration.underlyings)),
        ("expiries", len(found.concentration.expiries)),
    )
    return [
        f"{most} of {count} {name} are listed; the sums hold all" for name, count in lists if count > most
    ]


def _value(account: AccountSummary) -> ValueView:
    figures = account.figures
    return ValueView(
        currency=figures.currency,
        net_liquidation=cash(figures.nlv),
        cash=cash(figures.cash),
        buying_power=cash(figures.buying_power),
        excess_liquidity=cash(figures.excess_liquidity),
        maintenance_margin=cash(figures.maintenance_margin),
        cushion=num(account.cushion, 4),
    )


def _pnl(found: PortfolioSummary) -> PnlView:
    account = found.account
    figures = None if account is None else account.figures
    return PnlView(
        day=None if figures is None else cash(figures.daily_pnl),
        day_pct=None if account is None else num(account.daily_pnl_pct, 3),
        unrealized=None if figures is None else cash(figures.unrealized_pnl),
        realized_today=None if figures is None else cash(figures.realized_pnl),
        open_positions=cash(found.holdings.unrealized_pnl),
    )


def _day(day: DayPnl) -> DayView:
    causes, greeks = day.causes, day.greeks
    return DayView(
        since=moment(day.since),
        total=num(day.total, 2),
        time=_cents(causes.time),
        spot=_cents(causes.spot),
        volatility=_cents(causes.volatility),
        dividends=_cents(causes.dividends),
        carry=_cents(causes.carry),
        unmodelled=_cents(causes.unexplained),
        trades=round(day.trades, 2),
        fees=num(day.fees, 2),
        theta=_cents(greeks.theta),
        delta=_cents(greeks.delta),
        gamma=_cents(greeks.gamma),
        vega=_cents(greeks.vega),
        cross=_cents(greeks.cross),
        higher_order=_cents(greeks.curvature),
        expiring=_cents(greeks.expiring),
        broker=num(day.told, 2),
        difference=num(day.difference, 2),
    )


def _cents(rows: Array) -> float:
    """A sum over all rows; adding 0 turns a rounded -0.0 into 0.0."""
    return round(float(rows.sum()), 2) + 0.0


def _counts(found: PortfolioSummary) -> CountsView:
    kinds = [each.instrument.sec_type.value for each in found.holdings.positions]
    options, stocks = kinds.count("OPT"), kinds.count("STK")
    return CountsView(
        strategies=len(found.holdings.strategies),
        contracts=len(kinds),
        options=options,
        stocks=stocks,
        other=len(kinds) - options - stocks,
    )


def _totals(greeks: BookGreeks) -> TotalGreeksView:
    sums, weighted = greeks.total.sums, greeks.weighted
    has_any = sums.delta_dollars is not None
    return TotalGreeksView(
        delta_dollars=num(sums.delta_dollars, 0),
        gamma_1pct=num(sums.gamma_1pct, 2),
        theta=num(sums.theta, 2),
        vega=num(sums.vega, 2),
        benchmark=greeks.benchmark,
        benchmark_price=num(greeks.price, 2),
        beta_weighted_delta=num(weighted.shares, 2) if has_any else None,
        beta_weighted_dollars=num(weighted.dollars, 0) if has_any else None,
        beta_weighted_error=num(weighted.error, 0) if has_any else None,
    )


def _underlying(each: UnderlyingShare, found: PortfolioSummary) -> UnderlyingView:
    greeks, day = found.greeks, found.day
    rows = () if greeks is None else greeks.underlyings
    sums = next((row.sums for row in rows if row.name == each.symbol), None)
    beta = None if greeks is None else greeks.betas.get(each.symbol)
    return UnderlyingView(
        symbol=each.symbol,
        positions=each.positions,
        gross_value=num(each.gross, 2),
        share_of_gross=num(each.share, 4),
        unrealized_pnl=num(each.unrealized, 2),
        day_pnl=num(day.by_symbol.get(each.symbol), 2) if isinstance(day, DayPnl) else None,
        max_loss=num(each.max_loss, 2),
        unlimited_loss=each.unlimited,
        delta=None if sums is None else num(sums.delta, 2),
        delta_dollars=None if sums is None else num(sums.delta_dollars, 0),
        theta=None if sums is None else num(sums.theta, 2),
        vega=None if sums is None else num(sums.vega, 2),
        beta=None if beta is None else num(beta.beta, 3),
        beta_error=None if beta is None else num(beta.error, 3),
        beta_days=beta.samples if beta is not None and beta.samples else None,
    )


def _expiry(each: ExpiryShare, found: PortfolioSummary) -> ExpiryView:
    return ExpiryView(
        expiry=each.expiry.isoformat(),
        dte=(each.expiry - found.as_of.astimezone(NEW_YORK).date()).days,
        contracts=each.contracts,
        short_contracts=each.short,
        gross_value=num(each.gross, 2),
        share_of_gross=num(each.share, 4),
        theta=num(each.theta, 2),
    )


def _left_out(found: PortfolioSummary) -> list[str]:
    """Every name once, with what it is missing from."""
    greeks, day = found.greeks, found.day
    parts = [f"value of {words}" for words in found.concentration.left_out]
    if isinstance(day, Missing):
        parts.append(f"the day's P&L: {day.reason}")
    elif day is not None:
        parts += [f"the day's P&L of {words}" for words in day.left_out]
    if greeks is not None:
        parts += [f"Greeks of {words}" for words in greeks.total.left_out]
        parts += [f"beta-weighted: {words}" for words in greeks.weighted.left_out]
        held = {each.symbol for each in found.holdings.strategies}
        parts += [f"beta of {name}: {why.reason}" for name, why in greeks.no_beta.items() if name in held]
    return parts
