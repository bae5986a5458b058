"""Faults to order: each begins outside the program under test, and does what it says and nothing else."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

LOST = "TWS API: connection; message codes 1100, 1101, 1102"
FARMS = "TWS API: message codes 2103 to 2108, 2119, 2157, 2158"

BEHAVIOURS = (
    Behaviour(
        "SIM-FAULT-01",
        "Every fault of the list is in the table, or refused with the reason why no exchange can cause it.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FAULT-02",
        "A fault with the same seed, moment and requests gives every client the same bytes.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FAULT-03",
        "A healed fault leaves no trace: what was held back is delivered and quotes flow again.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FAULT-04",
        "An unknown fault, parameter or value is refused with what is expected and the nearest names.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FAULT-05",
        "While an underlying is halted tick 49 says so, quotes stand still, and orders in it wait.",
        Provenance.DOCUMENTED,
        "TWS API: tick types, halted; that orders wait is what a halt is",
    ),
    Behaviour(
        "SIM-FAULT-06",
        "Prices, Greeks and margins can be NaN, -1, 0 or the largest double.",
        Provenance.LIVE_REPORT,
        "ib_async 77; ib_insync 451, 154; thetagang 228, 306, 368",
    ),
    Behaviour(
        "SIM-FAULT-07",
        "A revised execution has the number .02; a bust one has quantity 0.",
        Provenance.DOCUMENTED,
        "TWS API: execution ids; that a bust has quantity 0 is unverified",
    ),
    Behaviour(
        "SIM-FAULT-08",
        "A global cancel may reach one of two orders only.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FAULT-09",
        "After a new login every message names another account.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FAULT-10",
        "When connections end at a partial fill, the rest is cancelled at the close and the sums are right.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FAULT-11",
        "Read-only refuses orders and cancels with 321, and answers everything else.",
        Provenance.RECORDED,
        "Error validating request.-'bN'",
    ),
    Behaviour(
        "SIM-FAULT-12",
        "An order may work without a word; lists of orders have it.",
        Provenance.LIVE_REPORT,
        "Lean.Brokerages.InteractiveBrokers 93",
    ),
    Behaviour(
        "SIM-FAULT-13",
        "The market falls or rises as far as ordered.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FAULT-14",
        "A fault stops the streams that it concerns, live, delayed and of combos, and no others.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-NET-01",
        "During 1100 nobody hears of a fill; after 1102 the executions have it, and subscriptions tick on.",
        Provenance.LIVE_REPORT,
        f"{LOST}; Lean.Brokerages.InteractiveBrokers 249",
    ),
    Behaviour(
        "SIM-NET-02",
        "After 1101 no stream ticks any more, until the client asks again under the same id.",
        Provenance.DOCUMENTED,
        LOST,
    ),
    Behaviour(
        "SIM-NET-03",
        "An order sent during 1100 is not acknowledged before connectivity is back, and then works.",
        Provenance.DOCUMENTED,
        f"{LOST}; that it works then is our decision",
    ),
    Behaviour(
        "SIM-NET-04",
        "2103 stops ticks without a word, 2104 resumes them; orders fill in between.",
        Provenance.DOCUMENTED,
        FARMS,
    ),
    Behaviour(
        "SIM-NET-05",
        "A farm may say OK while the old streams stay dead.",
        Provenance.LIVE_REPORT,
        "nautilus_trader 3968",
    ),
    Behaviour(
        "SIM-NET-06",
        "While the historical farm is broken, bars end with 162.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-NET-07",
        "A restart closes every connection, takes none for a while, and keeps orders and ids.",
        Provenance.DOCUMENTED,
        "IBKR guides: auto restart considerations",
    ),
    Behaviour(
        "SIM-NET-08",
        "After a restart with a memory gap, ids are given and taken again while the old orders live on.",
        Provenance.LIVE_REPORT,
        "Lean.Brokerages.InteractiveBrokers 242",
    ),
    Behaviour(
        "SIM-NET-09",
        "The night restarts TWS at 23:45 in New York and loses connectivity several times until 01:45.",
        Provenance.DOCUMENTED,
        "IBKR: system status, server reset times",
    ),
    Behaviour(
        "SIM-NET-10",
        "A client id that is in use elsewhere gets 326 for as long as the fault lasts.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-NET-11",
        "A connection can be taken and never greeted.",
        Provenance.LIVE_REPORT,
        "ib_insync 172, 95, 118",
    ),
    Behaviour(
        "SIM-NET-12",
        "The greeting names the login's zone and its time.",
        Provenance.RECORDED,
        "sessions in several zones",
    ),
    Behaviour(
        "SIM-NET-13",
        "10197 comes in bursts while another session competes, and ticks stop.",
        Provenance.LIVE_REPORT,
        "Lean.Brokerages.InteractiveBrokers 140, 212; rust-ibapi 683",
    ),
    Behaviour(
        "SIM-NET-14",
        "When permissions are lost every stream ends with 354, and new ones are refused with it.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-WIRE-01",
        "Bytes that arrive one by one or all at once are the same messages.",
        Provenance.CLIENT_SOURCE,
        "every client's reader",
    ),
    Behaviour(
        "SIM-WIRE-02",
        "A damaged frame is damaged exactly as ordered; what ends the stream also ends the connection.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WIRE-03",
        "In a black hole nothing arrives in either direction, and the connection is dead afterwards.",
        Provenance.LIVE_REPORT,
        "ibx 113",
    ),
    Behaviour(
        "SIM-WIRE-04",
        "A reset comes after the bytes that were ordered, and no more are written.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WIRE-05",
        "A client that reads too slowly is dropped at its backlog.",
        Provenance.LIVE_REPORT,
        "TWS drops clients whose buffer is full",
    ),
    Behaviour(
        "SIM-WIRE-07",
        "What a client writes while the doors are held is kept up to a bound, then the client is dropped.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WIRE-06",
        "After a reset on an order TWS does not know the order.",
        Provenance.LIVE_REPORT,
        "Lean.Brokerages.InteractiveBrokers 242",
    ),
)
