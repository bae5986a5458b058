"""How long the exchange takes for the first burst of a cold chain, asked by a client that only reads bytes.

A full bucket lets one listing and `contracts` subscriptions out at once. What then passes until the last of
them has its model ticks is the exchange's own time, whoever asks; no client can be faster.
"""

from __future__ import annotations

import time
from datetime import date

from scripts.bench.raw_client import RawClient
from sumppump.exchange.wire.codec import decode_answer
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.handshake import NEWEST
from sumppump.exchange.wire.market_requests import ReqContractDetails, ReqMktData

LISTED, MODEL, FIRST_ID = b"52\x00", b"13", 100
COMPUTATION = b"21"


def listed(client: RawClient, symbol: str, trading_class: str, day: date) -> tuple[float, list[int]]:
    """Seconds for the listing of an expiry, and its con_ids, those in the middle of the strikes first."""
    wanted = Contract(
        symbol=symbol, sec_type="OPT", expiry=f"{day:%Y%m%d}", exchange="SMART", currency="USD",
        trading_class=trading_class,
    )  # fmt: skip
    started = time.perf_counter()
    client.say(ReqContractDetails(req_id=1, contract=wanted))
    bodies = client.until(LISTED)
    seconds = time.perf_counter() - started
    found = [decode_answer(body, NEWEST) for body in bodies if body.startswith(b"10\x00")]
    rows = sorted((row.strike, row.con_id) for row in found)
    middle = rows[len(rows) // 2][0]
    return seconds, [con_id for _, con_id in sorted(rows, key=lambda row: abs(row[0] - middle))]


def quoted(client: RawClient, con_ids: list[int]) -> float:
    """Seconds until every subscription has had its model ticks."""
    started = time.perf_counter()
    client.say(
        *(
            ReqMktData(
                req_id=FIRST_ID + place,
                contract=Contract(con_id=con_id, exchange="SMART"),
                generic_ticks="101",
            )
            for place, con_id in enumerate(con_ids)
        )
    )
    waiting = {str(FIRST_ID + place).encode() for place in range(len(con_ids))}
    while waiting:
        for body in client.bodies():
            kind, request, tick, *_ = body.split(b"\x00", 3)
            if kind == COMPUTATION and tick == MODEL:
                waiting.discard(request)
    return time.perf_counter() - started


def burst_s(port: int, client_id: int, symbol: str, trading_class: str, day: date, contracts: int) -> float:
    """Seconds for a listing and `contracts` quotes at once."""
    client = RawClient(port)
    try:
        client.greet(client_id)
        seconds, con_ids = listed(client, symbol, trading_class, day)
        return seconds + quoted(client, con_ids[:contracts])
    finally:
        client.close()
