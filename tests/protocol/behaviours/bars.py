"""What bars say of the market."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-BAR-01",
        "A bar holds exactly the prices that traded.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-02",
        "Bid, ask and middle bars hold exactly the quotes that showed.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-03",
        "An option's bar holds the prints that were its last prices.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-04",
        "The newest bar closes at the live price at every moment.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-05",
        "Bars of one day add up across sizes.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-06",
        "A day that has passed keeps its bar.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-07",
        "Eleven years of daily bars are there and no more.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-08",
        "An end in the past shows what was seen then.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-09",
        "Volatility bars agree with the quote's volatilities.",
        Provenance.DOCUMENTED,
        "TWS API: historical bars, what to show",
    ),
    Behaviour(
        "SIM-BAR-10",
        "A request outside hours ends with the last session.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-BAR-11",
        "Requests that cannot be answered are refused in TWS's words.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 162",
    ),
    Behaviour(
        "SIM-BAR-12",
        "Hourly bars begin at the open and at whole hours.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-BAR-13",
        "Middles of bars are middles of quotes.",
        Provenance.OUR_DECISION,
    ),
)
