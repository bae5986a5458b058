"""Quotes: what is read, what is said beside the numbers, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.support.fake_market import (
    MONTH,
    NOW,
    SPY,
    TODAY,
    FakeClock,
    FakeDirectory,
    FakeMarket,
    make_option,
)

from sumppump.data.quotes import QuoteService, change_of, price_of, warnings_of
from sumppump.domain.instruments import Right
from sumppump.domain.quotes import Feed, GreeksSource, Quote
from sumppump.kernel.errors import AmbiguousContract, InvalidRequest, UnknownContract
from sumppump.kernel.money import Premium


async def test_a_share_has_change_and_width_against_the_close(quotes: QuoteService) -> None:
    """Last 600.00 against a close of 597.50: +2.50, which is 0.4184 %; 2 cents wide at 600."""
    reading = await quotes.quote("spy")
    assert reading.change == Premium.of("2.50")
    assert reading.change_pct == pytest.approx(0.41841, abs=1e-5)
    assert reading.width == Premium.of("0.02")
    assert reading.width_pct == pytest.approx(0.02 / 600 * 100)
    assert (reading.reading, reading.warnings, reading.dte) == ("SPY", (), None)


@pytest.mark.parametrize("text", ["SPY 2026-12-18 600C", "SPY   261218C00600000", "SPY 12/18/26 600 call"])
async def test_an_option_is_quoted_as_written_with_the_brokers_greeks(
    quotes: QuoteService, text: str
) -> None:
    """The same contract in three spellings, its underlying's price and days beside it."""
    reading = await quotes.quote(text)
    assert reading.instrument == make_option(SPY, MONTH, 600, Right.CALL)
    assert reading.reading == "SPY 2026-12-18 (Fri) 600 call"
    assert (reading.dte, reading.spot) == (30, Premium.of("600.00"))
    assert reading.quote.greeks is not None
    assert reading.quote.greeks.source is GreeksSource.IBKR_MODEL


async def test_an_option_and_its_underlying_are_asked_for_together(
    quotes: QuoteService, market: FakeMarket
) -> None:
    """One batch: the wait for two quotes is the wait for one."""
    await quotes.quote("SPY 2026-12-18 600C")
    assert market.asked == [("SPY", "SPY 2026-12-18 600C")]


async def test_missing_greeks_are_ours_and_say_so(quotes: QuoteService, market: FakeMarket) -> None:
    """Design 6: the broker's first, ours from the mid as fallback, labelled."""
    call = make_option(SPY, MONTH, 600, Right.CALL)
    market.no_greeks.add(call.con_id)
    reading = await quotes.quote("SPY 2026-12-18 600C")
    greeks = reading.quote.greeks
    assert greeks is not None
    assert greeks.source is GreeksSource.COMPUTED
    assert greeks.iv == pytest.approx(0.18, abs=0.002)  # what the fake market was made with
    assert greeks.underlying_price == 600.0


async def test_delayed_greeks_of_ours_are_labelled_delayed(quotes: QuoteService, market: FakeMarket) -> None:
    """A model on old prices is an old model."""
    market.feed = Feed.DELAYED
    market.no_greeks.add(make_option(SPY, MONTH, 600, Right.CALL).con_id)
    reading = await quotes.quote("SPY 2026-12-18 600C")
    assert reading.quote.greeks is not None
    assert reading.quote.greeks.source is GreeksSource.DELAYED_COMPUTED
    assert "the data is delayed" in reading.warnings


async def test_a_contract_without_a_market_has_no_numbers_and_a_reason(
    quotes: QuoteService, market: FakeMarket
) -> None:
    """Null with a reason, never 0."""
    market.missing.add(make_option(SPY, MONTH, 600, Right.CALL).con_id)
    reading = await quotes.quote("SPY 2026-12-18 600C")
    assert (reading.quote.mid, reading.quote.greeks, reading.width, reading.change) == (
        None,
        None,
        None,
        None,
    )
    assert "there is no market data" in reading.warnings
    assert reading.gaps == ("every figure: there is no market data",)
    assert reading.quote.greeks_missing


