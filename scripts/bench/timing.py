"""How long jobs take beside each other, and what that is worth against a target."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from scripts.bench.figures import Figure, micros

RUNS, SLOW_RUNS = 101, 5

Job = Callable[[], object]


def seconds(job: Job, runs: int = RUNS) -> float:
    """Median of several runs."""
    return alternating(job, runs=runs)[0]


def alternating(*jobs: Job, runs: int = RUNS) -> list[float]:
    """Medians of jobs that take turns, so that what else the machine does hits all of them alike.

    An answer is kept until the next, as a caller keeps what it asked for.
    """
    taken: list[list[float]] = [[] for _ in jobs]
    kept = [job() for job in jobs]
    for _ in range(runs):
        for place, job in enumerate(jobs):
            start = time.perf_counter()
            kept[place] = job()
            taken[place].append(time.perf_counter() - start)
    return [statistics.median(each) for each in taken]


def at_least(name: str, times: float, ours: float, theirs: float, whose: str) -> Figure:
    """A target "so many times as fast", as the share of the time that it allows."""
    note = f"{micros(ours)} against {micros(theirs)} of {whose}: {theirs / ours:,.0f}×, at least {times:g}×"
    return Figure(
        name=f"{name}, of what {times:g}× allows", value=ours * times / theirs, target=1.0, note=note
    )


def at_most(name: str, times: float | None, ours: float, theirs: float, whose: str) -> Figure:
    """A target "at most so many times as long"."""
    return Figure(
        name=name,
        value=ours / theirs,
        target=times,
        note=f"{micros(ours)} against {micros(theirs)} of {whose}",
    )
