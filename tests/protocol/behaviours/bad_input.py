"""What no client may do to the exchange."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-INPUT-01",
        "No order can stop the exchange.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-INPUT-02",
        "No question can stop the exchange.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-INPUT-03",
        "Several clients that say any declared request in any order, half and whole, stop nobody else.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-INPUT-04",
        "A frame that claims to be longer than 16 MiB - 1 closes its connection at once.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-INPUT-05",
        "Half a frame is waited for; nobody else waits with it.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-INPUT-06",
        "Of 200 messages at once fifty are served and a hundred refused; then the client is dropped.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-INPUT-07",
        "A connection that never finishes its greeting keeps nobody else waiting.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-INPUT-08",
        "Same seed, start and messages give every client the same bytes in any pieces of time.",
        Provenance.OUR_DECISION,
    ),
)
