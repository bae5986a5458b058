"""How orders are told of, and what may go wrong with one."""

from __future__ import annotations

from tests.protocol.behaviours.behaviour import Behaviour, Provenance

BEHAVIOURS = (
    Behaviour(
        "SIM-QUIRK-01",
        "By default Filled is told twice, a change of an order twice, and a cancel is PendingCancel first.",
        Provenance.RECORDED,
        "order transcripts of a live account, server version 200",
    ),
    Behaviour(
        "SIM-QUIRK-02",
        "A silent order works and is listed, but no message tells of it.",
        Provenance.LIVE_REPORT,
        "orders without any callback, reported for gateways under load",
    ),
    Behaviour(
        "SIM-QUIRK-03",
        "Statuses, executions, commissions and codes can each be late in exchange time, alike in each run.",
        Provenance.LIVE_REPORT,
        "execDetails before any orderStatus; commissions seconds after the fill",
    ),
    Behaviour(
        "SIM-QUIRK-04",
        "A commission can be missing, -1 or unset.",
        Provenance.LIVE_REPORT,
        "reports from client libraries' issue trackers",
    ),
    Behaviour(
        "SIM-QUIRK-05",
        "A rejection is Inactive and then the code, or one of them without the other.",
        Provenance.LIVE_REPORT,
        "notes of a paper account",
    ),
    Behaviour(
        "SIM-QUIRK-06",
        "An order that a dialog holds is unknown to every list until it is let go, and then works.",
        Provenance.LIVE_REPORT,
        "orders that surfaced minutes after they were sent",
    ),
    Behaviour(
        "SIM-QUIRK-07",
        "An order can vanish on its way: nothing is told, nothing is listed, its id is used up.",
        Provenance.LIVE_REPORT,
        "orders without any callback that never existed",
    ),
    Behaviour(
        "SIM-QUIRK-08",
        "Any code can reject an order, at once or later.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-QUIRK-09",
        "A change can be ignored without a word.",
        Provenance.LIVE_REPORT,
        "a gateway that silently ignored changes",
    ),
    Behaviour(
        "SIM-QUIRK-10",
        "A change can make a second order with another perm id while the first one stays alive.",
        Provenance.LIVE_REPORT,
        "duplicated orders after modifications",
    ),
    Behaviour(
        "SIM-QUIRK-11",
        "A fill can win against a change (104) and against a cancel (10148).",
        Provenance.LIVE_REPORT,
        "104 after a fill that was not told yet",
    ),
    Behaviour(
        "SIM-QUIRK-12",
        "A cancel can take its time, be ignored, or be acknowledged at the next open only.",
        Provenance.LIVE_REPORT,
        "cancels outside regular hours; paper futures in PendingCancel over a weekend",
    ),
    Behaviour(
        "SIM-QUIRK-13",
        "Submitted can come again after Filled, and Inactive once for an order that goes on working.",
        Provenance.LIVE_REPORT,
        "late and duplicate statuses",
    ),
    Behaviour(
        "SIM-QUIRK-14",
        "Quirks replaced while running hold for later orders; those laid out are used once each.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-QUIRK-15",
        "However time is cut up, and after a restart, what a quirk puts off happens at the same moment.",
        Provenance.OUR_DECISION,
    ),
    Behaviour(
        "SIM-QUIRK-16",
        "PreSubmitted can be left out, and Submitted said before a fill that comes at once.",
        Provenance.RECORDED,
        "order transcripts of a live account, server version 200",
    ),
    Behaviour(
        "SIM-QUIRK-18",
        "A combo's legs can fill unevenly: some at once, the rest and the combo's own execution later.",
        Provenance.LIVE_REPORT,
        "non-guaranteed combos; combo executions that came late",
    ),
    Behaviour(
        "SIM-QUIRK-17",
        "A what-if can stay unanswered, lack its margins, or come with a code.",
        Provenance.LIVE_REPORT,
        "what-ifs that returned nothing, unset margins or an error",
    ),
)
