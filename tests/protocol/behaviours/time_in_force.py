"""How long orders live, and when they may trade."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-TIF-01",
        "A DAY order ends with the hours of its instrument, Cancelled and 202; outsideRth extends them.",
        Provenance.DOCUMENTED,
        "TWS API: time in force",
    ),
    Behaviour(
        "SIM-TIF-02",
        "A GTD order ends at its moment, by night too; the moment may name its zone, be UTC, or lack a date.",
        Provenance.DOCUMENTED,
        "TWS API: order class, goodTillDate",
    ),
    Behaviour(
        "SIM-TIF-03",
        "GTD without a date, a date without GTD, and a moment that has passed are refused with 334.",
        Provenance.DOCUMENTED,
        "TWS API: message codes; which of them apply is unverified",
    ),
    Behaviour(
        "SIM-TIF-04",
        "Before goodAfterTime an order is PreSubmitted and does nothing; DAY means the day of its start.",
        Provenance.DOCUMENTED,
        "TWS API: order class, goodAfterTime",
    ),
    Behaviour(
        "SIM-TIF-05",
        "OPG orders wait for the open and fill at its price; a limit beyond it ends with 202.",
        Provenance.DOCUMENTED,
        "TWS API: order types, market on open, limit on open",
    ),
    Behaviour(
        "SIM-TIF-06",
        "OPG goes with MKT and LMT on stocks only, else 111; an unknown TIF is 321.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-TIF-07",
        "An unfilled IOC is PendingCancel and Cancelled, an unfilled FOK Inactive, both without a code.",
        Provenance.RECORDED,
        "order transcripts of a live account, server version 200",
    ),
    Behaviour(
        "SIM-TIF-08",
        "A share's limit order with outsideRth fills by night; options get 2109 and wait for the open.",
        Provenance.DOCUMENTED,
        "TWS API: order class, outsideRth",
    ),
    Behaviour(
        "SIM-TIF-09",
        "GTC orders survive the night and restarts, and end with their contract.",
        Provenance.DOCUMENTED,
        "TWS API: time in force",
    ),
    Behaviour(
        "SIM-TIF-10",
        "A child attached to a filled parent works at once; to a parent that ended unfilled it is 135.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TIF-11",
        "In a group of type 1 no more is filled than one order's size, however they are priced.",
        Provenance.DOCUMENTED,
        "TWS API: one cancels all",
    ),
)
