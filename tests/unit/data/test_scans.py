"""Scans: scanner or person name candidates, our figures qualify rows, and every rejection has its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.fake_looks import FakeScanner
from tests.support.fake_market import NOW, FakeClock, FakeDirectory, FakeMarket

from sumppump.data.bar_shelf import BarShelf
from sumppump.data.scan_facts import ranked
from sumppump.data.scan_rules import ScanType, Thresholds
from sumppump.data.scans import ScanService
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Bar, Quote
from sumppump.domain.volatility import LEAST_SAMPLES
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest
from sumppump.kernel.money import Premium

FACTS: dict[str, Any] = {
    "implied_vol": 0.30, "historical_vol": 0.20, "call_volume": 30_000, "put_volume": 15_000,
    "average_option_volume": 15_000,
}  # fmt: skip


@pytest.fixture
def scanner() -> FakeScanner:
    """Finds SPY."""
    return FakeScanner()


@pytest.fixture
def service(
    directory: FakeDirectory, market: FakeMarket, scanner: FakeScanner, clock: FakeClock
) -> ScanService:
    """The service under test."""
    market.facts = dict(FACTS)
    shelf = BarShelf(market=market, clock=clock)
    return ScanService(directory=directory, market=market, shelf=shelf, scanner=scanner, clock=clock)


def closes(*values: float) -> list[Bar]:
    """Daily bars with these closes."""
    start = datetime(2026, 1, 1, 5, 0, tzinfo=UTC)
    return [
        Bar(
            start=start + timedelta(days=day), open=Decimal(1), high=Decimal(1), low=Decimal(1),
            close=Decimal(str(value)),
        )
        for day, value in enumerate(values)
    ]  # fmt: skip


def a_year_of(monkeypatch: pytest.MonkeyPatch, *values: float) -> list[dict[str, Any]]:
    """Let history be these closes; returns what is asked."""
    asked: list[dict[str, Any]] = []

    async def bars(_self: FakeMarket, _instrument: object, **said: Any) -> Sequence[Bar]:
        asked.append(said)
        return closes(*values)

    monkeypatch.setattr(FakeMarket, "bars", bars)
    return asked


async def test_unusual_options_are_measured_against_the_average_day(service: ScanService) -> None:
    """45,000 of 15,000 is three times; the figure stands in the row."""
    found = await service.scan(ScanType.UNUSUAL_OPTIONS)
    assert [(row.candidate.underlying.symbol, row.value) for row in found.rows] == [("SPY", 3.0)]
    assert found.rule == "option volume so far today ÷ an average day ≥ 2"


async def test_a_candidate_below_the_bound_is_listed_with_its_figure(service: ScanService) -> None:
    """Nothing is silently left out."""
    found = await service.scan(ScanType.UNUSUAL_OPTIONS, wanted=Thresholds(min_volume_ratio=3.5))
    assert found.rows == ()
    assert found.rejected == (("SPY", "option volume so far today ÷ an average day 3"),)
    assert found.looked_at == 1


async def test_a_missing_figure_is_a_reason_and_never_a_zero(
    service: ScanService, market: FakeMarket
) -> None:
    """Puts without calls are no volume."""
    market.facts["call_volume"] = None
    found = await service.scan(ScanType.UNUSUAL_OPTIONS, wanted=Thresholds(min_volume_ratio=0))
    assert found.rejected == (
        ("SPY", "option volume so far today ÷ an average day is not known: it did not come in 10 s"),
    )


@pytest.mark.parametrize(("spot", "qualifies"), [("621.40", True), ("573.60", True), ("600.00", False)])
async def test_momentum_counts_both_ways(
    service: ScanService, market: FakeMarket, scanner: FakeScanner, spot: str, qualifies: bool
) -> None:
    """4 % up or down from 597.50 is enough, half a percent is not; gainers and losers are both asked for."""
    market.spot = Decimal(spot)
    found = await service.scan(ScanType.MOMENTUM)
    assert bool(found.rows) is qualifies
    assert [code for code, _ in scanner.asked] == ["TOP_PERC_GAIN", "TOP_PERC_LOSE"]


async def test_high_iv_ranks_by_the_broker_s_volatility(service: ScanService) -> None:
    """In percent a year; without a rank no history is asked for."""
    found = await service.scan(ScanType.HIGH_IV)
    assert [row.value for row in found.rows] == [30.0]
    assert found.rows[0].candidate.rank is None


async def test_a_rank_comes_from_a_year_of_volatilities(
    service: ScanService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0.30 between 0.10 and 0.50 is the middle, over as many closes as there were."""
    asked = a_year_of(monkeypatch, *[0.10, 0.50] * 100)
    found = await service.scan(ScanType.HIGH_IV, wanted=Thresholds(min_iv_rank=49))
    (row,) = found.rows
    assert row.value == pytest.approx(50.0)
    assert row.candidate.rank is not None
    assert row.candidate.rank.samples == 200
    assert [(said["what"], said["bar_size"], said["duration"]) for said in asked] == [
        ("OPTION_IMPLIED_VOLATILITY", "1 day", "1 Y")
    ]


