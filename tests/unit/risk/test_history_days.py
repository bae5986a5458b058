"""Every level of the table of days stands in the records that its row names, to the cent."""

from __future__ import annotations

import pytest
from tests.support import published_days as published

from sumppump.risk.history_days import HISTORY_DAYS, HistoryDay, Record
from sumppump.risk.stress import NAMED, NO_VIX, SHOCKS, of_history

DAYS = {each.day.isoformat(): each for each in HISTORY_DAYS}
CLOSES = {Record.GSPC: published.GSPC, Record.SP500: published.SP500}
VOLATILITIES = {Record.VIXCLS: published.VIXCLS, Record.VIX: published.VIX}
PRINTED = {
    record: {row[0] for row in rows}
    for record, rows in (
        *CLOSES.items(),
        *VOLATILITIES.items(),
        (Record.LARGEST, published.LARGEST),
        (Record.VXOCLS, published.VXOCLS),
    )
}


@pytest.mark.parametrize("record", CLOSES)
def test_closes_of_the_index_are_the_record_s(record: Record) -> None:
    for day, before, after in CLOSES[record]:
        assert (DAYS[day].sp_before, DAYS[day].sp_after) == (round(before, 2), round(after, 2)), day


@pytest.mark.parametrize("record", VOLATILITIES)
def test_closes_of_the_vix_are_the_record_s(record: Record) -> None:
    for day, before, after in VOLATILITIES[record]:
        assert (DAYS[day].vix_before, DAYS[day].vix_after) == (before, after), day


def test_the_largest_moves_are_those_of_the_published_list() -> None:
    """Close, net change and percent; its -9.04 of 2008-10-15 is -9.035, which others round to -9.03."""
    for day, close, change, percent in published.LARGEST:
        found = DAYS[day]
        assert found.sp_after == close
        assert found.sp_after - found.sp_before == pytest.approx(change, abs=0.005)
        assert found.move_pct == pytest.approx(percent, abs=0.0051), day


@pytest.mark.parametrize("each", HISTORY_DAYS, ids=lambda each: each.day.isoformat())
def test_each_row_names_exactly_the_records_in_which_it_was_found(each: HistoryDay) -> None:
    """One of the index at least, and one of the VIX where it existed."""
    assert set(each.records) == {record for record, days in PRINTED.items() if each.day.isoformat() in days}
    assert {Record.GSPC, Record.SP500, Record.LARGEST} & set(each.records)
    assert bool({Record.VIXCLS, Record.VIX} & set(each.records)) is (each.vix_points is not None)


def test_before_the_vix_its_forerunner_is_told_and_not_used() -> None:
    """Volatility is held: another index, and 114 points are no shift for every expiry."""
    for day, before, after in published.VXOCLS:
        shock = of_history(DAYS[day])
        assert shock.vol_points is None
        assert NO_VIX in shock.note
        assert f"VXO {before:g} to {after:g}" in shock.note


def test_the_table_has_twenty_days_of_both_directions_in_order() -> None:
    days = [each.day for each in HISTORY_DAYS]
    assert days == sorted(set(days))
    assert len(days) >= 20
    assert {1987, 2008, 2010, 2015, 2018, 2020, 2024} <= {day.year for day in days}
    assert sum(each.move_pct > 0 for each in HISTORY_DAYS) >= 5
    assert all((each.vix_points is None) == (each.day.year < 1990) for each in HISTORY_DAYS)
    assert [shock.name for shock in SHOCKS[: len(NAMED)]] == [shock.name for shock in NAMED]
