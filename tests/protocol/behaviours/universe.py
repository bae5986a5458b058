"""What is listed, how it is described, and when it trades."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-UNIV-01",
        "Every kind of instrument keeps its hours, through half days, holidays and summer time.",
        Provenance.DOCUMENTED,
        "Cboe, CME and IBKR: trading hours",
    ),
    Behaviour(
        "SIM-UNIV-02",
        "The next opening and the last trading moment agree with whether it trades.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-UNIV-03",
        "A future trades by night if its order says outsideRth, and waits for the day if not.",
        Provenance.DOCUMENTED,
        "TWS API: order attribute outsideRth",
    ),
    Behaviour(
        "SIM-UNIV-04",
        "Shares trade before the open and after the close, wider, for limit orders that say outsideRth.",
        Provenance.DOCUMENTED,
        "IBKR: extended trading hours",
    ),
    Behaviour("SIM-UNIV-05", "However nights are cut up, the same happens in them.", Provenance.OUR_DECISION),
    Behaviour(
        "SIM-UNIV-06",
        "Put-call parity of European options holds within the quotes.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-UNIV-07",
        "SPX settles at the open and trades until the day before; SPXW until the close that settles it.",
        Provenance.DOCUMENTED,
        "Cboe: SPX and SPXW specifications",
    ),
    Behaviour(
        "SIM-UNIV-08",
        "Options on the volatility index end on Wednesdays and are priced on the future of their day.",
        Provenance.DOCUMENTED,
        "Cboe: VIX options specifications",
    ),
    Behaviour(
        "SIM-UNIV-09",
        "Index options offer no vertical and no butterfly for nothing.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-UNIV-10",
        "An index shows a last price; nobody bids for it and nobody offers it.",
        Provenance.LIVE_REPORT,
        "ticks of SPX as users quote them: -1 with size 0",
    ),
    Behaviour(
        "SIM-UNIV-11",
        "Contract details have as many fields as the clients read, for every kind.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1 and ibapi 9.81.1, contractData",
    ),
    Behaviour(
        "SIM-UNIV-12",
        "Instruments of all kinds are found by the descriptions that people type.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1, notebooks",
    ),
    Behaviour(
        "SIM-UNIV-13",
        "An option of the S&P 500 without class or day is ambiguous.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 200",
    ),
    Behaviour(
        "SIM-UNIV-14",
        "Option parameters keep SPX and SPXW apart, a row for each class and exchange.",
        Provenance.DOCUMENTED,
        "TWS API: option chains",
    ),
    Behaviour(
        "SIM-UNIV-15", "A share is found by ISIN and CUSIP.", Provenance.DOCUMENTED, "TWS API: secIdType"
    ),
    Behaviour(
        "SIM-UNIV-16",
        "A continuous future is the nearest month, and said to be one.",
        Provenance.DOCUMENTED,
        "TWS API: continuous futures",
    ),
    Behaviour(
        "SIM-UNIV-17",
        "Every future has an id that can be read back and a local symbol of root, month and year.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-UNIV-18",
        "Legs of a combo go together by underlying, currency and grid; a calendar of futures does.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-UNIV-20",
        "Options on indices are quoted until a quarter past four, and by night where they trade by night.",
        Provenance.DOCUMENTED,
        "Cboe: trading hours",
    ),
    Behaviour(
        "SIM-UNIV-21",
        "A bond is found by its number and told in its own message; it is not traded.",
        Provenance.CLIENT_SOURCE,
        "@stoqey/ib 1.6.7, live tests",
    ),
    Behaviour(
        "SIM-UNIV-19",
        "Quotes of every kind lie on the grid of its market rule.",
        Provenance.DOCUMENTED,
        "TWS API: minimum price increments",
    ),
    Behaviour(
        "SIM-UNIV-22",
        "An execution names one of the exchanges that its contract's details name.",
        Provenance.DOCUMENTED,
        "TWS API: Execution.exchange, ContractDetails.validExchanges",
    ),
    Behaviour(
        "SIM-UNIV-23",
        "Options on SPX, XSP and VIX trade by night by orders that say outsideRth, other options never.",
        Provenance.DOCUMENTED,
        "Cboe: global trading hours",
    ),
)
