"""Pictures of drafts: complete, and drawn for every strategy."""

from __future__ import annotations

import math
import struct
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from tests.unit.strategies.conftest import Bench

from sumppump.drawing.payoff import payoff_chart
from sumppump.drawing.png import picture_png
from sumppump.drawing.scales import tick_price
from sumppump.drawing.svg import chart_svg
from sumppump.drawing.table import picture_table
from sumppump.strategies.catalogue import StrategyType
from sumppump.strategies.payoff_picture import likely_at_expiry, picture_of_draft

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", list(StrategyType))
async def test_every_strategy_has_a_picture_that_is_well_formed(bench: Bench, kind: StrategyType) -> None:
    """XML that parses, with the three curves, the bounds in words and no number that is not one."""
    draft = await bench.build(kind, dte=30)
    svg = chart_svg(payoff_chart(picture_of_draft(draft)))
    words = {node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")}
    assert {"today", "half-way", "at expiry"} <= words
    assert any(text.startswith("max loss") for text in words)
    assert "nan" not in svg.lower().replace("helvetica neue", "")
    assert "inf" not in svg.replace("info", "")


@pytest.mark.parametrize("kind", [StrategyType.IRON_CONDOR, StrategyType.CALENDAR_PUT])
async def test_the_png_is_one_of_the_promised_size(bench: Bench, kind: StrategyType) -> None:
    """1440 × 810 pixels, small enough for an answer."""
    png = picture_png(payoff_chart(picture_of_draft(await bench.build(kind, dte=30))))
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (1440, 810)
    assert len(png) < 300_000


@pytest.mark.parametrize("kind", list(StrategyType))
async def test_a_tickets_picture_covers_the_prices_of_the_drafts_picture(
    bench: Bench, kind: StrategyType
) -> None:
    """A narrow spread on a table of ±20 % is a vertical line: both pictures of one order have one range."""
    draft = await bench.build(kind, dte=30)
    points = draft.analysis.payoff.points
    ends = float(points[0][0]), float(points[-1][0])
    assert ends == pytest.approx(picture_of_draft(draft).span, abs=0.01)
    assert [price for price, _ in points] == sorted({price for price, _ in points})
    strikes = {option.strike for option in draft.combo.options}
    if not draft.analysis.payoff.is_modelled:
        assert strikes <= {price for price, _ in points}


async def test_the_cone_begins_at_the_price_and_widens_with_the_root_of_time(bench: Bench) -> None:
    """At a quarter of the time half as wide, in logarithms, at the mean of the legs' volatilities."""
    draft = await bench.build(StrategyType.BULL_CALL_SPREAD, dte=30)
    wide, narrow = picture_of_draft(draft).cones
    spot = float(draft.spot)
    assert wide.lows[0] == wide.highs[0] == narrow.highs[0] == spot
    quarter = (len(wide.days) - 1) // 4
    assert math.log(wide.highs[quarter] / spot) == pytest.approx(0.5 * math.log(wide.highs[-1] / spot))
    vols = [leg.iv for leg in draft.analysis.legs if leg.iv is not None]
    reach = math.log(narrow.highs[-1] / spot) / math.sqrt(narrow.days[-1] / 365)
    assert reach == pytest.approx(0.994458 * sum(vols) / len(vols))


async def test_the_model_reads_what_the_picture_shows(bench: Bench) -> None:
    """The table has every curve, the price now and every breakeven, where the payoff at expiry is zero."""
    draft = await bench.build(StrategyType.IRON_CONDOR, dte=30)
    table = picture_table(payoff_chart(picture_of_draft(draft))).splitlines()
    assert "SPY price in $|today|half-way|at expiry" in table
    rows = {line.split("|")[0]: line.split("|")[3] for line in table if line.count("|") == 3}
    for price in draft.analysis.breakevens:
        assert rows[f"{price:,.2f}".rstrip("0").rstrip(".")] == "$0"


async def test_the_likely_prices_of_a_ticket_are_the_end_of_the_narrow_cone(bench: Bench) -> None:
    """One figure, drawn as a cone in the draft and as a shade on the ticket; none without volatilities."""
    draft = await bench.build(StrategyType.IRON_CONDOR, dte=30)
    narrow = picture_of_draft(draft).cones[-1]
    likely = likely_at_expiry(draft.analysis)
    assert likely is not None
    assert tuple(map(float, likely)) == pytest.approx((narrow.lows[-1], narrow.highs[-1]), abs=0.01)
    unknown = replace(draft.analysis, legs=tuple(replace(leg, iv=None) for leg in draft.analysis.legs))
    assert likely_at_expiry(unknown) is None


async def test_the_table_of_a_picture_lists_strikes_breakevens_and_the_price(bench: Bench) -> None:
    """Corners of the payoff, not whatever lies evenly between them."""
    draft = await bench.build(StrategyType.IRON_CONDOR, dte=30)
    rows = {line.split("|")[0] for line in picture_table(payoff_chart(picture_of_draft(draft))).splitlines()}
    wanted = [option.strike for option in draft.combo.options] + [*draft.analysis.breakevens, draft.spot]
    assert {tick_price(float(price)) for price in wanted} <= rows
