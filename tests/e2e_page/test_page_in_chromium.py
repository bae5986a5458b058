from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.e2e_page.chrome import ENTER, Chrome
from tests.e2e_page.conftest import Desk
from tests.unit.approval.stories import (
    bull_call_spread,
    cancel_of_a_stop,
    close,
    iron_condor,
    stop,
    stop_of_a_condor,
)

from sumppump.domain.orders import Environment, OrderState
from sumppump.domain.tickets import Ticket

pytestmark = pytest.mark.browser

SPREAD = bull_call_spread()
CONDOR = iron_condor()
LIVE = iron_condor(environment=Environment.LIVE, account="U1234567")

# Every element that holds text of its own, with whether all of it can be read without scrolling.
_OUT_OF_SIGHT = """
[...document.querySelectorAll('main *, form *, header *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => e.offsetParent !== null)
  .filter(e => {
    const r = e.getBoundingClientRect();
    const bar = document.querySelector('form').getBoundingClientRect();
    const covered = !e.closest('form') && r.bottom > bar.top + 0.5;
    return r.left < 0 || r.top < 0 || r.right > 800.5 || r.bottom > 600.5 || covered
      || e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline';
  })
  .map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 60))
"""
# Pairs of texts that lie on each other, however little.
_OVERLAPS = """
(() => {
  const texts = [...document.querySelectorAll('main *, form *, header *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .filter(e => e.offsetParent !== null);
  const boxes = texts.map(e => [e, e.getBoundingClientRect()]);
  const on = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  return boxes.flatMap(([e, r], i) => boxes.slice(i + 1)
    .filter(([f, q]) => !e.contains(f) && !f.contains(e) && on(r, q))
    .map(([f]) => e.textContent.trim() + ' / ' + f.textContent.trim()));
})()
"""
# Texts whose contrast with the ground under them is below 4.5 to 1 (WCAG 2.2, 1.4.3).
_FAINT = """
(() => {
  const rgb = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => rgb(c).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    const c = getComputedStyle(e).backgroundColor;
    return (rgb(c)[3] ?? 1) > 0 || !e.parentElement ? c : ground(e.parentElement);
  };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .filter(e => e.offsetParent !== null)
    .map(e => [e, light(getComputedStyle(e).color), light(ground(e))])
    .map(([e, a, b]) => [e.textContent.trim(), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)])
    .filter(([, contrast]) => contrast < 4.5);
})()
"""
HEADLINE = "document.querySelector('h1').textContent"
_SIZES = """
[...document.querySelectorAll('body *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .map(e => [e.className, parseFloat(getComputedStyle(e).fontSize)])
"""


TICKETS = {
    "spread": SPREAD,
    "condor": CONDOR,
    "live": LIVE,
    "stop": stop(),
    "stop of a condor": stop_of_a_condor(),
    "close": close(),
    "cancel": cancel_of_a_stop(),
}


@pytest.mark.parametrize("ticket", TICKETS.values(), ids=TICKETS)
async def test_every_fact_is_in_sight_at_800_by_600(chrome: Chrome, desk: Desk, ticket: Ticket) -> None:
    """Our decision: one screen, no scrolling; what is not seen is not approved."""
    await chrome.go(desk.present(ticket))
    assert await chrome.look("[innerWidth, innerHeight]") == [800, 600]
    assert await chrome.look(_OUT_OF_SIGHT) == []
    assert await chrome.look(_OVERLAPS) == []
    assert await chrome.look("document.documentElement.scrollHeight") <= 600
    assert await chrome.look("document.documentElement.scrollWidth") <= 800


# Texts that reach beyond the window, or out of the box that they stand in.
_CUT_OFF = """
[...document.querySelectorAll('main *, form *, header *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => e.offsetParent !== null && !e.closest('.legs'))
  .filter(e => {
    const r = e.getBoundingClientRect();
    return r.left < 0 || r.right > innerWidth + 0.5 || e.scrollWidth > e.clientWidth + 1
      && getComputedStyle(e).display !== 'inline';
  })
  .map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 60))
"""


