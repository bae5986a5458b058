"""From one top of book to the next."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-TICK-01",
        "The first book is sent in full.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TICK-02",
        "An unchanged book says nothing.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TICK-03",
        "A new price comes with its size and a new size alone.",
        Provenance.CLIENT_SOURCE,
        "ib_async reads the size with the price, ibapi as a tick of its own",
    ),
    Behaviour(
        "SIM-TICK-04",
        "A missing side is minus one with size zero.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-TICK-05",
        "A combo may have a negative price and has no greeks.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TICK-09",
        "Every tick type that is sent is in ib_async's maps; it stops at one that is not.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1, wrapper",
    ),
    Behaviour(
        "SIM-TICK-10",
        "Changes add up to the last book.",
        Provenance.OUR_DECISION,
    ),
)
