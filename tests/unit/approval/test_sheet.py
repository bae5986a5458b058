from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.unit.approval.stories import (
    NOON,
    FakeDecisions,
    bull_call_spread,
    cancel_of_a_stop,
    close,
    iron_condor,
    stop,
)

from sumppump.approval import words
from sumppump.approval.result import result_of
from sumppump.approval.sheet import NO_LIMIT, Sheet, sheet_of
from sumppump.domain.orders import OrderState
from sumppump.domain.quotes import Feed
from sumppump.domain.tickets import ExitFacts, Ticket, TicketKind
from sumppump.execution.reports import OrderReport, TicketView
from sumppump.kernel.money import Money, Premium


def view_of(ticket: Ticket, *, seconds_left: float = 272.0) -> TicketView:
    decisions = FakeDecisions(seconds_left=seconds_left)
    decisions.add(ticket)
    return decisions.ticket(ticket.ticket_id)


def sheet(ticket: Ticket, *, seconds_left: float = 272.0) -> Sheet:
    return sheet_of(view_of(ticket, seconds_left=seconds_left), wall=NOON)


def with_facts(ticket: Ticket, **changes: object) -> Ticket:
    return replace(ticket, facts=replace(ticket.facts, **changes))  # type: ignore[arg-type]


def line(of: Sheet, label: str) -> str:
    (found,) = [f"{row.value} {row.note}".strip() for row in (*of.stakes, *of.facts) if row.label == label]
    return found


def test_a_spread_reads_as_a_trader_says_it() -> None:
    shown = sheet(bull_call_spread())
    assert [f"{leg.side} {leg.count} {leg.contract}" for leg in shown.legs] == [
        "BUY 1 SPY Fri 18 Dec 2026 690 call",
        "SELL 1 SPY Fri 18 Dec 2026 695 call",
    ]
    assert shown.action == "Open 1 bull call spread on SPY"
    assert shown.pays == "You PAY at most $213.00 (2.13 per share)"
    assert shown.max_loss == "$213.00"
    assert line(shown, "Most you can gain") == "$287.00"
    assert line(shown, "Breaks even at") == "692.13"
    assert line(shown, "Chance of profit") == "44 %"
    assert line(shown, "Bid · mid · ask") == "2.09 · 2.13 · 2.17 you buy"
    assert line(shown, "Margin") == "+$213.00 to $213.00"
    assert line(shown, "Fees, estimated") == "$1.30"


def test_a_credit_with_its_children_reads_without_a_sign_to_mistake() -> None:
    """Sign errors on net credits are the commonest combo failure; words carry the side here."""
    shown = sheet(iron_condor())
    assert shown.pays == "You RECEIVE at least $3,450.00 (3.45 per share)"
    assert line(shown, "Bid · mid · ask") == "3.35 · 3.45 · 3.55 you sell"
    assert line(shown, "Take profit") == "at 1.73 debit +$1,720.00 before fees, GTC"
    assert line(shown, "Stop") == "from 6.90 debit, limit 7.59 debit −$4,140.00 before fees, GTC"
    assert line(shown, "Breaks even at") == "646.55 and 728.45"
    assert shown.amount == "6,550"


def test_the_account_under_a_crash_stands_without_and_with_the_order_and_its_margin_beside() -> None:
    table = sheet(bull_call_spread()).stress
    assert table.columns == ("−20 %", "−10 %", "+10 %", "vol +10", "margin", "to hold")
    assert table.held[:2] == ("−$124,550", "−$61,200")
    assert table.with_order[0] == "−$131,100"
    assert table.with_order[-2:] == ("$213", "$213")


def test_without_a_look_at_a_crash_the_sheet_says_why() -> None:
    table = sheet(stop()).stress
    assert (table.columns, table.note) == (
        (),
        "No look at a crash: what is held could not be quoted in time",
    )


def test_an_ex_dividend_day_in_its_life_is_on_the_sheet() -> None:
    assert ("In its life", "Ex-dividend 2026-12-18, 1.80 a share") in [
        (line.label, line.value) for line in sheet(iron_condor()).facts
    ]


