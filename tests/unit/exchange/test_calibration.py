"""The simulated market lies near real ones, by figures that are computed and not copied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sumppump.cli.main import app
from sumppump.exchange.market.calibration import TITLES, WITHIN, Comparison, compared, report
from sumppump.exchange.market.observed import PUBLISHED, SOURCES, Figures, Tail, implied, recorded
from sumppump.exchange.market.pricing import OptionTerms, american_prices

QUOTES = Path(__file__).parents[4] / "shared" / "data" / "quotes"
here = pytest.mark.skipif(not QUOTES.is_dir(), reason="the recorded quotes are not part of a clone")


@pytest.mark.behaviour("SIM-MKT-08")
def test_every_figure_of_the_seventh_market_is_as_near_to_real_ones_as_is_claimed() -> None:
    rows = compared(7)
    assert [row.name for row in rows] == list(SOURCES) == list(TITLES) == list(WITHIN)
    assert [row for row in rows if not row.holds] == []


@here
def test_the_figures_that_are_typed_in_are_those_of_the_recordings() -> None:
    found = recorded(QUOTES)
    for name in (
        "daily_vol",
        "night_share",
        "opening_vol",
        "opening_volume",
        "zero_bids",
        "smile_slope",
        "put_skew",
    ):
        assert getattr(found, name) == pytest.approx(getattr(PUBLISHED, name), rel=0.01), name


@here
def test_the_report_names_its_recordings() -> None:
    text = report(3, QUOTES)
    assert "recorded: SPY daily bars" in text
    assert "not verified" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.endswith(f" of {len(SOURCES)} figures are within their limits")


def test_the_command_prints_the_table_and_ends() -> None:
    done = CliRunner().invoke(app, ["sim", "--report", "--seed", "7"])
    assert done.exit_code == 0
    assert "autocorrelation of absolute returns" in done.stdout
    assert "OUTSIDE" not in done.stdout


def test_a_folder_without_recordings_leaves_the_published_figures(tmp_path: Path) -> None:
    assert recorded(tmp_path) == Figures()


def test_a_normal_series_has_no_tails_and_no_memory() -> None:
    tail = Tail.of(np.random.default_rng(1).normal(0.0, 0.01, 5000))
    assert tail.vol == pytest.approx(0.01 * 252**0.5, rel=0.05)
    assert abs(tail.excess_kurtosis) < 0.4
    assert abs(tail.clustering_1) < 0.06


def test_implied_volatility_is_found_again() -> None:
    call = OptionTerms(*(np.array([value]) for value in (100.0, 105.0, 0.1, 1.0, 0.0)))
    price = float(american_prices(call, np.array([0.23]))[0])
    assert implied(price, 100.0, 105.0, 0.1) == pytest.approx(0.23, abs=1e-6)


@pytest.mark.parametrize(
    ("simulated", "real", "holds"),
    [(1.0, 1.5, True), (1.0, 1.7, False), (0.0, 0.0, True), (1.0, -1.0, False)],
)
def test_a_figure_holds_within_its_factor(simulated: float, real: float, holds: bool) -> None:
    assert Comparison("daily_vol", simulated, real, "").holds is holds
