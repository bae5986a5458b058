"""Settlement of indices and futures."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-EXPIRY-01",
        "Index options pay in cash what they are in the money at the open (SPX) or the close (SPXW).",
        Provenance.DOCUMENTED,
        "Cboe: contract specifications of SPX and SPXW",
    ),
    Behaviour(
        "SIM-EXPIRY-02",
        "ES and MES end at the opening level of the index on the third Friday.",
        Provenance.DOCUMENTED,
        "CME: final settlement by the special opening quotation",
    ),
    Behaviour(
        "SIM-EXPIRY-03",
        "VX ends at the opening level of the volatility index on its Wednesday.",
        Provenance.DOCUMENTED,
        "CFE: VX contract specifications; our open has no auction of its own",
    ),
)
