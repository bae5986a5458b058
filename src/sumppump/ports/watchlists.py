"""Lists of symbols that a person keeps on this machine; nothing of them is known to the broker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

Lists = Mapping[str, Sequence[str]]
"""Symbols, as written and in order, by the list's name."""


class Watchlists(Protocol):
    """The lists of one home folder, shared by all processes that use it."""

    def read(self) -> Lists:
        """All lists as they are now; {} before the first.

        Raises:
            StoreFailed: the file cannot be read, or is not ours.
        """
        ...

    def change(self, edit: Callable[[Lists], Lists]) -> Lists:
        """Put what `edit` makes of the present lists in their place, whole or not at all; returns it.

        Raises:
            StoreFailed: nothing was changed.
        """
        ...
