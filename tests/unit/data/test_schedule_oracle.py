"""Sessions read from a contract's hours, judged by the calendar of the exchange that wrote them."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sumppump.data.schedule import Part, Schedule, Source, listed_days, with_kinds
from sumppump.domain.instruments import SecType, Underlying
from sumppump.exchange.calendar.hours import HoursKind, hours_text, next_opening, trades_at, zone_of
from sumppump.exchange.calendar.trading_days import to_datetime, to_ms
from sumppump.kernel.clock import NEW_YORK

KINDS = {
    HoursKind.STOCK: SecType.STK,
    HoursKind.INDEX: SecType.IND,
    HoursKind.FUTURE: SecType.FUT,
    HoursKind.FOREX: SecType.CASH,
    HoursKind.CRYPTO: SecType.CRYPTO,
}
MINUTES = 5 * 24 * 60  # the hours reach six days


def contract(kind: HoursKind, day: date) -> Underlying:
    """One whose hours begin on a day."""
    return Underlying(
        con_id=1,
        symbol="X",
        sec_type=KINDS[kind],
        trading_hours=hours_text(kind, day),
        liquid_hours=hours_text(kind, day, liquid=True),
        time_zone=zone_of(kind),
    )


@settings(deadline=None, derandomize=True, max_examples=300)
@example(kind=HoursKind.STOCK, day=date(2026, 11, 25), minute=2 * 24 * 60 + 13 * 60)  # the half day's close
@example(kind=HoursKind.FUTURE, day=date(2026, 10, 31), minute=24 * 60 + 18 * 60)  # the clocks went back
@example(kind=HoursKind.FOREX, day=date(2027, 3, 13), minute=24 * 60 + 17 * 60 + 15)  # and forward
@given(
    kind=st.sampled_from(sorted(KINDS)),
    day=st.dates(date(2023, 1, 1), date(2028, 12, 31)),
    minute=st.integers(0, MINUTES),
)
def test_what_is_on_is_what_the_exchange_trades(kind: HoursKind, day: date, minute: int) -> None:
    """At any minute of any year: the session, regular trading, and when it opens next."""
    instrument = contract(kind, day)
    now_ms = to_ms(datetime.combine(day, time(), NEW_YORK)) + minute * 60_000
    days = with_kinds(listed_days(instrument), NEW_YORK)
    schedule = Schedule(instrument=instrument, now=to_datetime(now_ms), days=days)
    on = schedule.on
    assert (on is not None and on.source is Source.CONTRACT) is trades_at(kind, now_ms)
    assert schedule.is_open is trades_at(kind, now_ms, liquid=True)
    coming = schedule.next_regular
    if not schedule.is_open and coming is not None:
        assert to_ms(coming.opens) == next_opening(kind, now_ms, liquid=True)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(kind=st.sampled_from(sorted(KINDS)), day=st.dates(date(2023, 1, 1), date(2028, 12, 31)))
def test_a_contracts_sessions_never_overlap(kind: HoursKind, day: date) -> None:
    """Each part of a day ends before or where the next one begins."""
    parts = [part for one in listed_days(contract(kind, day)) for part in one.parts]
    assert parts == sorted(parts)
    assert all(part.opens < part.closes for part in parts)
    assert all(before.closes <= after.opens for before, after in pairwise(parts))
    assert {part.part for part in parts if part.source is Source.RULE} <= {Part.OVERNIGHT}
