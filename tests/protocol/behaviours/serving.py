"""The exchange as a process: sockets, time, restarts."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-SERVE-01",
        "A client is served over a socket.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-02",
        "Nonsense ends its own connection alone.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-03",
        "A client that does not read is dropped.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-04",
        "The clock is moved over the control port.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-05",
        "Pause and resume stop and start the clock.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-06",
        "Without the secret the control port says nothing.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-07",
        "Drop cuts every client and they may come back.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-08",
        "Hold takes bytes and does nothing until release.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-09",
        "A restart finds orders, positions and the time again.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-10",
        "A saved exchange never goes back and never to a closed market.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-11",
        "The same start again goes on where it was saved unless it is fresh.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-12",
        "Another account than the saved one is refused.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-13",
        "One home has one exchange.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-14",
        "A state that cannot be saved does not stop the market.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-15",
        "An exchange without a client ends itself after the time that was set.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-16",
        "An exchange with a client does not end itself.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-17",
        "A signal saves the state and removes the port file.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-18",
        "A client can be let in without a socket.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-19",
        "A hundred lines tick into a real client.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1",
    ),
    Behaviour(
        "SIM-SERVE-20",
        "Market data reaches an old client in its own layout.",
        Provenance.CLIENT_SOURCE,
        "ibapi 9.81.1",
    ),
    Behaviour(
        "SIM-SERVE-21",
        "Time may be cut up in any way.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-22",
        "A restart changes nothing.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-23",
        "Another process, with another hash seed, makes the same bytes.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-24",
        "A spoiled state is refused as a whole.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-25",
        "An account's id is SIM and seven digits, as no real one is.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-26",
        "A long answer is made in slices as its client reads: others are served between them.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-27",
        "Long answers of one client are made one after the other, whole and in order, at most fifty.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-SERVE-28",
        "A state file serves one exchange at a time.",
        Provenance.OUR_DECISION,
    ),
)
