"""Margin by strategy, and what follows when it is not covered."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-MARGIN-01",
        "Single options, straddles and calendars need what Cboe's and IBKR's published examples say.",
        Provenance.DOCUMENTED,
        "Cboe Margin Manual; IBKR knowledge base: iron condor; FINRA 4210(f)(2)",
    ),
    Behaviour(
        "SIM-MARGIN-02",
        "Spreads, butterflies, condors and hedged shares need the cash that Cboe's published examples say.",
        Provenance.DOCUMENTED,
        "Cboe: Margin Requirement Examples for Sample Options-based Positions (2007)",
    ),
    Behaviour(
        "SIM-MARGIN-03",
        "Shares need 25 % long or 30 % short within the day and 50 % at its end, low-priced shorts"
        " 5.00 or 2.50 a share at least.",
        Provenance.DOCUMENTED,
        "IBKR: margin of US stocks in Reg T accounts; FINRA 4210(c); Regulation T",
    ),
    Behaviour(
        "SIM-MARGIN-04",
        "Futures need a sum per contract, by day a part of it.",
        Provenance.DOCUMENTED,
        "IBKR: futures margin; the sums themselves are ours",
    ),
    Behaviour(
        "SIM-MARGIN-05",
        "Currency pairs need 2.5 to 3 % of their notional, coins all of it.",
        Provenance.DOCUMENTED,
        "IBKR: forex margin; the part per pair is unverified",
    ),
    Behaviour(
        "SIM-MARGIN-06",
        "Without excess liquidity one position after the other is closed at the market by client 0.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MARGIN-07",
        "Liquidation happens on a grid of time, so that it is the same however time is cut up.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MARGIN-08",
        "Before a liquidation every client gets a notice; its executions belong to client 0.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-MARGIN-09",
        "Shares for almost all of the buying power are taken, for more are refused, and so says a what-if.",
        Provenance.DOCUMENTED,
        "IBKR: buying power is available funds times four, initial margin of US stocks 25 %",
    ),
    Behaviour(
        "SIM-MARGIN-10",
        "Ten minutes before the close a negative SMA brings a notice and no liquidation.",
        Provenance.OUR_DECISION,
    ),
)
