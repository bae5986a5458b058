"""The loop that sends orders never waits for a tree: every analysis prices its options in another thread."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from decimal import Decimal
from importlib import import_module

import pytest
from tests.unit.strategies.conftest import Bench

from sumppump.kernel.money import Premium
from sumppump.strategies.drafts import Draft

AMERICAN = import_module("sumppump.domain.pricing.american")  # the package gives its name to a function
CENT = Premium(Decimal("0.01"))


@pytest.fixture
def priced_in(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The threads in which trees are rolled back from now on."""
    threads: set[int] = set()
    plain = AMERICAN.roll_back

    def watched(*inputs: object) -> object:
        threads.add(threading.get_ident())
        return plain(*inputs)  # type: ignore[arg-type]

    monkeypatch.setattr(AMERICAN, "roll_back", watched)
    return threads


async def built(bench: Bench) -> Draft:
    return await bench.build("calendar_call", dte=30)


async def named(bench: Bench) -> Draft:
    return await bench.build("iron_condor", strikes=[590, 595, 605, 610], dte=30)


async def refreshed(bench: Bench) -> object:
    return await bench.service.refresh(await built(bench), quantity=2)


async def at_another_premium(bench: Bench) -> object:
    draft = await built(bench)
    return await bench.service.at_premium(draft, draft.net_premium + CENT)


async def analysed(bench: Bench) -> object:
    draft = await built(bench)
    return await bench.service.analyse(draft.combo, quantity=1, underlying=draft.underlying)


@pytest.mark.parametrize("look", [built, named, refreshed, at_another_premium, analysed])
async def test_no_look_at_a_strategy_prices_on_the_loop(
    bench: Bench, priced_in: set[int], look: Callable[[Bench], Awaitable[object]]
) -> None:
    await look(bench)
    assert priced_in
    assert threading.get_ident() not in priced_in


async def test_the_same_premium_and_quantity_are_not_reckoned_again(
    bench: Bench, priced_in: set[int]
) -> None:
    draft = await built(bench)
    priced_in.clear()
    assert await bench.service.at_premium(draft, draft.net_premium) is draft.analysis
    assert not priced_in
