"""The answer about what has been traded. Results are cash after commissions; premiums per share."""

from __future__ import annotations

from pydantic import Field

from sumppump.domain.missing import Missing
from sumppump.domain.orders import Fill
from sumppump.kernel.text import clean
from sumppump.portfolio.equity import KNOWS, EquityHistory
from sumppump.portfolio.round_trips import RoundTrip
from sumppump.portfolio.trade_history import Tally, TradeHistory
from sumppump.server.parameters import offset_of
from sumppump.server.room import fullest
from sumppump.server.views import Answer, View, cash, moment, num

PAGES = range(10, 0, -1)
"""How many trades, and how many executions, a page may have."""
GO_ON = "next_cursor goes on"
AUDIT_NOTE = "audit_ids are rows of the journal; `sumppump audit verify` proves that nobody changed them"


class TripView(View):
    """One trade that was closed, wholly or in part. Positive exit premium: what leaving cost."""

    strategy_id: str
    symbol: str
    title: str
    type: str
    quantity: float | None
    still_held: int
    opened: str | None
    closed: str
    entry_premium: float | None
    exit_premium: float | None
    pnl: float | None
    pnl_from: str
    why_no_pnl: str
    exits: list[str]
    audit_ids: list[int]


class TallyView(View):
    """Statistics of the trades with a known result; win_rate 0 to 1, profit_factor wins over losses."""

    trades: int
    wins: int
    losses: int
    without_result: int
    total_pnl: float | None
    currency: str | None
    win_rate: float | None
    profit_factor: float | None
    average_win: float | None
    average_loss: float | None
    best: str
    worst: str


class ExecutionView(View):
    """One execution of today, price per share."""

    time: str
    symbol: str
    side: str
    quantity: float | None
    price: float | None
    sec_type: str
    con_id: int
    order_ref: str
    commission: float | None
    realized_pnl: float | None


class EquityView(View):
    """Net liquidation as this program saw it; drawdown_pct the deepest fall from a peak, 0 or less."""

    days_seen: int
    first_day: str | None
    first: float | None
    last: float | None
    currency: str | None
    drawdown_pct: float | None
    note: str


class HistoryAnswer(Answer):
    """Trades, newest first; `knows` says what nobody here can know. Its page alone gets `equity_days`."""

    knows: str
    since: str
    count: int
    statistics: TallyView
    trades: list[TripView]
    executions: list[ExecutionView] | None
    equity: EquityView | None = None
    equity_days: list[tuple[str, float, float | None]] = Field(default_factory=list, exclude=True)
    next_cursor: int | None = None
    chart: str | None = None
    audit_note: str = AUDIT_NOTE


def history_answer(
    found: TradeHistory, equity: EquityHistory | Missing, cursor: int | None = None
) -> HistoryAnswer:
    """What was traded and what it made, and what the account was worth: as many rows as have room.

    Args:
        found: everything that was asked for.
        equity: of the account.
        cursor: how many trades, and how many executions, the pages before had.

    Raises:
        InvalidRequest: no page begins at the cursor.
    """
    start = offset_of(cursor, _longest(found))
    return fullest(lambda rows: _page(found, equity, start, start + rows), PAGES)


def _longest(found: TradeHistory) -> int:
    return max(len(found.trips), len(found.executions or ()))


def _page(found: TradeHistory, equity: EquityHistory | Missing, start: int, end: int) -> HistoryAnswer:
    executions = found.executions
    return HistoryAnswer(
        summary=_words(found),
        warnings=[*found.warnings, *_cut(found, start, end), *_unknown_equity(equity)],
        as_of=moment(found.as_of),
        knows=_knows(found),
        since=found.since.isoformat(),
        count=len(found.trips),
        statistics=tally_view(found),
        trades=[_trip(each) for each in found.trips[start:end]],
        executions=None if executions is None else [_execution(each) for each in executions[start:end]],
        equity=None if isinstance(equity, Missing) else _equity(equity),
        next_cursor=end if end < _longest(found) else None,
        equity_days=[] if isinstance(equity, Missing) else _days(equity),
    )


def tally_view(found: TradeHistory) -> TallyView:
    """The statistics."""
    tally = found.tally
    return TallyView(
        trades=tally.trades,
        wins=tally.wins,
        losses=tally.losses,
        without_result=found.unknown + found.dropped,
        total_pnl=cash(tally.total),
        currency=None if tally.total is None else tally.total.currency,
        win_rate=num(tally.win_rate, 4),
        profit_factor=num(tally.profit_factor, 3),
        average_win=cash(tally.average_win),
        average_loss=cash(tally.average_loss),
        best=_named(tally.best),
        worst=_named(tally.worst),
    )


