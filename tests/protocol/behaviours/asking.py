"""Whose orders a client sees, hears of, changes and cancels."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-ASK-01",
        "Orders entered in TWS have order id 0 and client id 0 in the list of all, one row each.",
        Provenance.DOCUMENTED,
        "TWS API: open orders",
    ),
    Behaviour(
        "SIM-ASK-02",
        "Client 0 binds them by reqOpenOrders or reqAutoOpenOrders: message 100 and a negative order id.",
        Provenance.DOCUMENTED,
        "TWS API: open orders, orderBound",
    ),
    Behaviour(
        "SIM-ASK-03",
        "By its negative id client 0 changes and cancels a bound order.",
        Provenance.DOCUMENTED,
        "TWS API: open orders",
    ),
    Behaviour(
        "SIM-ASK-04",
        "A person may cancel any order in TWS; its client hears Cancelled and 202.",
        Provenance.LIVE_REPORT,
        "orders cancelled by hand",
    ),
    Behaviour(
        "SIM-ASK-05",
        "The master client hears of every order, execution and commission, under the owner's ids.",
        Provenance.DOCUMENTED,
        "TWS API: executions and commissions",
    ),
    Behaviour(
        "SIM-ASK-06",
        "Completed orders on demand leave out those that were entered in TWS.",
        Provenance.DOCUMENTED,
        "TWS API: reqCompletedOrders",
    ),
    Behaviour(
        "SIM-ASK-07",
        "A corrected execution comes again with the last number of its id one up, and the account follows.",
        Provenance.DOCUMENTED,
        "TWS API: execution ids; 0000e0d5.67fe667b.01.01",
    ),
    Behaviour(
        "SIM-ASK-08",
        "A busted execution leaves the account as if it had not been.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-ASK-09",
        "Only the client that placed an order changes it: the same id from another client is another order.",
        Provenance.DOCUMENTED,
        "TWS API: open orders",
    ),
    Behaviour(
        "SIM-ASK-10",
        "By preset an order without a time in force gets 10349 and works; a what-if gets 10349 only.",
        Provenance.LIVE_REPORT,
        "ib_async issue 191",
    ),
)
