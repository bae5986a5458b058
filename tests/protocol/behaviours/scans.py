"""Market scans."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_GUIDE = "TWS API: market scanners"

BEHAVIOURS = (
    Behaviour(
        "SIM-SCAN-01",
        "The parameters are a well-formed document of the instruments, locations, codes and filters served.",
        Provenance.DOCUMENTED,
        _GUIDE,
    ),
    Behaviour(
        "SIM-SCAN-02",
        "A scan ranks by its code, best first with rank 0, by what subscribers see at that moment.",
        Provenance.DOCUMENTED,
        _GUIDE,
    ),
    Behaviour(
        "SIM-SCAN-03",
        "Filters in fields and in filter options leave out what is beyond their bounds.",
        Provenance.DOCUMENTED,
        _GUIDE,
    ),
    Behaviour(
        "SIM-SCAN-04",
        "A subscription is told again every 30 seconds until its cancel, which is confirmed by 162.",
        Provenance.LIVE_REPORT,
        "API scanner subscription cancelled",
    ),
    Behaviour(
        "SIM-SCAN-05",
        "A scan that finds nothing is told so by 165 and goes on.",
        Provenance.LIVE_REPORT,
        "no items retrieved",
    ),
    Behaviour(
        "SIM-SCAN-06",
        "At most 50 rows are told, and at most ten scans may run for one client.",
        Provenance.DOCUMENTED,
        _GUIDE,
    ),
    Behaviour(
        "SIM-SCAN-07",
        "An unknown instrument, location, code, stock type or filter is refused with 162.",
        Provenance.OUR_DECISION,
    ),
)
