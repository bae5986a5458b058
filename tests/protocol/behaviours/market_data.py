"""Subscriptions to market data."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_DOC = "TWS API: top of book data; market data types; snapshots"

BEHAVIOURS = (
    Behaviour(
        "SIM-DATA-01",
        "A stream begins with its parameters, its kind and the whole book: 81, 58, then every tick there is.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-DATA-02",
        "A stream goes on with changes only.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DATA-03",
        "A stock's quotes reach a client at most four times a second.",
        Provenance.DOCUMENTED,
        "TWS API: top of book, update frequency",
    ),
    Behaviour(
        "SIM-DATA-04",
        "An option carries its greeks.",
        Provenance.DOCUMENTED,
        "TWS API: option computations",
    ),
    Behaviour(
        "SIM-DATA-05",
        "A combo is quoted from its legs and may be negative.",
        Provenance.DOCUMENTED,
        "TWS API: spreads",
    ),
    Behaviour(
        "SIM-DATA-06",
        "A snapshot ends and takes no line.",
        Provenance.DOCUMENTED,
        "TWS API: market data snapshots",
    ),
    Behaviour(
        "SIM-DATA-07",
        "An unknown contract is refused.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 200",
    ),
    Behaviour(
        "SIM-DATA-08",
        "A stream's id cannot be used twice.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 102",
    ),
    Behaviour(
        "SIM-DATA-09",
        "Cancelling what does not stream is benign.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 300",
    ),
    Behaviour(
        "SIM-DATA-10",
        "Nothing ticks after cancelling.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DATA-11",
        "All clients share a hundred lines.",
        Provenance.DOCUMENTED,
        "TWS API: market data lines; message codes, 101",
    ),
    Behaviour(
        "SIM-DATA-12",
        "After hours a live stream is empty and a frozen one shows the close.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-DATA-13",
        "A subscribed account gets live data whatever type it wants.",
        Provenance.DOCUMENTED,
        "TWS API: market data types",
    ),
    Behaviour(
        "SIM-DATA-14",
        "Two clients see the same market.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DATA-15",
        "The same seed and commands give the same bytes.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DATA-16",
        "A description that fits many is ambiguous.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 200",
    ),
    Behaviour(
        "SIM-DATA-17",
        "A subscription shows the quotes of the contract that was asked for.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DATA-18",
        "A snapshot that misses a field ends after eleven seconds.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DATA-19",
        "A snapshot can be cancelled while it waits: no 57 comes, and its id is free.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DATA-20",
        "A snapshot with a generic tick list is refused with 321.",
        Provenance.LIVE_REPORT,
        "TWS's own text in support threads",
    ),
    Behaviour(
        "SIM-DATA-21",
        "Ticks 32, 33 and 84 hold letters that the smart components of the request's code explain.",
        Provenance.DOCUMENTED,
        "TWS API: smart components",
    ),
    Behaviour(
        "SIM-DATA-22",
        "Tick 49 is 0 while trading is on, 1 in a halt.",
        Provenance.DOCUMENTED,
        "TWS API: halted",
    ),
    Behaviour(
        "SIM-DATA-23",
        "A model's greeks stop with the subscription to the underlying; the option's own ticks go on.",
        Provenance.DOCUMENTED,
        "TWS API: option greeks; message codes 10090, 10091",
    ),
    Behaviour(
        "SIM-DATA-24",
        "Snapshots of every kind of instrument send a price and end at once.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DATA-25",
        "An index has no bid and ask, a currency pair neither last price nor volume.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DATA-26",
        "A stock's quotes go on ticking in extended hours and rest at their last by night.",
        Provenance.OUR_DECISION,
    ),
)
