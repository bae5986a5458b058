from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.unit.approval.conftest import Room
from tests.unit.approval.stories import ACCOUNT, CODE, bull_call_spread, iron_condor
from tests.unit.approval.visitor import Visitor

from sumppump.approval.guard import SECURITY_HEADERS
from sumppump.domain.orders import Environment, OrderState
from sumppump.execution.reports import OrderReport
from sumppump.kernel.errors import Breach, OrderOutcomeUnknown, RiskRefused

TICKET = bull_call_spread()
HERE = f"/tickets/{TICKET.ticket_id}"


async def test_the_secret_pairs_a_browser_and_leads_to_a_page_without_it(room: Room) -> None:
    """Our decision: the secret is in the address for one request only."""
    address = room.present(TICKET)
    visitor = room.stranger()
    first = await visitor.get(address.removeprefix(f"http://127.0.0.1:{room.port}"))
    assert first.status == 303
    assert first.header("location") == HERE
    cookie = first.header("set-cookie").lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert f"max-age={12 * 3600}" in cookie
    page = await visitor.get(HERE)
    assert page.status == 200
    assert address.rpartition("/")[2] not in page.body


async def test_a_spent_secret_pairs_nobody_else(room: Room) -> None:
    """A model that finds the address in the browser's history or process list comes too late."""
    address = room.present(TICKET)
    await room.stranger().follow(address)
    thief = room.stranger()
    assert (await thief.follow(address)).status == 403
    assert thief.cookie == ""


async def test_the_paired_browser_may_reload_the_spent_address(room: Room) -> None:
    address = room.present(TICKET)
    visitor = room.stranger()
    await visitor.follow(address)
    assert (await visitor.follow(address)).status == 200


async def test_a_second_ticket_opens_in_the_same_way_and_keeps_the_pairing(room: Room) -> None:
    visitor = await room.person(TICKET)
    cookie = visitor.cookie
    address = room.present(bull_call_spread(ticket_id="tkt_2"))
    assert (await visitor.follow(address)).status == 200
    assert "tkt_2" in visitor.page
    assert visitor.cookie == cookie


async def test_an_unpaired_browser_sees_nothing_of_any_ticket(room: Room) -> None:
    """Not even whether the ticket exists."""
    room.present(TICKET)
    answers = [await room.stranger().get(path) for path in (HERE, "/tickets/none", "/tickets", "/pair/guess")]
    assert {answer.status for answer in answers} == {403}
    assert len({answer.body for answer in answers}) == 1


async def test_approving_on_the_page_sends_the_ticket_that_was_shown(room: Room) -> None:
    visitor = await room.person(TICKET)
    answer = await visitor.post(HERE, {**visitor.form(), "decision": "approve"})
    assert answer.status == 303
    assert room.decisions.asked == [("approve", TICKET.ticket_id, None, TICKET.digest())]
    assert "Sending" in (await visitor.get(answer.header("location"))).body


async def test_declining_sends_nothing_and_says_so(room: Room) -> None:
    visitor = await room.person(TICKET)
    await visitor.post(HERE, {**visitor.form(), "decision": "decline"})
    assert room.decisions.asked == [("decline", TICKET.ticket_id, None, None)]
    page = (await visitor.get(HERE)).body
    assert "Declined" in page
    assert "Nothing was sent" in page


async def test_a_replayed_form_decides_nothing_twice(room: Room) -> None:
    """Our decision: one ticket, one decision, however often the bytes arrive."""
    visitor = await room.person(TICKET)
    form = {**visitor.form(), "decision": "approve"}
    answers = await asyncio.gather(*(visitor.post(HERE, form) for _ in range(10)))
    assert {answer.status for answer in answers} == {303}
    assert len(room.decisions.asked) == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"csrf_token": ""},
        {"csrf_token": "0" * 64},
        {"csrf_token": "é"},
        {"decision": "send"},
        {"decision": ""},
        {"decision": "approve\0"},
    ],
)
async def test_a_forged_form_decides_nothing(room: Room, forged: dict[str, str]) -> None:
    visitor = await room.person(TICKET)
    answer = await visitor.post(HERE, {**visitor.form(), "decision": "approve", **forged})
    assert answer.status in (403, 422)
    assert room.decisions.asked == []


