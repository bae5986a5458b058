"""Whatever is traded: no fill beyond a limit, nothing created, cash and positions add up, marks agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import (
    START,
    Client,
    combo,
    fills,
    of,
    option,
    single,
    stock,
    top,
    venue,
)

from sumppump.exchange.account.account import Position, Trade, traded
from sumppump.exchange.account.fees import Traded, shared_out, tariff
from sumppump.exchange.commands import GlobalCancel, OrderSpec, ReviseExecution
from sumppump.exchange.events import CommissionCharged, Event, OrderOpened, PositionChanged
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.reports import Execution, OrderView

CASH = Decimal(250_000)
BASE = venue()
SPY, CALL, HIGH, PUT = stock(BASE), option(BASE, 680), option(BASE, 690), option(BASE, 670, right="P")
CONTRACTS: dict[str, ContractQuery] = {
    "stock": single(SPY),
    "call": single(CALL),
    "put": single(PUT),
    "vertical": combo((CALL, 1), (HIGH, -1)),
    "ratio": combo((CALL, 1), (HIGH, -2)),
    "three legs": combo((CALL, 2), (HIGH, -2), (PUT, -1)),
    "covered call": combo((SPY, 100), (HIGH, -1)),
}

steps = st.tuples(
    st.sampled_from(sorted(CONTRACTS)),
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 40),
    st.sampled_from(["MKT", "LMT", "STP", "STP LMT", "TRAIL"]),
    st.integers(-60, 60),  # cents from the middle
    st.sampled_from(["DAY", "GTC", "IOC", "FOK"]),
    st.integers(0, 90),  # seconds until the next one
)


def near(client: Client, query: ContractQuery, cents: int) -> Decimal:
    """A price that many cents from the middle of the instrument's market, on the grid, > 0 for singles."""
    legs = [(leg.con_id, leg.ratio * (1 if leg.action == "BUY" else -1)) for leg in query.legs]
    total = Decimal(0)
    for con_id, ratio in legs or [(query.con_id, 1)]:
        quote = client.at.quote(con_id)
        assert quote is not None
        share = Decimal(ratio) / 100 if legs and con_id == SPY.con_id else Decimal(ratio)
        total += share * ((quote.bid or Decimal(0)) + (quote.ask or Decimal(0))) / 2
    price = (total + Decimal(cents) / 100).quantize(Decimal("0.01"))
    return price if legs else max(price, Decimal("0.01"))


def terms(client: Client, query: ContractQuery, step: tuple[str, str, int, str, int, str, int]) -> OrderSpec:
    _, action, quantity, kind, cents, tif, _ = step
    price = near(client, query, cents)
    return OrderSpec(
        action=action,
        quantity=Decimal(quantity),
        order_type=kind,
        limit=price if "LMT" in kind else None,
        aux=Decimal(abs(cents) + 1) / 100 if kind == "TRAIL" else price if "STP" in kind else None,
        tif=tif,
    )


def run(seed: int, story: Sequence[tuple[str, str, int, str, int, str, int]]) -> tuple[Client, list[Event]]:
    client = Client(venue(seed))
    events: list[Event] = []
    for step in story:
        query = CONTRACTS[step[0]]
        events += client.place(query, terms(client, query, step))
        events += client.wait(step[-1])
    return client, events


def singles(events: Sequence[Event]) -> list[Execution]:
    """Executions that moved positions: not the rows of combos."""
    return [fill for fill in fills(events) if isinstance(fill.instrument, Listing)]


@pytest.mark.behaviour("SIM-BOOK-01")
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), story=st.lists(steps, min_size=1, max_size=6))
def test_cash_positions_and_fills_always_add_up(
    seed: int, story: list[tuple[str, str, int, str, int, str, int]]
) -> None:
    client, events = run(seed, story)
    moved: dict[int, int] = defaultdict(int)
    cash = CASH
    for fill in singles(events):
        listing = fill.instrument
        signed = fill.shares if fill.side == "BOT" else -fill.shares
        moved[listing.con_id] += signed
        cash -= fill.price * signed * listing.multiplier
    cash -= sum((event.report.commission for event in of(CommissionCharged, events)), start=Decimal(0))
    held = {one.listing.con_id: one.quantity for one in client.at.positions()}
    assert held == {con_id: quantity for con_id, quantity in moved.items() if quantity}
    assert _value(client, "TotalCashValue") == cash.quantize(Decimal("0.01"))
    marked = sum((row.market_value for row in client.at.portfolio()), start=Decimal(0))
    assert abs(_value(client, "NetLiquidation") - cash - marked) <= Decimal("0.01")
    pnl = client.at.pnl()
    assert abs(pnl.daily - (cash + marked - CASH)) < Decimal("0.01")
    assert abs(pnl.daily - pnl.unrealized - pnl.realized) < Decimal("0.01")


