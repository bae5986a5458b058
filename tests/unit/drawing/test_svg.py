"""SVG of charts: complete, safe to embed, drawn whatever the figures are."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from tests.unit.drawing.pictures import PICTURES, drawn

from sumppump.drawing.chart import Mark, Panel, Seal
from sumppump.drawing.palette import Tone
from sumppump.drawing.payoff import AT_EXPIRY, Cone, PayoffLine, PayoffPicture, payoff_chart
from sumppump.drawing.svg import chart_svg

SVG = "{http://www.w3.org/2000/svg}"


def payoff(points: list[tuple[float, float]] | None = None, **changes: object) -> PayoffPicture:
    """A bull call spread, or other points."""
    shown = points or [(480.0, -213.0), (500.0, -213.0), (505.0, 287.0), (520.0, 287.0)]
    prices, pnl = zip(*shown, strict=True)
    arguments: dict[str, object] = {
        "title": "1 × SPY bull call spread",
        "symbol": "SPY",
        "lines": (PayoffLine(AT_EXPIRY, prices, pnl),),
        "max_loss": "$213.00",
        "max_profit": "$287.00",
        "spot": 502.0,
        "breakevens": (502.13,),
    }
    return PayoffPicture(**(arguments | changes))  # type: ignore[arg-type]


def svg_of(picture: PayoffPicture, *, width: int = 640, height: int = 300, captions: bool = True) -> str:
    return chart_svg(payoff_chart(picture, captions=captions), width=width, height=height)


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


def strong_lines(svg: str) -> list[ET.Element]:
    return [
        node for node in ET.fromstring(svg).iter(f"{SVG}polyline") if node.attrib["stroke-width"] == "2.6"
    ]


def test_the_picture_says_bounds_breakeven_and_spot() -> None:
    """What a person decides by stands in the picture in words, also for those who cannot see it."""
    svg = svg_of(payoff())
    assert {"max loss $213.00", "max profit $287.00", "502.13", "SPY now 502.00"} <= set(texts(svg))
    label = ET.fromstring(svg).attrib["aria-label"]
    assert "Maximum loss $213.00" in label
    assert "breakeven 502.13" in label


def test_axes_name_their_units_and_the_seal_says_environment_and_moment() -> None:
    """A picture that is torn out of its answer still says what it counts, for which account and when."""
    words = texts(svg_of(payoff(seal=Seal("PAPER", "2026-11-27 11:30 New York"))))
    assert {"SPY price in $", "profit or loss in $"} <= set(words)
    assert "PAPER · as of 2026-11-27 11:30 New York" in words


@pytest.mark.parametrize("name", list(PICTURES))
def test_no_picture_holds_a_script_a_link_or_an_inline_style(name: str) -> None:
    """They are embedded in the approval page, whose policy forbids all of them."""
    svg = drawn(PICTURES[name])
    ET.fromstring(svg)
    for word in ("<script", "href", "url(", " style=", "onload", "@import", "nan", "inf"):
        assert word not in svg.replace("http://www.w3.org/2000/svg", "").replace("Helvetica", "")


def test_hostile_names_are_escaped() -> None:
    """A title or ticker from outside is text, never markup."""
    svg = svg_of(payoff(title='"><script>alert(1)</script>', symbol="<b>&"))
    assert "<script" not in svg
    assert "&lt;b&gt;&amp; now 502.00" in svg
    ET.fromstring(svg)


def test_profit_and_loss_differ_in_colour_and_meet_at_the_breakeven() -> None:
    """The curve at expiry changes colour where it crosses zero and has no gap there."""
    lines = strong_lines(svg_of(payoff()))
    assert len({node.attrib["color"] for node in lines}) == len({node.attrib["class"] for node in lines}) == 2
    assert lines[0].attrib["points"].split()[-1] == lines[1].attrib["points"].split()[0]


def test_a_payoff_that_is_flat_can_be_drawn() -> None:
    """No division by a span of zero: the line is there, and level."""
    svg = svg_of(payoff([(90.0, 0.0), (110.0, 0.0)], breakevens=(), spot=None))
    lines = [each.get("points", "") for each in ET.fromstring(svg).iter(f"{SVG}polyline")]
    assert lines
    assert all(len({pair.split(",")[1] for pair in line.split()}) == 1 for line in lines)


def test_one_point_is_no_picture() -> None:
    """An error instead of an empty frame."""
    with pytest.raises(ValueError, match="two points"):
        payoff([(90.0, 0.0)])


def test_captions_can_be_left_out_and_never_lie_upon_the_curve() -> None:
    """Beside larger figures they repeat; where they stand they clear the curve at any height."""
    assert not any(text.startswith("max") for text in texts(svg_of(payoff(), captions=False)))
    for height in (170, 200, 300):
        svg = svg_of(payoff(), width=440, height=height)
        caption = next(
            node for node in ET.fromstring(svg).iter(f"{SVG}text") if (node.text or "").startswith("max loss")
        )
        points = (point for node in strong_lines(svg) for point in node.attrib["points"].split())
        assert float(caption.attrib["y"]) - 10 > max(float(point.split(",")[1]) for point in points)


def test_numbers_of_near_breakevens_move_apart() -> None:
    """Side by side between the points where there is room; outside and above where there is none."""
    tent = payoff(
        [(480.0, -100.0), (495.0, -100.0), (500.0, 100.0), (505.0, -100.0), (520.0, -100.0)],
        breakevens=(497.5, 502.5),
    )
    panel: Panel = payoff_chart(tent).panels[0]
    assert [mark.rises for mark in panel.marks] == [True, False]
    roomy, tight = panel.placed(1.0, 5.0), panel.placed(5.0, 5.0)
    assert [(label.is_right, label.is_above) for label in roomy] == [(True, False), (False, False)]
    assert [(label.is_right, label.is_above) for label in tight] == [(False, True), (True, True)]


def test_numbers_of_breakevens_flee_other_curves_and_the_end_of_the_picture() -> None:
    """Outside and above where today's curve runs below zero inside; inward where the picture ends."""
    tent = [(480.0, -100.0), (495.0, -100.0), (500.0, 100.0), (505.0, -100.0), (520.0, -100.0)]
    today = PayoffLine("today", (480.0, 500.0, 520.0), (-60.0, -4.0, -60.0))
    drawn = replace(payoff(tent, breakevens=(497.5,)), lines=(today, *payoff(tent).lines))
    panel = payoff_chart(drawn).panels[0]
    assert [(each.is_right, each.is_above) for each in panel.placed(2.0, 10.0)] == [(False, True)]
    late = payoff_chart(payoff([(480.0, -10.0), (518.0, -10.0), (520.0, 10.0)], breakevens=(519.0,))).panels[
        0
    ]
    assert [(each.is_right, each.is_above) for each in late.placed(3.0, 5.0)] == [(False, True)]


