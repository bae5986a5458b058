"""Other people's clients, as they are."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-CLIENT-01",
        "ib_async, ib_insync, ibapi and @stoqey/ib each live through a whole day without a change to them.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1, ib_insync 0.9.86, ibapi 9.81.1, @stoqey/ib 1.6",
    ),
    Behaviour(
        "SIM-CLIENT-02",
        "The live tests that @stoqey/ib ships pass, but for the few that pin prices or ids of a real day.",
        Provenance.CLIENT_SOURCE,
        "@stoqey/ib 1.6.7, dist/tests",
    ),
)
