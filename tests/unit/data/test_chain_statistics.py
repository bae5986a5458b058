"""Statistics of a chain, each checked by hand on a handful of rows."""

from __future__ import annotations

import math
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from sumppump.data.chain_statistics import ChainRow, iv_at_delta, max_pain, skew, statistics
from sumppump.data.series import Series
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.quotes import Greeks, GreeksSource, Quote
from sumppump.kernel.money import Premium

NOW = datetime(2026, 11, 18, 21, tzinfo=UTC)
NEAR, FAR = date(2026, 12, 18), date(2027, 1, 15)


def row(
    strike: int,
    right: Right,
    *,
    iv: float | None = None,
    delta: float | None = None,
    volume: int | None = None,
    interest: int | None = None,
    mid: str | None = None,
    expiry: date = NEAR,
    symbol: str = "X",
) -> ChainRow:
    """One row; a figure not given is missing."""
    option = OptionContract(
        con_id=strike * 10 + (right is Right.PUT) + expiry.toordinal() * 10_000,
        symbol=symbol,
        right=right,
        strike=Decimal(strike),
        expiry=expiry,
        last_trade=NOW + timedelta(days=(expiry - NOW.date()).days),
        multiplier=100,
    )
    greeks = None
    if iv is not None:
        greeks = Greeks(iv=iv, delta=delta or 0.0, gamma=0, theta=0, vega=0, source=GreeksSource.IBKR_MODEL)
    quote = Quote(
        instrument=option,
        as_of=NOW,
        taken=0.0,
        bid=None if mid is None else Premium.of(mid),
        ask=None if mid is None else Premium.of(mid),
        volume=volume,
        open_interest=interest,
        greeks=greeks,
    )
    return ChainRow(option, quote)


C, P = Right.CALL, Right.PUT


def test_ratios_are_puts_over_calls() -> None:
    """Puts 30 + 10 of calls 50: 0.8; open interest 90 of 60: 1.5."""
    rows = [
        row(100, C, volume=50, interest=60),
        row(100, P, volume=30, interest=90),
        row(95, P, volume=10, interest=None),
    ]
    found = statistics(rows, spot=100, now=NOW)
    assert found.put_call_ratio_volume == pytest.approx(0.8)
    assert found.put_call_ratio_open_interest == pytest.approx(1.5)
    assert (found.total_volume, found.total_open_interest, found.contracts) == (90, 150, 3)


def test_no_call_volume_is_no_ratio_and_not_a_division() -> None:
    """Null with a reason."""
    found = statistics([row(100, C, volume=0), row(100, P, volume=5)], spot=100, now=NOW)
    assert found.put_call_ratio_volume is None
    assert dict(found.missing)["put_call_ratio_volume"]
    assert found.put_call_ratio_open_interest is None
    assert found.total_open_interest is None


def test_volatility_at_the_money_is_the_mean_of_call_and_put_at_the_nearest_strike() -> None:
    """Spot 101: strike 100 is nearest, (0.20 + 0.22) / 2."""
    rows = [row(100, C, iv=0.20), row(100, P, iv=0.22), row(105, C, iv=0.18), row(105, P, iv=0.19)]
    assert statistics(rows, spot=101, now=NOW).atm_iv == pytest.approx(0.21)


def test_of_two_equally_near_strikes_the_lower_one_counts() -> None:
    """A rule, so that the figure does not flicker."""
    rows = [row(100, C, iv=0.20), row(105, C, iv=0.30)]
    assert statistics(rows, spot=102.5, now=NOW).atm_iv == pytest.approx(0.20)


def test_one_side_alone_is_enough_for_the_volatility_at_the_money() -> None:
    """The put has none."""
    assert statistics([row(100, C, iv=0.20), row(100, P)], spot=100, now=NOW).atm_iv == pytest.approx(0.20)


def test_each_expiry_has_its_own_volatility() -> None:
    """Rising by date; None where there is none."""
    rows = [row(100, C, iv=0.20), row(100, C, iv=0.25, expiry=FAR)]
    assert statistics(rows, spot=100, now=NOW).iv_by_expiry == (
        (Series(NEAR, ""), 0.20),
        (Series(FAR, ""), 0.25),
    )


def test_the_expected_move_is_one_standard_deviation() -> None:
    """100 x 0.20 x sqrt(30 / 365) = 5.7337."""
    found = statistics([row(100, C, iv=0.20)], spot=100, now=NOW)
    assert found.expected_move == pytest.approx(5.7337, abs=1e-3)
    assert found.expected_move_pct == pytest.approx(5.7337, abs=1e-3)


