"""Data without a live subscription."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_DOC = "TWS API: delayed data; message codes"

BEHAVIOURS = (
    Behaviour(
        "SIM-DELAY-01",
        "Delayed data come under 66 to 76, 80 to 83, 88 and 90.",
        Provenance.DOCUMENTED,
        "TWS API: tick types",
    ),
    Behaviour(
        "SIM-DELAY-02",
        "Without a subscription types 1 and 2 are refused with 354, or 10089 or 10168 where so set.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DELAY-03",
        "Types 3 and 4 get 10167, then 58 with type 3, then the quotes of fifteen minutes ago.",
        Provenance.RECORDED,
        "10167 precedes the ticks; TWS API: delayed data",
    ),
    Behaviour(
        "SIM-DELAY-04", "With a live subscription types 3 and 4 get live data.", Provenance.DOCUMENTED, _DOC
    ),
    Behaviour(
        "SIM-DELAY-05",
        "Where not even delayed data are there, types 3 and 4 get 10186.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DELAY-06",
        "A competing session silences live streams with 10197; they resume in full when it has gone.",
        Provenance.LIVE_REPORT,
        "message code 10197",
    ),
    Behaviour(
        "SIM-DELAY-07",
        "Of the generic ticks only some come with delayed data.",
        Provenance.DOCUMENTED,
        "TWS API: delayed data",
    ),
    Behaviour(
        "SIM-DELAY-08",
        "354 names the kind of instrument, 10089 its symbol and exchange; both say if delayed ones exist.",
        Provenance.LIVE_REPORT,
        "texts of both codes in support threads",
    ),
    Behaviour(
        "SIM-DELAY-09",
        "After hours type 4 shows the last delayed quotes as delayed-frozen.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DELAY-10",
        "A snapshot of delayed data ends with 57 like one of live data.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DELAY-11",
        "A regulatory snapshot needs no subscription.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DELAY-12",
        "A stream whose permission is lost goes on with delayed data if its type allows.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DELAY-13",
        "Subscriptions go by symbol, then by primary exchange, then by kind.",
        Provenance.OUR_DECISION,
    ),
)
