"""Commissions and fees."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-FEES-01",
        "Options cost 0.65 a contract, stocks 0.005 a share, 1 % at most; an order 1.00 at least.",
        Provenance.DOCUMENTED,
        "IBKR: commissions, fixed prices for the United States",
    ),
    Behaviour(
        "SIM-FEES-02",
        "Currency pairs cost 0.2 basis points and at least 2.00, coins 0.18 %, futures a sum per contract.",
        Provenance.DOCUMENTED,
        "IBKR: commissions for currencies, coins and futures",
    ),
    Behaviour(
        "SIM-FEES-03",
        "Sellers pay the levies of the SEC and FINRA; both sides of options those of exchanges too.",
        Provenance.DOCUMENTED,
        "SEC section 31, FINRA TAF, ORF, OCC fee schedules; the amounts of 2026 are unverified",
    ),
)