def test_a_net_price_around_zero_says_for_each_side_who_pays() -> None:
    ticket = with_facts(
        bull_call_spread(), net_bid=Premium.of("-0.02"), net_mid=Premium.of(0), net_ask=Premium.of("0.02")
    )
    assert line(sheet(ticket), "Best · mid · worst") == "0.02 credit · 0.00 · 0.02 debit"


def test_a_missing_figure_is_a_dash_and_never_a_zero() -> None:
    ticket = with_facts(
        bull_call_spread(),
        max_loss=None,
        max_loss_reason="the second expiry has no volatility",
        max_profit=None,
        probability_of_profit=None,
        fees=None,
        margin=None,
        margin_reason="the broker did not say",
    )
    shown = sheet(ticket)
    assert (shown.max_loss, shown.max_loss_note) == ("–", "The second expiry has no volatility")
    assert line(shown, "Most you can gain") == "–"
    assert line(shown, "Chance of profit") == "–"
    assert line(shown, "Fees, estimated") == "–"
    assert line(shown, "Margin") == "– the broker did not say"


def test_what_is_sold_is_shown_at_its_own_market_and_never_crossed() -> None:
    """The closing combo has negative net prices and the dearer bid; the spread is 3.13 at 3.17."""
    assert line(sheet(close()), "Bid · mid · ask") == "3.13 · 3.15 · 3.17 you sell"
    worthless = with_facts(
        close(), net_bid=Premium.of("-0.05"), net_mid=Premium.of("-0.02"), net_ask=Premium.of(0)
    )
    assert line(sheet(worthless), "Bid · mid · ask") == "0.00 · 0.02 · 0.05 you sell"


def test_a_stop_says_in_the_largest_type_what_it_would_lose() -> None:
    """Entered at 2.13, trigger 1.06, limit 0.96: at the limit 117 dollars are gone."""
    shown = sheet(stop())
    assert (shown.stake_label, shown.max_loss, shown.is_alarming) == (
        "If filled, a loss of at most",
        "$117.00",
        True,
    )
    assert [(row.at, row.price, row.result, row.is_loss) for row in shown.exits] == [
        ("At the mid now", "2.20 credit", "+$7.00 (+3 %)", False),
        ("At the trigger", "1.06 credit", "−$107.00 (−50 %)", True),
        ("At the limit", "0.96 credit", "−$117.00 (−55 %)", True),
    ]
    assert shown.exits_title == "What it makes of the position (in at 2.13 debit), before fees"
    assert [row.label for row in shown.facts] == ["Order"]


def test_a_close_says_in_the_largest_type_what_the_deal_brings() -> None:
    shown = sheet(close())
    assert (shown.stake_label, shown.max_loss, shown.is_alarming) == (
        "If filled, a profit of at least",
        "$170.00",
        False,
    )
    assert shown.exits[-1].result == "+$170.00 (+40 %)"


def test_an_order_that_opens_nothing_and_has_no_entry_claims_no_loss() -> None:
    shown = sheet(with_facts(stop(), entry=None, exits=()))
    assert (shown.stake_label, shown.max_loss, shown.is_alarming) == ("New risk", "None", False)
    assert shown.max_loss_note == "This order opens nothing new"
    assert (shown.stakes, shown.exits, shown.exits_title) == ((), (), "")


def test_taking_a_stop_away_is_shown_as_the_alarm_it_is() -> None:
    shown = sheet(cancel_of_a_stop())
    assert (shown.max_loss, shown.is_alarming) == ("No stop", True)
    assert "whole max loss" in shown.max_loss_note
    assert shown.warnings == ("The position has NO STOP afterwards.",)
    assert shown.legs == ()
    assert shown.exits_title.startswith("What the stop makes of the position")
    assert [row.result for row in shown.exits] == ["−$107.00 (−50 %)", "−$117.00 (−55 %)"]


def test_a_loss_without_bound_says_so_in_the_largest_type() -> None:
    ticket = with_facts(bull_call_spread(), max_loss=None, max_loss_reason="The loss is unlimited above 695.")
    assert sheet(ticket).max_loss == NO_LIMIT


