"""Bars of five seconds as they are completed."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_DOC = "TWS API: real-time bars"

BEHAVIOURS = (
    Behaviour("SIM-RTBAR-01", "A bar comes every five seconds, on whole ones.", Provenance.DOCUMENTED, _DOC),
    Behaviour(
        "SIM-RTBAR-02",
        "A bar of trades is the historical bar of the same five seconds, the closing auction included.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-RTBAR-03",
        "Bars of quotes open with the quote that is in force and have volume and count -1.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-RTBAR-04", "With useRTH nothing comes outside regular hours.", Provenance.DOCUMENTED, _DOC
    ),
    Behaviour(
        "SIM-RTBAR-05",
        "Sixty requests in ten minutes are the most; the next one is 420.",
        Provenance.DOCUMENTED,
        "TWS API: pacing violations",
    ),
    Behaviour(
        "SIM-RTBAR-06",
        "Without a live subscription, and for combos, the request is refused with 420.",
        Provenance.DOCUMENTED,
        "message codes: 420",
    ),
    Behaviour("SIM-RTBAR-07", "An unknown kind of bar is 321, an id in use 322.", Provenance.OUR_DECISION),
    Behaviour(
        "SIM-RTBAR-08",
        "A bust ends every subscription with 10225; subscribing again works.",
        Provenance.DOCUMENTED,
        "message codes: 10225",
    ),
    Behaviour("SIM-RTBAR-09", "After a cancel nothing comes.", Provenance.OUR_DECISION),
    Behaviour(
        "SIM-RTBAR-10",
        "Bars of an index are made of its levels and have no volume; a currency pair has no bars of trades.",
        Provenance.OUR_DECISION,
    ),
)
