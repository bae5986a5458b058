"""Profit and loss, and what it has to add up to."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-PNL-01",
        "Profit and loss begin anew at the configured time, else with the open.",
        Provenance.DOCUMENTED,
        "TWS: daily P&L reset setting",
    ),
    Behaviour(
        "SIM-PNL-02",
        "A change of net value is the positions' daily profit and what has accrued, nothing else.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-PNL-03",
        "Cash and positions follow from the executions, through expiry, assignment and settlement.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-PNL-04",
        "The account is the same however time is cut up and after every restart.",
        Provenance.OUR_DECISION,
    ),
)
