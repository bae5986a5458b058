"""Money and contracts: nothing is made and nothing is lost."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-BOOK-01",
        "Cash, positions and fills always add up.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-02",
        "No order ever trades beyond its limit or its quantity.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-03",
        "Legs of every combo fill add up to its price and ratio.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-04",
        "A line's cost and its realised profit account for all that was paid.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-05",
        "A line's average cost and realised profit are those that one computes by hand.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-06",
        "A commission is shared out without a rest.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-07",
        "An order in pieces costs no more than one in one piece.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-08",
        "Closing reports what was realised.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-09",
        "Margin at the day's end is that of a rule book in the manner of Regulation T.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-10",
        "Within the day stocks need less than at its end and options the same.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-11",
        "Underlyings do not cover each other.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-12",
        "The order of positions does not matter.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BOOK-13",
        "A position of bounded risk needs what it can lose.",
        Provenance.OUR_DECISION,
    ),
)
