"""Days with trouble in them: what a scenario file may say, and what the ready-made days do to a client."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-SCENE-01",
        "Each ready-made day gives a client that lives through it the diary that is written down for it.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-02",
        "The same day with the same seed gives the same bytes; another seed gives others.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-03",
        "A scenario with an unknown verb, fault, moment or parameter is refused, naming the moment's number.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-04",
        "What is to happen upon an event happens after it, once or as often as the file says.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-05",
        "Faults by seed come at the same moments for the same seed, about as often as their rate says.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-07",
        "From the command line an exchange plays a day, takes faults and jumps, and goes on from its file.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-06",
        "Every incident of the list whose fault is an exchange's can be had again by name and seed.",
        Provenance.LIVE_REPORT,
        "the public threads named in the table",
    ),
    Behaviour(
        "SIM-SCENE-08",
        "What a scenario wants and cannot have is left out; the exchange goes on.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-09",
        "What the title of a ready-made day promises happens on a half day as on a full one, for any seed.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-10",
        "A time between an early close and four o'clock is refused on that day as start and as moment.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SCENE-11",
        "Each moment of a scenario is told when it comes, or why it does not; the next one can be asked for.",
        Provenance.OUR_DECISION,
    ),
)
