"""What an order looks like on the wire, and how a what-if is asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.scripted import ACCOUNT, ScriptedTws

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.orders import Order, OrderType, TimeInForce
from sumppump.exchange.wire.codec import decode_request
from sumppump.exchange.wire.place_order import PlaceOrder
from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable, InvalidRequest, ProtocolError
from sumppump.kernel.money import Premium
from sumppump.ports.broker import OrderNotice, OrderSeen
from sumppump.tws import order_frame, orders
from sumppump.tws.broker import TwsBroker
from sumppump.tws.order_frame import Ticketing

NOW = Ticketing(order_id=7, version=178)


def read(order: Order, ticketing: Ticketing = NOW) -> Any:
    """The frame as the exchange's own tables read it."""
    frame = order_frame.encode(order, ticketing)
    message = decode_request(frame[4:], ticketing.version)
    assert isinstance(message, PlaceOrder)
    return message


def test_several_legs_are_one_guaranteed_combo_bought_at_the_signed_net_price() -> None:
    """Settled for SumpPump; the sign after IBKR's "Notes on Combination Orders"."""
    sent = read(makers.order(makers.vertical(), "-1.25"))
    assert (sent.contract.sec_type, sent.contract.con_id, sent.contract.exchange) == ("BAG", 0, "SMART")
    assert (sent.action, sent.lmt_price, sent.total_quantity) == ("BUY", -1.25, 2)
    assert [(leg.con_id, leg.ratio, leg.action) for leg in sent.legs] == [
        (1500, 1, "BUY"), (1505, 1, "SELL"),
    ]  # fmt: skip
    assert sent.routing_params == ()


def test_a_covered_call_counts_its_shares_in_the_ratio() -> None:
    """A stock leg's ratio is in shares; the price is per share of the combo."""
    combo = Combo((Leg(contract=makers.SPY, ratio=100), Leg(contract=makers.call(500), ratio=-1)))
    sent = read(makers.order(combo, "495.50"))
    assert [(leg.con_id, leg.ratio, leg.action) for leg in sent.legs] == [
        (756733, 100, "BUY"), (1500, 1, "SELL"),
    ]  # fmt: skip
    assert sent.lmt_price == 495.5


@pytest.mark.parametrize(("ratio", "limit", "side"), [(1, "7.60", "BUY"), (-1, "-7.60", "SELL")])
def test_a_single_option_is_bought_or_sold_at_a_positive_price(ratio: int, limit: str, side: str) -> None:
    """A negative price of a single contract would be refused by TWS, or worse, not."""
    sent = read(makers.order(makers.single(ratio), limit))
    assert (sent.action, sent.lmt_price, sent.contract.con_id) == (side, 7.6, 1500)
    assert (sent.contract.sec_type, sent.legs) == ("OPT", ())


def test_a_stop_limit_that_sells_an_option_turns_both_signs() -> None:
    """Stop and limit are premiums: protecting a long option is selling it, so both are credits."""
    order = makers.order(
        makers.single(-1), "-2.70", order_type=OrderType.STP_LMT, stop=Premium.of("-3.00"),
        tif=TimeInForce.GTC,
    )  # fmt: skip
    sent = read(order)
    assert (sent.order_type, sent.action, sent.lmt_price, sent.aux_price, sent.tif) == (
        "STP LMT", "SELL", 2.7, 3.0, "GTC",
    )  # fmt: skip


def test_shares_may_have_a_plain_stop_and_a_trailing_one() -> None:
    """Plain STP and TRAIL are for shares only."""
    shares = makers.single(-1, makers.SPY)
    stop = read(makers.order(shares, None, order_type=OrderType.STP, stop=Premium.of("-650.00")))
    trail = read(makers.order(shares, None, order_type=OrderType.TRAIL, trail=Premium.of("5.00")))
    assert (stop.order_type, stop.action, stop.aux_price, stop.lmt_price) == ("STP", "SELL", 650.0, None)
    assert (trail.order_type, trail.aux_price, trail.trail_stop_price) == ("TRAIL", 5.0, None)