@pytest.mark.parametrize("ticket", TICKETS.values(), ids=TICKETS)
async def test_on_a_narrow_window_nothing_is_cut_off(chrome: Chrome, desk: Desk, ticket: Ticket) -> None:
    """One scrolls down for the rest, never sideways: no figure of the account's stress stands outside."""
    await chrome.size(380, 800)
    await chrome.go(desk.present(ticket))
    assert await chrome.look("document.documentElement.scrollWidth") <= 380
    assert await chrome.look(_CUT_OFF) == []


async def test_the_maximum_loss_is_in_the_largest_type(chrome: Chrome, desk: Desk) -> None:
    await chrome.go(desk.present(CONDOR))
    sizes = sorted(await chrome.look(_SIZES), key=lambda row: -row[1])
    assert sizes[0][0].startswith("max-loss")
    assert sizes[0][1] > 1.5 * sizes[1][1]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_browser_refuses_nothing_on_the_page(chrome: Chrome, desk: Desk, dark: bool) -> None:
    """Style and picture pass the page's own content security policy; nothing else is asked for."""
    await chrome.size(800, 600, dark=dark)
    await chrome.go(desk.present(SPREAD))
    assert await chrome.complaints() == []
    assert await chrome.look("[...document.images].map(i => i.complete && i.naturalWidth > 0)") == [True]
    luminance = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + +b, 0)"
    assert (await chrome.look(luminance) < 384) is dark


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("environment", list(Environment))
async def test_every_word_can_be_read_by_weak_eyes(
    chrome: Chrome, desk: Desk, environment: Environment, dark: bool
) -> None:
    """WCAG 2.2, success criterion 1.4.3: 4.5 to 1."""
    await chrome.size(800, 600, dark=dark)
    await chrome.go(desk.present(iron_condor(environment=environment)))
    assert await chrome.look(_FAINT) == []


async def test_a_click_on_approve_sends_the_ticket_that_was_shown(chrome: Chrome, desk: Desk) -> None:
    await chrome.go(desk.present(SPREAD))
    await _armed(chrome)
    await chrome.click(".approve")
    assert await _until(chrome, HEADLINE, "Sending")
    assert desk.decisions.asked == [("approve", SPREAD.ticket_id, None, SPREAD.digest())]


async def test_the_result_page_follows_the_journal_without_a_script(chrome: Chrome, desk: Desk) -> None:
    await chrome.go(desk.present(SPREAD))
    await _armed(chrome)
    await chrome.click(".approve")
    desk.decisions.state_by_id[SPREAD.ticket_id] = OrderState.FILLED
    assert await _until(chrome, HEADLINE, "Filled")


async def test_decline_has_the_focus_and_enter_declines(chrome: Chrome, desk: Desk) -> None:
    """A person who was typing elsewhere when the page came up cannot approve by accident."""
    await chrome.go(desk.present(SPREAD))
    assert await chrome.look("document.activeElement.value") == "decline"
    await chrome.press(ENTER)
    assert await _until(chrome, HEADLINE, "Declined")
    assert [asked[0] for asked in desk.decisions.asked] == ["decline"]


async def test_enter_in_the_amount_decides_nothing(chrome: Chrome, desk: Desk) -> None:
    await chrome.go(desk.present(CONDOR))
    await chrome.type("input[name=amount]", "6,550")
    await chrome.press(ENTER)
    assert await chrome.look("document.querySelector('input[name=amount]').value") == "6,550"
    assert desk.decisions.asked == []


async def test_the_amount_is_typed_and_then_approve_is_clicked(chrome: Chrome, desk: Desk) -> None:
    await chrome.go(desk.present(LIVE))
    await chrome.type("input[name=amount]", "655")
    await _armed(chrome)
    await chrome.click(".approve")
    assert await _until(
        chrome, "document.querySelector('.problem').textContent", "to approve, type the amount shown: 6,550"
    )
    assert desk.decisions.asked == []
    assert await chrome.look(_OUT_OF_SIGHT) == []
    await chrome.type("input[name=amount]", "6,550")
    await _armed(chrome)
    await chrome.click(".approve")
    assert await _until(chrome, HEADLINE, "Sending")
    assert [asked[0] for asked in desk.decisions.asked] == ["approve"]


