"""Account values, positions, profit and loss."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-UPD-01",
        "Account updates are values in alphabetical order, then the time, then the end.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-UPD-02",
        "One client at a time has the account updates.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 2100",
    ),
    Behaviour(
        "SIM-UPD-03",
        "Values that did not change are not repeated.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-UPD-04",
        "A summary holds what was asked for.",
        Provenance.DOCUMENTED,
        "TWS API: account summary",
    ),
    Behaviour(
        "SIM-UPD-05",
        "A third summary is refused.",
        Provenance.DOCUMENTED,
        "TWS API: account summary, two subscriptions",
    ),
    Behaviour(
        "SIM-UPD-06",
        "Ledger rows follow for all accounts.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-UPD-07",
        "A new position is told to everybody who asked.",
        Provenance.DOCUMENTED,
        "TWS API: positions",
    ),
    Behaviour(
        "SIM-UPD-08",
        "Account updates follow a trade at once.",
        Provenance.DOCUMENTED,
        "TWS API: account updates",
    ),
    Behaviour(
        "SIM-UPD-09",
        "Profit and loss comes at once and then about every second.",
        Provenance.DOCUMENTED,
        "TWS API: profit and loss",
    ),
    Behaviour(
        "SIM-UPD-10",
        "Profit and loss of an account that holds nothing comes as well until it is ended.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-UPD-11",
        "Updates under an id end with their own end.",
        Provenance.DOCUMENTED,
        "TWS API: account updates by model",
    ),
    Behaviour(
        "SIM-UPD-12",
        "Slow values come every three minutes.",
        Provenance.DOCUMENTED,
        "TWS API: account updates",
    ),
    Behaviour(
        "SIM-UPD-13",
        "An order for another account is not taken.",
        Provenance.LIVE_REPORT,
        "error 321 as users quote it",
    ),
)
