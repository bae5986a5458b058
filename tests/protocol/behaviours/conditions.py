"""Conditions of orders."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-COND-01",
        "An order with a condition is PreSubmitted until it is true, and works then.",
        Provenance.DOCUMENTED,
        "TWS API: order conditioning",
    ),
    Behaviour(
        "SIM-COND-02",
        "Price, time, margin, execution, volume and percent change are looked at, above and below.",
        Provenance.DOCUMENTED,
        "TWS API: order conditioning",
    ),
    Behaviour(
        "SIM-COND-03",
        "Conditions are joined by and and by or, and binding first.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-COND-04",
        "With conditionsCancelOrder the order works and is cancelled once they are true.",
        Provenance.DOCUMENTED,
        "TWS API: order conditioning",
    ),
    Behaviour(
        "SIM-COND-05",
        "Outside regular hours conditions count only with conditionsIgnoreRth.",
        Provenance.DOCUMENTED,
        "TWS API: order class, conditionsIgnoreRth",
    ),
    Behaviour(
        "SIM-COND-06",
        "Conditions come back in openOrder and completedOrder as they were sent.",
        Provenance.CLIENT_SOURCE,
        "decoders of ibapi, ib_async and @stoqey/ib",
    ),
    Behaviour(
        "SIM-COND-07",
        "A condition about no contract, an unknown one or no readable time is refused: 147, 200, 337.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-COND-08",
        "A stop with a condition waits for its trigger only after the condition.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-COND-09",
        "When a condition turns true does not depend on how time is cut up.",
        Provenance.OUR_DECISION,
    ),
)
