"""The picture of a ticket: every curve it knows, in letters that the page has room for."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from tests.unit.approval.stories import bull_call_spread, iron_condor

from sumppump.approval.picture import payoff_of
from sumppump.domain.tickets import TicketFacts

SVG = "{http://www.w3.org/2000/svg}"
SPREAD, CONDOR = bull_call_spread().facts, iron_condor().facts


def drawn(facts: TicketFacts) -> ET.Element:
    """The picture's document."""
    return ET.fromstring(base64.b64decode(payoff_of(facts).address.split(",")[1]))


def words(facts: TicketFacts) -> set[str]:
    return {node.text or "" for node in drawn(facts).iter(f"{SVG}text")}


def height(facts: TicketFacts) -> int:
    return int(re.findall(r"\d+", drawn(facts).attrib["viewBox"])[3])


def test_today_half_way_and_the_likely_prices_stand_beside_the_expiry() -> None:
    """Where they are known; a ticket of an older journal has the expiry alone."""
    assert {"today", "half-way", "at expiry", "breakeven", "68 % likely"} <= words(SPREAD)
    older = words(replace(SPREAD, earlier=(), likely=None))
    assert "at expiry" in older
    assert not {"today", "half-way", "68 % likely"} & older


def test_a_ticket_with_more_to_say_leaves_its_picture_less_height() -> None:
    """So that letters keep their size; then loss and gain stand beside it alone."""
    assert height(SPREAD) > height(CONDOR) >= 150
    assert any(text.startswith("max loss") for text in words(SPREAD))
    assert not any(text.startswith("max loss") for text in words(CONDOR))
    assert height(replace(SPREAD, stress=())) == 300


@pytest.mark.parametrize("facts", [SPREAD, CONDOR], ids=["spread", "condor"])
def test_the_picture_runs_no_script_and_fetches_nothing(facts: TicketFacts) -> None:
    """It is a document of its own in an address."""
    tags = {node.tag.removeprefix(SVG) for node in drawn(facts).iter()}
    assert not tags & {"script", "image", "use", "foreignObject", "a"}


def test_an_order_without_figures_is_said_in_words() -> None:
    """Not an empty frame."""
    assert payoff_of(replace(SPREAD, payoff=())).address == ""
