"""Pages beside answers, in a real Chromium and a host on the official bridge: they show, and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.e2e_page.app_pages import Site, host_site, missing_bridge, show
from tests.e2e_page.chrome import Chrome

from sumppump.server.apps.offer import PORTFOLIO, TICKET, VIEW_META, page
from sumppump.server.catalogue import TOOLS
from sumppump.server.registry import Kind

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing_bridge()), reason=missing_bridge())]

HOSTILE = '<img src=x onerror="parent.hacked=1"><script>document.title="hacked"</script>'
LEG = {"side": "BUY", "quantity": 2, "label": "SPY 2026-12-24 647P", "bid": 3.83, "ask": 3.89, "iv": 0.22}
HEAD = {
    "summary": "Iron condor", "warnings": ["wide market"], "as_of": "2026-11-27T10:00:04-05:00",
    "environment": {"mode": "PAPER", "account": "DU…417"}, "next_steps": [],
}  # fmt: skip
WAITING = HEAD | {
    "status": "approval_required", "cash_words": "you RECEIVE at least $496.00 (2.48 per share)",
    "max_loss": 1304.0, "max_loss_reason": "", "max_profit": None, "max_profit_reason": "unlimited: it grows",
    "breakevens": [653.52, 708.48], "probability_of_profit": 0.691, "spot": 684.92, "fees": 5.63,
    "margin": {"initial_change": 1800.0}, "legs": [LEG], "orders": [], "seconds_left": 299,
}  # fmt: skip
PAYOFF = [[640, -1304], [647, -1304], [656, 496], [706, 496], [715, -1304], [730, -1304]]


def position(symbol: str, pnl: float | None, **changes: Any) -> dict[str, Any]:
    """A position as the answer has it."""
    return {
        "symbol": symbol, "strategy": "iron_condor", "quantity": 1, "dte": 27, "market_value": -492.0,
        "unrealized_pnl": pnl, "pct_of_max_profit": 12.5,
        "greeks": {"delta": -9.8, "theta": 13.8, "vega": -56.1},
        "legs": [{"label": f"{symbol} 647P", "quantity": 2, "unrealized_pnl": -3.4}], "missing": [],
    } | changes  # fmt: skip


HELD = HEAD | {
    "unrealized_pnl": -30.0,
    "positions": [position("SPY", 10.0), position("QQQ", -40.0), position("IWM", None)],
}


def result(answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A tool's result as a host gets it."""
    return {"content": [{"type": "text", "text": "the text"}], "structuredContent": answer} | more


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with host_site() as served:
        yield served


async def test_the_ticket_shows_the_figures_of_the_answer(chrome: Chrome, site: Site) -> None:
    """After the official handshake: cash, bounds, chance, margin, fees, legs, warnings."""
    shown = await show(chrome, site, TICKET, result(WAITING, _meta={VIEW_META: {"payoff": PAYOFF}}))
    text = await shown.text()
    for words in (
        "PAPER", "DU…417", "approval required", "you RECEIVE at least $496.00", "$1,304.00", "unlimited",
        "653.52 and 708.48", "69.1 %", "+$1,800.00", "$5.63", "SPY 2026-12-24 647P", "wide market",
        "cannot approve",
    ):  # fmt: skip
        assert words in text, words
    methods = await shown.host("seen.methods")
    assert methods[:2] == ["ui/initialize", "ui/notifications/initialized"]
    assert set(methods[2:]) == {"ui/notifications/size-changed"}


async def test_the_payoff_can_be_read_with_the_pointer_and_with_keys(chrome: Chrome, site: Site) -> None:
    """Where it stands between two points, on the straight line between them; the keys go on from there."""
    shown = await show(chrome, site, TICKET, result(WAITING, _meta={VIEW_META: {"payoff": PAYOFF}}))
    at_the_middle = """(() => {
        const svg = document.querySelector('figure svg'), box = svg.getBoundingClientRect();
        const x = 74 + (651.5 - 640) / 90 * 552;
        svg.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + x / 640 * box.width}));
        return document.querySelector('output').textContent; })()"""
    said = await shown.view(at_the_middle)
    assert said.startswith("At 651.5")
    assert "expiry: loss of $40" in said
    key = "new KeyboardEvent('keydown', {key: 'ArrowRight'})"
    await shown.view(f"document.querySelector('figure svg').dispatchEvent({key})")
    assert (await shown.view("document.querySelector('output').textContent")).startswith("At 652.4")


