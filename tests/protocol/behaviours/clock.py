"""The exchange's time, moved from outside; its state in one file."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-CLOCK-01",
        "The clock jumps to a moment with a name: open, close, tomorrow, a time, an expiry, with an offset.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CLOCK-02",
        "A jump over several days fills, expires and settles what it passes, as a walk would.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CLOCK-03",
        "From its one file the exchange goes on exactly where it was saved.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CLOCK-05",
        "Garbage on the control port gets an error and changes nothing; a line without end is cut off.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CLOCK-04",
        "A fault that waits for an event acts within a second of it, also in the middle of a jump.",
        Provenance.OUR_DECISION,
    ),
)
