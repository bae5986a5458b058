"""Rules of the exchange, given by name."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.house_rules import rules_of
from sumppump.kernel.errors import InvalidRequest

PAGE = Path(__file__).parents[3] / "docs" / "exchange.md"


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("read_only=true", "read_only", True),
        ("presets-tif=True", "presets_tif", True),
        ("percentage=2.5", "percentage", 2.5),
        ("double_what_if=true", "double_what_if", True),
        ("unsubscribed=10089", "unsubscribed", 10089),
        ("master_client=3", "master_client", 3),
        ("drops_hasty_time=true", "drops_hasty_time", True),
        ("paces_history=false", "paces_history", False),
        ("rate=200", "rate", 200),
    ],
)
def test_a_rule_takes_the_place_of_its_default(text: str, name: str, value: object) -> None:
    assert rules_of([text]) == replace(Rules(), **{name: value})  # type: ignore[arg-type]


def test_several_rules_hold_together_and_none_leaves_the_defaults() -> None:
    assert rules_of(["lines=5", "read_only=true"]) == Rules(lines=5, read_only=True)
    assert rules_of([]) == Rules()


@pytest.mark.parametrize(
    "text",
    ["percentage=nan", "percentage=", "read_only=perhaps", "rate=0", "newest=200", "lines=1e9",
     "master_client=-1", "unsubscribed=200"],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        rules_of([text])
    assert (refused.value.code, bool(refused.value.expected)) == ("bad_parameter", True)


def test_an_unknown_rule_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidRequest) as refused:
        rules_of(["readonly=true"])
    assert refused.value.code == "unknown_rule"
    assert "read_only" in refused.value.next_steps[0]


def test_the_page_of_the_exchange_names_every_rule() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [field.name for field in fields(Rules) if f"`{field.name}`" not in page] == []