def test_everything_that_tws_has_a_default_for_is_said() -> None:
    """P-14; a group shrinks on a partial fill and does not leave the rest unprotected (OCA type 2)."""
    ticketing = replace(NOW, parent_id=3, transmit=False)
    sent = read(makers.order(order_ref="SP1-Z", oca_group="SP1-G"), ticketing)
    assert (sent.order_id, sent.parent_id, sent.transmit) == (7, 3, False)
    assert (sent.account, sent.order_ref, sent.tif, sent.outside_rth) == (ACCOUNT, "SP1-Z", "DAY", False)
    assert (sent.oca_group, sent.oca_type, sent.what_if) == ("SP1-G", 2, False)


@pytest.mark.parametrize("version", [157, 163, 166, 169, 170, 176, 177, 178])
def test_the_frame_fits_every_server_version(version: int) -> None:
    """Gates 158 to 177 change the layout; the proof knows them as well as the library does."""
    assert read(makers.order(), Ticketing(order_id=7, version=version)).order_ref == makers.order().order_ref


@settings(max_examples=300, deadline=None)
@given(
    cents=st.integers(-100_000, 100_000).filter(bool),
    quantity=st.integers(1, 1_000_000),
    ref=st.text("ABCDEFGHJKMNPQRSTVWXYZ0123456789-", min_size=1, max_size=40),
)
def test_the_number_of_fields_never_depends_on_the_values(cents: int, quantity: int, ref: str) -> None:
    """B3: any legal price, quantity and reference gives 133 fields for a vertical, and reads back exactly."""
    limit = Premium(Decimal(cents) / 100)
    frame = order_frame.encode(makers.order(limit=str(limit), quantity=quantity, order_ref=ref), NOW)
    fields = frame[4:].decode().split("\0")
    assert len(fields) - 1 == 133
    assert (Decimal(fields[19]), fields[17], fields[26]) == (limit.amount, str(quantity), ref)
    assert "E" not in fields[19]


@settings(max_examples=300, deadline=None)
@given(text=st.text(min_size=1, max_size=60), field=st.sampled_from(["order_ref", "account", "oca_group"]))
def test_a_text_either_travels_as_it_is_or_not_at_all(text: str, field: str) -> None:
    """B3, P-12: never cleaned silently, because a changed reference would be another reference."""
    order = makers.order(**dict[str, Any]({field: text}))
    try:
        sent = read(order)
    except InvalidRequest:
        assert len(text) > 40 or not text.isascii() or not text.isprintable() or not text.strip()
    else:
        assert getattr(sent, field) == text


def test_a_frame_that_says_something_else_is_caught_before_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof is independent of the encoder: every changed field is found and named."""
    order = makers.order()
    honest = order_frame.encode(order, NOW)[4:].decode().split("\0")[:-1]
    wanted = order_frame.expected(order, NOW)
    for place in range(len(honest)):
        forged = [*honest[:place], honest[place] + "1", *honest[place + 1 :]]
        with pytest.raises(ProtocolError):
            order_frame.compare(forged, wanted)
    with pytest.raises(ProtocolError):
        order_frame.compare([*honest, ""], wanted)
    honest_order = orders.wire_order
    monkeypatch.setattr(
        order_frame, "wire_order", lambda order, **said: honest_order(replace(order, quantity=3), **said)
    )
    with pytest.raises(ProtocolError, match="totalQuantity"):
        order_frame.encode(order, NOW)


# --- the what-if --------------------------------------------------------------------------------


def margins(request: Any, **changes: Any) -> Any:
    """TWS's answer to a what-if, as recorded but for the figures."""
    figures = {
        "init_margin_before": "0.0", "maint_margin_before": "0.0", "equity_with_loan_before": "250000",
        "init_margin_change": "250", "maint_margin_change": "250", "equity_with_loan_change": "-2.6",
        "init_margin_after": "250.0", "maint_margin_after": "250.0", "equity_with_loan_after": "249997.4",
        "commission": 2.6, "min_commission": 1.0, "max_commission": 2.6, "commission_currency": "USD",
    }  # fmt: skip
    return makers.open_order(
        request.order_id, 0, request.order_ref, client_id=0, what_if=True, status="PreSubmitted",
        **(figures | changes),
    )  # fmt: skip


