"""Bytes and counts that do not come from our own tables."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sumppump.exchange.wire import account_answers as account
from sumppump.exchange.wire import market_answers as market
from sumppump.exchange.wire import order_answers as orders
from sumppump.exchange.wire.codec import (
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
    fields_of,
    message_of,
)
from sumppump.exchange.wire.contracts import (
    Contract,
    ExecutedInstrument,
    Instrument,
    OrderLeg,
    PriceIncrement,
    Tag,
)
from sumppump.exchange.wire.framing import FrameReader, join_fields
from sumppump.exchange.wire.handshake import Hello, negotiated, read_hello
from sumppump.exchange.wire.layout import ANSWERS, REQUESTS
from sumppump.exchange.wire.market_requests import ReqMktData
from sumppump.exchange.wire.place_order import PlaceOrder

RECORDED = Path(__file__).parents[3] / ".." / "shared" / "data" / "recorded" / "session_sv176.jsonl"
LOT = Decimal(100)


def frames() -> list[tuple[str, list[str]]]:
    if not RECORDED.exists():
        pytest.skip("the recorded session is not on this machine (../shared/data/recorded)")
    rows = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    return [(row["dir"], row["fields"]) for row in rows if "fields" in row]


def test_every_recorded_frame_is_read_and_written_again_to_the_same_bytes() -> None:
    """A complete session with a paper account at server version 176, October 2023."""
    seen = 0
    for direction, texts in frames():
        if direction == "S>C" and len(texts) == 2 and texts[0] == "176":
            continue
        from_client = direction == "C>S"
        body = join_fields(texts, ascii7=not from_client)
        message = (decode_request if from_client else decode_answer)(body, 176)
        again = (encode_request if from_client else encode_answer)(message, 176)
        assert FrameReader().feed(again) == [body]
        seen += 1
    assert seen == 512


def test_the_recorded_greeting_negotiates_the_recorded_version() -> None:
    """The client offered v157..178, TWS spoke 176; the same offer to a server that stops at 176 gives 176."""
    assert read_hello(b"v157..178") == Hello(157, 178)
    assert negotiated(Hello(157, 178), newest=176) == 176


COUNTS: list[tuple[Any, dict[int, int]]] = [
    (market.TickPrice(req_id=1, tick_type=1, price=1.0, size=LOT), {178: 7}),
    (market.TickSize(req_id=1, tick_type=0, size=LOT), {178: 5}),
    (orders.OrderStatus(order_id=1, status="Filled", filled=LOT, remaining=LOT), {178: 12, 157: 12}),
    (account.ErrorMessage(id=1, code=200, text="x"), {178: 6, 176: 6, 165: 5, 157: 5}),
    (account.AccountValue(key="k", value="v", currency="", account="a"), {178: 6}),
    (account.AccountUpdateTime(time="10:00"), {178: 3}),
    (account.NextValidId(order_id=1), {178: 3}),
    (account.ManagedAccounts(accounts="a"), {178: 3}),
    (market.TickOptionComputation(req_id=1, tick_type=13), {178: 12}),
    (market.TickGeneric(req_id=1, tick_type=49, value=0.0), {178: 5}),
    (market.TickString(req_id=1, tick_type=45, value="0"), {178: 5}),
    (account.CurrentTime(epoch_s=1), {178: 3}),
    (market.ContractDataEnd(req_id=1), {178: 3}),
    (orders.OpenOrderEnd(), {178: 2}),
    (account.AccountDownloadEnd(account="a"), {178: 3}),
    (orders.ExecDetailsEnd(req_id=1), {178: 3}),
    (market.TickSnapshotEnd(req_id=1), {178: 3}),
    (market.MarketDataType(req_id=1, kind=1), {178: 4}),
    (orders.CommissionReport(exec_id="e", commission=1.0, currency="USD"), {178: 8}),
    (account.Position(account="a", instrument=Instrument(), position=LOT, average_cost=1.0), {178: 16}),
    (account.PositionEnd(), {178: 2}),
    (account.AccountSummary(req_id=1, account="a", tag="t", value="v", currency=""), {178: 7}),
    (account.AccountSummaryEnd(req_id=1), {178: 3}),
    (
        account.PositionMulti(
            req_id=1, account="a", instrument=Instrument(), position=LOT, average_cost=1.0, model=""
        ),
        {178: 18},
    ),
    (account.PositionMultiEnd(req_id=1), {178: 3}),
    (
        account.AccountUpdateMulti(req_id=1, account="a", model="", key="k", value="v", currency=""),
        {178: 8},
    ),
    (account.AccountUpdateMultiEnd(req_id=1), {178: 3}),
    (
        market.TickReqParams(req_id=1, min_tick=0.01, bbo_exchange="9c0001", snapshot_permissions=3),
        {178: 5},
    ),
    (account.PnL(req_id=1, daily=None, unrealized=None, realized=None), {178: 5}),
    (
        account.PnLSingle(req_id=1, position=LOT, daily=None, unrealized=None, realized=None, value=None),
        {178: 7},
    ),
    (orders.CompletedOrdersEnd(), {178: 1}),
    (
        market.ContractData(req_id=1, symbol="X", sec_type="STK", sec_ids=(Tag(tag="ISIN", value="US"),)),
        {178: 42, 157: 41},
    ),
    (market.ContractData(req_id=1, symbol="X", sec_type="OPT"), {178: 40, 157: 39}),
    (
        orders.OpenOrder(
            order_id=1, instrument=Instrument(), action="BUY", total_quantity=LOT, order_type="LMT"
        ),
        {178: 135, 176: 136, 157: 128},
    ),
    (
        orders.OpenOrder(
            order_id=1,
            instrument=Instrument(sec_type="BAG"),
            action="BUY",
            total_quantity=LOT,
            order_type="LMT",
            legs=(OrderLeg(), OrderLeg()),
        ),
        {178: 135 + 16, 176: 136 + 16, 157: 128 + 16},
    ),
    (
        orders.CompletedOrder(instrument=Instrument(), action="BUY", total_quantity=LOT, order_type="LMT"),
        {178: 100, 176: 101, 157: 96},
    ),
    (PlaceOrder(order_id=1, contract=Contract()), {178: 114, 176: 115, 157: 110}),
]


@pytest.mark.parametrize(("message", "count_by_version"), COUNTS)
def test_a_message_has_the_number_of_fields_that_clients_insist_on(
    message: Any, count_by_version: dict[int, int]
) -> None:
    """Counts that all four clients accepted, the protocol page's table; ids and versions are counted."""
    assert {v: len(fields_of(message, v)) for v in count_by_version} == count_by_version


