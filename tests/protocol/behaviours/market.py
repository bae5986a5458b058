"""How the simulated market moves."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_CBOE = "Cboe Volatility Index Mathematics Methodology"

BEHAVIOURS = (
    Behaviour(
        "SIM-MKT-01",
        "Prices are one path: a session begins where the night before ends, a night where a session does.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-02",
        "Implied volatility rises when the market falls; a past year of it spans a wide range.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-03",
        "An ordered shock changes nothing before its moment, is kept with the state and shows again.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-04",
        "At the open of an ex-date the price falls by the dividend, and options know it beforehand.",
        Provenance.DOCUMENTED,
        "Options Clearing Corporation: Characteristics and Risks of Standardized Options",
    ),
    Behaviour(
        "SIM-MKT-05",
        "Options that expire after a report carry its variance until it is out, and lose it then.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-06",
        "A deep call the day before an ex-date is worth no more than its exercise when the dividend exceeds"
        " what holding it brings.",
        Provenance.DOCUMENTED,
        "F. Black, Fact and Fantasy in the Use of Options, 1975",
    ),
    Behaviour(
        "SIM-MKT-07",
        "The volatility index is the fair 30-day variance of the index's own options; its futures rise with"
        " time in a usual mood and fall with it in stress.",
        Provenance.DOCUMENTED,
        _CBOE,
    ),
    Behaviour(
        "SIM-MKT-08",
        "Tails, clustering, nights, intraday shapes, widths and smiles lie near those of recorded markets.",
        Provenance.RECORDED,
        "SPY daily bars 1998-2021, GOOG and its options of 2015-12-23, SPXW of 2021-01-04",
    ),
    Behaviour(
        "SIM-MKT-09",
        "Quotes are wide after the open, before the close and in stress.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-10",
        "A share's bid and ask meet for a few seconds of a day, pass each other for about one, and nobody who"
        " rests in the book gains by it.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-11",
        "Options of an illiquid share are wide, often without a bid, and quoted anew every twenty seconds.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-12",
        "After a split its holders have more shares, and prices of the past are told in new shares.",
        Provenance.DOCUMENTED,
        "IBKR: historical data are adjusted for splits",
    ),
    Behaviour(
        "SIM-MKT-13",
        "Trade in options falls with the distance from the money and from the expiry, hardly touches what has"
        " no bid, and adds up to what the underlying's ticks 29, 30 and 87 tell.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-14",
        "Nearly all trade in an index future is in its front month, rolled about eight days before it ends;"
        " back months are thin and wide; futures of two sizes on one index never cross each other.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-15",
        "Outside regular hours a share trades a few per cent of its day, most of it near close and open.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-16",
        "After an ordered shock of volatility prices move by its factor more, and end the day as they would.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-17",
        "Futures on the volatility index follow it by about two thirds a month ahead, a third at three months"
        " and a fifth at nine; what fades within minutes moves them hardly at all.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MKT-18",
        "An index is about a basis point off its fund, and lower by dividends that the fund has not paid.",
        Provenance.OUR_DECISION,
    ),
)
