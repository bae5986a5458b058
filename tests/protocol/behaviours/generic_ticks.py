"""What a generic tick list brings."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

_DOC = "TWS API: available tick types"

BEHAVIOURS = (
    Behaviour("SIM-GENERIC-01", "Generic ticks come only to those who ask.", Provenance.DOCUMENTED, _DOC),
    Behaviour(
        "SIM-GENERIC-02",
        "An unknown number in the list is 321 with the whole list and the legal ones of the kind.",
        Provenance.LIVE_REPORT,
        "deephaven-ib issue 46",
    ),
    Behaviour(
        "SIM-GENERIC-03",
        "Open interest is told for both rights, the other one zero.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-GENERIC-04",
        "RTVolume has price;size;milliseconds;volume;vwap;single of every trade, with the day's average.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-GENERIC-05",
        "Extremes of 13, 26 and 52 weeks are those of the daily bars before today.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-GENERIC-06",
        "Auction ticks come in the last ten minutes before the close.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-GENERIC-07",
        "No tick type is sent that ib_async has no map for.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1 wrapper.py asserts",
    ),
    Behaviour(
        "SIM-GENERIC-08",
        "Trade count and rates are those of the record of ticks.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-GENERIC-09",
        "Spaces, mdoff, news providers and older numbers in a list are taken.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-GENERIC-10",
        "The numbers 47, 59 and 220 mean 258, 456 and 221.",
        Provenance.LIVE_REPORT,
        "deephaven-ib issue 46 lists both numbers",
    ),
    Behaviour(
        "SIM-GENERIC-11",
        "A generic tick is repeated only when it changes.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-GENERIC-12",
        "Tick 47 is a list of TAG=value with semicolons.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-GENERIC-13",
        "Tick 59 tells the dividends of twelve months back and ahead, and the next one.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-GENERIC-14",
        "With 292 headlines come as message 84 from then on; a foreign provider is 321.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-GENERIC-15",
        "Futures tell open interest, an index how much its nearest future is dearer.",
        Provenance.DOCUMENTED,
        _DOC,
    ),
    Behaviour(
        "SIM-GENERIC-16",
        "The extremes of a year come contract after contract, and keep no quote and no client waiting.",
        Provenance.OUR_DECISION,
    ),
)
