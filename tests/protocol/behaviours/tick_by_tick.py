"""Ticks one by one, of now and of the past."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-TBT-01",
        "A bar of trades holds exactly the trades of its span: prices, volume, weighted price and count.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TBT-02",
        "AllLast also shows derived trades, which count neither for the last price nor for volume.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data, AllLast",
    ),
    Behaviour(
        "SIM-TBT-03",
        "Last, AllLast, BidAsk and MidPoint stream what the record holds, each tick once and in order.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data",
    ),
    Behaviour(
        "SIM-TBT-04",
        "If ticks of the past are asked for, they come first, in one message of historical ticks.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data",
    ),
    Behaviour(
        "SIM-TBT-05",
        "Options cannot be had tick by tick: 10189.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data",
    ),
    Behaviour(
        "SIM-TBT-06",
        "Without a live subscription 10189 says so, with a competing session 10197.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data",
    ),
    Behaviour(
        "SIM-TBT-07",
        "More streams than allowed, or the same one twice within fifteen seconds, is 10190.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data",
    ),
    Behaviour(
        "SIM-TBT-08",
        "Who ignores sizes hears of a quote only when a price changes.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data",
    ),
    Behaviour(
        "SIM-TBT-09",
        "After a cancel nothing comes, and cancelling what is not there is silent.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TBT-10",
        "An unknown kind of tick is refused with 321.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TBT-11",
        "A jump of the clock brings the newest thousand ticks, not all of them.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TBT-12",
        "Currency pairs have quotes and middles tick by tick but no trades.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data",
    ),
)