async def test_the_day_that_is_still_on_is_no_close_of_the_year(
    service: ScanService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: the rank is the one of trade_get_volatility_analysis: of closes, today's high is none yet."""
    year = closes(*[0.10, 0.50] * 100)
    today = replace(year[-1], start=NOW, close=Decimal("0.90"))

    async def bars(_self: FakeMarket, _instrument: object, **_said: Any) -> Sequence[Bar]:
        return [*year, today]

    monkeypatch.setattr(FakeMarket, "bars", bars)
    (row,) = (await service.scan(ScanType.HIGH_IV, wanted=Thresholds(min_iv_rank=49))).rows
    assert row.value == pytest.approx(50.0)


async def test_a_year_is_asked_for_only_where_nothing_else_speaks_against_it(
    service: ScanService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that has not moved needs no rank."""
    asked = a_year_of(monkeypatch, *[0.10, 0.50] * 100)
    found = await service.scan(ScanType.MOMENTUM, wanted=Thresholds(min_iv_rank=10))
    assert (found.rows, asked) == ((), [])


async def test_too_short_a_history_is_no_rank(service: ScanService, monkeypatch: pytest.MonkeyPatch) -> None:
    """A literal HIGH would be a lie."""
    a_year_of(monkeypatch, 0.1, 0.5)
    found = await service.scan(ScanType.HIGH_IV, wanted=Thresholds(min_iv_rank=0))
    assert found.rejected == (("SPY", "IV rank is not known: 126 daily bars are needed, there are 2"),)


async def test_a_history_that_does_not_come_is_the_reason_for_no_rank(
    service: ScanService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And costs only that candidate."""

    async def refuse(*_: Any, **__: Any) -> Sequence[Bar]:
        raise GatewayUnavailable("TWS gave no history of SPY")

    monkeypatch.setattr(FakeMarket, "bars", refuse)
    found = await service.scan(ScanType.HIGH_IV, wanted=Thresholds(min_iv_rank=0))
    assert found.rejected == (("SPY", "IV rank is not known: TWS gave no history of SPY"),)


async def test_more_symbols_than_a_scan_looks_at_are_refused(service: ScanService) -> None:
    """The bound is named; a year of history for a hundred would never end."""
    names = [f"A{letter}" for letter in "BCDEFGHIJKLMN"]
    with pytest.raises(InvalidRequest, match="symbols"):
        await service.scan(ScanType.MOMENTUM, symbols=names)


async def test_opportunities_state_their_rule_and_filter_at_the_scanner(
    service: ScanService, scanner: FakeScanner
) -> None:
    """Implied over historical 1.5, 15,000 contracts a day, a share a third of a hundredth wide."""
    found = await service.scan(ScanType.OPPORTUNITIES)
    assert [row.value for row in found.rows] == [pytest.approx(1.5)]
    for part in ("implied ÷ historical", "average day", "bid to ask"):
        assert part in found.rule
    assert [each.tag for each in scanner.asked[0][1]] == ["avgOptVolumeAbove"]


async def test_the_first_bound_that_fails_is_the_reason(service: ScanService, market: FakeMarket) -> None:
    """Liquid enough, and yet not: thin options."""
    market.facts["average_option_volume"] = 900
    found = await service.scan(ScanType.OPPORTUNITIES)
    assert found.rejected == (("SPY", "option contracts on an average day 900"),)


async def test_an_overview_asks_no_scanner_and_lists_what_it_cannot_find(
    service: ScanService, scanner: FakeScanner
) -> None:
    """SPY has a close; SPX here has none, the others are not listed here."""
    found = await service.scan(ScanType.OVERVIEW)
    assert [row.candidate.underlying.symbol for row in found.rows] == ["SPY"]
    assert {symbol for symbol, _ in found.rejected} == {"QQQ", "IWM", "VIX", "SPX", "TLT", "GLD"}
    assert not scanner.asked


async def test_a_threshold_holds_in_every_scan(service: ScanService) -> None:
    """It joins a scan that has no such figure, and then qualifies its rows; it is never ignored."""
    found = await service.scan(ScanType.OVERVIEW, wanted=Thresholds(min_change_pct=1))
    assert found.figure == "move % since the close, up or down"
    assert ("SPY", "move % since the close, up or down 0.418") in found.rejected
    both = await service.scan(ScanType.MOMENTUM, wanted=Thresholds(min_change_pct=0, min_volume_ratio=4))
    assert both.rejected == (("SPY", "option volume so far today ÷ an average day 3"),)


async def test_symbols_of_the_person_go_before_the_scanner(
    service: ScanService, scanner: FakeScanner
) -> None:
    """Each once; an unknown one is listed, the others are scanned."""
    found = await service.scan(ScanType.UNUSUAL_OPTIONS, symbols=["spy", "SPY", "NOPE"])
    assert [row.candidate.underlying.symbol for row in found.rows] == ["SPY"]
    assert [symbol for symbol, _ in found.rejected] == ["NOPE"]
    assert (scanner.asked, found.source) == ([], "the symbols given")


async def test_a_scan_that_finds_nothing_says_where_it_looked(
    service: ScanService, scanner: FakeScanner
) -> None:
    """No candidates, no error."""
    scanner.finds = ()
    found = await service.scan(ScanType.HIGH_IV)
    assert (found.rows, found.rejected, found.looked_at) == ((), (), 0)
    assert "HIGH_OPT_IMP_VOLAT" in found.source


async def test_a_scanner_that_cannot_be_asked_is_an_error(service: ScanService, scanner: FakeScanner) -> None:
    """Not an empty list."""
    scanner.fails = GatewayUnavailable("not connected")
    with pytest.raises(GatewayUnavailable):
        await service.scan(ScanType.MOMENTUM)


@pytest.mark.parametrize(
    "wanted", [Thresholds(min_iv_rank=101), Thresholds(min_volume_ratio=-1), Thresholds(min_change_pct=101)]
)
async def test_a_threshold_out_of_range_is_refused_by_name(service: ScanService, wanted: Thresholds) -> None:
    """Before anything is asked."""
    with pytest.raises(InvalidRequest, match="min_"):
        await service.scan(ScanType.HIGH_IV, wanted=wanted)


@given(st.lists(st.floats(0.01, 5), min_size=LEAST_SAMPLES, max_size=LEAST_SAMPLES + 20), st.floats(0.01, 5))
def test_a_rank_lies_between_0_and_100(values: list[float], now: float) -> None:
    """Also when today is a new extreme; a year without a range has no rank."""
    found = ranked(closes(*values), now)
    assert found.samples == len(values)
    if found.rank is None:
        assert len({*values, now}) == 1
    else:
        assert -1e-9 <= found.rank <= 100 + 1e-9


async def test_an_index_has_no_volume_and_no_zero_for_it(
    service: ScanService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: TWS sends an index's volume as 0; an overview shows none."""
    plain = FakeMarket.quote

    def with_zero(self: FakeMarket, instrument: Instrument, *, greeks: bool = True) -> Quote:
        return replace(plain(self, instrument, greeks=greeks), close=Premium.of("597.50"), volume=0)

    monkeypatch.setattr(FakeMarket, "quote", with_zero)
    found = await service.scan(ScanType.OVERVIEW)
    volumes = {row.candidate.underlying.symbol: row.candidate.quote.volume for row in found.rows}
    assert volumes == {"SPY": 0, "SPX": None}
