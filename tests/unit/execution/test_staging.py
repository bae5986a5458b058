"""From a wish to a ticket, on a small listed market: real drafts, real policy, real portfolio.

Sources: design 3, decisions 10 to 13 and 16, controls C-01, C-05 and C-17.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.crash.disk import Disk
from tests.crash.program import Program
from tests.support.fake_market import FakeClock, FakeMarket
from tests.support.fake_venue import FakeVenue, NewOrder

from sumppump.domain.orders import OrderState, OrderType, Purpose, TimeInForce
from sumppump.domain.tickets import Channel, Role, Ticket
from sumppump.domain.trade import TradeState
from sumppump.execution.service import ExecutionService
from sumppump.kernel.errors import (
    GatewayUnavailable,
    InvalidRequest,
    OutOfStep,
    RiskRefused,
    SumpPumpError,
    WritesOff,
)
from sumppump.kernel.money import Premium
from sumppump.portfolio.positions import PortfolioService
from sumppump.risk.modes import WriteGate
from sumppump.strategies.drafts import Draft, DraftBook
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService


class Desk(Program):
    """A program on the fake market, with strategies and portfolio."""

    def __init__(self, *, auto: bool = False) -> None:
        super().__init__(FakeClock(), FakeVenue(), Disk(), auto=auto)
        market = FakeMarket(clock=self.clock)  # type: ignore[arg-type]
        self.strategies = StrategyService(
            directory=self.directory, market=market, clock=self.clock, drafts=DraftBook(self.clock.monotonic)
        )
        portfolio = PortfolioService(
            accounts=self.broker, directory=self.directory, market=market, clock=self.clock
        )
        self.engine.beats.clear()
        self.desk = replace(self.desk, market=market, strategies=self.strategies, portfolio=portfolio)
        self.service = ExecutionService(self.desk)

    async def draft(self, name: str = "bull_call_spread", **arguments: object) -> Draft:
        facts = {"dte": 30, "width": 10} | arguments
        return await self.strategies.build(
            StrategyRequest.read(strategy_type=name, symbol="SPY", **facts)  # type: ignore[arg-type]
        )

    async def filled(self) -> str:
        """An opened and filled spread; its strategy_id."""
        draft = await self.draft()
        ticket = await self.service.stage_open(draft)
        await self.service.approve(ticket.ticket_id, Channel.PAGE)
        self.venue.fill(ticket.orders[0].order.order_ref)
        await asyncio.sleep(0.05)
        return draft.strategy_id


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    await made.start()
    yield made
    await made.service.stop()


def main(ticket: Ticket) -> tuple[OrderType, TimeInForce, Purpose, int]:
    order = ticket.orders[0].order
    return order.order_type, order.tif, order.purpose, order.quantity


async def test_a_ticket_tells_the_whole_truth_at_its_limit(desk: Desk) -> None:
    """Max loss, gain, breakevens, probability, Greeks, margin, fees, words, quotes: all at the limit."""
    draft = await desk.draft(quantity=2)
    ticket = await desk.service.stage_open(draft)
    order, facts = ticket.orders[0].order, ticket.facts
    assert main(ticket) == (OrderType.LMT, TimeInForce.DAY, Purpose.OPEN, 2)
    assert order.limit == draft.limit_price
    assert order.limit is not None
    assert facts.max_loss == order.cash() == order.combo.cash(order.limit, quantity=2)
    assert facts.max_profit is not None
    assert facts.max_profit.amount == 2000 - facts.max_loss.amount
    assert facts.cash_words.startswith("you PAY at most $")
    assert facts.fees is not None
    assert None not in (facts.margin, facts.greeks, facts.probability_of_profit, facts.spot, facts.net_mid)
    assert len(facts.legs) == len(facts.quotes) - 1 == 2
    shown = draft.analysis.payoff.curves[-1].prices
    assert [curve.label for curve in facts.earlier] == ["today", "half-way"]
    assert all(len(curve.points) <= 100 for curve in facts.earlier), "a row of the journal stays small"
    assert facts.likely is not None
    assert facts.likely[0] < facts.spot < facts.likely[1]
    assert [float(facts.payoff[place][0]) for place in (0, -1)] == pytest.approx(
        [shown[0], shown[-1]], abs=0.01
    )
    assert ticket.masked_account == "SIM…417"
    assert desk.service.ticket(ticket.ticket_id).state is OrderState.AWAIT_HUMAN
    assert desk.service.trades()[0].state is TradeState.RISK_VALIDATED
    assert desk.people.shown == [ticket.ticket_id]
    assert desk.venue.orders == {}


async def test_target_and_stop_become_children_with_references_of_their_own(desk: Desk) -> None:
    """Settled 6 and 13."""
    ticket = await desk.service.stage_open(
        await desk.draft(), limit=Premium.of("4.00"), take_profit_pct=Decimal(50), stop_loss_pct=Decimal(25)
    )
    children = {planned.role: planned.order for planned in ticket.children}
    assert children[Role.TARGET].limit == Premium.of("-6.00")
    stop = children[Role.STOP]
    assert (stop.stop, stop.limit, stop.order_type) == (
        Premium.of("-3.00"), Premium.of("-2.70"), OrderType.STP_LMT,
    )  # fmt: skip
    assert {child.tif for child in children.values()} == {TimeInForce.GTC}
    assert len({planned.order.order_ref for planned in ticket.orders}) == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"quantity": 0}, "invalid_request"),
        ({"quantity": -1}, "invalid_request"),
        ({"quantity": 1.5}, "invalid_request"),
        ({"quantity": True}, "invalid_request"),
        ({"quantity": 11}, "too_many_contracts"),
        ({"order_type": OrderType.MKT}, "order_type_refused"),
        ({"order_type": OrderType.STP}, "order_type_refused"),
        ({"limit": Premium.of("9.99")}, "limit_beyond_collar"),
        ({"limit": Premium.of("4.005")}, "price_off_tick"),
        ({"tif": TimeInForce.GTC}, "tif_refused"),
        ({"take_profit_pct": Decimal(0)}, "invalid_request"),
        ({"stop_loss_pct": Decimal(100)}, "invalid_request"),
        ({"stop_loss_pct": Decimal("NaN")}, "invalid_request"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_and_leaves_nothing(
    desk: Desk, arguments: dict[str, object], code: str
) -> None:
    """A clear error with a stable code; no ticket, no row, nothing shown."""
    draft = await desk.draft()
    with pytest.raises(SumpPumpError) as refused:
        await desk.service.stage_open(draft, **arguments)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert refused.value.expected
    assert (desk.service.tickets(), desk.people.shown, desk.venue.orders) == ((), [], {})


async def test_the_same_call_twice_gives_one_ticket_and_another_wish_replaces_it(desk: Desk) -> None:
    """Incident 52: dispatched twice; and one question per draft."""
    draft = await desk.draft()
    first, twin = await asyncio.gather(desk.service.stage_open(draft), desk.service.stage_open(draft))
    again = await desk.service.stage_open(draft)
    assert first.ticket_id == twin.ticket_id == again.ticket_id
    other = await desk.service.stage_open(draft, quantity=2)
    assert desk.service.ticket(first.ticket_id).state is OrderState.SUPERSEDED
    assert desk.service.ticket(other.ticket_id).state is OrderState.AWAIT_HUMAN
    assert list(desk.people.codes) == [other.ticket_id]


async def test_the_whole_life_of_a_spread(desk: Desk) -> None:
    """Open, fill, stop, close: the steps of the design, in their order, with nothing left working."""
    strategy_id = await desk.filled()
    stop = await desk.service.stage_stop(strategy_id, stop_pct=Decimal(50))
    assert main(stop) == (OrderType.STP_LMT, TimeInForce.GTC, Purpose.STOP, 1)
    await desk.service.approve(stop.ticket_id, Channel.PAGE)
    assert desk.service.trades()[0].state in (TradeState.STOPS_PLACED, TradeState.MONITORING)
    with pytest.raises(OutOfStep) as twice:
        await desk.service.stage_stop(strategy_id, stop_pct=Decimal(40))
    assert twice.value.code == "stop_exists"
    position = (await desk.desk.portfolio.positions()).strategies[0].position_id
    ticket = await desk.service.stage_close(position, close_type="market")
    assert main(ticket) == (OrderType.LMT, TimeInForce.DAY, Purpose.CLOSE, 1)
    await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    desk.venue.fill(ticket.orders[0].order.order_ref)
    await desk.ledger.until(lambda: desk.service.trades()[0].state is TradeState.CLOSED, 5.0)
    assert desk.service.trades()[0].state is TradeState.CLOSED
    assert desk.venue.working() == []
    with pytest.raises(OutOfStep):
        await desk.service.stage_close(strategy_id)


async def test_leaving_a_position_says_what_it_makes_of_it(desk: Desk) -> None:
    """Entered at 4.00: a stop from 2.00, limit 1.80, loses 200 or 220; a close for 4.80 gains 80."""
    draft = await desk.draft()
    ticket = await desk.service.stage_open(draft, limit=Premium.of("4.00"))
    await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    desk.venue.fill(ticket.orders[0].order.order_ref)
    await asyncio.sleep(0.05)
    stop = await desk.service.stage_stop(draft.strategy_id, stop_pct=Decimal(50))
    assert stop.facts.entry == Premium.of("4.00")
    assert [(each.at, each.result.amount, each.percent) for each in stop.facts.exits[1:]] == [
        ("at the trigger", Decimal(-200), -50.0),
        ("at the limit", Decimal(-220), -55.0),
    ]
    assert stop.facts.cash_words == "if it triggers, you RECEIVE at least $180.00 (1.80 per share)"
    close = await desk.service.stage_close(draft.strategy_id, limit=Premium.of("-4.80"))
    mid, limit = close.facts.exits
    assert (mid.at, mid.price, mid.result.amount) == (
        "at the mid now",
        close.facts.net_mid,
        -(close.facts.net_mid.amount + 4) * 100 if close.facts.net_mid else None,
    )
    assert (limit.at, limit.result.amount, limit.percent) == ("at the limit", Decimal(80), 20.0)
    assert close.facts.cash_words == "you RECEIVE at least $480.00 (4.80 per share)"


async def test_a_stop_that_stays_is_never_told_to_wait_for_its_fill(desk: Desk) -> None:
    """A declined cancel or change leaves the order working, and says so with its number."""
    strategy_id = await desk.filled()
    stop = await desk.service.stage_stop(strategy_id, stop_pct=Decimal(50))
    await desk.service.approve(stop.ticket_id, Channel.PAGE)
    report = desk.service.status(stop.ticket_id)
    assert report.state is OrderState.LIVE
    assert "protective stop waits for its trigger" in report.next_steps[0]
    change = await desk.service.stage_modify(report.order_id, new_stop=Premium.of("2.00"))
    await desk.service.decline(change.ticket_id, Channel.PAGE)
    kept = f"Nothing was changed: order {report.order_id} goes on as it was."
    assert desk.service.status(change.ticket_id).next_steps == (kept,)
    cancel = (await desk.service.cancel(report.order_id)).ticket
    assert cancel is not None
    await desk.service.decline(cancel.ticket_id, Channel.PAGE)
    assert [each.at for each in cancel.facts.exits] == ["at the trigger", "at the limit"]
    kept = f"The stop was not touched: order {report.order_id} still works."
    assert desk.service.status(cancel.ticket_id).next_steps == (kept,)


async def test_a_stop_that_moves_away_says_what_more_it_can_lose(desk: Desk) -> None:
    """From 2.00 to 1.60 a spread can lose 40 dollars more; to 2.20 it is no news."""
    draft = await desk.draft()
    ticket = await desk.service.stage_open(draft, limit=Premium.of("4.00"))
    await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    desk.venue.fill(ticket.orders[0].order.order_ref)
    await asyncio.sleep(0.05)
    stop = await desk.service.stage_stop(draft.strategy_id, stop_pct=Decimal(50))
    await desk.service.approve(stop.ticket_id, Channel.PAGE)
    order_id = desk.service.status(stop.ticket_id).order_id
    away = await desk.service.stage_modify(order_id, new_stop=Premium.of("1.60"))
    assert away.facts.warnings[0].startswith("The stop moves away: $36.00 more can be lost")
    assert away.facts.exits[-1].result.amount == Decimal(-256)
    nearer = await desk.service.stage_modify(order_id, new_stop=Premium.of("2.20"))
    assert not any("moves away" in warning for warning in nearer.facts.warnings)


async def test_a_done_change_is_reported_under_its_own_ticket(desk: Desk) -> None:
    """Who asks about the ticket of a change is answered about that ticket."""
    ticket = await desk.service.stage_open(await desk.draft(), limit=Premium.of("3.00"))
    await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    order_id = desk.service.status(ticket.ticket_id).order_id
    change = await desk.service.stage_modify(order_id, new_limit=Premium.of("3.40"))
    assert "takes risk away" not in str(change.facts)
    await desk.service.approve(change.ticket_id, Channel.PAGE)
    report = desk.service.status(change.ticket_id)
    assert (report.ticket_id, report.order_id, report.state) == (change.ticket_id, order_id, OrderState.LIVE)


async def test_a_forgotten_sign_is_asked_about_and_never_staged(desk: Desk) -> None:
    """The likeliest slip: a debit spread for -1, a close for +3."""
    draft = await desk.draft()
    with pytest.raises(InvalidRequest) as refused:
        await desk.service.stage_open(draft, limit=Premium.of("-4.00"))
    assert refused.value.code == "limit_sign"
    assert "would RECEIVE 4.00, but here you PAY" in refused.value.message
    strategy_id = await desk.filled()
    with pytest.raises(InvalidRequest) as refused:
        await desk.service.stage_close(strategy_id, limit=Premium.of("4.80"))
    assert refused.value.code == "limit_sign"
    assert "-4.80" in refused.value.next_steps[0]


async def test_a_step_out_of_order_is_refused(desk: Desk) -> None:
    """Neither stop nor close before the fill."""
    draft = await desk.draft()
    ticket = await desk.service.stage_open(draft)
    await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    for wish in (
        desk.service.stage_stop(draft.strategy_id, stop_pct=Decimal(50)),
        desk.service.stage_close(draft.strategy_id),
        desk.service.stage_open(draft, quantity=3),
    ):
        with pytest.raises(OutOfStep):
            await wish


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "invalid_request"),
        ({"stop_price": Premium.of("1.00"), "stop_pct": Decimal(50)}, "invalid_request"),
        ({"stop_pct": Decimal(0)}, "invalid_request"),
        ({"stop_pct": Decimal(100)}, "invalid_request"),
        ({"stop_type": "trailing", "trailing_amount": Decimal(1)}, "trailing_on_options"),
        ({"stop_type": "magic", "stop_pct": Decimal(50)}, "invalid_request"),
        ({"stop_price": Premium.of("9.00")}, "stop_already_triggered"),
        ({"stop_pct": Decimal(50), "limit_offset": Decimal(-1)}, "invalid_request"),
    ],
)
async def test_a_stop_that_cannot_be_is_refused(desk: Desk, arguments: dict[str, object], code: str) -> None:
    """Each with its own reason; the trade goes on asking for a stop."""
    strategy_id = await desk.filled()
    with pytest.raises(SumpPumpError) as refused:
        await desk.service.stage_stop(strategy_id, **arguments)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert desk.service.trades()[0].state is TradeState.FILLS_CONFIRMED


async def test_a_position_of_another_hand_can_be_guarded_and_closed(desk: Desk) -> None:
    """Opened in TWS itself: it becomes a trade of its own the moment a ticket is made for it."""
    draft = await desk.draft()
    foreign = replace(desk.order(draft.combo, "4.00"), order_ref="")
    desk.venue.send(NewOrder(foreign, order_id=900, client_id=0))
    await asyncio.sleep(0.05)
    desk.venue.fill("")
    held = (await desk.desk.portfolio.positions()).strategies[0]
    stop = await desk.service.stage_stop(held.position_id, stop_price=Premium.of("0.05"))
    await desk.service.approve(stop.ticket_id, Channel.PAGE)
    trade = desk.service.trades()[0]
    assert (trade.strategy_id, trade.adopted) == (held.position_id, 1)
    assert trade.state in (TradeState.STOPS_PLACED, TradeState.MONITORING)
    ticket = await desk.service.stage_close("SPY")
    await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    desk.venue.fill(ticket.orders[0].order.order_ref)
    await desk.ledger.until(lambda: desk.service.trades()[0].state is TradeState.CLOSED, 5.0)
    assert desk.service.trades()[0].state is TradeState.CLOSED


async def test_a_change_of_price_needs_a_ticket_and_cannot_walk_away(desk: Desk) -> None:
    """R11 and C-05: the drift counts from the price that was approved first."""
    ticket = await desk.service.stage_open(await desk.draft(), limit=Premium.of("3.00"))
    outcome = await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    assert outcome.report is not None
    order_id = outcome.report.order_id
    changed = await desk.service.stage_modify(order_id, new_limit=Premium.of("3.40"))
    assert changed.facts.changes == ("limit 3.00 debit → 3.40 debit",)
    await desk.service.approve(changed.ticket_id, Channel.PAGE)
    assert desk.service.status(order_id).state is OrderState.LIVE
    assert desk.venue.held(ticket.orders[0].order.order_ref).new.order.limit == Premium.of("3.40")
    with pytest.raises(RiskRefused) as refused:
        await desk.service.stage_modify(order_id, new_limit=Premium.of("3.60"))
    assert refused.value.breaches[0].control == "C-05"
    for wrong in ({}, {"new_quantity": 0}, {"new_stop": Premium.of("1")}, {"new_limit": Premium.of("3.40")}):
        with pytest.raises(InvalidRequest):
            await desk.service.stage_modify(order_id, **wrong)  # type: ignore[arg-type]


async def test_where_orders_are_not_enabled_a_ticket_is_a_preview(desk: Desk) -> None:
    """Settled 16: the ticket says so, and approving it sends nothing."""
    desk.gate = WriteGate(allowed=False, code="orders_not_enabled", reason="ORDERS_ENABLED is false")
    ticket = await desk.service.stage_open(await desk.draft())
    assert "PREVIEW ONLY" in ticket.facts.warnings[0]
    with pytest.raises((RiskRefused, WritesOff)):
        await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    assert desk.venue.orders == {}


async def test_auto_approves_on_the_simulator_at_once() -> None:
    """SUMPPUMP_APPROVAL=auto: for the simulator and for tests."""
    desk = Desk(auto=True)
    await desk.start()
    ticket = await desk.service.stage_open(await desk.draft())
    assert desk.service.ticket(ticket.ticket_id).state is OrderState.LIVE
    await desk.service.stop()


async def test_a_rehearsal_asks_the_account_once_for_all_drafts_and_judges_each(desk: Desk) -> None:
    """Broker limits on parallel account requests: eight candidates must not be eight questions."""
    drafts = [await desk.draft(), await desk.draft(quantity=11), await desk.draft()]
    before = desk.broker.reads.count("figures")
    runs = await desk.service.rehearse(drafts)
    assert [bool(run.objections) for run in runs] == [False, True, False]
    assert len({run.order.order_ref for run in runs}) == 3
    assert desk.broker.reads.count("figures") == before + 1
    assert await desk.service.rehearse([]) == ()


async def test_a_dry_run_says_what_staging_would_refuse_and_leaves_nothing_behind(desk: Desk) -> None:
    """The same limits as for a ticket, raised at nobody; no ticket, no order, no row of a trade."""
    fine = await desk.service.dry_run(await desk.draft())
    assert fine.refusals == ()
    assert fine.margin is not None
    assert fine.objections == ()
    large = await desk.service.dry_run(await desk.draft(quantity=11))
    assert large.objections == (f"{large.refusals[0].control}: {large.refusals[0].message}",)
    assert [each.code for each in large.refusals] == ["too_many_contracts"]
    assert desk.service.tickets() == ()
    assert desk.service.trades() == ()
    assert desk.venue.orders == {}


async def test_a_dry_run_of_a_draft_that_waited_judges_quotes_taken_now(desk: Desk) -> None:
    """Slower steps ran beside it: the quotes are twice as old as C-07 allows; staging quotes anew."""
    draft = await desk.draft()
    desk.clock.advance(2 * desk.desk.policy.limits.max_quote_age)
    found = await desk.service.dry_run(draft)
    assert found.refusals == ()
    assert found.unknowns == ()


async def test_every_ticket_that_leaves_or_guards_tells_the_brokers_margin(desk: Desk) -> None:
    """Close, stop and the change of a stop: the what-if before and after, and its fees."""
    strategy_id = await desk.filled()
    stop = await desk.service.stage_stop(strategy_id, stop_pct=Decimal(50))
    await desk.service.approve(stop.ticket_id, Channel.PAGE)
    order_id = desk.service.status(stop.ticket_id).order_id
    change = await desk.service.stage_modify(order_id, new_stop=Premium.of("2.00"))
    close = await desk.service.stage_close(strategy_id)
    for ticket in (stop, change, close):
        assert ticket.facts.margin == desk.broker.previewed
        assert ticket.facts.margin_reason == ""


async def test_a_way_out_does_not_wait_for_a_what_if_that_is_refused(desk: Desk) -> None:
    """The ticket is there all the same, without the figure and with the reason."""
    strategy_id = await desk.filled()
    desk.broker.previewed = GatewayUnavailable("TWS does not answer the what-if")
    facts = (await desk.service.stage_close(strategy_id)).facts
    assert facts.margin is None
    assert "TWS does not answer the what-if" in facts.margin_reason


async def overlapping(desk: Desk) -> tuple[Ticket, Ticket]:
    """Tickets for a call and for a spread that sells it, both staged while nothing is held."""
    call = await desk.draft("long_call")
    (strike,) = (float(option.strike) for option in call.combo.options)
    strikes = [strike - 10, strike]
    asked = StrategyRequest.read(strategy_type="bull_call_spread", symbol="SPY", dte=30, strikes=strikes)
    first = await desk.service.stage_open(call)
    second = await desk.service.stage_open(await desk.strategies.build(asked))
    assert first.facts.overlaps == second.facts.overlaps == ()
    return first, second


@pytest.mark.parametrize("is_filled", [True, False])
async def test_what_an_order_closes_is_looked_at_again_when_it_is_approved(
    desk: Desk, is_filled: bool
) -> None:
    """The call came, or its order began to work, between the spread's ticket and its approval."""
    call, spread = await overlapping(desk)
    await desk.service.approve(call.ticket_id, Channel.PAGE)
    if is_filled:
        desk.venue.fill(call.main.order_ref if call.main else "")
        await asyncio.sleep(0.05)
    outcome = await desk.service.approve(spread.ticket_id, Channel.PAGE)
    words = "closes your held +1 SPY" if is_filled else "still works and would open +1 SPY"
    assert outcome.state is OrderState.SUPERSEDED
    assert "new since the ticket: " in outcome.message
    assert outcome.ticket is not None
    assert any(words in note for note in outcome.ticket.facts.overlaps)
    assert any(words in change for change in outcome.ticket.facts.changes)
    assert len(desk.venue.orders) == 1
    again = await desk.service.approve(outcome.ticket.ticket_id, Channel.PAGE)
    assert again.state is OrderState.LIVE, "what the person has seen is sent"


async def test_an_overlap_that_is_gone_makes_a_new_ticket_too(desk: Desk) -> None:
    """The order that the ticket warned of was cancelled: what the person read is not so any more."""
    call, spread = await overlapping(desk)
    await desk.service.approve(call.ticket_id, Channel.PAGE)
    warned = (await desk.service.approve(spread.ticket_id, Channel.PAGE)).ticket
    assert warned is not None
    (record,) = desk.ledger.book.working()
    await desk.service.cancel(record.order_id)
    outcome = await desk.service.approve(warned.ticket_id, Channel.PAGE)
    assert outcome.state is OrderState.SUPERSEDED
    assert "no longer so: Order" in outcome.message
