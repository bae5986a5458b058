from __future__ import annotations

from tests.unit.approval.stories import CODE, FakeDecisions, bull_call_spread, failing, iron_condor

from sumppump.approval.automatic import AutomaticDesk
from sumppump.kernel.errors import ApprovalRefused


async def test_a_ticket_is_approved_with_its_own_digest_and_amount() -> None:
    decisions = FakeDecisions()
    desk = AutomaticDesk(lambda: decisions)
    for ticket in (bull_call_spread(ticket_id="tkt_1"), iron_condor(ticket_id="tkt_2")):
        desk.present(decisions.add(ticket), CODE)
    assert decisions.asked == []
    await desk.stop()
    assert [asked[:3] for asked in decisions.asked] == [
        ("approve", "tkt_1", None),
        ("approve", "tkt_2", "6550"),
    ]
    assert all(decisions.ticket_by_id[asked[1]].digest() == asked[3] for asked in decisions.asked)


async def test_a_refusal_is_logged_by_its_code_and_nothing_else(logs: list[str]) -> None:
    """On an account that is no simulator's, execution refuses; the desk must not raise or retry."""
    decisions = failing(
        ApprovalRefused("only a simulator account approves by itself", code="channel_not_enough")
    )
    desk = AutomaticDesk(lambda: decisions)
    desk.present(decisions.add(bull_call_spread()), CODE)
    await desk.stop()
    (line,) = logs
    assert "channel_not_enough" in line
    assert CODE not in line
    assert len(decisions.asked) == 1