async def test_without_points_or_structure_nothing_is_invented(chrome: Chrome, site: Site) -> None:
    """A host that withholds the points gets no picture; one that withholds the structure gets the text."""
    shown = await show(chrome, site, TICKET, result(WAITING))
    assert await shown.view("document.querySelectorAll('figure').length") == 0
    shown = await show(chrome, site, TICKET, {"content": [{"type": "text", "text": "SIM · only text"}]})
    assert "SIM · only text" in await shown.text()


async def test_a_refusal_is_shown_as_one(chrome: Chrome, site: Site) -> None:
    """The words of the error, not an empty ticket."""
    refused = {"content": [{"type": "text", "text": "PAPER · limit C-02 refuses"}], "isError": True}
    text = await (await show(chrome, site, TICKET, refused)).text()
    assert "refused" in text
    assert "limit C-02 refuses" in text


@pytest.mark.parametrize("uri", [TICKET, PORTFOLIO])
async def test_hostile_names_are_inert(chrome: Chrome, site: Site, uri: str) -> None:
    """Markup in any text of the answer is letters, in every place where text is shown."""
    hostile = WAITING | HELD | {
        "summary": HOSTILE, "warnings": [HOSTILE], "status": HOSTILE, "cash_words": HOSTILE,
        "legs": [LEG | {"label": HOSTILE, "side": HOSTILE}], "orders": [{HOSTILE: HOSTILE}],
        "positions": [position(HOSTILE, 5.0, strategy=HOSTILE, missing=[HOSTILE])],
        "environment": {"mode": HOSTILE, "account": HOSTILE}, "max_loss_reason": HOSTILE, HOSTILE: HOSTILE,
    }  # fmt: skip
    shown = await show(chrome, site, uri, result(hostile, _meta={VIEW_META: {"payoff": PAYOFF}}))
    await shown.view("document.querySelectorAll('button').forEach((each) => each.click())")
    assert "onerror" in await shown.text()
    assert await shown.view("document.querySelectorAll('main img, main script').length") == 0
    assert "hacked" not in await shown.view("document.title")
    assert await shown.host("window.hacked === undefined")


@pytest.mark.parametrize(("uri", "answer"), [(TICKET, WAITING), (PORTFOLIO, HELD)])
async def test_no_button_calls_a_tool_and_nothing_is_fetched(
    chrome: Chrome, site: Site, uri: str, answer: dict[str, Any]
) -> None:
    """Every button pressed: the host is asked for nothing. No script of its own could reach the network."""
    shown = await show(chrome, site, uri, result(answer, _meta={VIEW_META: {"payoff": PAYOFF}}))
    before = list(site.asked)
    await shown.view("document.querySelectorAll('button, summary').forEach((each) => each.click())")
    refused = await shown.view(f"fetch('{site.address}leak').then(() => 'sent', () => 'refused')")
    assert refused == "refused"
    assert await shown.view("performance.getEntriesByType('resource').length") == 0
    assert site.asked == before
    assert await shown.host("seen.calls") == []
    assert set(await shown.host("seen.methods")) <= {
        "ui/initialize", "ui/notifications/initialized", "ui/notifications/size-changed",
    }  # fmt: skip


async def test_what_is_held_can_be_sorted_and_unfolded(chrome: Chrome, site: Site) -> None:
    """By profit or loss, most first, the unknown last either way; legs appear under their position."""
    shown = await show(chrome, site, PORTFOLIO, result(HELD))
    names = "[...document.querySelectorAll('.knob')].map((each) => each.parentElement.textContent)"
    head = "[...document.querySelectorAll('th button')].find((each) => each.textContent === 'profit or loss')"
    click = f"{head}.click()"
    await shown.view(click)
    assert [name[:3] for name in await shown.view(names)] == ["SPY", "QQQ", "IWM"]
    await shown.view(click)
    assert [name[:3] for name in await shown.view(names)] == ["QQQ", "SPY", "IWM"]
    assert "QQQ 647P" not in await shown.text()
    await shown.view("document.querySelector('.knob').click()")
    assert "QQQ 647P" in await shown.text()


