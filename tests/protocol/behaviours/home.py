"""Files of a running exchange."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-HOME-01",
        "What was announced is read and withdrawn.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HOME-02",
        "A port file whose exchange is gone is no exchange.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HOME-03",
        "A home is claimed once.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HOME-04",
        "The lock is for its owner alone also where it was not.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HOME-05",
        "A damaged port file is no exchange.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HOME-06",
        "State is found again by its seed.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HOME-07",
        "Both files are readable by their owner alone.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-HOME-08",
        "A folder that cannot be made is an error.",
        Provenance.OUR_DECISION,
    ),
)
