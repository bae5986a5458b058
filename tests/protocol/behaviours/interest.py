"""Interest."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-INTEREST-01",
        "Balances beyond 10,000 earn the benchmark less 0.5 %, in proportion below 100,000 of net value.",
        Provenance.DOCUMENTED,
        "IBKR: interest rates paid on cash balances",
    ),
    Behaviour(
        "SIM-INTEREST-02",
        "Debits cost the benchmark and 1.5 %, 1 % and 0.75 % by tiers.",
        Provenance.DOCUMENTED,
        "IBKR Pro: margin rates",
    ),
    Behaviour(
        "SIM-INTEREST-03",
        "Interest accrues daily and is paid on the third trading day of the next month.",
        Provenance.DOCUMENTED,
        "IBKR: interest is posted monthly, on the third business day",
    ),
    Behaviour(
        "SIM-INTEREST-04",
        "Proceeds of short sales earn nothing, and borrowed shares cost a fee.",
        Provenance.DOCUMENTED,
        "IBKR: short sale cost; the rate is ours",
    ),
)
