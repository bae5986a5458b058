"""Messages per second."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-PACE-01",
        "A full bucket passes fifty messages and not one more.",
        Provenance.DOCUMENTED,
        "TWS API: pacing of messages",
    ),
    Behaviour(
        "SIM-PACE-02",
        "Two bursts of 45 messages across a second's boundary pass.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1, throttling of requests",
    ),
    Behaviour(
        "SIM-PACE-03",
        "Never do more messages pass than capacity and rate allow.",
        Provenance.OUR_DECISION,
    ),
)