def _value(client: Client, key: str) -> Decimal:
    return Decimal(next(row.value for row in client.at.account_values() if row.key == key))


@pytest.mark.behaviour("SIM-BOOK-02")
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), story=st.lists(steps, min_size=1, max_size=6))
def test_no_order_ever_trades_beyond_its_limit_or_its_quantity(
    seed: int, story: list[tuple[str, str, int, str, int, str, int]]
) -> None:
    client, events = run(seed, story)
    events += client.at.apply(GlobalCancel(1))
    orders: dict[int, OrderView] = {event.order.order_id: event.order for event in of(OrderOpened, events)}
    whole = [fill for fill in fills(events) if fill.instrument == orders[fill.order_id].instrument]
    for fill in whole:
        order = orders[fill.order_id]
        sign = 1 if order.spec.action == "BUY" else -1
        if order.spec.limit is not None:
            assert sign * (fill.price - order.spec.limit) <= 0
        assert fill.shares > 0
    for order_id, order in orders.items():
        filled = sum(fill.shares for fill in whole if fill.order_id == order_id)
        assert filled <= (order.spec.quantity or 0)
        assert order.filled == filled
        assert order.state.is_terminal or order.remaining > 0
    assert client.at.open_orders() == ()


@pytest.mark.behaviour("SIM-BOOK-03")
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), story=st.lists(steps, min_size=1, max_size=4))
def test_legs_of_every_combo_fill_add_up_to_its_price_and_ratio(
    seed: int, story: list[tuple[str, str, int, str, int, str, int]]
) -> None:
    """A combo never fills in parts of itself, and its legs trade within their quotes."""
    _, events = run(seed, [step for step in story if CONTRACTS[step[0]].legs])
    rows = fills(events)
    for place, row in enumerate(rows):
        if isinstance(row.instrument, Listing):
            continue
        bag = row.instrument
        legs = rows[place + 1 : place + 1 + len(bag.legs)]
        assert [leg.instrument.con_id for leg in legs] == [leg.listing.con_id for leg in bag.legs]
        sign = 1 if row.side == "BOT" else -1
        net = Decimal(0)
        for leg, fill in zip(bag.legs, legs, strict=True):
            assert fill.shares == abs(leg.ratio) * row.shares
            assert fill.side == ("BOT" if sign * leg.ratio > 0 else "SLD")
            assert fill.price >= 0
            net += fill.price * leg.ratio * leg.listing.multiplier
        assert net == row.price * bag.multiplier


