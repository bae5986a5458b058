"""What a ticket's answer says of the account: a crash and the margin, without and with the order."""

from __future__ import annotations

from tests.unit.approval.stories import bull_call_spread, cancel_of_a_stop, iron_condor, stop

from sumppump.server.orders.ticket_views import ALL_ALIKE, waiting


def test_the_answer_holds_the_account_without_and_with_the_order() -> None:
    answer = waiting(bull_call_spread(), seconds_left=200.0, monotonic=100.0)
    crash = answer.stress[0]
    assert (crash.name, crash.held, crash.with_order) == ("−20 %", -124_550.2, -131_100.1)
    assert answer.margin is not None
    assert (answer.margin.initial_before, answer.margin.initial_after) == (0.0, 213.0)
    assert (answer.margin.maintenance_before, answer.margin.maintenance_after) == (0.0, 213.0)


def test_the_answer_names_what_the_figures_leave_out_and_what_falls_into_the_order_s_life() -> None:
    answer = waiting(iron_condor(), seconds_left=200.0, monotonic=100.0)
    assert answer.stress_note == f"{ALL_ALIKE}; without ES 2026-12-18 future and 2 more"
    assert answer.events == [
        "Ex-dividend 2026-12-18, 1.80 a share",
        "725C: early assignment 12% likely, above 727.40 at the close of 2026-12-17",
    ]


def test_margin_by_rule_stands_beside_the_what_if_or_says_why_not() -> None:
    answer = waiting(iron_condor(), seconds_left=200.0, monotonic=100.0)
    assert answer.margin_by_rule is not None
    assert (answer.margin_by_rule.maintenance_before, answer.margin_by_rule.maintenance_after) == (
        15_290.55,
        21_840.55,
    )
    gone = waiting(cancel_of_a_stop(), seconds_left=200.0, monotonic=100.0)
    assert (gone.margin, gone.margin_by_rule) == (None, None)


def test_without_figures_there_is_a_reason() -> None:
    answer = waiting(stop(), seconds_left=200.0, monotonic=100.0)
    assert (answer.stress, answer.stress_reason) == ([], "what is held could not be quoted in time")
