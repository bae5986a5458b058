"""Moments in the forms in which clients write and read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sumppump.exchange.translate.times import read_moment, stamp, utc_stamp

MOMENT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.mark.behaviour("SIM-TIME-01")
@pytest.mark.parametrize(
    "text",
    [
        "20261120 10:30:00",
        "20261120  10:30:00",
        "20261120 10:30",
        "20261120 10:30:00 US/Eastern",
        "20261120 15:30:00 UTC",
        "20261120-15:30:00",
        "20261120 16:30:00 Europe/Berlin",
    ],
)
def test_every_accepted_spelling_is_the_same_moment(text: str) -> None:
    """Without a zone it is the login zone's time, here New York's; the hyphen means UTC."""
    assert read_moment(text) == MOMENT


@pytest.mark.behaviour("SIM-TIME-02")
def test_nothing_is_no_moment() -> None:
    assert read_moment("") is None


@pytest.mark.behaviour("SIM-TIME-03")
@pytest.mark.parametrize(
    "text", ["now", "2026-11-20", "20261320 10:00:00", "20261120 10:00:00 Mars/X", "00010101", "1"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_moment(text)


@pytest.mark.behaviour("SIM-TIME-04")
def test_newer_clients_read_the_zone_and_older_ones_two_spaces() -> None:
    """ib_async resolves the zone by name; ibapi 9.81 and its users split on the two spaces."""
    assert stamp(MOMENT, 178) == "20261120 10:30:00 US/Eastern"
    assert stamp(MOMENT, 157) == "20261120  10:30:00"
    assert utc_stamp(MOMENT) == "20261120-15:30:00"