def test_a_curve_of_gain_and_loss_is_in_the_legend_in_both_colours() -> None:
    """One that only loses in one."""
    sides = {
        name: payoff_chart(payoff([(480.0, low), (520.0, high)])).panels[0].curves[-1].sides
        for name, low, high in (("both", -1.0, 1.0), ("loss", -2.0, -1.0), ("nothing", 0.0, 0.0))
    }
    assert sides == {"both": (Tone.LOSS, Tone.PROFIT), "loss": (Tone.LOSS,), "nothing": (Tone.PROFIT,)}


@pytest.mark.parametrize(
    ("days", "said", "last"),
    [(9.0, "days from now", 9.0), (0.5, "hours from now", 12.0), (1 / 96, "minutes from now", 15.0)],
)
def test_a_cone_counts_in_the_unit_that_its_time_needs(days: float, said: str, last: float) -> None:
    """A quarter of an hour is not 0.01 days."""
    cone = Cone("68 %", (0.0, days), (502.0, 490.0), (502.0, 514.0))
    below = payoff_chart(payoff(cones=(cone,))).panels[1]
    assert below.y.label == said
    assert below.ribbons[0].ys == pytest.approx((0.0, -last))


def test_a_mark_outside_of_what_is_shown_is_not_drawn() -> None:
    """A breakeven far beyond the picture would stretch nothing and point nowhere."""
    panel = payoff_chart(payoff(breakevens=(502.13, 900.0))).panels[0]
    assert [each.mark for each in panel.placed(1.0, 5.0)] == [Mark(502.13, 0.0, "502.13", True)]
