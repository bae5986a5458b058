"""One fetch for all who ask for the same, and nobody's giving up is another's loss."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from sumppump.data.flights import Flights, Told
from sumppump.kernel.errors import GatewayUnavailable


@dataclass
class Fetch:
    """A fetch that lasts until told, and how often it began and was given up."""

    begun: int = 0
    given_up: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False
    tell: Told | None = None

    async def __call__(self, tell: Told) -> str:
        self.begun += 1
        self.tell = tell
        try:
            await self.done.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.fails:
            raise GatewayUnavailable("gone")
        return "chain"


async def _turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


Ask = Callable[..., asyncio.Task[str]]


@pytest.fixture
def fetch() -> Fetch:
    return Fetch()


@pytest.fixture
def ask(fetch: Fetch) -> Ask:
    """Another caller, on the same fetches."""
    flights: Flights[str, str] = Flights()

    def begin(key: str = "SPY", told: Told | None = None) -> asyncio.Task[str]:
        asked: Awaitable[str] = flights.join(key, fetch, told)
        return asyncio.ensure_future(asked)

    return begin


async def test_two_who_ask_for_the_same_are_answered_by_one_fetch(fetch: Fetch, ask: Ask) -> None:
    """One for each thing asked, and a new one once it is over."""
    both = [ask(), ask(), ask("SPX")]
    await _turns()
    assert fetch.begun == 2
    fetch.done.set()
    assert await asyncio.gather(*both) == ["chain"] * 3
    assert await ask() == "chain"
    assert fetch.begun == 3


@pytest.mark.parametrize("leaver", [0, 1])
async def test_who_gives_up_leaves_the_fetch_to_the_other(fetch: Fetch, ask: Ask, leaver: int) -> None:
    """The first as well as the one who joined."""
    both = [ask(), ask()]
    await _turns()
    both[leaver].cancel()
    await _turns()
    assert (both[leaver].cancelled(), fetch.given_up) == (True, 0)
    fetch.done.set()
    assert await both[1 - leaver] == "chain"


async def test_the_last_who_gives_up_ends_the_fetch(fetch: Fetch, ask: Ask) -> None:
    """Nobody waits for it: what it holds is given back, and who comes later begins anew."""
    both = [ask(), ask()]
    await _turns()
    for each in both:
        each.cancel()
    await _turns()
    assert fetch.given_up == 1
    late = ask()
    await _turns()
    fetch.done.set()
    assert (await late, fetch.begun) == ("chain", 2)


async def test_a_failure_is_everybody_s_and_is_not_remembered(fetch: Fetch, ask: Ask) -> None:
    """The next caller tries again."""
    fetch.fails = True
    both = [ask(), ask()]
    await _turns()
    fetch.done.set()
    found = await asyncio.gather(*both, return_exceptions=True)
    assert [type(each) for each in found] == [GatewayUnavailable] * 2
    fetch.fails = False
    assert await ask() == "chain"


async def test_progress_is_told_to_all_who_wait(fetch: Fetch, ask: Ask) -> None:
    """Who joins late hears the rest; who left hears nothing."""
    heard: dict[str, list[tuple[int, int]]] = {"first": [], "second": []}
    first = ask(told=lambda *count: heard["first"].append(count))
    await _turns()
    assert fetch.tell is not None
    fetch.tell(1, 3)
    second = ask(told=lambda *count: heard["second"].append(count))
    await _turns()
    fetch.tell(2, 3)
    first.cancel()
    await _turns()
    fetch.tell(3, 3)
    fetch.done.set()
    await second
    assert heard == {"first": [(1, 3), (2, 3)], "second": [(2, 3), (3, 3)]}
