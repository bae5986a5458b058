"""The market that the exchange makes."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-WORLD-01",
        "The order of questions never changes a path.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-02",
        "Days are chained without a seam over two years.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-03",
        "The start day opens at the levels of the table; indices lack the dividends that their fund holds.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-04",
        "Two seeds make two markets.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-05",
        "Symbols move together as much as the market factor says.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-06",
        "A price changes at most once a second and never at a whole minute's old price.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-07",
        "A stock's last price lies within its quote.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-08",
        "Implied volatility rises when the market falls.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-09",
        "Quotes lie on the price grid, two-sided where worth a tick, and never under intrinsic value.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-10",
        "Put-call parity holds within the quotes.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-11",
        "No vertical and no butterfly is given away.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-12",
        "The model's price lies within or a tick from the quote.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-13",
        "Greeks at the bid and at the ask bracket the model's volatility.",
        Provenance.DOCUMENTED,
        "TWS API: option computations",
    ),
    Behaviour(
        "SIM-WORLD-14",
        "A combo's market is the sum of its legs' markets.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-15",
        "A covered call is quoted per share.",
        Provenance.DOCUMENTED,
        "TWS API: spreads",
    ),
    Behaviour(
        "SIM-WORLD-16",
        "A quote is the same asked for alone or in a row, early or late.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-17",
        "Unknown and empty rows are answered.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-18",
        "Outside hours the last quote stays, an option's of 16:00, a share's of 20:00.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-19",
        "Volume and extremes of a day only grow.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-20",
        "Relative widths of quotes are of the order of those in real chains.",
        Provenance.RECORDED,
        "chains of SPXW 2021-01-04 and GOOG 2015-12-23",
    ),
    Behaviour(
        "SIM-WORLD-21",
        "American prices agree with a binomial tree.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-22",
        "Prices are those of QuantLib's engine of the same paper.",
        Provenance.DOCUMENTED,
        "Ju and Zhong, 1999",
    ),
    Behaviour(
        "SIM-WORLD-23",
        "An American price is never below intrinsic value nor absurd.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-24",
        "More volatility never makes an option cheaper.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-25",
        "Greeks keep their signs and bounds.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-26",
        "Greeks are the changes of the price.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-27",
        "Early exercise is worth next to nothing in the last days.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-28",
        "At its end an option is worth its intrinsic value.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-29",
        "The normal distribution agrees with the error function.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-30",
        "No butterfly can be bought for nothing.",
        Provenance.DOCUMENTED,
        "Gatheral and Jacquier, 2014",
    ),
    Behaviour(
        "SIM-WORLD-31",
        "No calendar spread can be bought for nothing.",
        Provenance.DOCUMENTED,
        "Gatheral and Jacquier, 2014",
    ),
    Behaviour(
        "SIM-WORLD-32",
        "Puts below the money are dearer than calls above it.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-33",
        "Thirty-day volatilities are of the size that each underlying's row says.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-WORLD-34",
        "No calendar, vertical or butterfly is given away at its quotes on any day, crashes included;"
        " calendars of calls across an ex-date within 20 cents.",
        Provenance.OUR_DECISION,
    ),
)
