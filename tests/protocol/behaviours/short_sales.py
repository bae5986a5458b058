"""Short sales of shares that are hard to borrow."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-SHORT-01",
        "A short sale of shares that are hard to borrow gets 404 and is PreSubmitted, held for `locate`.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 404; why held",
    ),
    Behaviour(
        "SIM-SHORT-02",
        "Once shares are found the order works; an order for more than there are is held until it ends.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SHORT-03",
        "What one holds is sold without a search, and so are shares that are easy to borrow.",
        Provenance.DOCUMENTED,
        "TWS API: shortable shares, tick 46 above 2.5",
    ),
)
