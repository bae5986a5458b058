"""How orders trade, wait and end."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-LIFE-01",
        "A limit order below the market rests.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-LIFE-02",
        "A marketable limit order fills at the quote not at its limit.",
        Provenance.LIVE_REPORT,
        "transcripts of live gateways",
    ),
    Behaviour(
        "SIM-LIFE-03",
        "A big order fills in pieces no larger than what is displayed.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-04",
        "A combo fills whole and tells the BAG's execution first, then one of each leg.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1, fills of a BAG",
    ),
    Behaviour(
        "SIM-LIFE-05",
        "A credit is a negative price for the buyer of a combo.",
        Provenance.DOCUMENTED,
        "IBKR: notes on combination orders",
    ),
    Behaviour(
        "SIM-LIFE-06",
        "A combo at its middle fills within some seconds at its limit.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-07",
        "An order at its own side of the quote mostly waits.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-08",
        "Modifying moves the limit and keeps the order.",
        Provenance.DOCUMENTED,
        "TWS API: modifying orders",
    ),
    Behaviour(
        "SIM-LIFE-09",
        "A modification that is refused leaves the order as it was.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-10",
        "Cancelling tells the status and then 202.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-LIFE-11",
        "A global cancel reaches every client.",
        Provenance.DOCUMENTED,
        "TWS API: cancelling orders",
    ),
    Behaviour(
        "SIM-LIFE-12",
        "An IOC order takes what is displayed and its rest is Cancelled, without a 202.",
        Provenance.RECORDED,
        "orders of a paper account",
    ),
    Behaviour(
        "SIM-LIFE-13",
        "A FOK order is filled whole at once or ends Inactive, without any code.",
        Provenance.RECORDED,
        "orders of a paper account",
    ),
    Behaviour(
        "SIM-LIFE-14",
        "Day orders end with the session and GTC orders stay.",
        Provenance.DOCUMENTED,
        "IBKR: time in force",
    ),
    Behaviour(
        "SIM-LIFE-15",
        "An order outside hours waits for the open with 399.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-LIFE-16",
        "A stop on a stock waits for the last price and then trades at the market.",
        Provenance.DOCUMENTED,
        "IBKR: stop orders",
    ),
    Behaviour(
        "SIM-LIFE-17",
        "A stop limit on a combo triggers on the net middle of its legs' quotes.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-18",
        "A trailing stop follows the market up and never down.",
        Provenance.DOCUMENTED,
        "IBKR: trailing stop orders",
    ),
    Behaviour(
        "SIM-LIFE-19",
        "A bracket appears at once and its children start when the parent is filled.",
        Provenance.DOCUMENTED,
        "TWS API: bracket orders",
    ),
    Behaviour(
        "SIM-LIFE-20",
        "Children wait for a parent that rests.",
        Provenance.DOCUMENTED,
        "TWS API: bracket orders",
    ),
    Behaviour(
        "SIM-LIFE-21",
        "One exit cancels the other.",
        Provenance.DOCUMENTED,
        "TWS API: bracket orders",
    ),
    Behaviour(
        "SIM-LIFE-22",
        "A partly filled parent that is cancelled leaves its children for that part.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-23",
        "A group is cancelled or reduced by what one of it fills.",
        Provenance.DOCUMENTED,
        "TWS API: one cancels all",
    ),
    Behaviour(
        "SIM-LIFE-24",
        "An order beyond the account's means is told as Inactive, and then by 201.",
        Provenance.LIVE_REPORT,
        "error 201 as users quote it",
    ),
    Behaviour(
        "SIM-LIFE-25",
        "A closing order is never refused for margin.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-26",
        "The twenty-first active order on a side of a contract is refused.",
        Provenance.DOCUMENTED,
        "TWS API: order limitations",
    ),
    Behaviour(
        "SIM-LIFE-27",
        "A what-if changes nothing but uses up its id.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-LIFE-28",
        "A what-if of an order that would be refused gives the margins and 201.",
        Provenance.LIVE_REPORT,
        "transcripts of live gateways",
    ),
    Behaviour(
        "SIM-LIFE-29",
        "Events about money follow each execution.",
        Provenance.LIVE_REPORT,
        "transcripts of live gateways",
    ),
    Behaviour(
        "SIM-LIFE-30",
        "Options that end at least 0.01 in the money become shares at the strike.",
        Provenance.DOCUMENTED,
        "OCC: exercise by exception at 0.01",
    ),
    Behaviour(
        "SIM-LIFE-31",
        "Orders in what expires end with it, even if they are good till cancelled.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-32",
        "The day's profit begins anew and what is unrealised goes on.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-LIFE-33",
        "Yesterday's orders and executions are not told today.",
        Provenance.DOCUMENTED,
        "TWS API: executions and commissions",
    ),
)