def execution() -> orders.ExecDetails:
    return orders.ExecDetails(
        req_id=-1,
        order_id=1,
        instrument=ExecutedInstrument(),
        exec_id="e",
        time="t",
        account="a",
        exchange="CBOE",
        side="BOT",
        shares=LOT,
        price=1.0,
        perm_id=2,
        client_id=3,
    )


def test_an_execution_grows_by_one_field_at_178() -> None:
    assert [len(fields_of(execution(), v)) for v in (157, 177, 178)] == [31, 31, 32]


def test_a_tick_price_looks_like_this_on_the_wire() -> None:
    """Length, then every field with its NUL."""
    tick = market.TickPrice(req_id=3, tick_type=1, price=2.5, size=Decimal("10.0"), attributes=1)
    assert encode_answer(tick, 178) == b"\x00\x00\x00\x11" + b"1\x006\x003\x001\x002.5\x0010\x001\x00"


def test_sizes_are_whole_for_clients_that_read_them_with_int() -> None:
    """ibapi 9.81 dies on "100.0"; before version 163 a fraction is cut off."""
    tick = market.TickSize(req_id=1, tick_type=0, size=Decimal("0.5"))
    assert [fields_of(tick, v)[-1] for v in (157, 163)] == ["0", "0.5"]


def test_greeks_that_cannot_be_computed_are_minus_one_and_minus_two() -> None:
    """Never empty: ib_async reads every one with float()."""
    texts = fields_of(market.TickOptionComputation(req_id=1, tick_type=13), 178)
    assert texts[4:] == ["-1", "-2", "-1", "-1", "-2", "-2", "-2", "-1"]