async def test_approve_takes_no_click_in_its_first_moment(chrome: Chrome, desk: Desk) -> None:
    """A double click that was meant for another window must not fall through to Approve."""
    await chrome.go(desk.present(SPREAD))
    rule = "[...document.styleSheets[0].cssRules].find(r => r.name === 'arm').cssRules[0].style.pointerEvents"
    assert await chrome.look(rule) == "none"
    assert await chrome.look("getComputedStyle(document.querySelector('.approve')).animationName") == "arm"


async def test_the_pairing_cookie_is_strict_and_out_of_reach_of_scripts(chrome: Chrome, desk: Desk) -> None:
    await chrome.go(desk.present(SPREAD))
    (cookie,) = await chrome.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert await chrome.look("document.cookie") == ""
    assert "/pair/" not in await chrome.address()


# What a hostile page tries, and the title by which it is over.
_ATTACKS = {
    "a form that sends itself": (
        '<form method="post" action="{page}"><input name="decision" value="approve"></form>'
        "<script>document.forms[0].submit()</script>",
        "Not here · SumpPump",
    ),
    "a fetch with the person's cookies": (
        "<script>fetch('{page}', {{method: 'POST', mode: 'no-cors', credentials: 'include',"
        " headers: {{'Content-Type': 'application/x-www-form-urlencoded'}},"
        " body: 'decision=approve'}}).finally(() => document.title = 'over')</script>",
        "over",
    ),
    "a frame to be clicked through": (
        '<iframe src="{page}" onload="document.title = this.contentDocument ? 1 : \'over\'"></iframe>',
        "over",
    ),
    "a picture": ('<img src="{page}?decision=approve" onerror="document.title = \'over\'">', "over"),
}


@pytest.mark.parametrize("attack", list(_ATTACKS))
async def test_another_page_in_the_paired_browser_decides_nothing(
    chrome: Chrome, desk: Desk, attack: str
) -> None:
    """Another port of 127.0.0.1 is the same site, so the Strict cookie travels: Origin must stop it."""
    await chrome.go(desk.present(SPREAD))
    body, over = _ATTACKS[attack]
    with _site(body.format(page=await chrome.address())) as evil:
        await chrome.go(evil)
        assert await _until(chrome, "document.title", over)
    assert desk.decisions.asked == []
    assert desk.decisions.state_by_id[SPREAD.ticket_id] is OrderState.AWAIT_HUMAN


async def test_long_hostile_names_cannot_push_the_buttons_out_of_sight(chrome: Chrome, desk: Desk) -> None:
    """Whoever names a contract does not get to hide Decline or the loss."""
    long = "A" * 5000
    facts = replace(
        CONDOR.facts, title=long, symbol=long, action_words=long, warnings=(long,), changes=(long,)
    )
    await chrome.go(desk.present(replace(CONDOR, facts=facts)))
    for selector in (".max-loss", ".decline", ".approve", "output"):
        bottom = await chrome.look(f"document.querySelector('{selector}').getBoundingClientRect().bottom")
        right = await chrome.look(f"document.querySelector('{selector}').getBoundingClientRect().right")
        assert bottom <= 600, selector
        assert right <= 800, selector


async def _armed(chrome: Chrome) -> None:
    """Let the first second of Approve be over, without waiting for it."""
    await chrome.look(
        "document.getAnimations().forEach(a => a.effect.target.matches('.approve') && a.finish())"
    )


async def _until(chrome: Chrome, expression: str, wanted: str) -> bool:
    async with asyncio.timeout(10):
        while (
            await chrome.look(f"(() => {{ try {{ return {expression} }} catch {{ return null }} }})()")
            != wanted
        ):
            await asyncio.to_thread(chrome.call, "GET", "/status")
    return True


@contextmanager
def _site(body: str) -> Iterator[str]:
    """A hostile page on another port of this machine."""
    page = f"<!doctype html><title>evil</title><link rel=icon href='data:,'>{body}".encode()

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Evil) as server:
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