trades = st.lists(
    st.tuples(
        st.integers(-9, 9).filter(bool), st.decimals("0.01", "20", places=2), st.decimals(0, 3, places=2)
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.behaviour("SIM-BOOK-04")
@given(trades)
def test_a_line_s_cost_and_its_realised_profit_account_for_all_that_was_paid(
    rows: list[tuple[int, Decimal, Decimal]],
) -> None:
    """What was paid in all is what the line still costs less what it has realised."""
    line, paid = Position(con_id=CALL.con_id), Decimal(0)
    for quantity, price, commission in rows:
        trade = Trade(CALL, quantity, price, commission)
        paid += trade.value + commission
        before = line
        line, realized = traded(line, trade)
        opens = before.quantity == 0 or (before.quantity > 0) == (quantity > 0)
        assert (realized is None) == opens
        assert line.quantity == before.quantity + quantity
    assert abs(line.cost - line.realized - paid) < Decimal("1e-15")
    assert line.paid_today == paid
    assert line.quantity != 0 or line.cost == 0


@pytest.mark.behaviour("SIM-BOOK-05")
@pytest.mark.parametrize(
    ("rows", "cost", "realized"),
    [
        ([(2, "5.00", "1.30")], "1001.30", []),
        ([(2, "5.00", "1.30"), (-2, "6.00", "1.30")], "0", ["197.40"]),
        ([(1, "5.00", "1.00"), (1, "6.00", "1.00"), (-1, "7.00", "1.00")], "551.00", ["148.00"]),
        ([(-1, "2.00", "1.00")], "-199.00", []),
        ([(-1, "2.00", "1.00"), (1, "0.50", "1.00")], "0", ["148.00"]),
        ([(1, "5.00", "1.00"), (-2, "6.00", "2.00")], "-599.00", ["98.00"]),
    ],
    ids=["opened", "closed", "averaged", "sold short", "bought back", "turned round"],
)
def test_costs_and_profits_by_hand(rows: list[tuple[int, str, str]], cost: str, realized: list[str]) -> None:
    """Cost is what the whole line cost, signed; a negative one was received."""
    line, seen = Position(con_id=CALL.con_id), []
    for quantity, price, commission in rows:
        line, result = traded(line, Trade(CALL, quantity, Decimal(price), Decimal(commission)))
        seen += [] if result is None else [result]
    assert line.cost == Decimal(cost)
    assert seen == [Decimal(one) for one in realized]


@pytest.mark.behaviour("SIM-BOOK-06")
@given(st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_a_commission_is_shared_out_without_a_rest(counts: list[int]) -> None:
    legs = [
        Traded(CALL if place % 2 else SPY, Decimal(count), Decimal(300 * count))
        for place, count in enumerate(counts)
    ]
    commission = tariff(legs)
    assert sum(shared_out(commission, legs)) == commission
    assert commission >= 1


@pytest.mark.behaviour("SIM-BOOK-07")
def test_an_order_in_pieces_costs_no_more_than_one_in_one_piece() -> None:
    """The minimum holds per order: three executions of one contract cost three rates, not three minima."""
    client = Client(venue())
    call = option(client.at, 700)
    quote = top(client.at, call)
    terms = OrderSpec(action="BUY", quantity=Decimal(quote.ask_size + 3), order_type="MKT")
    events = [*client.place(single(call), terms), *client.wait(30)]
    charged = sum((event.report.commission for event in of(CommissionCharged, events)), start=Decimal(0))
    assert len(fills(events)) > 1
    each = Decimal("0.65") + Decimal("0.02295") + Decimal("0.025")  # and the regulatory and clearing fees
    assert charged == (each * (quote.ask_size + 3)).quantize(Decimal("0.0001"))


@pytest.mark.behaviour("SIM-BOOK-08")
def test_closing_reports_what_was_realised() -> None:
    client = Client(venue())
    buy = client.place(single(CALL), OrderSpec(action="BUY", quantity=Decimal(2), order_type="MKT"))
    client.wait(60)
    sell = client.place(single(CALL), OrderSpec(action="SELL", quantity=Decimal(2), order_type="MKT"))
    (bought,), (sold,) = fills(buy), fills(sell)
    report = client.at.commission(sold.exec_id)
    assert report is not None
    charged = report.commission + of(CommissionCharged, buy)[0].report.commission
    assert charged > Decimal("2.60")
    assert report.realized_pnl == (sold.price - bought.price) * 200 - charged
    assert client.at.pnl().realized == report.realized_pnl
    assert client.at.executions()[-1] == sold
    assert client.at.now - START == timedelta(minutes=1)


@pytest.mark.behaviour("SIM-ASK-07")
@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(1, 40)), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 9), st.one_of(st.none(), st.integers(600, 760))), max_size=5),
)
def test_whatever_is_corrected_or_busted_the_account_is_what_its_executions_say(
    trades: list[tuple[str, int]], revisions: list[tuple[int, int | None]]
) -> None:
    """Cash and quantity come from the executions and commissions as they stand; clients hear the position."""
    client = Client(venue())
    for action, count in trades:
        client.place(single(SPY), OrderSpec(action=action, quantity=Decimal(count), order_type="MKT"))
        client.wait(5)
    books, account = client.at.books, client.at.backoffice.account
    for place, price in revisions:
        execution = books.executions[place % len(books.executions)]
        if not execution.shares:
            continue
        new = None if price is None else Decimal(price)
        events = client.at.apply(ReviseExecution(execution.exec_id, new))
        (told,) = of(PositionChanged, events)
        assert told.position.quantity == account.quantity(SPY.con_id)
    signed = [(one.shares if one.side == "BOT" else -one.shares, one) for one in books.executions]
    charged = sum(books.commissions[one.exec_id].commission for _, one in signed)
    assert account.quantity(SPY.con_id) == sum(count for count, _ in signed)
    assert account.cash == CASH - charged - sum(count * one.price for count, one in signed)
