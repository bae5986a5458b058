"""The display groups of TWS: windows of one colour show one contract, and clients may follow and change it.

TWS has seven groups; all clients share them, as they share its windows. A contract is written as TWS
writes it: `none`, `con_id@exchange`, or `combo`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

GROUPS = tuple(range(1, 8))
NOTHING_SHOWN = "none"
_LONGEST = 64  # characters; what a client says is kept

Follower = Callable[[str], None]
"""Hears which contract its group shows."""


@dataclass(slots=True)
class DisplayGroups:
    """What each group shows, and who follows it."""

    _shown: dict[int, str] = field(default_factory=dict)
    _followers: dict[int, list[Follower]] = field(default_factory=dict)

    def shown(self, group: int) -> str:
        """The contract of a group."""
        return self._shown.get(group, NOTHING_SHOWN)

    def follow(self, group: int, follower: Follower) -> None:
        """Hear what the group shows now and from now on."""
        self._followers.setdefault(group, []).append(follower)
        follower(self.shown(group))

    def leave(self, group: int, follower: Follower) -> None:
        """Hear no more."""
        self._followers[group] = [one for one in self._followers.get(group, []) if one is not follower]

    def show(self, group: int, contract: str) -> None:
        """Put a contract on show and tell everybody who follows."""
        self._shown[group] = contract[:_LONGEST]
        for follower in self._followers.get(group, []):
            follower(self._shown[group])