def test_the_straddle_is_call_plus_put_at_the_nearest_strike() -> None:
    """2.50 + 2.10."""
    rows = [row(100, C, mid="2.50"), row(100, P, mid="2.10"), row(105, C, mid="1.00")]
    assert statistics(rows, spot=100, now=NOW).expected_move_straddle == Premium.of("4.60")
    assert statistics(rows[1:], spot=100, now=NOW).expected_move_straddle is None


def test_skew_is_the_25_delta_put_above_the_25_delta_call_in_points() -> None:
    """Put: half-way between 0.20 and 0.30 delta, 26 and 24 points: 25. Call: 18 at 0.25. Skew 7."""
    rows = [
        row(90, P, iv=0.26, delta=-0.20),
        row(95, P, iv=0.24, delta=-0.30),
        row(105, C, iv=0.18, delta=0.25),
        row(110, C, iv=0.17, delta=0.10),
    ]
    assert iv_at_delta(rows, P, 0.25) == pytest.approx(0.25)
    assert iv_at_delta(rows, C, 0.25) == pytest.approx(0.18)
    assert skew(rows) == pytest.approx(7.0)


def test_skew_is_never_extrapolated() -> None:
    """Deltas on one side of 25 only: no figure."""
    rows = [row(95, P, iv=0.24, delta=-0.30), row(105, C, iv=0.18, delta=0.25)]
    found = statistics(rows, spot=100, now=NOW)
    assert found.skew is None
    assert "skew" in dict(found.missing)


def test_an_empty_chain_has_no_figures_and_does_not_fail() -> None:
    """All None, each with a reason."""
    found = statistics([], spot=100, now=NOW)
    figures = [
        field.name for field in fields(found) if field.name not in ("contracts", "iv_by_expiry", "missing")
    ]
    assert {name: getattr(found, name) for name in figures} == dict.fromkeys(figures)
    assert {name for name, _ in found.missing} == set(figures) - {"series", "forward"}


def test_on_the_last_moment_there_is_no_move_to_expect() -> None:
    """No time left is not a move of 0."""
    found = statistics([row(100, C, iv=0.2)], spot=100, now=NOW + timedelta(days=31))
    assert found.expected_move is None


def test_max_pain_is_where_holders_together_receive_least() -> None:
    """Ten calls at 95, ten puts at 105: 100 at either of them, the lower is told.

    One call and thirty puts more at 100: 250 at 95, 100 at 100, 105 at 105.
    """
    held = [
        row(95, C, interest=10),
        row(105, P, interest=10),
        row(90, P, interest=0),
        row(110, C, interest=0),
    ]
    assert max_pain(held) == 95.0
    assert max_pain([*held, row(100, C, interest=1), row(100, P, interest=30)]) == 100.0


@pytest.mark.parametrize(
    "rows",
    [
        [row(95, C, interest=5), row(100, C, interest=5), row(105, C, interest=5)],
        [row(95, C), row(100, P), row(105, C)],
        [row(95, C, interest=1), row(105, P, interest=0)],
        [row(95, C, interest=0), row(100, P, interest=0), row(105, C, interest=0)],
    ],
)
def test_max_pain_is_not_guessed(rows: list[ChainRow]) -> None:
    """One right alone, no open interest, a strike at the edge, nobody who holds anything."""
    assert max_pain(rows) is None


@pytest.mark.parametrize(("symbol", "forward", "iv"), [("VIX", 20.1, 0.9), ("X", None, 0.7)])
def test_at_the_money_of_the_vix_is_the_strike_nearest_its_forward(
    symbol: str, forward: float | None, iv: float
) -> None:
    """Claim: with the index at 17 and its future at 20.10, 20 is the money; a share has its spot."""
    rows = [
        row(17, C, iv=0.7, mid="3.40", symbol=symbol),
        row(17, P, iv=0.7, mid="0.35", symbol=symbol),
        row(20, C, iv=0.9, mid="1.60", symbol=symbol),
        row(20, P, iv=0.9, mid="1.50", symbol=symbol),
    ]
    found = statistics(rows, spot=17.0, now=NOW)
    assert found.forward == (None if forward is None else pytest.approx(forward))
    assert found.atm_iv == pytest.approx(iv)
    assert found.expected_move_pct == pytest.approx(100 * iv * math.sqrt(rows[0].contract.years(NOW)))
    straddle = None if found.expected_move_straddle is None else float(found.expected_move_straddle)
    assert straddle == pytest.approx(3.10 if forward else 3.75)