async def test_a_summary_shows_the_account_and_each_underlying(chrome: Chrome, site: Site) -> None:
    """Amounts of cash with their sign, counts of what is held, a dash for what nobody knows."""
    summary = HEAD | {
        "value": {"net_liquidation": 99_999.19}, "pnl": {"day": -0.81, "day_pct": -0.02, "unrealized": None},
        "positions": {"strategies": 2, "contracts": 5}, "left_out": ["XYZ: no price"],
        "underlyings": [{"symbol": "SPY", "unrealized_pnl": -3.86, "beta": 1.0, "unlimited_loss": 1}],
        "expiries": [{"expiry": "2026-12-18", "dte": 21, "contracts": 5, "share_of_gross": 1.0}],
        "day": {"since": "2026-11-25", "time": 12.5, "spot": -14.0, "fees": 1.31, "total": -2.81},
    }  # fmt: skip
    text = await (await show(chrome, site, PORTFOLIO, result(summary))).text()
    for words in (
        "$99,999.19", "−$0.81", "−0.02 %", "contracts 5", "SPY −$4", "By underlying", "beta", "unlimited",
        "2026-12-18, 21 days", "100.0 %", "XYZ: no price", "–",
        "since 2026-11-25", "+$12.50", "−$1.31",
    ):  # fmt: skip
        assert words in text, words


async def test_what_no_view_knows_is_shown_by_its_own_names(chrome: Chrome, site: Site) -> None:
    """Groups as facts, lists as tables: a later version may say more."""
    later = HEAD | {"cash_flow": {"today": -0.81}, "rows_of_it": [{"symbol": "SPY", "unrealized_pnl": -3.86}]}
    text = await (await show(chrome, site, PORTFOLIO, result(later))).text()
    for words in ("cash flow", "rows of it", "−3.86"):
        assert words in text, words


MOVES = (-10.0, 0.0, 10.0)
GREEKS = HEAD | {
    "benchmark": "SPY", "totals": {"delta_dollars": -39_866.0, "theta": 15.9, "beta_weighted_error": 897.0},
    "by_underlying": [{"symbol": "SPY", "price": 684.17, "beta": 1.0}], "decay": {"days": 7.0},
    "scenarios": [
        {"move_pct": move, "pnl": 10 * move, "parts": [{"symbol": "SPY", "pnl": None}]} for move in MOVES
    ],
    "risk_score": {"level": "LOW", "score": 0, "reasons": ["small"]}, "method": ["full reprice"],
    "left_out": ["GOOG: no price"],
}  # fmt: skip
RISK = HEAD | {
    "var": [{"confidence": 0.95, "horizon_days": 1, "historical": 674.0, "monte_carlo": None}],
    "expected_shortfall": [{"historical": 921.0}], "herfindahl": 0.79,
    "stress": [
        {"name": "crash -20 %", "pnl": -12_631.0, "pct_of_nlv": -5.1, "market_pct": -20.0},
        {"name": "2020-03-24 rally", "pnl": 4_000.0, "market_pct": 9.38, "vol_points": -18.7},
        {"name": "never priced", "pnl": None},
    ],
    "by_underlying": [{"name": "QQQ", "share": 0.88, "delta_dollars": -30_348.0}],
}  # fmt: skip
MARGIN = HEAD | {
    "level": "HIGH", "cushion": 0.12, "margin_usage": 0.88, "net_liquidation": 10_000.0,
    "reg_t": {
        "maintenance": 8_800.0, "difference": -20.0, "notes": ["agrees"],
        "underlyings": [{"symbol": "SPY", "parts": [{"legs": "SPY 647P", "rule": "spread"}]}],
    },
    "margin_call_distance": [{"what": "market", "down_pct": -4.5, "down_pnl": -1_200.0, "reasons": []}],
}  # fmt: skip
ASSIGNMENT = HEAD | {
    "level": "HIGH",
    "short_options": [
        {
            "label": "AAPL 250C", "quantity": -1, "level": "HIGH", "early_exercise_probability": 0.61,
            "dividend": {"amount": 0.26, "ex_date": "2026-12-01", "exceeds_extrinsic": True},
            "reasons": ["the dividend exceeds its extrinsic value"],
        }
    ],
    "expiry_days": [{"symbol": "AAPL", "shares": -100, "cash": 25_000.0, "assigned": ["-1 AAPL 250C"]}],
}  # fmt: skip
AXES = GREEKS | {
    "smile": "sticky_delta",
    "grid": [
        {"days": 0.0, "iv_change": 0.0, "pnl": [-100.0, 0.0, 100.0]},
        {"days": 0.0, "iv_change": -5.0, "pnl": [-110.0, -11.0, 90.0]},
        {"days": 1.0, "iv_change": 0.0, "pnl": [-105.0, -5.0, None]},
        {"days": 7.0, "iv_change": 5.0, "pnl": [-777.0, 33.0, 222.0]},
    ],
}
BOOK: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "axes": (
        AXES,
        (
            "sticky delta",
            "all, now",
            "all, now, volatility −5 points",
            "all, after 1 day",
            "all, after 7 days, volatility +5 points",
            "−$777",
            "+$222",
        ),
    ),
    "greeks": (
        GREEKS,
        (
            "Greeks",
            "−$39,866",
            "-10 %".replace("-", "−"),
            "all, now",
            "−$100",
            "+$100",
            "full reprice",
            "GOOG: no price",
        ),
    ),
    "risk": (
        RISK,
        ("$674", "$921", "−$12,631", "−5.1 %", "market +9.38 %", "never priced", "88.0 %", "0.79"),
    ),
    "margin": (MARGIN, ("HIGH", "88.0 %", "−$20", "agrees", "−4.5 %", "−$1,200")),
    "assignment": (
        ASSIGNMENT,
        ("61.0 %", "0.26 on 2026-12-01, exceeds extrinsic", "+$25,000", "-1 AAPL 250C"),
    ),
}


