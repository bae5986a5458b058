"""Payoff pictures: complete, safe to embed, and drawn for every strategy."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from tests.unit.strategies.conftest import Bench

from sumppump.domain.payoff import UNLIMITED_LOSS
from sumppump.kernel.money import Money
from sumppump.strategies.catalogue import StrategyType
from sumppump.strategies.drawing import nice_ticks, tick_cash, tick_price
from sumppump.strategies.pictures import Drawing, payoff_png, payoff_svg

D = Decimal
SVG = "{http://www.w3.org/2000/svg}"


def drawing(**changes: object) -> Drawing:
    arguments: dict[str, object] = {
        "title": "1 × SPY bull call spread",
        "symbol": "SPY",
        "max_loss": Money(D(213)),
        "max_profit": Money(D(287)),
        "spot": D(502),
        "breakevens": [D("502.13")],
    }
    points = [(D(480), D(-213)), (D(500), D(-213)), (D(505), D(287)), (D(520), D(287))]
    return Drawing.of_points(points, **(arguments | changes))  # type: ignore[arg-type]


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("kind", list(StrategyType))
async def test_every_strategy_has_a_picture_that_is_well_formed(bench: Bench, kind: StrategyType) -> None:
    """XML that parses, with the three curves, the bounds in words and no number that is not one."""
    draft = await bench.build(kind, dte=30)
    svg = payoff_svg(Drawing.of_draft(draft))
    words = texts(svg)
    assert {"today", "half-way", "at expiry"} <= set(words)
    assert any(text.startswith("max loss") for text in words)
    assert "nan" not in svg.lower().replace("helvetica neue", "")
    assert "inf" not in svg.replace("info", "")


def test_the_picture_says_bounds_breakeven_and_spot() -> None:
    """What a person decides by stands in the picture in words, also for those who cannot see it."""
    svg = payoff_svg(drawing())
    words = texts(svg)
    assert {"max loss $213.00", "max profit $287.00", "502.13", "SPY now 502.00"} <= set(words)
    label = ET.fromstring(svg).attrib["aria-label"]
    assert "Maximum loss $213.00" in label
    assert "breakeven 502.13" in label


def test_the_picture_holds_no_script_no_link_and_no_inline_style_attribute() -> None:
    """It is embedded in the approval page, whose policy forbids all of them."""
    svg = payoff_svg(drawing())
    for word in ("<script", "href", "url(", " style=", "onload", "@import"):
        assert word not in svg.replace("http://www.w3.org/2000/svg", "")


def test_hostile_names_are_escaped() -> None:
    """A title or ticker from outside is text, never markup."""
    svg = payoff_svg(drawing(title='"><script>alert(1)</script>', symbol="<b>&"))
    assert "<script" not in svg
    assert "&lt;b&gt;&amp; now 502.00" in svg
    ET.fromstring(svg)


def test_profit_and_loss_differ_in_colour_and_meet_at_the_breakeven() -> None:
    """The curve at expiry changes colour where it crosses zero and has no gap there."""
    lines = [
        node
        for node in ET.fromstring(payoff_svg(drawing())).iter(f"{SVG}polyline")
        if node.attrib["stroke-width"] == "2.6"
    ]
    assert len({node.attrib["stroke"] for node in lines}) == 2
    assert lines[0].attrib["points"].split()[-1] == lines[1].attrib["points"].split()[0]


def test_an_unlimited_loss_is_written_and_an_unknown_one_is_not_a_number() -> None:
    """Words stand where no figure can."""
    assert "max loss unlimited" in texts(payoff_svg(drawing(max_loss=UNLIMITED_LOSS)))
    assert "max loss not known" in texts(payoff_svg(drawing(max_loss=None, spot=None, breakevens=[])))


def test_a_payoff_that_is_flat_can_be_drawn() -> None:
    """No division by a span of zero: the line is there, and level."""
    flat = Drawing.of_points(
        [(D(90), D(0)), (D(110), D(0))], title="flat", symbol="X", max_loss=None, max_profit=None
    )
    drawn = ET.fromstring(payoff_svg(flat))
    assert "nan" not in ET.tostring(drawn, encoding="unicode").lower()
    lines = [each.get("points", "") for each in drawn.iter() if each.tag.endswith("polyline")]
    assert lines
    assert all(len({pair.split(",")[1] for pair in line.split()}) == 1 for line in lines)


def test_one_point_is_no_picture() -> None:
    """An error instead of an empty frame."""
    with pytest.raises(ValueError, match="two points"):
        Drawing.of_points([(D(90), D(0))], title="x", symbol="X", max_loss=None, max_profit=None)


@pytest.mark.parametrize("kind", [StrategyType.IRON_CONDOR, StrategyType.CALENDAR_PUT])
async def test_the_png_is_one_of_the_promised_size(bench: Bench, kind: StrategyType) -> None:
    """1440 × 810 pixels, small enough for an answer."""
    png = payoff_png(await bench.build(kind, dte=30))
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (1440, 810)
    assert len(png) < 300_000


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 10, (0, 2, 4, 6, 8, 10)), (-230, 290, (-200, -100, 0, 100, 200)), (598.2, 601.9, (599, 600, 601))],
)
def test_axes_carry_round_numbers(low: float, high: float, ticks: tuple[float, ...]) -> None:
    """Ones, twos, two and a halves and fives."""
    assert nice_ticks(low, high, 5) == ticks


def test_amounts_on_axes_have_a_sign_and_no_idle_digits() -> None:
    """Profit with plus, loss with minus, prices without zeros behind."""
    assert [tick_cash(value) for value in (0, 500, -1200, 0.25)] == ["$0", "+$500", "−$1,200", "+$0.25"]
    assert [tick_price(value) for value in (600.0, 502.13, 1000.5)] == ["600", "502.13", "1,000.5"]


def test_captions_can_be_left_out_and_never_lie_upon_the_curve() -> None:
    """Beside larger figures they repeat; where they stand they clear the curve at any height."""
    assert not any(text.startswith("max") for text in texts(payoff_svg(drawing(), captions=False)))
    for height in (170, 200, 300):
        root = ET.fromstring(payoff_svg(drawing(), width=440, height=height))
        caption = next(node for node in root.iter(f"{SVG}text") if (node.text or "").startswith("max loss"))
        lines = [node for node in root.iter(f"{SVG}polyline") if node.attrib["stroke-width"] == "2.6"]
        lowest = max(float(point.split(",")[1]) for node in lines for point in node.attrib["points"].split())
        assert float(caption.attrib["y"]) - 10 > lowest


def test_numbers_of_near_breakevens_move_apart() -> None:
    """Side by side between the points where there is room; outside and above where there is none."""
    points = [(D(480), D(-100)), (D(495), D(-100)), (D(500), D(100)), (D(505), D(-100)), (D(520), D(-100))]
    tent = Drawing.of_points(
        points, title="t", symbol="X", max_loss=None, max_profit=None, breakevens=[D("497.5"), D("502.5")]
    )
    roomy, tight = tent.breakeven_labels(2.0), tent.breakeven_labels(10.0)
    assert [(label.is_right, label.is_above) for label in roomy] == [(True, False), (False, False)]
    assert [(label.is_right, label.is_above) for label in tight] == [(False, True), (True, True)]


@pytest.mark.parametrize("kind", list(StrategyType))
async def test_a_tickets_picture_covers_the_prices_of_the_drafts_picture(
    bench: Bench, kind: StrategyType
) -> None:
    """A narrow spread on a table of ±20 % is a vertical line: both pictures of one order have one range."""
    draft = await bench.build(kind, dte=30)
    points = draft.analysis.payoff.points
    drawn = Drawing.of_points(points, title="t", symbol="s", max_loss=None, max_profit=None)
    assert drawn.prices == pytest.approx(Drawing.of_draft(draft).prices, abs=0.01)
    assert [price for price, _ in points] == sorted({price for price, _ in points})
    strikes = {option.strike for option in draft.combo.options}
    if not draft.analysis.payoff.is_modelled:
        assert strikes <= {price for price, _ in points}
