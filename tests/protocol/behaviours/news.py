"""News: providers, headlines, articles, bulletins."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-NEWS-01",
        "An account has Briefing.com's columns, its analyst actions and the Dow Jones newsletters.",
        Provenance.DOCUMENTED,
        "TWS API: news; providers without a subscription",
    ),
    Behaviour(
        "SIM-NEWS-02",
        "Headlines of the past come newest first, at most `total`; their end says whether there are more.",
        Provenance.DOCUMENTED,
        "TWS API: historical news headlines",
    ),
    Behaviour(
        "SIM-NEWS-03",
        "A provider that is not subscribed is refused with 321 and its name.",
        Provenance.LIVE_REPORT,
        "Not subscribed for 'BZ' provider",
    ),
    Behaviour(
        "SIM-NEWS-04",
        "Every headline has an article, as text or as a PDF in base64; a foreign one gets 10172.",
        Provenance.DOCUMENTED,
        "TWS API: news articles",
    ),
    Behaviour(
        "SIM-NEWS-05",
        "A headline's time is in UTC with a tenth of a second, and its text begins with its tags in braces.",
        Provenance.DOCUMENTED,
        "TWS API: historical news headlines",
    ),
    Behaviour(
        "SIM-NEWS-06",
        "Headlines are written from the market: what is said of a day's open and close is what was quoted.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-NEWS-07",
        "Some headlines give orders to programs, hold control characters or other scripts, or are very long.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-NEWS-21",
        "A stream with generic tick 292 is told each headline about its instrument once, as it comes out.",
        Provenance.DOCUMENTED,
        "TWS API: contract specific news",
    ),
    Behaviour(
        "SIM-NEWS-20",
        "Reports and dividends are in the news of their days, and a report beat what was expected if the"
        " price rises on it.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-NEWS-08",
        "Bulletins come as they are issued, with those of the last day in front if all are wanted, until the"
        " subscription ends.",
        Provenance.DOCUMENTED,
        "TWS API: news bulletins",
    ),
    Behaviour(
        "SIM-NEWS-09",
        "An option has the news of its underlying.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-NEWS-10",
        "A question for news with a senseless time, total or provider is an error under its id.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-NEWS-11",
        "The same seed writes the same news.",
        Provenance.OUR_DECISION,
    ),
)