@pytest.mark.parametrize("feed", [feed for feed in Feed if feed is not Feed.LIVE])
def test_quotes_that_are_not_live_are_shouted(feed: Feed) -> None:
    quotes = line(sheet(with_facts(bull_call_spread(), feed=feed)), "Quotes")
    assert any(word.isupper() and len(word) > 1 for word in quotes.replace(":", "").split())


def test_the_quotes_age_with_the_ticket_in_every_process() -> None:
    """1.2 s old when the ticket was made, 28 s of its 300 s gone."""
    assert line(sheet(bull_call_spread(), seconds_left=272.0), "Quotes") == "live, 29 s old"
    assert line(sheet(bull_call_spread(), seconds_left=300.0), "Quotes") == "live, 1.2 s old"
    unknown = with_facts(bull_call_spread(), quote_taken=None)
    assert line(sheet(unknown), "Quotes") == "live, age unknown"


def test_what_changed_comes_before_every_warning_and_the_broker_is_quoted_as_such() -> None:
    ticket = with_facts(
        iron_condor(), changes=("the net mid rose by 0.40",), account_warning="<b>Call us</b>"
    )
    shown = sheet(ticket).warnings
    assert shown[0] == "Changed: the net mid rose by 0.40"
    assert shown[-1] == "TWS says: Call us"


def test_the_time_of_expiry_is_the_one_on_the_person_s_watch() -> None:
    assert sheet(bull_call_spread(), seconds_left=90.0).expires_at == "15:31:30"
    assert sheet(bull_call_spread(), seconds_left=90.0).life_left_percent == 30


@pytest.mark.parametrize("state", list(OrderState))
def test_every_state_of_the_journal_has_words(state: OrderState) -> None:
    view = replace(view_of(bull_call_spread()), state=state)
    result = result_of(view)
    assert result.headline
    assert result.sentence.endswith(".")
    assert result.is_final is state.is_terminal


@pytest.mark.parametrize("state", [OrderState.UNKNOWN, OrderState.CANCEL_UNKNOWN, OrderState.MODIFY_UNKNOWN])
def test_what_nobody_knows_never_reads_as_done_or_not_done(state: OrderState) -> None:
    result = result_of(replace(view_of(bull_call_spread()), state=state))
    assert result.tone == "bad"
    assert "unknown" in result.headline.lower()
    assert "Look in TWS" in result.sentence
    assert not result.is_final


@pytest.mark.parametrize(
    ("result", "percent", "said", "colours"),
    [
        ("-7.50", -0.49, "−$7.50 (−0.5 %)", (True, False)),
        ("0.20", 0.01, "+$0.20 (+0.01 %)", (False, True)),
        ("0", 0.0, "$0.00", (False, False)),
        ("204", 47.9, "+$204.00 (+48 %)", (False, True)),
    ],
)
def test_a_small_result_is_not_shown_as_none_and_none_has_no_colour(
    result: str, percent: float, said: str, colours: tuple[bool, bool]
) -> None:
    """`−$7.50 (−0 %)` contradicts itself; nothing gained is not green."""
    made = ExitFacts(at="at the limit", price=Premium.of("-2.13"), result=Money.of(result), percent=percent)
    (row,) = sheet(with_facts(close(), exits=(made,))).exits
    assert (row.result, (row.is_loss, row.is_gain)) == (said, colours)


def test_a_close_at_the_entry_is_neither_profit_nor_loss() -> None:
    """Its fees still come off, so no profit of at least nothing is promised."""
    made = ExitFacts(at="at the limit", price=Premium.of("-2.13"), result=Money.of("0"), percent=0.0)
    shown = sheet(with_facts(close(), exits=(made,)))
    assert (shown.stake_label, shown.max_loss) == ("If filled, before fees", "No gain, no loss")
    assert not shown.is_alarming


