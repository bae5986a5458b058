"""Calculations on demand."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_DOC = "TWS API: option computations"

BEHAVIOURS = (
    Behaviour(
        "SIM-CALC-01",
        "An implied volatility comes back as tick type 53; at that volatility the price is the one given.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-CALC-02",
        "At the model's own volatility and the underlying's price the price is the model's own.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CALC-03",
        "Numbers that make no sense, and contracts that are no options, end the request with 322.",
        Provenance.OUR_DECISION,
    ),
    Behaviour("SIM-CALC-04", "Cancelling a calculation is silent.", Provenance.DOCUMENTED, _DOC),
)
