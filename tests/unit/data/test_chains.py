"""Chains by intent: what is asked of the market, in which order, and how one pages through the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.support.fake_market import (
    FAR,
    MONTH,
    NOW,
    SPX,
    SPY,
    WEEK,
    FakeClock,
    FakeDirectory,
    FakeMarket,
    make_option,
    smile,
)

from sumppump.data.chain_request import ChainRequest, Fill
from sumppump.data.chains import COLUMNS, Chain, ChainService
from sumppump.domain.instruments import OptionClass, OptionContract, Right, Underlying
from sumppump.domain.pricing import european
from sumppump.domain.quotes import Feed, GreeksSource
from sumppump.kernel.errors import InvalidRequest, NoQuote, UnknownContract


def _strikes(chain: Chain) -> list[float]:
    return sorted({float(row.contract.strike) for row in chain.rows})


async def test_nothing_asked_gives_ten_strikes_on_each_side_of_the_nearest_monthly(
    chains: ChainService,
) -> None:
    """SPY at 600, five-dollar strikes in December: 550 to 650, calls and puts."""
    chain = await chains.chain(ChainRequest(symbol="spy"))
    assert _strikes(chain) == [550 + 5 * step for step in range(21)]
    assert {row.contract.expiry for row in chain.rows} == {MONTH}
    assert len(chain.rows) == chain.total == chain.given == 42
    assert (chain.next_cursor, chain.hint) == (None, "")
    assert chain.notes == (
        "No expiry was asked for, so 2026-12-18 Fri, 30 days, monthly was taken.",
        "max_pain is where these contracts' holders would receive least; it is no forecast.",
    )


async def test_rows_are_values_in_the_order_of_the_columns(chains: ChainService) -> None:
    """The names and their order are what scripts rely on."""
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=0))
    assert COLUMNS[:9] == (
        "expiry",
        "strike",
        "right",
        "bid",
        "ask",
        "mid",
        "last",
        "volume",
        "open_interest",
    )
    assert COLUMNS[9:] == ("iv", "delta", "gamma", "theta", "vega", "source")
    call, put = (dict(zip(COLUMNS, row, strict=True)) for row in chain.columnar())
    assert (call["expiry"], call["strike"], call["right"], put["right"]) == ("2026-12-18", 600.0, "C", "P")
    assert (call["volume"], call["open_interest"], call["source"]) == (1000, 5000, "ibkr_model")
    assert call["iv"] == 0.18
    assert call["mid"] == pytest.approx((float(str(call["bid"])) + float(str(call["ask"]))) / 2)


async def test_the_market_is_asked_nearest_the_money_first(chains: ChainService, market: FakeMarket) -> None:
    """What does not arrive in time should be what matters least."""
    await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=2, include_stats=False))
    beneath, options = market.asked
    assert beneath == ("SPY",)
    assert [label.split()[-1] for label in options] == [
        *("600C", "600P", "595C", "595P", "605C", "605P", "590C", "590P", "610C", "610P")
    ]


async def test_one_request_to_the_market_lists_the_contracts_of_one_expiry(
    chains: ChainService, directory: FakeDirectory
) -> None:
    """Never contract details of a whole underlying."""
    await chains.chain(ChainRequest(symbol="SPY", min_dte=5, max_dte=40))
    assert directory.asked == [
        *("underlying SPY", "classes SPY"),
        *(f"options SPY {WEEK}", f"options SPY {MONTH}"),
    ]


@pytest.mark.parametrize(
    ("request_", "strikes"),
    [
        (ChainRequest(symbol="SPY", expiry=MONTH, strike_range_pct=1), [595.0, 600.0, 605.0]),
        (ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=1), [595.0, 600.0, 605.0]),
        (ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=0), [600.0]),
        (
            ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=1, strike_range_pct=0.5),
            [600.0],
        ),
    ],
)
async def test_strikes_are_chosen_by_number_or_by_distance(
    chains: ChainService, request_: ChainRequest, strikes: list[float]
) -> None:
    """Both together hold both."""
    assert _strikes(await chains.chain(request_)) == strikes


@pytest.mark.parametrize("right", list(Right))
async def test_one_right_alone(chains: ChainService, right: Right) -> None:
    """Calls or puts."""
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, right=right, strikes_around=3))
    assert {row.contract.right for row in chain.rows} == {right}
    assert len(chain.rows) == 7


@pytest.mark.parametrize("expiry", [WEEK, MONTH, FAR])
async def test_a_range_of_deltas_gives_exactly_the_contracts_inside_it(
    chains: ChainService, market: FakeMarket, expiry: date
) -> None:
    """Against the whole chain, contract by contract: the estimate misses none and keeps none too many."""
    request = ChainRequest(symbol="SPY", expiry=expiry, min_delta=0.10, max_delta=0.30, limit=400)
    chain = await chains.chain(request)
    whole = await chains.chain(ChainRequest(symbol="SPY", expiry=expiry, strikes_around=200, limit=400))
    inside = {
        row.contract.con_id for row in whole.rows if row.delta is not None and 0.10 <= abs(row.delta) <= 0.30
    }
    assert {row.contract.con_id for row in chain.rows} == inside
    assert 0 < len(inside) < len(whole.rows) / 2
    assert len(market.asked[2]) < len(whole.rows)


async def test_deltas_need_the_money_to_be_quoted_and_its_quotes_serve_the_statistics(
    chains: ChainService,
) -> None:
    """16-delta wings alone say nothing of the volatility at the money; it was asked for anyway."""
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, min_delta=0.1, max_delta=0.2))
    assert chain.statistics is not None
    assert chain.statistics.atm_iv == pytest.approx(0.18)
    assert 600.0 not in _strikes(chain)


async def test_a_skew_beyond_the_rows_is_quoted_for_the_statistics_alone(
    chains: ChainService, market: FakeMarket
) -> None:
    """Two strikes around the money reach no 25 delta: a few wings are asked for, and not shown."""
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=2))
    assert chain.statistics is not None
    assert chain.statistics.contracts == len(chain.rows) == 10
    assert len(market.asked[2]) <= 10
    expected = (_iv_at_25_delta(Right.PUT) - _iv_at_25_delta(Right.CALL)) * 100
    assert chain.statistics.skew == pytest.approx(expected, abs=0.05)


def _iv_at_25_delta(right: Right) -> float:
    """The fake market's own volatility where its delta is 25, strike by strike in cents."""
    years = make_option(SPY, MONTH, 600, right).years(NOW)
    strikes = [cents / 100 for cents in range(54_000, 66_000)]
    deltas = [abs(european(600, k, years, 0.04, 0, smile(k, 600), right).delta) for k in strikes[::10]]
    best = min(range(len(deltas)), key=lambda index: abs(deltas[index] - 0.25))
    return smile(strikes[::10][best], 600)