def test_the_children_of_an_order_are_named_by_what_they_do() -> None:
    view = view_of(iron_condor())
    children = tuple(
        OrderReport(state=OrderState.LIVE, evidence="", order=planned.order)
        for planned in view.ticket.children
    )
    report = OrderReport(state=OrderState.FILLED, evidence="", children=children)
    facts = [(row.label, row.value) for row in result_of(replace(view, report=report)).facts]
    assert facts == [("Its target", "Waits for the entry"), ("Its stop", "Waits for the entry")]
    filled = replace(report, quantity=10, filled=Decimal("10.0"))
    facts = [(row.label, row.value) for row in result_of(replace(view, report=filled)).facts]
    assert facts[0] == ("Filled", "10 of 10")
    assert facts[-2:] == [("Its target", "Working"), ("Its stop", "Working")]


@pytest.mark.parametrize(
    ("ticket", "state", "said"),
    [
        (stop(), OrderState.LIVE, "waits for its trigger"),
        (cancel_of_a_stop(), OrderState.DECLINED, "The stop was not touched"),
        (cancel_of_a_stop(), OrderState.EXPIRED, "did not touch the stop"),
        (cancel_of_a_stop(), OrderState.CANCELLED, "has no stop now"),
        (cancel_of_a_stop(), OrderState.LIVE, "still works"),
        (cancel_of_a_stop(), OrderState.FILLED, "before the cancel"),
        (bull_call_spread(kind=TicketKind.MODIFY), OrderState.DECLINED, "Nothing was changed"),
        (bull_call_spread(kind=TicketKind.MODIFY), OrderState.LIVE, "not filled yet"),
    ],
)
def test_the_same_state_is_said_in_the_words_of_what_was_asked(
    ticket: Ticket, state: OrderState, said: str
) -> None:
    """A declined cancel is not an order that was not sent; a stop does not wait for its fill."""
    view = replace(view_of(ticket), state=state)
    assert said in result_of(view).sentence


def test_a_change_is_called_done_only_when_the_order_stands_as_approved() -> None:
    view = replace(view_of(bull_call_spread(kind=TicketKind.MODIFY)), state=OrderState.LIVE)
    report = OrderReport(state=OrderState.LIVE, evidence="", order=view.ticket.main)
    assert result_of(replace(view, report=report)).headline == "Changed"
    other = replace(report, order=replace(view.ticket.orders[0].order, limit=Premium.of("2.10")))
    assert result_of(replace(view, report=other)).headline == "Working"


def test_fees_that_the_broker_has_not_reported_are_not_zero() -> None:
    view = view_of(bull_call_spread())
    report = OrderReport(state=OrderState.FILLED, evidence="", filled=Decimal(1), quantity=1)
    facts = {row.label: row for row in result_of(replace(view, report=report)).facts}
    assert (facts["Fees"].value, facts["Fees"].note) == ("–", "not reported yet")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (words.cash(Money.of("-1234.5")), "$1,234.50"),
        (words.cash(Money.of("1234.5", "CHF")), "1,234.50 CHF"),
        (words.cash(None), "–"),
        (words.signed_cash(Money.of("-5")), "−$5.00"),
        (words.signed_cash(Money.of("0")), "$0.00"),
        (words.price(Premium.of("-1.255")), "1.255 credit"),
        (words.price(Premium.of("0")), "0.00"),
        (words.strike(Decimal("500.00")), "500"),
        (words.strike(Decimal("502.50")), "502.5"),
        (words.strike(Decimal("5E+2")), "500"),
        (words.percent(0.004), "under 1 %"),
        (words.percent(0.9999), "over 99 %"),
        (words.percent(0.0), "0 %"),
        (words.percent(1.0), "100 %"),
        (words.day(date(2026, 1, 2)), "Fri 2 Jan 2026"),
        (words.span(61), "1 min 01 s"),
        (words.span(-3), "0 s"),
        (words.number(-12.345, 1), "−12.3"),
        (words.number(None, 1), "–"),
    ],
)
def test_numbers_read_as_people_write_them(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("Set a stop (trade_set_stop_loss) or have it declined.", "Set a stop or have it declined."),
        ("change it (trade_modify_order, trade_cancel_order).", "Change it."),
        ("Look (in TWS).", "Look (in TWS)."),
    ],
)
def test_a_person_is_not_told_the_names_of_tools(step: str, said: str) -> None:
    assert words.for_a_person(step) == said