async def test_the_form_of_one_ticket_does_not_decide_another(room: Room) -> None:
    other = bull_call_spread(ticket_id="tkt_other")
    room.present(other)
    visitor = await room.person(TICKET)
    answer = await visitor.post("/tickets/tkt_other", {**visitor.form(), "decision": "approve"})
    assert answer.status == 403
    assert room.decisions.asked == []


async def test_the_form_of_one_browser_does_not_decide_in_another(room: Room) -> None:
    mine, other = await room.person(TICKET), await room.person(TICKET)
    answer = await other.post(HERE, {**mine.form(), "decision": "approve"})
    assert answer.status == 403
    assert room.decisions.asked == []


async def test_a_ticket_that_changed_since_it_was_shown_is_not_approved(room: Room) -> None:
    """The form's token is bound to the digest of what was on the screen."""
    visitor = await room.person(TICKET)
    assert TICKET.main is not None
    room.decisions.add(bull_call_spread(expires=TICKET.expires + 1))
    answer = await visitor.post(HERE, {**visitor.form(), "decision": "approve"})
    assert answer.status == 403
    assert room.decisions.asked == []


async def test_a_form_without_the_cookie_decides_nothing(room: Room) -> None:
    visitor = await room.person(TICKET)
    form = {**visitor.form(), "decision": "approve"}
    for cookie in ("", "sumppump_1=x", f"sumppump_{room.port}=guess", "=;;,"):
        stranger = Visitor(room.port, cookie=cookie)
        assert (await stranger.post(HERE, form)).status == 403
    assert room.decisions.asked == []


async def test_a_repeated_field_makes_the_form_worthless(room: Room) -> None:
    visitor = await room.person(TICKET)
    body = "&".join(["decision=decline", "decision=approve", f"csrf_token={visitor.form()['csrf_token']}"])
    headers = (f"Origin: http://127.0.0.1:{room.port}", "Content-Type: application/x-www-form-urlencoded")
    assert (await visitor.request("POST", HERE, body=body, extra=headers)).status == 403
    assert room.decisions.asked == []


@pytest.mark.parametrize("query", ["", "?decision=approve", "?decision=approve&csrf_token=x"])
async def test_looking_decides_nothing(room: Room, query: str) -> None:
    """A crawler that follows every link with the person's own cookie changes nothing."""
    visitor = await room.person(TICKET)
    for path in (HERE, "/tickets", "/static/page.css", "/", "/pair/again"):
        await visitor.get(path + query)
    assert room.decisions.asked == []
    assert room.decisions.state_by_id[TICKET.ticket_id] is OrderState.AWAIT_HUMAN


@pytest.mark.parametrize(
    "typed", ["", "6549", "6,550.01", "six thousand", "6.550", "６５５０", "-6550", "6550 6550"]
)
async def test_a_large_ticket_is_not_approved_without_its_amount(room: Room, typed: str) -> None:
    """Our decision: the amount is typed for live orders and above 2,500 of possible loss."""
    condor = iron_condor()
    visitor = await room.person(condor)
    answer = await visitor.post(
        f"/tickets/{condor.ticket_id}", {**visitor.form(), "decision": "approve", "amount": typed}
    )
    assert answer.status == 422
    assert "type the amount shown: 6,550" in answer.body
    assert room.decisions.asked == []


@pytest.mark.parametrize("typed", ["6550", "6,550", "6,550.00", "$6,550", " 6550.0 ", "6550 USD"])
async def test_the_amount_may_be_typed_as_people_write_it(room: Room, typed: str) -> None:
    condor = iron_condor()
    visitor = await room.person(condor)
    here = f"/tickets/{condor.ticket_id}"
    assert (
        await visitor.post(here, {**visitor.form(), "decision": "approve", "amount": typed})
    ).status == 303
    assert [asked[:3] for asked in room.decisions.asked] == [("approve", condor.ticket_id, typed)]


async def test_declining_a_large_ticket_takes_no_typing(room: Room) -> None:
    condor = iron_condor()
    visitor = await room.person(condor)
    await visitor.post(f"/tickets/{condor.ticket_id}", {**visitor.form(), "decision": "decline"})
    assert room.decisions.asked[0][0] == "decline"


