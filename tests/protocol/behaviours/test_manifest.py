"""The claims and the tests belong together: none without the other."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.protocol.behaviours.behaviour import Provenance
from tests.protocol.behaviours.manifest import behaviours

TESTS = Path(__file__).parents[2]


def marked_ids() -> Counter[str]:
    """The ids that tests carry."""
    return Counter(
        found
        for path in sorted(TESTS.rglob("test_*.py"))
        for found in _ids(ast.parse(path.read_text("utf-8")))
    )


def _ids(tree: ast.AST) -> Iterator[str]:
    """The ids of all markers in a piece of source."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "behaviour"
        ):
            yield from (one.value for one in node.args if isinstance(one, ast.Constant))


def test_an_id_names_one_claim() -> None:
    ids = Counter(row.id for row in behaviours())
    assert [name for name, count in ids.items() if count > 1] == []
    assert [name for name in ids if not re.fullmatch(r"SIM-[A-Z]+-\d\d", name)] == []


def test_every_claim_has_a_test_and_every_marker_a_claim() -> None:
    claimed, marked = {row.id for row in behaviours()}, set(marked_ids())
    assert sorted(claimed - marked) == []
    assert sorted(marked - claimed) == []


def test_every_test_of_the_exchange_s_behaviour_carries_the_claim_it_proves() -> None:
    """A test without an id is a behaviour that the manifest does not know of."""
    bare = [
        f"{path.name}: {node.name}"
        for path in sorted((TESTS / "protocol" / "exchange").glob("test_*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not any(list(_ids(mark)) for mark in node.decorator_list)
    ]
    assert bare == []


def test_a_claim_says_where_it_is_from() -> None:
    """Only what we decided ourselves needs no source."""
    unsourced = [
        row.id for row in behaviours() if not row.source and row.provenance is not Provenance.OUR_DECISION
    ]
    assert unsourced == []
