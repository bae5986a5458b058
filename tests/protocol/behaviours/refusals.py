"""Orders that are not taken, and why."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-REFUSE-01",
        "Unsound terms are refused and leave nothing.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-REFUSE-02",
        "Options are priced on the grid of their class.",
        Provenance.DOCUMENTED,
        "TWS API: minimum price increments; message codes, 110",
    ),
    Behaviour(
        "SIM-REFUSE-03",
        "Combos are priced in cents of either sign.",
        Provenance.DOCUMENTED,
        "IBKR: notes on combination orders",
    ),
    Behaviour(
        "SIM-REFUSE-04",
        "Contracts that do not exist are refused with 200 and 321.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 200 and 321",
    ),
    Behaviour(
        "SIM-REFUSE-05",
        "Ids are used once and the code tells why.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 103 and 104",
    ),
    Behaviour(
        "SIM-REFUSE-06",
        "Cancels that cannot work are told apart.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 10147 and 10148",
    ),
    Behaviour(
        "SIM-REFUSE-07",
        "No terms whatever raise an exception.",
        Provenance.OUR_DECISION,
    ),
)
