"""Ticks one by one, of now and of the past."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-TBT-01",
        "A bar of trades holds exactly the trades of its span: prices, volume, weighted price and count.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-TBT-02",
        "AllLast also shows derived trades, which count neither for the last price nor for volume.",
        Provenance.DOCUMENTED,
        "TWS API: tick-by-tick data, AllLast",
    ),
)
