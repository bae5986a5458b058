"""Every picture as PNG and as text: drawn from whatever figures there are, with nothing invented."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from tests.unit.drawing.pictures import NAN, PICTURES, SEAL

from sumppump.drawing.chart import Axis, HeatMap
from sumppump.drawing.heat_svg import cell_ground, heat_svg
from sumppump.drawing.palette import (
    DARK,
    EITHER,
    HEAT,
    HEAT_INK,
    LIGHT,
    NO_FIGURE,
    Palette,
    Tone,
    contrast,
    mixed,
)
from sumppump.drawing.png import picture_png
from sumppump.drawing.scales import nice_ticks, short_cash, tick_cash, tick_figure, tick_price
from sumppump.drawing.subjects import LOOKS, equity_chart, greeks_chart, pnl_chart, scenario_map
from sumppump.drawing.table import picture_table

TEXT, LINE = 4.5, 3.0
"""Least contrast of letters and of graphics (WCAG 2.2, 1.4.3 and 1.4.11)."""


@pytest.mark.parametrize("name", list(PICTURES))
def test_every_picture_becomes_a_png(name: str) -> None:
    """Gaps, one point, all the same, all missing, a million to one: a file comes back, not an error."""
    png = picture_png(PICTURES[name])
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert 10_000 < len(png) < 300_000


@pytest.mark.parametrize("name", list(PICTURES))
def test_every_picture_is_written_as_a_table_that_says_when_and_for_which_account(name: str) -> None:
    """Short enough for an answer, and no `nan` in it."""
    table = picture_table(PICTURES[name])
    assert "SIM · as of 2026-11-27 11:30:00 New York" in table.splitlines()[0]
    assert "nan" not in table.lower()
    assert len(table) < 2_500


def test_what_is_missing_is_a_dash_in_the_table_and_a_gap_in_the_curve() -> None:
    """NaN is no figure and does not become 0."""
    chart = greeks_chart(
        "SPY", Axis("price in $"), [1, 2, 3, 4, 5], {"delta": [1, 2, NAN, 4, 5]},
        units={"delta": "delta, shares"}, now=None, now_words="", seal=SEAL,
    )  # fmt: skip
    assert [len(run) for run in chart.panels[0].curves[0].stretches] == [2, 2]
    assert "3|-" in picture_table(chart).splitlines()


def test_the_table_of_scenarios_has_every_cell_in_full() -> None:
    """Cells are shortened where they are drawn, never where they are read."""
    table = picture_table(
        scenario_map("A", moves_pct=[-20, 0], down="points", rows=("+5",), pnl=[[-13_400, 7]], seal=SEAL)
    )
    assert "points|−20 %|0 %" in table.splitlines()
    assert "+5|−$13,400|+$7" in table.splitlines()


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_letters_and_lines_are_seen_on_their_ground(palette: object) -> None:
    """Every tone is also a colour of letters."""
    assert isinstance(palette, type(LIGHT))
    for tone in Tone:
        assert contrast(palette[tone], palette.ground) >= TEXT, tone


def test_the_tones_for_either_ground_are_seen_on_both() -> None:
    """Where a policy lets no style in, lines still show."""
    for tone, colour in EITHER.items():
        if tone not in (Tone.INK, Tone.QUIET):
            assert min(contrast(colour, ground) for ground in (LIGHT.ground, DARK.ground)) >= LINE, tone


def test_figures_in_cells_are_legible_on_every_strength_of_colour() -> None:
    """From white to the strongest gain and loss, and on the grey of what is missing."""
    grounds = [mixed(colour, part / 20) for colour in HEAT.values() for part in range(21)]
    assert min(contrast(HEAT_INK, ground) for ground in (*grounds, NO_FIGURE)) >= TEXT


# Machado, Oliveira and Fernandes 2009, severity 1.0: linear RGB as deuteranopes and protanopes see it.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
PROTANOPIA = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("sight", [DEUTERANOPIA, PROTANOPIA])
def test_gain_and_loss_differ_for_whoever_confuses_red_and_green(
    palette: Palette, sight: tuple[tuple[float, ...], ...]
) -> None:
    """By hue at least: blue and orange stay far apart where red and green would fall together."""
    gain, loss = (_seen(palette[tone], sight) for tone in (Tone.PROFIT, Tone.LOSS))
    red, green = _seen("#c02020", sight), _seen("#208020", sight)
    assert math.dist(gain, loss) > 0.4
    assert math.dist(gain, loss) > 2 * math.dist(red, green)


def _seen(colour: str, sight: tuple[tuple[float, ...], ...]) -> list[float]:
    linear = [(int(colour[at : at + 2], 16) / 255) ** 2.2 for at in (1, 3, 5)]
    seen = (sum(part * each for part, each in zip(row, linear, strict=True)) for row in sight)
    return [max(0.0, each) ** (1 / 2.2) for each in seen]


def test_no_two_curves_of_a_chart_are_told_apart_by_colour_alone() -> None:
    """Each has dashes of its own."""
    assert len({dash for _, dash in LOOKS}) == len({tone for tone, _ in LOOKS}) == len(LOOKS)


def test_cells_carry_their_figures_and_the_present_is_framed() -> None:
    """Whoever sees no colours reads the signs; a missing figure is a dash on grey."""
    heat = PICTURES["heat"]
    assert isinstance(heat, HeatMap)
    svg = ET.fromstring(heat_svg(heat))
    words = {node.text for node in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"−$9.00M", "−$10", "$0", "+$5", "+$2.00B", "–"} <= words
    framed = [node for node in svg.iter("{http://www.w3.org/2000/svg}rect") if "stroke" in node.attrib]
    assert len(framed) == 1
    assert cell_ground(heat, None) == NO_FIGURE


def test_the_deepest_drawdown_is_said_in_words_and_days_without_a_value_are_gaps() -> None:
    """A line links only days that follow one another here; each that was seen has a dot."""
    days = [date(2026, 1, day) for day in (1, 2, 3)]
    chart = equity_chart("A", days, [100.0, 75.0, None], [0.0, -25.0, None], seal=SEAL)
    assert "−25 %" in chart.summary
    assert [len(run) for run in chart.panels[0].curves[0].stretches] == [2]
    assert chart.panels[0].dots[0].ys == (100.0, 75.0)


def test_the_table_lists_the_places_that_were_asked_for() -> None:
    """However fine the curve is that is drawn between them."""
    moves = [move / 4 for move in range(-40, 41)]
    chart = pnl_chart("A", moves, {"now": moves}, told=[-10, 2.5], seal=SEAL)
    rows = [line.split("|")[0] for line in picture_table(chart).splitlines() if "|" in line]
    assert rows == ["move of the market in %", "−10 %", "0 %", "+2.5 %"]


def test_a_map_needs_a_figure_for_every_place() -> None:
    """A row that is too short is an error, not a shifted picture."""
    with pytest.raises(ValueError, match="columns"):
        scenario_map("A", moves_pct=[0, 1], down="d", rows=("r",), pnl=[[1.0]], seal=SEAL)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 10, (0, 2, 4, 6, 8, 10)),
        (-230, 290, (-200, -100, 0, 100, 200)),
        (598.2, 601.9, (599, 600, 601)),
        (5, 5, (5,)),
        (0, 3e-9, (0, 1e-9, 2e-9, 3e-9)),
    ],
)
def test_axes_carry_round_numbers(low: float, high: float, ticks: tuple[float, ...]) -> None:
    """Ones, twos, two and a halves and fives."""
    assert nice_ticks(low, high, 5) == pytest.approx(ticks)


def test_amounts_on_axes_have_a_sign_and_no_idle_digits() -> None:
    """Profit with plus, loss with minus, prices without zeros behind, millions in short."""
    assert [tick_cash(value) for value in (0, 500, -1200, 0.25)] == ["$0", "+$500", "−$1,200", "+$0.25"]
    assert [tick_cash(value) for value in (2.5e5, -3e6)] == ["+$250k", "−$3M"]
    assert [tick_price(value) for value in (600.0, 502.13, 1000.5)] == ["600", "502.13", "1,000.5"]
    assert [tick_figure(value) for value in (0, -0.0123, 1234.5, 1e-7)] == [
        "0",
        "−0.0123",
        "1,234",
        "1.0e-07",
    ]
    assert [short_cash(value) for value in (0.2, -1725, 10_050, -2_149_000)] == [
        "$0", "−$1,725", "+$10.1k", "−$2.15M",
    ]  # fmt: skip
