"""What an account without advisors, partners, tiers and event calendars is told."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-FORMAL-01",
        "The display groups are one to seven, and all clients share what they show.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FORMAL-02",
        "A subscription to a display group is told what it shows now and at every change, until it ends.",
        Provenance.DOCUMENTED,
        "TWS API: display groups",
    ),
    Behaviour(
        "SIM-FORMAL-03",
        "Requests for advisors' configurations get 321: the account is no advisor's.",
        Provenance.LIVE_REPORT,
        "answers to requestFA on single accounts",
    ),
    Behaviour(
        "SIM-FORMAL-04",
        "The event calendar is refused with 10276 and fundamentals with 430.",
        Provenance.LIVE_REPORT,
        "accounts without these subscriptions",
    ),
    Behaviour(
        "SIM-FORMAL-05",
        "Messages that verify a partner's program are not answered, and the session stays open.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FORMAL-06",
        "With the switch on, a second question for the time within one second is dropped without a word.",
        Provenance.LIVE_REPORT,
        "Gateway 10.45",
    ),
    Behaviour(
        "SIM-FORMAL-21",
        "Garbage in one field of a request leaves the session and the exchange as they were.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-FORMAL-20",
        "Every request gets its kind of answer, or a documented silence, at 157, 176 and 178.",
        Provenance.CLIENT_SOURCE,
        "ib_async 2.1, ib_insync 0.9.86, ibapi 9.81.1 and @stoqey/ib 1.6",
    ),
    Behaviour(
        "SIM-FORMAL-07",
        "A display group that does not exist is an error under the request's id.",
        Provenance.OUR_DECISION,
    ),
)
