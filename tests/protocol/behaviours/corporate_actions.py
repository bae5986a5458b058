"""Dividends and splits of what is held."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-CORP-01",
        "A dividend accrues on the ex-date, for or against the account, and becomes cash on the pay date.",
        Provenance.DOCUMENTED,
        "IBKR: AccruedDividend of the account values; payments in lieu",
    ),
    Behaviour(
        "SIM-CORP-02",
        "A split changes the number of shares, leaves their cost, pays fractions in cash and ends orders.",
        Provenance.DOCUMENTED,
        "IBKR: corporate actions; exchanges cancel open orders",
    ),
    Behaviour(
        "SIM-CORP-03",
        "A whole split carries options over to the strike divided by it; others are paid out.",
        Provenance.OUR_DECISION,
    ),
)
