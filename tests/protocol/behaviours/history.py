"""Bars, ticks, histograms and schedules of the past."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_LIMITS = "TWS API: historical data limitations"
_BARS = "TWS API: historical bars"
_TICKS = "TWS API: historical time and sales"
_LIVE_TESTS = "live tests that ship with @stoqey/ib 1.6"

BEHAVIOURS = (
    Behaviour(
        "SIM-HIST-01",
        "The same request for bars of 30 seconds or less within 15 seconds is a pacing violation.",
        Provenance.DOCUMENTED,
        _LIMITS,
    ),
    Behaviour(
        "SIM-HIST-02",
        "The sixth request for small bars of a contract, exchange and kind within two seconds is a pacing"
        " violation; BID_ASK counts twice.",
        Provenance.DOCUMENTED,
        _LIMITS,
    ),
    Behaviour(
        "SIM-HIST-03",
        "More than sixty requests for small bars within ten minutes are a pacing violation.",
        Provenance.DOCUMENTED,
        _LIMITS,
    ),
    Behaviour(
        "SIM-HIST-04",
        "Bars of weeks and months are dated by the last trading day in them.",
        Provenance.RECORDED,
        _LIVE_TESTS,
    ),
    Behaviour(
        "SIM-HIST-05",
        "What begins at a request's end is left out: 30 seconds before a close are 30 bars of a second.",
        Provenance.RECORDED,
        _LIVE_TESTS,
    ),
    Behaviour(
        "SIM-HIST-06",
        "A BID_ASK bar opens with the average bid, closes with the average ask, has the highest ask and the"
        " lowest bid, and -1 for volume, average and count.",
        Provenance.DOCUMENTED,
        _BARS,
    ),
    Behaviour(
        "SIM-HIST-07",
        "With useRTH 0 a stock's day lasts from 4:00 to 20:00 New York.",
        Provenance.DOCUMENTED,
        _BARS,
    ),
    Behaviour(
        "SIM-HIST-08",
        "ADJUSTED_LAST takes no end, and kinds that the account has no permission for are refused with 162.",
        Provenance.DOCUMENTED,
        _BARS,
    ),
    Behaviour(
        "SIM-HIST-09",
        "A history that is kept up to date tells its forming bar every five seconds, the finished one once"
        " more before the next, and -1 for the count when nothing was traded in between.",
        Provenance.RECORDED,
        "historical data updates with a bar count of -1",
    ),
    Behaviour(
        "SIM-HIST-10",
        "SCHEDULE is answered by sessions from version 165 on, and refused before.",
        Provenance.DOCUMENTED,
        "TWS API: historical schedule",
    ),
    Behaviour(
        "SIM-HIST-11",
        "Head timestamps of well-known names are the moment of their first trade, and differ by kind.",
        Provenance.RECORDED,
        _LIVE_TESTS,
    ),
    Behaviour(
        "SIM-HIST-12",
        "The auction of a close is in its day's bar and in the last bar of every size.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HIST-14",
        "ADJUSTED_LAST is the price of a share that keeps its dividends; volumes stay as they are.",
        Provenance.DOCUMENTED,
        _BARS,
    ),
    Behaviour(
        "SIM-HIST-15",
        "History needs a live subscription, also where delayed quotes are allowed.",
        Provenance.DOCUMENTED,
        "TWS API: delayed data",
    ),
    Behaviour(
        "SIM-HIST-16",
        "An index has trades of no size and no quotes; a currency pair has quotes and no trades.",
        Provenance.DOCUMENTED,
        _BARS,
    ),
    Behaviour(
        "SIM-HIST-17",
        "A coin's trades are AGGTRADES on every day of the week; TRADES of it get 10299.",
        Provenance.LIVE_REPORT,
        "Expected what to show is AGGTRADES, please use that instead of TRADES.",
    ),
    Behaviour(
        "SIM-HIST-18",
        "An evening's trading belongs to the next trade date: a future's day begins at 18:00 New York.",
        Provenance.DOCUMENTED,
        "trading hours of contract details",
    ),
    Behaviour(
        "SIM-HIST-19",
        "More bars than one message may hold are refused with 162 and the step.",
        Provenance.RECORDED,
        "invalid step: 1",
    ),
    Behaviour("SIM-HIST-13", "Combos have no bars: the request is refused.", Provenance.OUR_DECISION),
    Behaviour(
        "SIM-TICKS-01",
        "At least the wanted number of ticks comes, and the last second is never cut.",
        Provenance.DOCUMENTED,
        _TICKS,
    ),
    Behaviour(
        "SIM-TICKS-02",
        "From a start on, quotes begin with the one that was in force.",
        Provenance.RECORDED,
        _LIVE_TESTS,
    ),
    Behaviour(
        "SIM-TICKS-03",
        "Exactly one of start and end is given, and at most a thousand ticks are asked for.",
        Provenance.DOCUMENTED,
        _TICKS,
    ),
    Behaviour(
        "SIM-TICKS-04",
        "A bar of trades equals the ticks of its span: prices, volume, average and count.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TICKS-05",
        "A start on a holiday finds the ticks of the next session.",
        Provenance.RECORDED,
        _LIVE_TESTS,
    ),
    Behaviour(
        "SIM-TICKS-06",
        "With ignoreSize, quotes that differ in sizes alone are told once.",
        Provenance.DOCUMENTED,
        _TICKS,
    ),
    Behaviour(
        "SIM-TICKS-09",
        "A bar of middles begins with the one in force and holds every middle of its span.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TICKS-07",
        "Middles of the past are the middles of the past's quotes and have the size 0.",
        Provenance.DOCUMENTED,
        _TICKS,
    ),
    Behaviour(
        "SIM-TICKS-08",
        "Ticks of a time to come are an empty answer that is done.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HISTOGRAM-02",
        "A histogram's period that is no time, or longer than three months, is refused.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HISTOGRAM-01",
        "A histogram says how much was traded at each price of a span of time, all of it and nothing more.",
        Provenance.DOCUMENTED,
        "TWS API: histograms",
    ),
    Behaviour(
        "SIM-HIST-20",
        "A long history is made in slices, between which others are served; its bars are those of the"
        " moment of its request.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HIST-21",
        "A short history does not wait for the end of a long one of the same client.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HIST-22",
        "A history that is not there yet can be cancelled with 162, holds its id, and is kept up to date"
        " after it has come if that was asked for.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HIST-23",
        "A history of ten years has ten years.",
        Provenance.OUR_DECISION,
    ),
)
