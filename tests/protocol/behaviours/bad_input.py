"""What no client may do to the exchange."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-INPUT-01",
        "No order can stop the exchange.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-INPUT-02",
        "No question can stop the exchange.",
        Provenance.OUR_DECISION,
    ),
)