async def test_likely_deltas_come_first_and_pages_of_them_have_no_gap(
    chains: ChainService, market: FakeMarket
) -> None:
    """Price, time and volatility of the first page are carried on, though all of them move."""

    def request(cursor: str | None = None, limit: int = 8) -> ChainRequest:
        return ChainRequest(
            symbol="SPY", min_dte=5, max_dte=60, min_delta=0.15, max_delta=0.25, limit=limit, cursor=cursor
        )

    whole = [row.contract.con_id for row in (await chains.chain(request(limit=400))).rows]
    page = await chains.chain(request())
    assert len(page.rows) >= 6  # the estimate is good enough to fill most of a first page
    assert "the likeliest deltas first, expiry by expiry" in page.hint
    first = {row.contract.expiry for row in page.rows}
    shown = [abs(row.delta or 0.0) for row in page.rows]
    assert len(first) < len({each.series.expiry for each in page.series})
    assert min(shown) < 0.20 < max(shown)  # not of every expiry the end nearest the money
    asked: list[str] = []
    total = page.total
    cursor = page.next_cursor
    while cursor is not None:
        market.spot += Decimal("0.40")
        market.clock.advance(30)
        before = len(market.asked)
        page = await chains.chain(request(cursor))
        assert len(market.asked) == before + 2  # the underlying and this page; the money only once
        asked += market.asked[-1]
        cursor = page.next_cursor
    assert len(asked) == len(set(asked)) == total - 8
    assert page.given == total
    assert len(whole) < total


