"""Streams and snapshots: what comes, in which order, and what is refused."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_DOC = "TWS API: top of book data; market data types; snapshots"

BEHAVIOURS = (
    Behaviour(
        "SIM-DATA-01", "A stream begins with 81, 58 and the whole book.", Provenance.RECORDED, "an ES stream"
    ),
    Behaviour("SIM-DATA-02", "Stocks tick four times a second at most.", Provenance.DOCUMENTED, _DOC),
    Behaviour(
        "SIM-DATA-03", "All clients share 100 lines; the next request is 101.", Provenance.DOCUMENTED, _DOC
    ),
    Behaviour(
        "SIM-DATA-04",
        "A snapshot sends its fields and then 57, and takes no line.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DATA-05",
        "A snapshot that misses a field ends after eleven seconds.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DATA-06",
        "A snapshot can be cancelled while it waits: no 57 comes, and its id is free.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DATA-07",
        "A snapshot with a generic tick list is refused with 321.",
        Provenance.LIVE_REPORT,
        "TWS's own text in support threads",
    ),
    Behaviour(
        "SIM-DATA-08",
        "Ticks 32, 33 and 84 hold letters that the smart components of the request's code explain.",
        Provenance.DOCUMENTED,
        "TWS API: smart components",
    ),
    Behaviour(
        "SIM-DATA-09",
        "Tick 49 is 0 while trading is on, 1 in a halt.",
        Provenance.DOCUMENTED,
        "TWS API: halted",
    ),
    Behaviour(
        "SIM-DATA-10",
        "After hours a live stream is empty (-1 with size 0) and a frozen one shows the close.",
        Provenance.RECORDED,
        "an ES stream; TWS API: market data types",
    ),
    Behaviour(
        "SIM-DATA-11",
        "A model's greeks stop with the subscription to the underlying; the option's own ticks go on.",
        Provenance.DOCUMENTED,
        "TWS API: option greeks; message codes 10090, 10091",
    ),
)
