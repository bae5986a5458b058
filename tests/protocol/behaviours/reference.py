"""Contracts, chains, rules and bars."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-REF-01",
        "A stock's details are one answer and its end.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-REF-02",
        "A month of an option chain is asked for at once.",
        Provenance.DOCUMENTED,
        "TWS API: option chains",
    ),
    Behaviour(
        "SIM-REF-03",
        "An unknown contract has no definition.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 200",
    ),
    Behaviour(
        "SIM-REF-04",
        "From version 174 on, an option's last moment carries its time and zone.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1 and ibapi, contract details",
    ),
    Behaviour(
        "SIM-REF-05",
        "Symbols are found by their beginning.",
        Provenance.DOCUMENTED,
        "TWS API: stock symbol search",
    ),
    Behaviour(
        "SIM-REF-06",
        "Option parameters list every exchange and end.",
        Provenance.DOCUMENTED,
        "TWS API: option chains",
    ),
    Behaviour(
        "SIM-REF-07",
        "Option parameters of nothing are an error not silence.",
        Provenance.LIVE_REPORT,
        "error 321 as users quote it",
    ),
    Behaviour(
        "SIM-REF-08",
        "A market rule answers with its own id.",
        Provenance.DOCUMENTED,
        "TWS API: minimum price increments",
    ),
    Behaviour(
        "SIM-REF-09",
        "Components belong to the hash that market data named.",
        Provenance.DOCUMENTED,
        "TWS API: component exchanges",
    ),
    Behaviour(
        "SIM-REF-10",
        "Minutes of today come in the formats that clients ask for.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-REF-11",
        "Daily bars are dates in every format.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-REF-12",
        "A history that stays up to date sends the forming bar.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-REF-13",
        "A history that makes no sense is an error.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 162 and 321",
    ),
    Behaviour(
        "SIM-REF-14",
        "Cancelling a finished history is an error.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 366",
    ),
    Behaviour(
        "SIM-REF-15",
        "History reaches back to its head.",
        Provenance.DOCUMENTED,
        "TWS API: earliest available data",
    ),
    Behaviour(
        "SIM-REF-16",
        "Every request is answered or known to be silent.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-17",
        "Expired days do not come back.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-18",
        "An option's id can be read back.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-19",
        "Two options never share an id.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-20",
        "No stock's id is that of an option that could be listed.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-21",
        "Monthly options expire on the third Friday or the day before a holiday.",
        Provenance.DOCUMENTED,
        "OCC: expiration calendar",
    ),
    Behaviour(
        "SIM-REF-22",
        "ETFs have daily, weekly, monthly, quarterly and January expiries.",
        Provenance.DOCUMENTED,
        "Cboe: listed expirations",
    ),
    Behaviour(
        "SIM-REF-23",
        "Stocks expire on Fridays only unless it is a holiday.",
        Provenance.DOCUMENTED,
        "Cboe: listed expirations",
    ),
    Behaviour(
        "SIM-REF-24",
        "A listed expiry stays listed until it has passed.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-25",
        "Strikes stand closer near the money and near expiry.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-26",
        "The local symbol is the OCC's.",
        Provenance.DOCUMENTED,
        "OCC: option symbology",
    ),
    Behaviour(
        "SIM-REF-27",
        "Price increments follow the market rule.",
        Provenance.DOCUMENTED,
        "TWS API: minimum price increments",
    ),
    Behaviour(
        "SIM-REF-28",
        "Every listing names one known market rule per exchange.",
        Provenance.DOCUMENTED,
        "TWS API: minimum price increments",
    ),
    Behaviour(
        "SIM-REF-29",
        "Trading hours name the half day and the holiday.",
        Provenance.DOCUMENTED,
        "TWS API: contract details, trading hours",
    ),
    Behaviour(
        "SIM-REF-30",
        "A chain's parameters are exactly what can be found.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-31",
        "An option leaves the board at its last trading moment.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-REF-32",
        "What is not listed or not unique is refused by code.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 200 and 321",
    ),
    Behaviour(
        "SIM-REF-33",
        "An unknown contract and an ambiguous one have the two texts of code 200.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 200",
    ),
    Behaviour(
        "SIM-REF-34",
        "Clients find a stock by the descriptions that they use.",
        Provenance.CLIENT_SOURCE,
        "samples of all four clients",
    ),
    Behaviour(
        "SIM-REF-35",
        "Symbols are matched by their beginning and by name.",
        Provenance.DOCUMENTED,
        "TWS API: stock symbol search",
    ),
    Behaviour(
        "SIM-REF-36",
        "A combo needs two different legs on one underlying.",
        Provenance.DOCUMENTED,
        "TWS API: spreads",
    ),
    Behaviour(
        "SIM-REF-37",
        "Any description finds contracts or is refused.",
        Provenance.OUR_DECISION,
    ),
)