async def test_a_small_limit_is_paged_through_without_gap_or_repeat(
    chains: ChainService, market: FakeMarket
) -> None:
    """The order is counted from the first page's price, though the market moves on."""
    request = ChainRequest(symbol="SPY", expiry=MONTH, limit=10)
    whole = {
        row.contract.con_id for row in (await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH))).rows
    }
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(5):
        page = await chains.chain(
            ChainRequest(symbol="SPY", expiry=MONTH, limit=request.limit, cursor=cursor)
        )
        seen += [row.contract.con_id for row in page.rows]
        cursor = page.next_cursor
        market.spot += Decimal("7.00")
    assert cursor is None
    assert len(seen) == len(set(seen)) == 42
    assert set(seen) == whole


async def test_a_page_says_how_far_it_got_and_how_to_narrow(chains: ChainService) -> None:
    """A hint beside the cursor; statistics on the first page only."""
    first = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, limit=10))
    assert first.hint.startswith("10 of 42 contracts so far")
    assert "min_delta" in first.hint
    assert first.statistics is not None
    second = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, limit=10, cursor=first.next_cursor))
    assert (second.given, second.statistics) == (20, None)


async def test_statistics_say_how_much_of_the_request_they_count(chains: ChainService) -> None:
    """Totals of a page are not totals of the chain."""
    page = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, limit=10))
    assert "Ratios and totals count the 10 contracts of this page, of 42." in page.notes
    whole = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH))
    assert not any("Ratios" in note for note in whole.notes)


async def test_once_all_deltas_are_known_the_total_is_what_is_shown(chains: ChainService) -> None:
    """No row is held back behind a number that only may have fitted."""
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, min_delta=0.15, max_delta=0.25))
    assert chain.next_cursor is None
    assert chain.total == len(chain.rows) > 0
    part = await chains.chain(
        ChainRequest(symbol="SPY", expiry=MONTH, min_delta=0.15, max_delta=0.25, limit=2)
    )
    assert part.next_cursor is not None
    assert any("may fit" in note for note in part.notes)


async def test_statistics_can_be_left_out(chains: ChainService) -> None:
    """include_stats=false."""
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, include_stats=False))
    assert chain.statistics is None


async def test_several_expiries_share_one_page(chains: ChainService) -> None:
    """Nearest the money first across all of them; shown by expiry, strike, call before put."""
    chain = await chains.chain(ChainRequest(symbol="SPY", min_dte=5, max_dte=60, strikes_around=1))
    keys = [(row.contract.expiry, row.contract.strike, row.contract.right) for row in chain.rows]
    assert keys == sorted(keys)
    assert [each.series.expiry for each in chain.series] == [WEEK, MONTH, FAR]
    assert chain.statistics is not None
    assert [series.expiry for series, _ in chain.statistics.iv_by_expiry] == [WEEK, MONTH, FAR]


async def test_two_classes_of_an_index_are_kept_apart(chains: ChainService) -> None:
    """trading_class chooses; without it both are shown, each contract once."""
    both = await chains.chain(ChainRequest(symbol="SPX", expiry=MONTH, strikes_around=0))
    assert {row.contract.trading_class for row in both.rows} == {"SPX", "SPXW"}
    one = await chains.chain(ChainRequest(symbol="SPX", expiry=MONTH, strikes_around=0, trading_class="spxw"))
    assert {row.contract.trading_class for row in one.rows} == {"SPXW"}


@pytest.mark.parametrize(("around", "whence"), [(3, "implied by parity."), (0, "assumed.")])
async def test_missing_greeks_are_computed_from_the_live_mid_and_labelled(
    chains: ChainService, market: FakeMarket, around: int, whence: str
) -> None:
    """Source `computed`; parity needs three pairs, and the notes say what the figures rest on."""
    call = make_option(SPY, MONTH, 600, Right.CALL)
    market.no_greeks.add(call.con_id)
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=around))
    sources = {row.contract.con_id: row.quote.greeks.source for row in chain.rows if row.quote.greeks}
    assert sources.pop(call.con_id) is GreeksSource.COMPUTED
    assert set(sources.values()) == {GreeksSource.IBKR_MODEL}
    (note,) = (note for note in chain.notes if "computed" in note)
    assert note.startswith("Greeks of 1 contracts of 2026-12-18 were computed with rate ")
    assert note.endswith(whence)


