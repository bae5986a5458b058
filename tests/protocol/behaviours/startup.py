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
    Behaviour(
        "SIM-START-04",
        "Every layout is served.",
        Provenance.CLIENT_SOURCE,
        "the four clients negotiate 157 to 178",
    ),
    Behaviour(
        "SIM-START-05",
        "An id is free again when its client has left.",
        Provenance.DOCUMENTED,
        "TWS API: connection",
    ),
    Behaviour(
        "SIM-START-06",
        "The thirty-third client is closed at once.",
        Provenance.DOCUMENTED,
        "TWS API: connection, 32 clients",
    ),
    Behaviour(
        "SIM-START-07",
        "A client without a common version is closed without a word.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-START-08",
        "What comes before the start is not answered.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-START-09",
        "An unreadable request is answered in the words of TWS and the connection lives.",
        Provenance.RECORDED,
        "error 320 of a live gateway",
    ),
    Behaviour(
        "SIM-START-10",
        "An unknown message is counted and ignored.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-START-11",
        "The current time is the exchange's, not the machine's.",
        Provenance.DOCUMENTED,
        "TWS API: current time",
    ),
    Behaviour(
        "SIM-START-12",
        "The fifty-first message of a moment is refused with 100 and has no effect.",
        Provenance.DOCUMENTED,
        "TWS API: message codes, 100",
    ),
    Behaviour(
        "SIM-START-13",
        "Whoever goes on beyond the rate is disconnected.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-START-14",
        "With +PACEAPI messages beyond the rate wait and are answered in order.",
        Provenance.DOCUMENTED,
        "TWS API: +PACEAPI",
    ),
    Behaviour(
        "SIM-START-15",
        "Every limit on clients is a setting.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-START-16",
        "No bytes can stop the exchange.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-START-17",
        "A connection that has not said who it is within 30 s is closed.",
        Provenance.OUR_DECISION,
    ),
)
