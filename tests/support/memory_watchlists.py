"""Watchlists that live as long as the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sumppump.ports.watchlists import Lists


@dataclass(slots=True)
class MemoryWatchlists:
    """`ports.watchlists.Watchlists` without a disk."""

    lists: Lists = field(default_factory=dict)

    def read(self) -> Lists:
        return self.lists

    def change(self, edit: Callable[[Lists], Lists]) -> Lists:
        self.lists = edit(self.lists)
        return self.lists