async def test_a_contract_without_a_market_is_a_row_of_nulls_with_a_warning(
    chains: ChainService, market: FakeMarket
) -> None:
    """Never 0, and not left out either."""
    call = make_option(SPY, MONTH, 600, Right.CALL)
    market.missing.add(call.con_id)
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=0))
    cells = dict(zip(COLUMNS, chain.columnar()[0], strict=True))
    names = [name for name in COLUMNS if name not in ("expiry", "strike", "right")]
    assert [cells[name] for name in names] == [None] * len(names)
    assert "1 contracts have neither bid nor ask" in chain.warnings
    assert "1 contracts have no Greeks; missing says why" in chain.warnings
    (why,) = chain.missing
    assert why.startswith("No market data came in time; ")
    assert why.endswith(": 2026-12-18 600C")
    assert chain.feed is Feed.NONE


async def test_delayed_data_is_said(chains: ChainService, market: FakeMarket) -> None:
    """The worst feed of all rows is the chain's."""
    market.feed = Feed.DELAYED
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=0))
    assert chain.feed is Feed.DELAYED
    assert "the data is delayed" in chain.warnings


@pytest.mark.parametrize(
    ("request_", "error", "code"),
    [
        (ChainRequest(symbol="NOPE"), UnknownContract, "unknown_symbol"),
        (ChainRequest(symbol="SPY", expiry=date(2026, 12, 17)), UnknownContract, "expiry_not_listed"),
        (ChainRequest(symbol="SPY", expiry=date(2026, 11, 17)), InvalidRequest, "invalid_expiry"),
        (ChainRequest(symbol="SPY", min_dte=1, max_dte=5), UnknownContract, "expiry_not_listed"),
        (ChainRequest(symbol="SPY", cursor="x"), InvalidRequest, "invalid_cursor"),
        (ChainRequest(symbol="SPX", trading_class="NDX"), UnknownContract, "class_not_listed"),
    ],
)
async def test_what_is_not_listed_is_an_error_and_asks_the_market_nothing(
    chains: ChainService, market: FakeMarket, request_: ChainRequest, error: type[Exception], code: str
) -> None:
    """At most the underlying's own quote was on its way."""
    with pytest.raises(error) as refused:
        await chains.chain(request_)
    assert refused.value.code == code  # type: ignore[attr-defined]
    assert all(batch in (("SPY",), ("SPX",)) for batch in market.asked)


async def test_without_any_price_of_the_underlying_nothing_is_near_the_money(
    chains: ChainService, market: FakeMarket
) -> None:
    """No spot is invented."""
    market.missing.add(SPY.con_id)
    with pytest.raises(NoQuote):
        await chains.chain(ChainRequest(symbol="SPY"))


async def test_today_is_new_yorks_date(chains: ChainService, clock: FakeClock) -> None:
    """At 01:00 UTC on the 19th it is still the 18th there: the expiry of the 18th is 0 days away."""
    clock.advance(10 * 3600)
    chain = await chains.chain(ChainRequest(symbol="SPY", max_dte=0))
    assert [each.day.dte for each in chain.series] == [0]
    assert all(isinstance(row.contract, OptionContract) for row in chain.rows)


async def test_fitted_rows_fill_a_wide_chain_and_are_no_quotes(
    chains: ChainService, market: FakeMarket
) -> None:
    """Fewer contracts are asked for; the others carry the smile's Greeks, no sides, and count for nothing."""
    wide = ChainRequest(symbol="SPY", expiry=WEEK, strikes_around=30, limit=400, fill=Fill.FITTED)
    chain = await chains.chain(wide)
    asked = [row for row in chain.rows if row.is_asked]
    fitted = [row for row in chain.rows if not row.is_asked]
    assert len(chain.rows) == 122
    assert 60 < len(asked) < 100
    assert sum(map(len, market.asked[1:])) == len(asked)
    for row in fitted:
        greeks = row.quote.greeks
        assert greeks is not None
        assert greeks.source is GreeksSource.FITTED
        assert greeks.iv == pytest.approx(smile(float(row.contract.strike), 600), abs=0.01)
        assert (row.quote.bid, row.quote.ask, row.quote.open_interest) == (None, None, None)
    assert chain.statistics is not None
    assert chain.statistics.contracts == len(asked)
    assert chain.statistics.total_open_interest == 5000 * len(asked)
    assert f"{len(fitted)} rows are the fitted smile's, without a quote." in chain.notes
    assert not any("neither bid nor ask" in warning for warning in chain.warnings)
    assert chain.columns[-1] == "fit_error"
    errors = {row[-1] for row, of in zip(chain.columnar(), chain.rows, strict=True) if of.is_asked}
    assert errors == {None}