async def test_a_what_if_waits_for_the_second_of_two_answers(tws: ScriptedTws, connect: Connect) -> None:
    """Recorded: two frames, all figures unset in the first. No event tells of an order that is none."""
    rig = await connect()
    empty = makers.open_order(1, 0, what_if=True, client_id=0)

    def answer(peer: Any, request: Any) -> None:
        assert request.what_if is True
        peer.say(replace(empty, order_id=request.order_id), margins(request))

    tws.on("PlaceOrder", answer)
    preview = await rig.gateway.broker.preview(makers.order())
    assert str(preview.initial_change) == "250.00 USD"
    assert str(preview.commission) == "2.60 USD"
    assert rig.all(OrderSeen) == []


async def test_the_frame_of_a_what_if_is_never_sent_as_an_order(tws: ScriptedTws, connect: Connect) -> None:
    """The guard behind the guard: even a what-if frame that the broker made and kept is refused."""
    rig = await connect()
    broker = rig.gateway.broker
    assert isinstance(broker, TwsBroker)
    order_id = broker.reserve_order_id()
    frame = broker._encode(makers.order(), order_id, parent_id=0, transmit=True, what_if=True)
    with pytest.raises(GatewayUnavailable, match="what-if"):
        broker.transmit(frame, order_id)
    assert not tws.peer.got("PlaceOrder")


async def test_a_what_if_that_gives_a_range_has_no_single_commission(
    tws: ScriptedTws, connect: Connect
) -> None:
    """The broker's estimate may be a range; None is not 0."""
    rig = await connect()
    tws.on("PlaceOrder", lambda peer, request: peer.say(margins(request, commission=None)))
    preview = await rig.gateway.broker.preview(makers.order())
    assert preview.commission is None
    assert preview.commission_max is not None
    assert preview.commission_max.amount == Decimal("2.6")


@pytest.mark.parametrize("margins_first", [True, False])
async def test_a_what_if_that_would_be_rejected_is_rejected(
    tws: ScriptedTws, connect: Connect, margins_first: bool
) -> None:
    """Observed: margins AND a 201 for the same what-if."""
    rig = await connect(what_if_grace_s=1.0)

    def answer(peer: Any, request: Any) -> None:
        if margins_first:
            peer.say(margins(request))
        peer.say(makers.status(request.order_id, 0, "Inactive"))
        peer.error(request.order_id, 201, "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED")

    tws.on("PlaceOrder", answer)
    with pytest.raises(BrokerRejected) as caught:
        await rig.gateway.broker.preview(makers.order())
    assert caught.value.ib_code == 201
    assert rig.all(OrderNotice) == []
    assert rig.all(OrderSeen) == []


@pytest.mark.parametrize("code", [110, 200, 321, 460])
async def test_a_what_if_is_refused_by_errors_that_the_library_calls_warnings(
    tws: ScriptedTws, connect: Connect, code: int
) -> None:
    """F-34: 110 and 321 leave a caller of the library waiting."""
    rig = await connect()
    tws.on("PlaceOrder", lambda peer, request: peer.error(request.order_id, code, "no"))
    with pytest.raises(BrokerRejected):
        await rig.gateway.broker.preview(makers.order())


@pytest.mark.parametrize("code", [399, 2109, 10349])
async def test_a_what_if_outlives_mere_remarks(tws: ScriptedTws, connect: Connect, code: int) -> None:
    """10349 makes the library's what-if return []."""
    rig = await connect()

    def answer(peer: Any, request: Any) -> None:
        peer.error(request.order_id, code, "a remark")
        peer.say(margins(request))

    tws.on("PlaceOrder", answer)
    preview = await rig.gateway.broker.preview(makers.order())
    assert preview.initial_after.amount == 250


