"""Moments as text."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-TIME-01",
        "Every accepted spelling is the same moment.",
        Provenance.DOCUMENTED,
        "TWS API: formats of dates",
    ),
    Behaviour(
        "SIM-TIME-02",
        "Nothing is no moment.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TIME-03",
        "What is no moment is refused.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TIME-04",
        "Newer clients read the zone and older ones two spaces.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1 and ibapi 9.81.1",
    ),
    Behaviour(
        "SIM-TIME-05",
        "Sessions of six years are those of the calendar package.",
        Provenance.DOCUMENTED,
        "NYSE Rule 7.2",
    ),
    Behaviour(
        "SIM-TIME-06",
        "The default start is ten o'clock in New York on the latest trading day.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TIME-07",
        "A session is open from its first moment until just before its close.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TIME-08",
        "After a close the latest session is the old one and the upcoming one the next.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TIME-09",
        "A moment without a time zone is refused.",
        Provenance.OUR_DECISION,
    ),
)
