"""Hostile and broken messages: counted, never a crash, a hang, or a number that is none."""

from __future__ import annotations

import asyncio
import random
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.listings import option, stock
from tests.protocol.gateway.scripted import ACCOUNT, ScriptedTws

from sumppump.exchange.wire import account_answers as account
from sumppump.exchange.wire import order_answers as wire
from sumppump.exchange.wire.codec import encode_answer
from sumppump.exchange.wire.contracts import Instrument
from sumppump.exchange.wire.market_answers import (
    ContractDataEnd,
    TickOptionComputation,
    TickPrice,
    TickSize,
)
from sumppump.ports.broker import OrderSeen

NONSENSE = (
    "",
    "NaN",
    "inf",
    "-1",
    "1.7976931348623157E308",
    "9" * 40,
    "\x00",
    "é\u202e",
    "Filled",
    "0",
    "true",
)
ROUNDS = 400


def sound(line: int) -> list[Any]:
    """One message of every kind that the gateway reads."""
    return [
        makers.open_order(1, 101), makers.status(1, 101), makers.execution("a.b.01.01", 101),
        makers.commission("a.b.01.01"), makers.completed(101), wire.OpenOrderEnd(), wire.CompletedOrdersEnd(),
        stock(5), option(5, 500.0, "C"), ContractDataEnd(req_id=5), account.PositionEnd(),
        account.ManagedAccounts(accounts=ACCOUNT), account.CurrentTime(epoch_s=1_772_463_600),
        account.AccountValue(key="NetLiquidation", value="1", currency="USD", account=ACCOUNT),
        account.PnL(req_id=5, daily=1.0, unrealized=1.0, realized=1.0),
        account.Position(
            account=ACCOUNT, instrument=Instrument(con_id=9), position=Decimal(1), average_cost=1.0
        ),
        account.ErrorMessage(id=1, code=201, text="no"),
        TickPrice(req_id=line, tick_type=1, price=1.5, size=Decimal(1)),
        TickSize(req_id=line, tick_type=0, size=Decimal(1)),
        TickOptionComputation(req_id=line, tick_type=13, implied_vol=0.2, delta=0.5),
    ]  # fmt: skip


def broken(body: bytes, source: random.Random) -> bytes:
    """A message with one thing wrong: a field replaced, lost, doubled, or a byte flipped."""
    texts = body.split(b"\0")[:-1]
    place = source.randrange(len(texts))
    match source.randrange(4):
        case 0:
            texts[place] = source.choice(NONSENSE).encode()
        case 1:
            del texts[place]
        case 2:
            texts.insert(place, texts[place])
        case _:
            flipped = bytearray(texts[place] or b"x")
            flipped[source.randrange(len(flipped))] ^= 1 << source.randrange(8)
            texts[place] = bytes(flipped)
    return b"".join(text + b"\0" for text in texts)


def numbers(value: Any) -> list[Decimal]:
    """Every Decimal inside a value."""
    if isinstance(value, Decimal):
        return [value]
    if is_dataclass(value):
        return [number for each in fields(value) for number in numbers(getattr(value, each.name))]
    return []


@pytest.mark.parametrize("seed", range(6))
async def test_no_broken_message_stops_the_gateway_or_becomes_a_number(
    tws: ScriptedTws, connect: Connect, seed: int
) -> None:
    """B2: several thousand messages with one thing wrong each; afterwards a sound one is still understood."""
    rig = await connect()
    source = random.Random(seed)
    quote = asyncio.create_task(rig.gateway.market.quotes([makers.call(500)], deadline_s=0.2))
    await rig.until(lambda: tws.peer.got("ReqMktData"))
    line = tws.peer.got("ReqMktData")[0].req_id
    bodies = [encode_answer(message, 178)[4:] for message in sound(line)]
    stream = [broken(source.choice(bodies), source) for _ in range(ROUNDS)]
    for body in stream:
        if body:
            tws.peer.raw(len(body).to_bytes(4, "big") + body)
    tws.peer.say(makers.open_order(900, 901, "SP1-AFTER"), makers.status(900, 901))
    await rig.until(lambda: [e for e in rig.all(OrderSeen) if e.order.order_ref == "SP1-AFTER"])
    assert rig.connected
    assert rig.gateway.broker.link().decoder_errors > 0
    told = [*rig.events, *await quote]
    assert all(number.is_finite() for event in told for number in numbers(event))


@pytest.mark.parametrize("seed", range(6))
async def test_noise_ends_the_connection_and_the_next_one_is_sound(
    tws: ScriptedTws, connect: Connect, seed: int
) -> None:
    """A stream that has lost its frames cannot be trusted again."""
    rig = await connect()
    tws.peer.raw(b"\xff" + random.Random(seed).randbytes(50_000))
    await rig.until(lambda: len(tws.peers) >= 2 and rig.connected)
    tws.peer.say(makers.status(900, 901))
    await rig.until(lambda: rig.all(OrderSeen))
