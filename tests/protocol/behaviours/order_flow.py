"""Which messages an order makes, and in which order."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-FLOW-01",
        "A resting order is opened before its first status.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-FLOW-02",
        "A fill is told by the execution, open order and status, both once more, and the commission.",
        Provenance.LIVE_REPORT,
        "transcripts of live gateways",
    ),
    Behaviour(
        "SIM-FLOW-03",
        "A cancel is status cancelled and then 202.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-FLOW-04",
        "Cancelling the unknown and the cancelled are different errors.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 10147 and 10148",
    ),
    Behaviour(
        "SIM-FLOW-05",
        "A change is echoed twice.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1: Modified is logged on an unchanged status",
    ),
    Behaviour(
        "SIM-FLOW-06",
        "An id that was used before is a duplicate.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 103",
    ),
    Behaviour(
        "SIM-FLOW-07",
        "The next id lies beyond every id that was used and survives a reconnect.",
        Provenance.DOCUMENTED,
        "TWS API: order submission, the next valid id",
    ),
    Behaviour(
        "SIM-FLOW-08",
        "A combo is filled whole and reported by combo and legs.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1 counts a BAG's own executions only",
    ),
    Behaviour(
        "SIM-FLOW-09",
        "A combo may be bought for less than nothing.",
        Provenance.DOCUMENTED,
        "IBKR: notes on combination orders",
    ),
    Behaviour(
        "SIM-FLOW-10",
        "With the switch on, a what-if is answered twice, first without margins; it leaves no order.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-FLOW-11",
        "A what-if is answered once unless the switch for two answers is on.",
        Provenance.CLIENT_SOURCE,
        "ib_insync 0.9.86 completes on the first answer",
    ),
    Behaviour(
        "SIM-FLOW-12",
        "A bracket is silent until its last order is transmitted.",
        Provenance.DOCUMENTED,
        "TWS API: bracket orders",
    ),
    Behaviour(
        "SIM-FLOW-13",
        "Open orders are one's own and all are everybody's.",
        Provenance.DOCUMENTED,
        "TWS API: open orders",
    ),
    Behaviour(
        "SIM-FLOW-14",
        "Another client may cancel what it has seen.",
        Provenance.LIVE_REPORT,
        "a live gateway, two clients",
    ),
    Behaviour(
        "SIM-FLOW-15",
        "A global cancel takes every client's orders.",
        Provenance.DOCUMENTED,
        "TWS API: cancelling orders",
    ),
    Behaviour(
        "SIM-FLOW-16",
        "Executions end and commissions follow for one's own.",
        Provenance.DOCUMENTED,
        "TWS API: executions and commissions",
    ),
    Behaviour(
        "SIM-FLOW-17",
        "Completed orders have no order id and no quantity.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-FLOW-18",
        "Orders live on without their client.",
        Provenance.DOCUMENTED,
        "TWS API: order submission",
    ),
    Behaviour(
        "SIM-FLOW-19",
        "What cannot be traded is refused and leaves nothing.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-FLOW-20",
        "A rejected order is inactive before the reason comes.",
        Provenance.LIVE_REPORT,
        "transcripts of live gateways",
    ),
    Behaviour(
        "SIM-FLOW-21",
        "A read only exchange takes no orders.",
        Provenance.RECORDED,
        "a read-only session",
    ),
    Behaviour(
        "SIM-FLOW-22",
        "Only client zero may bind orders.",
        Provenance.DOCUMENTED,
        "TWS API: open orders; message codes, 327",
    ),
    Behaviour(
        "SIM-FLOW-23",
        "An order after hours waits with a warning.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-FLOW-24",
        "An id of one's own never means another's order.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FLOW-25",
        "Orders end as they ended on the live account.",
        Provenance.RECORDED,
        "orders of a paper account",
    ),
    Behaviour(
        "SIM-FLOW-26",
        "A resting order goes through every recorded status.",
        Provenance.RECORDED,
        "orders of a paper account",
    ),
    Behaviour(
        "SIM-FLOW-27",
        "Orders that may not wait end at once and without a fill.",
        Provenance.RECORDED,
        "orders of a paper account",
    ),
    Behaviour(
        "SIM-FLOW-28",
        "A change that fills at once is echoed before its fill, and nothing takes the fill back.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FLOW-29",
        "A change or cancel refused with a code on which clients end an order is followed by how it stands.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FLOW-30",
        "However changes, cancels and fills overtake each other, the last status is the order's state.",
        Provenance.OUR_DECISION,
    ),
)