async def test_an_expired_ticket_is_shown_as_such_and_cannot_be_approved(room: Room) -> None:
    visitor = await room.person(TICKET)
    form = {**visitor.form(), "decision": "approve"}
    room.decisions.state_by_id[TICKET.ticket_id] = OrderState.EXPIRED
    assert (await visitor.post(HERE, form)).status == 303
    assert room.decisions.asked == []
    assert "Expired" in (await visitor.get(HERE)).body


async def test_a_ticket_whose_time_is_over_cannot_be_approved_before_the_journal_says_so(room: Room) -> None:
    visitor = await room.person(TICKET)
    room.decisions.seconds_left = 0.0
    await visitor.post(HERE, {**visitor.form(), "decision": "approve"})
    assert room.decisions.asked == []


async def test_drift_leads_to_the_replacement_in_the_same_window(room: Room) -> None:
    """Our decision: the approved page turns into the new ticket; no second window pops up."""
    visitor = await room.person(TICKET)
    newer = bull_call_spread(ticket_id="tkt_newer", replaces=TICKET.ticket_id)
    room.decisions.replacement = newer
    approve = room.decisions.approve

    async def approve_and_present(*args: object, **named: object) -> object:
        outcome = await approve(*args, **named)  # type: ignore[arg-type]
        room.desk.present(newer, "N3W-C0D")
        return outcome

    room.decisions.approve = approve_and_present  # type: ignore[method-assign, assignment]
    answer = await visitor.post(HERE, {**visitor.form(), "decision": "approve"})
    assert answer.header("location") == "/tickets/tkt_newer"
    assert len(room.opened) == 1
    assert "N3W-C0D" in (await visitor.get("/tickets/tkt_newer")).body
    assert 'href="/tickets/tkt_newer"' in (await visitor.get(HERE)).body


async def test_a_limit_that_refuses_on_fresh_numbers_is_said_with_its_figures(room: Room) -> None:
    visitor = await room.person(TICKET)
    room.decisions.raises = RiskRefused(
        [Breach(control="C-02", code="max_loss", message="loss 6,550 is over 5,000", expected="", found="")],
        next_steps=["Make it smaller."],
    )
    answer = await visitor.post(HERE, {**visitor.form(), "decision": "approve"})
    assert answer.status == 409
    assert "C-02 loss 6,550 is over 5,000. Make it smaller." in answer.body


async def test_an_error_after_the_order_left_never_reads_as_not_sent(room: Room) -> None:
    """Whether anything was sent is the journal's to say."""
    visitor = await room.person(TICKET)
    room.decisions.raises = OrderOutcomeUnknown("nobody has confirmed the order")
    form = {**visitor.form(), "decision": "approve"}
    approve = room.decisions.approve

    async def approve_and_lose_track(*args: object, **named: object) -> object:
        room.decisions.state_by_id[TICKET.ticket_id] = OrderState.UNKNOWN
        return await approve(*args, **named)  # type: ignore[arg-type]

    room.decisions.approve = approve_and_lose_track  # type: ignore[method-assign, assignment]
    assert (await visitor.post(HERE, form)).status == 303
    page = (await visitor.get(HERE)).body
    assert "Outcome unknown" in page
    assert "Not sent" not in page


async def test_a_bug_is_answered_without_a_word_of_the_request(
    room: Room, capfd: pytest.CaptureFixture[str], logs: list[str]
) -> None:
    visitor = await room.person(TICKET)
    room.decisions.raises = ZeroDivisionError("secret detail")
    answer = await visitor.post(HERE, {**visitor.form(), "decision": "approve"})
    assert answer.status == 500
    printed = capfd.readouterr()
    assert printed.out == ""
    assert len(logs) == 1
    for text in (answer.body, printed.err, *logs):
        assert "secret detail" not in text
        assert visitor.form().get("csrf_token", "x" * 64) not in text
        assert TICKET.ticket_id not in text


async def test_a_result_page_looks_again_until_the_journal_is_done(room: Room) -> None:
    visitor = await room.person(TICKET)
    room.decisions.state_by_id[TICKET.ticket_id] = OrderState.LIVE
    assert '<meta http-equiv="refresh" content="2">' in (await visitor.get(HERE)).body
    room.decisions.state_by_id[TICKET.ticket_id] = OrderState.FILLED
    room.decisions.report_by_id[TICKET.ticket_id] = OrderReport(
        state=OrderState.FILLED, evidence="execution seen", filled=Decimal(1), quantity=1
    )
    page = (await visitor.get(HERE)).body
    assert "http-equiv" not in page
    assert "1 of 1" in page
    assert "not reported yet" in page


