"""Watchlists: ranks that a missing figure cannot spoil, errors by symbol, and lists that are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.fake_market import SPY, FakeClock, FakeDirectory, FakeMarket
from tests.support.memory_watchlists import MemoryWatchlists

from sumppump.data.kept_lists import MOST_LISTS, MOST_SYMBOLS, WatchlistBook, list_name
from sumppump.data.quotes import QuoteBoard, QuoteReading, QuoteService
from sumppump.data.watchlists import WatchlistBoard, WatchlistService
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import InvalidRequest


@pytest.fixture
def market() -> FakeMarket:
    """Quotes of a model at a spot of 600."""
    return FakeMarket()


@pytest.fixture
def lists(market: FakeMarket) -> WatchlistService:
    """The service on the small listed market."""
    quotes = QuoteService(directory=FakeDirectory(), market=market, clock=market.clock)
    return WatchlistService(quotes=quotes, book=WatchlistBook(kept=MemoryWatchlists()))


async def test_all_symbols_are_quoted_in_one_go_and_errors_stand_by_theirs(
    lists: WatchlistService, market: FakeMarket
) -> None:
    """One batch for everything, whatever its kind; the unknown one does not spoil the rest."""
    found = await lists.board(["spy", "NOPE", "ESZ6", "EUR/USD", "BTC", "SPX", "SPY"])
    labels = [each.instrument.label for each in found.board.readings]
    assert labels == ["SPY", "ES 2026-12-18 future", "EUR.USD", "BTC.USD", "SPX"]
    assert [text for text, _ in found.board.failed] == ["NOPE"]
    assert market.asked == [tuple(labels)]


def reading(change_pct: float | None, volume: int | None) -> QuoteReading:
    """One row with these figures."""
    clock = FakeClock()
    quote = Quote(instrument=SPY, as_of=clock.now(), taken=clock.monotonic(), volume=volume)
    return QuoteReading(quote=quote, reading="SPY", age_s=0.0, change_pct=change_pct)


FIGURES = st.tuples(st.none() | st.floats(-50, 50), st.none() | st.integers(0, 10**9))


@given(st.lists(FIGURES, max_size=12))
def test_ranks_hold_only_what_is_known_largest_first(figures: list[tuple[float | None, int | None]]) -> None:
    """None never breaks a sort, a gainer rose, a loser fell, and there are at most three."""
    found = WatchlistBoard(board=QuoteBoard(readings=tuple(reading(*each) for each in figures)))
    changes = [each for each, _ in figures if each is not None]
    assert [each.change_pct for each in found.gainers] == sorted((c for c in changes if c > 0), reverse=True)[
        :3
    ]
    assert [each.change_pct for each in found.losers] == sorted(c for c in changes if c < 0)[:3]
    volumes = [each for _, each in figures if each]
    assert [each.quote.volume for each in found.most_active] == sorted(volumes, reverse=True)[:3]
    assert (found.average_change_pct is None) is (not changes)


async def test_a_board_is_kept_without_what_could_not_be_quoted(
    lists: WatchlistService,
) -> None:
    """Names are the same in any case."""
    found = await lists.board(["SPY", "NOPE", "SPX"], save_as="My  Tech")
    assert (found.name, found.saved) == ("My Tech", True)
    assert lists.book.symbols("my tech") == ("SPY", "SPX")
    again = await lists.board(name="MY TECH")
    assert [each.instrument.symbol for each in again.board.readings] == ["SPY", "SPX"]


async def test_an_existing_list_is_not_replaced_by_the_way(
    lists: WatchlistService, market: FakeMarket
) -> None:
    """A look at prices only adds; and it is refused before anything is asked of the market."""
    await lists.board(["SPY"], save_as="tech")
    asked = len(market.asked)
    with pytest.raises(InvalidRequest) as refused:
        await lists.board(["SPX"], save_as="TECH")
    assert refused.value.code == "invalid_name"
    assert len(market.asked) == asked
    assert lists.book.symbols("tech") == ("SPY",)


@pytest.mark.parametrize(
    ("symbols", "name", "code"),
    [
        ([], "", "invalid_symbols"),
        (["SPY"], "tech", "invalid_symbols"),
        ([], "tech", "unknown_watchlist"),
        ([f"S{number}" for number in range(MOST_SYMBOLS + 1)], "", "invalid_symbols"),
        (["S" * 41], "", "invalid_symbols"),
    ],
)
async def test_what_cannot_be_meant_is_an_error(
    lists: WatchlistService, symbols: list[str], name: str, code: str
) -> None:
    """Neither, both, too many, no such list."""
    with pytest.raises(InvalidRequest) as refused:
        await lists.board(symbols, name=name)
    assert refused.value.code == code


def book() -> WatchlistBook:
    """An empty one."""
    return WatchlistBook(kept=MemoryWatchlists())


def test_lists_are_created_changed_and_removed() -> None:
    """Each answer tells what is there now."""
    kept = book()
    assert kept.manage("list").lists == {}
    assert kept.manage("create", "tech", ["aapl", "MSFT", "AAPL"]).lists == {"tech": ("AAPL", "MSFT")}
    assert kept.manage("update", "TECH", ["SPY"]).lists == {"tech": ("SPY",)}
    kept.manage("create", "rest", ["QQQ"])
    assert set(kept.manage("delete", "Tech").lists) == {"rest"}


@pytest.mark.parametrize(
    ("action", "name", "symbols", "code"),
    [
        ("create", "tech", ["SPY"], "invalid_name"),
        ("create", "", ["SPY"], "invalid_name"),
        ("create", "../../etc", ["SPY"], "invalid_name"),
        ("create", "new", [], "invalid_symbols"),
        ("update", "none", ["SPY"], "unknown_watchlist"),
        ("update", "tech", [], "invalid_symbols"),
        ("delete", "none", [], "unknown_watchlist"),
        ("rename", "tech", [], "invalid_action"),
    ],
)
def test_what_cannot_be_done_changes_nothing(action: str, name: str, symbols: list[str], code: str) -> None:
    """A stable code, and the lists as they were."""
    kept = book()
    kept.manage("create", "tech", ["SPY"])
    with pytest.raises(InvalidRequest) as refused:
        kept.manage(action, name, symbols)
    assert refused.value.code == code
    assert kept.manage("list").lists == {"tech": ("SPY",)}


def test_there_are_not_too_many_lists() -> None:
    """A model that repeats itself does not fill a disk."""
    kept = book()
    for number in range(MOST_LISTS):
        kept.manage("create", f"list {number}", ["SPY"])
    with pytest.raises(InvalidRequest):
        kept.manage("create", "one more", ["SPY"])


@given(st.text(max_size=60))
def test_a_name_is_plain_whatever_was_written(text: str) -> None:
    """No markup, no paths, no control characters."""
    try:
        name = list_name(text)
    except InvalidRequest:
        return
    assert name.isascii()
    assert "/" not in name
    assert 1 <= len(name) <= 40
