"""From the first byte to the first order id."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-START-01",
        "After the greeting of two fields nothing is sent until START_API has arrived.",
        Provenance.CLIENT_SOURCE,
        "ibapi 9.81.1 throws away what it reads together with the greeting",
    ),
    Behaviour(
        "SIM-START-02",
        "START_API is answered by the accounts, the next order id and three farms' notices, in this order.",
        Provenance.RECORDED,
        "a session at server version 176",
    ),
    Behaviour(
        "SIM-START-03",
        "A second client with an id in use gets 326 and is closed; the first does not notice.",
        Provenance.DOCUMENTED,
        "TWS API: connection; message codes",
    ),
)