@pytest.mark.parametrize(
    "changes",
    [
        {"init_margin_after": "1.7976931348623157E308"},
        {"maint_margin_after": ""},
        {"equity_with_loan_after": "NaN"},
    ],
)
async def test_a_what_if_without_a_figure_that_matters_is_no_margin(
    tws: ScriptedTws, connect: Connect, changes: dict[str, str]
) -> None:
    """F-34, F-39: unset, missing or nonsense refuses the ticket; it is never read as 0."""
    rig = await connect()
    tws.on("PlaceOrder", lambda peer, request: peer.say(margins(request, **changes)))
    with pytest.raises(GatewayUnavailable, match="margin"):
        await rig.gateway.broker.preview(makers.order(), timeout_s=0.05)


async def test_a_silent_what_if_ends_and_its_late_answer_is_dropped(
    tws: ScriptedTws, connect: Connect
) -> None:
    """F-34: refused in time; a late frame is neither an order nor an error."""
    rig = await connect()
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.broker.preview(makers.order(), timeout_s=0.05)
    request = tws.peer.got("PlaceOrder")[0]
    tws.peer.say(margins(request))
    tws.peer.error(request.order_id, 201, "late")
    tws.peer.say(makers.status(900, 901))
    await rig.until(lambda: rig.all(OrderSeen))
    assert [event.order.perm_id for event in rig.all(OrderSeen)] == [901]
    assert rig.all(OrderNotice) == []


async def test_a_what_if_frame_is_never_taken_for_an_order(tws: ScriptedTws, connect: Connect) -> None:
    """The flag is read from the frame itself, on both ways out."""
    rig = await connect()
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.broker.preview(makers.order(), timeout_s=0.02)
    frame = tws.peer.frames[-1]
    order_id = tws.peer.got("PlaceOrder")[0].order_id
    with pytest.raises(GatewayUnavailable):
        rig.gateway.broker.transmit(frame, order_id)


async def test_two_what_ifs_at_once_get_their_own_answers(tws: ScriptedTws, connect: Connect) -> None:
    """Each has an id of its own, and the ids are spent."""
    rig = await connect()
    tws.on(
        "PlaceOrder",
        lambda peer, request: peer.say(margins(request, init_margin_after=str(request.total_quantity))),
    )
    asked = [makers.order(quantity=quantity) for quantity in (3, 4, 5)]
    previews = await asyncio.gather(*(rig.gateway.broker.preview(order) for order in asked))
    assert [preview.initial_after.amount for preview in previews] == [3, 4, 5]
    assert len({request.order_id for request in tws.peer.got("PlaceOrder")}) == 3


async def test_a_read_only_process_sends_neither_order_nor_cancel(tws: ScriptedTws, connect: Connect) -> None:
    """Further processes on one home only read; the margin of an order they may ask."""
    rig = await connect(read_only=True)
    order_id = rig.gateway.broker.reserve_order_id()
    frame = rig.gateway.broker.encode(makers.order(), order_id)
    for send in (
        lambda: rig.gateway.broker.transmit(frame, order_id),
        lambda: rig.gateway.broker.transmit_cancel(order_id),
        rig.gateway.broker.transmit_global_cancel,
    ):
        with pytest.raises(GatewayUnavailable, match="read-only"):
            send()
    assert not tws.peer.got("PlaceOrder")


async def test_an_order_for_another_account_is_never_encoded(tws: ScriptedTws, connect: Connect) -> None:
    """F-71: after a new login the account may be another one; the full id is in no message."""
    rig = await connect()
    with pytest.raises(InvalidRequest) as caught:
        rig.gateway.broker.encode(makers.order(account="U7654321"), 1)
    assert "7654321" not in str(caught.value.expected) + str(caught.value.found) + caught.value.message