async def test_the_list_shows_only_tickets_that_wait(room: Room) -> None:
    visitor = await room.person(TICKET)
    room.decisions.add(bull_call_spread(ticket_id="tkt_done"), OrderState.FILLED)
    page = (await visitor.get("/tickets")).body
    assert TICKET.ticket_id in page
    assert "tkt_done" not in page
    assert CODE not in page


async def test_the_code_is_forgotten_with_the_ticket(room: Room) -> None:
    visitor = await room.person(TICKET)
    assert CODE in visitor.page
    room.desk.withdraw(TICKET.ticket_id)
    assert CODE not in (await visitor.get(HERE)).body


async def test_the_full_account_is_nowhere_on_the_page(room: Room) -> None:
    visitor = await room.person(TICKET)
    assert ACCOUNT not in visitor.page
    assert "SIM…417" in visitor.page


@pytest.mark.parametrize("environment", list(Environment))
async def test_the_banner_names_where_the_order_goes(room: Room, environment: Environment) -> None:
    visitor = await room.person(bull_call_spread(environment=environment))
    assert f"<strong>{environment}</strong>" in visitor.page
    assert f'<body class="{environment.lower()} ticket">' in visitor.page
    assert ("no real money" in visitor.page) is (environment is not Environment.LIVE)
    assert "real money" in visitor.page


async def test_every_answer_carries_all_security_headers_and_none_for_other_origins(room: Room) -> None:
    visitor = await room.person(TICKET)
    answers = [
        await visitor.get(HERE),
        await visitor.get("/nowhere"),
        await visitor.get("/static/page.css"),
        await room.stranger().get("/tickets"),
        await visitor.request("GET", HERE, host="evil.example"),
        await visitor.post(HERE, {}),
    ]
    for answer in answers:
        for name, value in SECURITY_HEADERS:
            assert answer.header(name) == value
        assert not [name for name, _ in answer.headers if name.startswith("access-control")]
        assert answer.header("server") == ""


async def test_the_page_needs_no_script_and_nothing_from_elsewhere(room: Room) -> None:
    page = (await room.person(TICKET)).page
    assert "<script" not in page
    assert "javascript:" not in page
    assert " on" not in page.replace(" one ", " ").replace(" on SPY", " ")
    assert "style=" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


async def test_decline_comes_first_and_enter_finds_a_button_that_does_nothing(room: Room) -> None:
    """HTML's implicit submission takes the form's first submit button; a disabled one stops it."""
    page = (await room.person(iron_condor())).page
    buttons = [page.index(mark) for mark in ("disabled hidden", 'value="decline"', 'value="approve"')]
    assert buttons == sorted(buttons)
    decline = page[page.rindex("<button", 0, buttons[1]) : page.index(">", buttons[1])]
    assert "autofocus" in decline
    assert "formnovalidate" in decline
    assert page.count("autofocus") == 1


async def test_a_page_left_open_notices_what_was_decided_elsewhere(room: Room) -> None:
    """It looks again within 15 s, unless an amount is being typed: that must not be wiped out."""
    visitor = await room.person(TICKET)
    assert '<meta http-equiv="refresh" content="15">' in visitor.page
    room.decisions.state_by_id[TICKET.ticket_id] = OrderState.LIVE
    assert "Working" in (await visitor.get(HERE)).body
    typed = await room.person(iron_condor(ticket_id="tkt_2"))
    assert '<meta http-equiv="refresh" content="273">' in typed.page


async def test_a_flood_of_tickets_opens_ten_pages_and_the_rest_waits_in_the_list(room: Room) -> None:
    """Our decision: windows that hide each other ask nothing; the eleventh is found under All tickets."""
    visitor = await room.person(TICKET)
    for number in range(20):
        room.present(bull_call_spread(ticket_id=f"tkt_flood_{number}"))
    assert len(room.opened) == 10
    assert "tkt_flood_19" in (await visitor.get("/tickets")).body
    assert CODE in (await visitor.get("/tickets/tkt_flood_19")).body
    room.clock.seconds += 11
    room.present(bull_call_spread(ticket_id="tkt_later"))
    assert len(room.opened) == 11