@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("name", list(BOOK))
async def test_what_the_book_risks_is_drawn_with_its_figures(
    chrome: Chrome, site: Site, name: str, width: int
) -> None:
    """Cells and bars carry the figures of the answer, on a narrow page as well, and nothing leaves it."""
    answer, said = BOOK[name]
    await chrome.size(width, 600)
    shown = await show(chrome, site, PORTFOLIO, result(answer))
    await shown.view("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    text = await shown.text()
    for words in said:
        assert words in text, words
    assert "NaN" not in text
    assert "undefined" not in text
    assert await shown.view("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


async def test_bars_of_loss_and_gain_leave_zero_in_opposite_directions(chrome: Chrome, site: Site) -> None:
    """As long as their figures; what was never priced has no bar."""
    await chrome.size(800, 600)
    shown = await show(chrome, site, PORTFOLIO, result(RISK))
    bars = "[...document.querySelector('.bars').querySelectorAll('b')].map((each) => each.firstChild)"
    edges = "each && [each.getBoundingClientRect().left, each.getBoundingClientRect().right]"
    loss, gain, missing = await shown.view(f"{bars}.map((each) => {edges})")
    assert loss[1] == pytest.approx(gain[0], abs=1)
    assert (loss[1] - loss[0]) / (gain[1] - gain[0]) == pytest.approx(12_631 / 4_000, rel=0.02)
    assert missing is None


async def test_cells_are_coloured_by_the_sign_of_their_figure_alone(chrome: Chrome, site: Site) -> None:
    """Zero and what is missing have no colour."""
    shown = await show(chrome, site, PORTFOLIO, result(GREEKS))
    kinds = await shown.view("[...document.querySelectorAll('.heat td')].map((each) => each.className)")
    assert kinds == ["number loss", "number here", "number gain"]


async def test_the_past_shows_trades_and_a_dot_for_each_day_that_was_seen(chrome: Chrome, site: Site) -> None:
    """Two days make a line, one makes none; a result that nobody knows is a dash with its reason."""
    past = HEAD | {
        "statistics": {"total_pnl": -120.5, "trades": 2, "wins": 1, "losses": 1, "win_rate": 0.5},
        "equity": {"last": 99_000.0, "drawdown_pct": -2.46, "days_seen": 3, "note": "as last seen"},
        "trades": [{"closed": "2026-11-27T10:00:04-05:00", "symbol": "SPY", "why_no_pnl": "not told"}],
    }  # fmt: skip
    days = [["2026-11-25", 100_000.0, 0.0], ["2026-11-27", 101_500.0, 0.0], ["2026-11-30", 99_000.0, -2.46]]
    shown = await show(chrome, site, PORTFOLIO, result(past, _meta={VIEW_META: {"equity_days": days}}))
    text = await shown.text()
    for words in ("History", "−$120.50", "50.0 %", "−2.46 %", "2026-11-27 10:00", "not told", "2026-11-25"):
        assert words in text, words
    assert await shown.view("document.querySelectorAll('svg circle').length") == 3
    one = result(past, _meta={VIEW_META: {"equity_days": days[:1]}})
    shown = await show(chrome, site, PORTFOLIO, one)
    assert await shown.view("document.querySelectorAll('svg').length") == 0


async def test_a_ticket_draws_the_curves_before_the_expiry_and_the_accounts_stress(
    chrome: Chrome, site: Site
) -> None:
    """Told apart by dashes, which are named; what an order that opens nothing does not risk is not listed."""
    extra = {"payoff": PAYOFF, "earlier": [["today", PAYOFF[1:3]], ["half-way", PAYOFF[2:4]]]}
    stress = {
        "stress": [{"name": "−20 %", "held": -500.0, "with_order": -900.4}],
        "stress_note": "without ES",
    }
    shown = await show(chrome, site, TICKET, result(WAITING | stress, _meta={VIEW_META: extra}))
    text = await shown.text()
    for words in ("dotted: today", "dashed: half-way", "−$500", "−$900", "without ES"):
        assert words in text, words
    assert await shown.view("document.querySelectorAll('svg .earlier').length") == 2
    stop = WAITING | {
        "max_loss": None, "max_loss_reason": "this order opens nothing new", "max_profit_reason": "",
        "breakevens": [],
        "exits": [{"at": "at the trigger", "price": -1.06, "result": -107.0, "percent": -50.2}],
    }  # fmt: skip
    text = await (await show(chrome, site, TICKET, result(stop))).text()
    assert "max loss" not in text
    assert "−$107.00" in text


async def test_an_answer_of_another_shape_is_shown_as_text(chrome: Chrome, site: Site) -> None:
    """A later version may say more; the person is told, and reads the words."""
    text = await (await show(chrome, site, TICKET, result({"legs": [None]}))).text()
    assert "could not draw" in text
    assert "the text" in text


async def test_a_missing_profit_is_a_dash_and_no_cell_of_the_strip(chrome: Chrome, site: Site) -> None:
    """Nothing is coloured that nobody knows."""
    shown = await show(chrome, site, PORTFOLIO, result(HELD))
    strip = await shown.view("[...document.querySelectorAll('.cell')].map((each) => each.textContent)")
    assert strip == ["SPY +$10", "QQQ −$40"]
    row = await shown.view("[...document.querySelectorAll('.knob')].at(2).closest('tr').textContent")
    assert row.startswith("IWM iron condor")
    assert "–" in row


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800])
async def test_it_follows_the_hosts_colours_and_tells_its_height(
    chrome: Chrome, site: Site, theme: str, width: int
) -> None:
    """The theme is the host's, whatever the system prefers; nothing is cut off below, nor beside."""
    await chrome.size(width, 600, dark=theme == "light")
    answer = result(WAITING, _meta={VIEW_META: {"payoff": PAYOFF}})
    shown = await show(chrome, site, TICKET, answer, theme=theme)
    ground = await shown.view("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[theme]
    told = (await shown.host("seen.heights"))[-1]
    assert told == await shown.view(
        "Math.ceil(document.getElementById('view').getBoundingClientRect().height)"
    )
    assert await shown.view("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert await shown.view("document.documentElement.scrollHeight") <= told + 1


async def test_the_theme_changes_with_the_host(chrome: Chrome, site: Site) -> None:
    """While it is shown."""
    shown = await show(chrome, site, PORTFOLIO, result(HELD), theme="light")
    await shown.host("bridge.setHostContext({ theme: 'dark' })")
    assert await shown.view("document.documentElement.dataset.theme") == "dark"


async def test_no_page_names_a_tool_that_moves_money() -> None:
    """Nor the method by which a view calls any tool."""
    for uri in (TICKET, PORTFOLIO):
        text = page(uri)
        assert not [tool.name for tool in TOOLS if tool.kind is not Kind.READ and tool.name in text]
        forbidden = (
            "tools/call",
            "innerHTML",
            "insertAdjacentHTML",
            "eval(",
            "http:",
            "https:",
            "confirm_token",
        )
        for word in forbidden:
            assert word not in text.replace("http://www.w3.org/2000/svg", ""), word
