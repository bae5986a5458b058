"""The account's rows, its currencies, and who may ask for them."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-ACCT-01",
        "The account updates of an empty account are 153 rows with a real account's keys, in its order.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-ACCT-02",
        "Under an id the same rows come in another order: those of no ledger, then each ledger, BASE last.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-ACCT-03",
        "A summary names the account in its rows and `All` in those of the ledgers, in the recorded order.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-ACCT-04",
        "`$LEDGER` alone gives the ledger of the totals, with a currency that one's, with ALL every one.",
        Provenance.DOCUMENTED,
        "TWS API: account summary tags",
    ),
    Behaviour(
        "SIM-ACCT-05",
        "Updates and positions under an id for a strange account or model are refused with 321 and ended.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-ACCT-06",
        "A summary for a group that does not exist is refused with 322.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-ACCT-07",
        "Account updates for a strange account are refused with 321 and nobody's subscription is touched.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-ACCT-08",
        "With `ledgerAndNLV` the updates under an id hold the ledgers and the net liquidation only.",
        Provenance.DOCUMENTED,
        "TWS API: reqAccountUpdatesMulti",
    ),
    Behaviour(
        "SIM-ACCT-09",
        "An exchange of currencies changes two balances; each currency gets a ledger with its rate.",
        Provenance.DOCUMENTED,
        "TWS API: account value keys with a currency; the sums by arithmetic",
    ),
    Behaviour(
        "SIM-ACCT-10",
        "A future changes no cash but by commissions until its gains are settled at the end of the day.",
        Provenance.DOCUMENTED,
        "IBKR: futures variation margin; FuturesPNL of the ledger",
    ),
    Behaviour(
        "SIM-ACCT-11",
        "Profit and loss of a strange account is refused with 321.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-ACCT-12",
        "An exchange is charged by its value in the base currency.",
        Provenance.DOCUMENTED,
        "IBKR: commissions for currencies, basis points of the trade value, minimum in USD",
    ),
    Behaviour(
        "SIM-ACCT-13",
        "Segments add up to the whole, ledgers times their rates to that of the totals.",
        Provenance.DOCUMENTED,
        "TWS API: account value keys",
    ),
    Behaviour(
        "SIM-ACCT-14",
        "Coins are positions in fractions, exchanged currencies are positions and ledgers.",
        Provenance.LIVE_REPORT,
        "ib_async's notebooks: positions of currencies; fractions as TWS shows them",
    ),
)
