"""What the account may trade."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-PERM-01",
        "An order needs the level of option trading that its strategy has in IBKR's list.",
        Provenance.DOCUMENTED,
        "IBKR: option trading levels; the judging of single orders is ours",
    ),
    Behaviour(
        "SIM-PERM-02",
        "Beyond the level an order is rejected with 201 and a what-if reports and refuses.",
        Provenance.LIVE_REPORT,
        "QuantConnect Lean: brokerage messages on missing permissions; the words are unverified",
    ),
    Behaviour(
        "SIM-PERM-03",
        "Kinds of contracts that the account may not trade are refused with 460.",
        Provenance.LIVE_REPORT,
        "QuantConnect Lean: pull request 245",
    ),
    Behaviour(
        "SIM-PERM-04",
        "Funds without a key information document and leverage in currencies are refused where it is so set.",
        Provenance.LIVE_REPORT,
        "notes on paper accounts in the European Union",
    ),
    Behaviour(
        "SIM-PERM-05",
        "A coin is sold only by who has it: 201.",
        Provenance.DOCUMENTED,
        "IBKR: cryptocurrency cannot be sold short; the words are unverified",
    ),
    Behaviour(
        "SIM-PERM-06",
        "Under 25,000 USD with no day trades left, shares and options can only be closed: 201.",
        Provenance.DOCUMENTED,
        "FINRA 4210(f)(8): pattern day traders; the words are unverified",
    ),
    Behaviour(
        "SIM-PERM-07",
        "A new account has the cash, the option level and the shares that its start asks for.",
        Provenance.OUR_DECISION,
    ),
)