@pytest.mark.parametrize(
    ("text", "asset_type", "code"),
    [
        ("SPY", "FUT", "unknown_contract"),
        ("EURUSD", "FUT", "unknown_contract"),
        ("SPY", "CASH", "unknown_contract"),
        ("SPY", "nonsense", "invalid_asset_type"),
        ("SPY", "IND", "invalid_asset_type"),
        ("SPY", "OPT", "invalid_expiry"),
        ("<script>", "", "invalid_symbol"),
        ("", "", "invalid_symbol"),
    ],
)
async def test_what_cannot_be_quoted_names_its_field(
    quotes: QuoteService, text: str, asset_type: str, code: str
) -> None:
    """A clear error with a stable code."""
    with pytest.raises(InvalidRequest) as refused:
        await quotes.quote(text, asset_type)
    assert refused.value.code == code


async def test_an_unlisted_expiry_names_its_listed_neighbours(quotes: QuoteService) -> None:
    """Never replaced by the nearest one."""
    with pytest.raises(UnknownContract) as refused:
        await quotes.quote("SPY 2026-12-17 600C")
    assert refused.value.code == "expiry_not_listed"
    assert "2026-12-18 (Fri)" in str(refused.value.expected)
    assert "2026-12-17" in str(refused.value.found)


async def test_an_index_option_of_two_classes_is_not_guessed(quotes: QuoteService) -> None:
    """SPX settles in the morning, SPXW in the evening: the caller must say which."""
    with pytest.raises(AmbiguousContract) as refused:
        await quotes.quote("SPX 2026-12-18 600C")
    assert "SPX, SPXW" in refused.value.message


async def test_several_texts_are_quoted_and_the_bad_one_is_listed(quotes: QuoteService) -> None:
    """One error does not spoil the rest."""
    board = await quotes.quotes(["SPY", "NOPE", "SPX"])
    assert [reading.instrument.symbol for reading in board.readings] == ["SPY", "SPX"]
    ((text, error),) = board.failed
    assert (text, error.code) == ("NOPE", "unknown_symbol")


async def test_age_is_told_in_monotonic_seconds(
    quotes: QuoteService, market: FakeMarket, clock: FakeClock
) -> None:
    """No jump of the market's clock makes a quote young."""
    old = market.quote(SPY)
    clock.seconds += 20
    clock.at -= timedelta(hours=1)
    assert "the quote is 20 s old" in warnings_of(old, clock.monotonic())


def _quote(**changes: object) -> Quote:
    clock = FakeClock()
    base = Quote(instrument=SPY, as_of=clock.now(), taken=clock.monotonic())
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quote", "change", "percent"),
    [
        (_quote(last=Premium.of(11), close=Premium.of(10)), Premium.of(1), 10.0),
        (_quote(bid=Premium.of(8), ask=Premium.of(10), close=Premium.of(10)), Premium.of("-1"), -10.0),
        (_quote(last=Premium.of(11)), None, None),
        (_quote(close=Premium.of(10)), None, None),
        (_quote(last=Premium.of(11), close=Premium.of(0)), Premium.of(11), None),
    ],
)
def test_change_needs_a_price_and_a_close(
    quote: Quote, change: Premium | None, percent: float | None
) -> None:
    """Last first, the mid where nothing traded; nothing is divided by 0."""
    assert change_of(quote) == (change, percent)


def test_a_crossed_market_gives_no_mid_to_reckon_with() -> None:
    """The last trade stands in, or nothing."""
    crossed = _quote(bid=Premium.of(11), ask=Premium.of(10), last=Premium.of(9))
    assert price_of(crossed) == Premium.of(9)
    assert price_of(replace(crossed, last=None)) is None
    assert "the bid is above the ask" in warnings_of(crossed, 1_000.0)
    assert price_of(_quote(bid=Premium.of(1), ask=Premium.of(2))) == Premium(Decimal("1.5"))


async def test_looking_sends_nothing_but_the_questions(
    quotes: QuoteService, directory: FakeDirectory
) -> None:
    """A share costs one lookup; no chain is loaded for it."""
    await quotes.quote("SPY")
    assert directory.asked == ["underlying SPY"]


async def test_an_expired_option_is_not_called_closed(quotes: QuoteService, clock: FakeClock) -> None:
    """Claim: after its last trade it is said to have ended; no next session makes it trade again."""
    clock.at = NOW + timedelta(hours=7)
    found = await quotes.quote(f"SPY {TODAY} 600C", "")
    assert found.warnings[0] == "it stopped trading on Wed 2026-11-18 16:00 New York"
