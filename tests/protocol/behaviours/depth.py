"""Market depth."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_DOC = "TWS API: market depth"

BEHAVIOURS = (
    Behaviour(
        "SIM-DEPTH-01",
        "A book begins whole: both sides row by row from position 0, as insertions.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DEPTH-02",
        "One exchange's book is message 12, the SMART book message 13 with each row's exchange.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-DEPTH-03",
        "The best row is the best quote, prices fall away from it, rows of a price add up to its size.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DEPTH-04",
        "Whoever applies every change holds the book of the moment, whether rows shift or are overwritten.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-DEPTH-05", "The fourth book of all clients is refused with 309.", Provenance.RECORDED, "code 309"
    ),
    Behaviour(
        "SIM-DEPTH-06",
        "Combos, and SMART without isSmartDepth, have no depth: 10092.",
        Provenance.DOCUMENTED,
        "message codes: 10092",
    ),
    Behaviour(
        "SIM-DEPTH-07",
        "The SMART book is announced with 2152: who shows depth, who a best quote, what is not subscribed.",
        Provenance.RECORDED,
        "code 2152",
    ),
    Behaviour(
        "SIM-DEPTH-08",
        "A reset is told with 317 and followed by the whole book.",
        Provenance.DOCUMENTED,
        "message codes: 317",
    ),
    Behaviour(
        "SIM-DEPTH-09",
        "Cancelling a book that is not there is 310; one that is there stops.",
        Provenance.DOCUMENTED,
        "message codes: 310",
    ),
    Behaviour(
        "SIM-DEPTH-10", "The exchanges that offer depth are listed by kind.", Provenance.DOCUMENTED, _DOC
    ),
    Behaviour(
        "SIM-DEPTH-11", "Depth without a live subscription is refused as quotes are.", Provenance.OUR_DECISION
    ),
    Behaviour("SIM-DEPTH-12", "A request for no rows is refused with 321.", Provenance.OUR_DECISION),
    Behaviour(
        "SIM-DEPTH-13",
        "A currency pair, a future and a coin have the book of their one exchange.",
        Provenance.OUR_DECISION,
    ),
)