def _words(found: TradeHistory) -> str:
    tally = found.tally
    since, count = found.since.isoformat(), len(found.trips)
    if not count:
        return f"No closed trade is known since {since}."
    words = f"{count} closed trade{'' if count == 1 else 's'} since {since}"
    if tally.total is None:
        return f"{words}; no total: {_why_no_total(tally)}."
    return (
        f"{words}: {tally.total.amount:+,.2f} {tally.total.currency} after commissions, {tally.wins} won and "
        f"{tally.losses} lost of {tally.trades} with a known result."
    )


def _why_no_total(tally: Tally) -> str:
    return "the results are in several currencies" if tally.trades else "no result is known"


def _knows(found: TradeHistory) -> str:
    """How far back anybody here knows, plainly."""
    began = found.journal_since
    own = "Our journal is empty" if began is None else f"Our journal begins {moment(began)[:10]}"
    return (
        f"{own} and knows only orders that went through this program; of other hands the broker tells "
        "executions of today alone. Older trades made elsewhere are not known."
    )


def _cut(found: TradeHistory, start: int, end: int) -> list[str]:
    lists = (("trades", len(found.trips)), ("executions", len(found.executions or ())))
    cut = [_listed(name, count, start, end) for name, count in lists if start or count > end]
    dropped = f"min_pnl leaves out {found.dropped} whose result is not known"
    return [*cut, *([dropped] if found.dropped else [])]


def _listed(name: str, count: int, start: int, end: int) -> str:
    """Which rows of a list a page has."""
    if start >= count:
        return f"all {count} {name} were on the pages before"
    last = min(end, count)
    what = f"the newest {last}" if not start else f"{start + 1} to {last}"
    return f"{what} of {count} {name} are listed" + (f": {GO_ON}" if count > end else "")


def _unknown_equity(equity: EquityHistory | Missing) -> list[str]:
    return [f"equity is not known: {equity.reason}"] if isinstance(equity, Missing) else []


def _equity(found: EquityHistory) -> EquityView:
    first, last = (found.days[0], found.days[-1]) if found.days else (None, None)
    return EquityView(
        days_seen=len(found.days),
        first_day=None if first is None else first.day.isoformat(),
        first=None if first is None else cash(first.nlv),
        last=None if last is None else cash(last.nlv),
        currency=None if last is None else last.nlv.currency,
        drawdown_pct=num(found.deepest_pct, 2),
        note=KNOWS + ("" if len(found.days) > 1 else "; a picture needs two days"),
    )


def _days(found: EquityHistory) -> list[tuple[str, float, float | None]]:
    """Day, value and percent below the highest so far."""
    return [
        (each.day.isoformat(), float(each.nlv.amount), num(fall, 2))
        for each, fall in zip(found.days, found.drawdown_pct, strict=True)
    ]


def _named(trip: RoundTrip | None) -> str:
    return "" if trip is None or trip.pnl is None else f"{trip.symbol} {trip.pnl.amount:+,.2f}"


def _trip(each: RoundTrip) -> TripView:
    return TripView(
        strategy_id=each.trade_id,
        symbol=clean(each.symbol, limit=30),
        title=each.title,
        type=each.kind.value,
        quantity=num(each.quantity),
        still_held=each.left,
        opened=None if each.opened_at is None else moment(each.opened_at),
        closed=moment(each.closed_at),
        entry_premium=num(each.entry, 4),
        exit_premium=num(each.exit, 4),
        pnl=cash(each.pnl),
        pnl_from="" if each.source is None else each.source.value,
        why_no_pnl=each.reason,
        exits=list(each.exits),
        audit_ids=list(each.audit_ids),
    )


def _execution(fill: Fill) -> ExecutionView:
    return ExecutionView(
        time=moment(fill.at),
        symbol=clean(fill.symbol, limit=30),
        side=fill.side,
        quantity=num(fill.quantity),
        price=num(fill.price, 4),
        sec_type=fill.sec_type,
        con_id=fill.con_id,
        order_ref=clean(fill.order_ref, limit=40),
        commission=cash(fill.commission),
        realized_pnl=cash(fill.realized_pnl),
    )
