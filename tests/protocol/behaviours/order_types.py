"""Order types: when each works, at what price it is filled, and what is refused."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-ORDER-01",
        "A TRAIL LIMIT's limit keeps its offset from the stop, and both follow the market one way only.",
        Provenance.DOCUMENTED,
        "TWS API: order types, trailing stop limit",
    ),
    Behaviour(
        "SIM-ORDER-02",
        "A TRAIL LIMIT with a limit and a starting stop gets its offset from them; with neither it is 321.",
        Provenance.DOCUMENTED,
        "TWS API: order types, trailing stop limit",
    ),
    Behaviour(
        "SIM-ORDER-03",
        "MIT and LIT wait with `trigger` until the market comes to their price from the better side.",
        Provenance.DOCUMENTED,
        "TWS API: order types, market if touched, limit if touched",
    ),
    Behaviour(
        "SIM-ORDER-04",
        "What the first fill of an MTL leaves rests as a limit order at that fill's price.",
        Provenance.DOCUMENTED,
        "TWS API: order types, market to limit",
    ),
    Behaviour(
        "SIM-ORDER-05",
        "MOC and LOC fill at the session's last price at the close; a LOC beyond its limit ends with 202.",
        Provenance.DOCUMENTED,
        "TWS API: order types, market on close, limit on close",
    ),
    Behaviour(
        "SIM-ORDER-06",
        "MOC and LOC with another TIF than DAY are refused with 113.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-ORDER-07",
        "From 15:50 (Nasdaq: 15:55) closing orders are refused with 201; from 15:50 their cancels with 161.",
        Provenance.DOCUMENTED,
        "IBKR: order type page, market-on-close",
    ),
    Behaviour(
        "SIM-ORDER-08",
        "A REL order's limit follows the own side of the quote by its offset, never beyond its cap.",
        Provenance.DOCUMENTED,
        "TWS API: order types, pegged to primary",
    ),
    Behaviour(
        "SIM-ORDER-09",
        "PEG MID and MIDPRICE orders fill at the middle or better, never beyond their cap.",
        Provenance.DOCUMENTED,
        "TWS API: order types, pegged to midpoint, midprice",
    ),
    Behaviour(
        "SIM-ORDER-10",
        "Pegs and auctions are for stocks: 114 for REL, 387 for the others.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-ORDER-11",
        "Known algorithms are taken, echoed and worked as their plain order at once; unknown ones get 439.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-ORDER-12",
        "Order attributes come back in openOrder and completedOrder as they were sent.",
        Provenance.RECORDED,
        "openOrder of a session at server version 176",
    ),
    Behaviour(
        "SIM-ORDER-13",
        "minQty bounds fills from below, displaySize resting ones from above; discretion worsens the limit.",
        Provenance.DOCUMENTED,
        "TWS API: order class",
    ),
    Behaviour(
        "SIM-ORDER-14",
        "What would work otherwise than it is written is refused with 387.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-ORDER-15",
        "Combos may name a price for each leg instead of one; the net of them is the limit.",
        Provenance.DOCUMENTED,
        "TWS API: order combo legs",
    ),
    Behaviour(
        "SIM-ORDER-16",
        "Sizes, triggers and offsets out of range are refused with 388, 157, 117, 146, 159, 434 or 10244.",
        Provenance.DOCUMENTED,
        "TWS API: message codes",
    ),
    Behaviour(
        "SIM-ORDER-17",
        "A stop with a trigger method looks at that price; the double ones ask for two steps in a row.",
        Provenance.DOCUMENTED,
        "TWS API: trigger methods",
    ),
    Behaviour(
        "SIM-ORDER-18",
        "No fill is worse than its order's limit and discretion, whatever the type, and none is too large.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-ORDER-20",
        "With TWS's percentage constraint a limit too far beyond the market gets 163, unless it overrides.",
        Provenance.DOCUMENTED,
        "TWS API: message codes; order class, overridePercentageConstraints",
    ),
    Behaviour(
        "SIM-ORDER-19",
        "Coins trade in fractions, anything else gets 10243; money buys coins and currency at the market.",
        Provenance.DOCUMENTED,
        "TWS API: cash quantity; message codes",
    ),
)