async def test_rows_that_the_deadline_cut_off_are_asked_for_on_the_next_page(
    chains: ChainService, market: FakeMarket, clock: FakeClock
) -> None:
    """What came is given; the cursor begins where it ends."""
    request = ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=5, include_stats=False)
    order = await _labels_asked(chains, market, request)
    late = {con_id for con_id, label in order[-6:]}
    market.missing |= late
    market.slow_s = 25.0
    first = await chains.chain(request)
    assert (first.given, len(first.rows), first.total) == (16, 16, 22)
    assert "6 contracts did not come within 20 s; next_cursor asks again." in first.notes
    market.missing -= late
    second = await chains.chain(replace(request, cursor=first.next_cursor))
    assert {row.contract.con_id for row in second.rows} == late


async def test_a_market_that_is_silent_altogether_is_shown_and_not_asked_for_for_ever(
    chains: ChainService, market: FakeMarket
) -> None:
    """Nothing of the page came: rows of nulls, and no cursor that leads back to them."""
    request = ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=1, include_stats=False)
    market.missing |= {con_id for con_id, _ in await _labels_asked(chains, market, request)}
    market.slow_s = 25.0
    chain = await chains.chain(request)
    assert (len(chain.rows), chain.next_cursor) == (6, None)


async def _labels_asked(
    chains: ChainService, market: FakeMarket, request: ChainRequest
) -> list[tuple[int, str]]:
    """Ids and labels in the order in which the request asks for them."""
    chain = await chains.chain(request)
    ids = {row.contract.label: row.contract.con_id for row in chain.rows}
    return [(ids[label], label) for label in market.asked[-1]]


async def test_an_index_expiry_that_settles_at_the_open_is_found_by_its_own_date(
    directory: FakeDirectory, market: FakeMarket, clock: FakeClock
) -> None:
    """TWS lists SPX of Friday the 18th under Thursday the 17th, its last trading day."""
    early = date(2026, 12, 17)

    class OldStyle(FakeDirectory):
        async def option_classes(self, underlying: Underlying) -> Sequence[OptionClass]:
            found = await super().option_classes(underlying)
            return [replace(each, expiries=(early,)) for each in found if each.trading_class == "SPX"]

        async def options(
            self, underlying: Underlying, expiry: date, *, right: Right | None = None, trading_class: str = ""
        ) -> Sequence[OptionContract]:
            assert expiry == early
            return [make_option(SPX, MONTH, strike, side, "SPX") for strike in (595, 600) for side in Right]

    chains = ChainService(directory=OldStyle(), market=market, clock=clock)
    for asked in (MONTH, early):
        chain = await chains.chain(ChainRequest(symbol="SPX", expiry=asked))
        assert [each.words.rsplit("monthly, ")[-1] for each in chain.series] == [
            "SPX AM-settled, last trades 2026-12-17"
        ]
    with pytest.raises(UnknownContract, match="2026-12-19"):
        await chains.chain(ChainRequest(symbol="SPX", expiry=date(2026, 12, 19)))


async def test_a_halt_and_a_closed_market_are_said(
    chains: ChainService, market: FakeMarket, directory: FakeDirectory
) -> None:
    """Quotes of a stopped market look like any others."""
    market.halted = True
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=0))
    assert "trading in SPY is halted" in chain.warnings
    market.clock.advance(12 * 3600)
    directory.hours = "20261118:0930-20261118:1600;20261119:0930-20261119:1600"
    chain = await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH, strikes_around=0))
    assert any("the options market is closed until Thu 2026-11-19 09:30" in each for each in chain.warnings)


async def test_turning_to_another_symbol_forgets_the_quotes_of_this_one(
    chains: ChainService, clock: FakeClock
) -> None:
    """And half a minute forgets them anyway."""
    await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH))
    assert chains.shelf.of("SPY", clock.monotonic())
    chains.shelf.turn_to("SPX")
    assert not chains.shelf.of("SPY", clock.monotonic())
    await chains.chain(ChainRequest(symbol="SPY", expiry=MONTH))
    clock.advance(31)
    assert not chains.shelf.of("SPY", clock.monotonic())