def test_a_market_rule_carries_its_own_id_and_no_request_id() -> None:
    rule = market.MarketRule(rule_id=26, increments=(PriceIncrement(low_edge=0.0, increment=0.01),))
    assert fields_of(rule, 178) == ["93", "26", "1", "0", "0.01"]


def test_strikes_end_the_option_parameters() -> None:
    """ib_async takes everything behind the expirations' count as strikes."""
    params = market.SecDefOptParams(
        req_id=1,
        exchange="SMART",
        under_con_id=5,
        trading_class="SPY",
        multiplier="100",
        expirations=("20261120",),
        strikes=(600.0, 601.5),
    )
    assert fields_of(params, 178)[5:] == ["100", "1", "20261120", "2", "600.0", "601.5"]


UNSET_SPELLINGS = ("", "2147483647", "1.7976931348623157E308", "1.7976931348623157e+308")


@pytest.mark.parametrize("spelling", UNSET_SPELLINGS)
def test_every_spelling_of_no_price_is_none(spelling: str) -> None:
    """ib_async and @stoqey send nothing, ibapi the largest integer or double in Python's spelling."""
    texts = fields_of(PlaceOrder(order_id=1, contract=Contract()), 178)
    at = texts.index("LMT") + 1
    texts[at] = spelling
    assert message_of(texts, 178, REQUESTS).lmt_price is None


def test_an_empty_transmit_is_not_transmitted() -> None:
    """@stoqey sends undefined as nothing; TWS reads that as false, so the order stays silent."""
    texts = fields_of(PlaceOrder(order_id=1, contract=Contract()), 178)
    at = texts.index("LMT") + 9
    assert texts[at] == "1"
    texts[at] = ""
    assert message_of(texts, 178, REQUESTS).transmit is False


@pytest.mark.parametrize("text", ["nan", "inf", "1_0", "1 min", "0x10", "1E999"])
def test_a_price_that_is_no_number_is_an_error_in_the_words_of_tws(text: str) -> None:
    """The recorded 320 quotes Java's NumberFormatException; ib_async sends `nan` without a thought."""
    texts = fields_of(PlaceOrder(order_id=1, contract=Contract()), 178)
    texts[texts.index("LMT") + 1] = text
    with pytest.raises(Exception, match="cannot be read") as caught:
        message_of(texts, 178, REQUESTS)
    assert caught.value.found == f'java.lang.NumberFormatException: For input string: "{text}"'  # type: ignore[attr-defined]


def test_a_size_with_a_huge_exponent_is_refused_before_it_is_printed() -> None:
    texts = fields_of(PlaceOrder(order_id=1, contract=Contract()), 178)
    texts[texts.index("LMT") - 1] = "1E300"
    with pytest.raises(Exception, match="cannot be read"):
        message_of(texts, 178, REQUESTS)


def test_a_bag_names_its_legs_in_requests_for_data() -> None:
    """Only a BAG has the legs' block."""
    plain = ReqMktData(req_id=1, contract=Contract(symbol="SPY", sec_type="STK"))
    bag = ReqMktData(req_id=1, contract=Contract(symbol="SPY", sec_type="BAG"))
    assert len(fields_of(bag, 178)) == len(fields_of(plain, 178)) + 1


def test_text_leaves_the_server_in_seven_bits() -> None:
    """From version 153 on clients read `\\uXXXX`; a literal backslash is doubled."""
    tag = market.TickString(req_id=1, tick_type=46, value="é \\ €")
    frame = encode_answer(tag, 178)
    assert b"\\u00e9 \\\\ \\u20ac" in frame
    assert decode_answer(frame[4:], 178) == tag


def test_a_nul_inside_a_text_cannot_become_a_field() -> None:
    tag = market.TickString(req_id=1, tick_type=46, value="a\0b")
    assert fields_of(tag, 178) == ["46", "6", "1", "46", "ab"]


def test_answers_and_requests_have_separate_numbers() -> None:
    """Message 5 asks for open orders in one direction and is an order in the other."""
    assert REQUESTS[5] is not ANSWERS[5]
