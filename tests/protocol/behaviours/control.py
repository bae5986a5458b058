"""The control port, which TWS does not have."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-CTRL-01",
        "Each line is one command.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CTRL-02",
        "Everything else is refused with what would do: the usage, or the nearest names.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CTRL-03",
        "A refusal says what is wrong with the line.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CTRL-04",
        "Any line is a command or a refusal.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CTRL-05",
        "Time passes at the clock's speed.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CTRL-06",
        "A frozen clock moves only when it is moved.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CTRL-07",
        "No sequence of commands turns time back.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-CTRL-08",
        "An answer says what was done, and in New York's time how things stand.",
        Provenance.OUR_DECISION,
    ),
)
