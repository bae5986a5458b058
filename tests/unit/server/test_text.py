"""The text says what the structure says."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from tests.support.fake_market import NOW, SPY, FakeMarket
from tests.unit.server import fakes

from sumppump.kernel.money import Money, Premium
from sumppump.server.orders.ticket_views import waiting
from sumppump.server.text import render, scalar
from sumppump.server.views import Header, num, quality_of


@pytest.mark.parametrize(
    ("value", "number"),
    [(Decimal("2.13"), 2.13), (Premium.of("-1.2"), -1.2), (Money.of("213"), 213.0), (0, 0.0), (None, None),
     (math.nan, None), (math.inf, None)],
)  # fmt: skip
def test_a_missing_or_endless_number_is_null_and_never_zero(value: object, number: float | None) -> None:
    """Claim: NaN never reaches JSON, None never becomes 0. Provenance: house rule 5."""
    assert num(value) == number  # type: ignore[arg-type]


def test_the_text_of_a_ticket_holds_every_figure_of_its_structure() -> None:
    """Claim: hosts that show only text lose nothing. Provenance: MCP facts 7.4."""
    answer = waiting(fakes.ticket(), seconds_left=300, monotonic=1000.0)
    header = Header(mode="SIM", account="SIM…417", as_of=NOW, warnings=("KILL SWITCH is on: test",))
    payload = answer.complete(header, ["quantity: '2' read as 2"]).payload()
    text = render(header.banner, payload)
    assert text.splitlines()[0] == "SIM · SIM…417 · KILL SWITCH is on: test"
    for fact in ("213", "287", "502.13", "tkt_1", "approval_required", "you PAY $213.00", "quantity: '2'"):
        assert fact in text
    assert all(scalar(value) in text for value in payload.values() if isinstance(value, float))


def test_a_missing_number_reads_as_a_dash() -> None:
    """Claim: a reader sees that a figure is missing. Provenance: our decision."""
    assert scalar(None) == "-"
    assert scalar(0.0) == "0"
    assert scalar(1250000.5) == "1250000.5"


@pytest.mark.parametrize(("age", "state"), [(0.4, "live"), (15.0, "live"), (15.1, "stale"), (600.0, "stale")])
def test_a_quote_over_fifteen_seconds_old_is_stale_whatever_its_feed_says(age: float, state: str) -> None:
    """Claim: age decides. Provenance: tools page, data_quality."""
    market = FakeMarket()
    taken = market.clock.monotonic()
    quality = quality_of([market.quote(SPY)], taken + age)
    assert (quality.state, quality.age_s) == (state, age)
