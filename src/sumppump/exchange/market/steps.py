"""Work that takes long, in steps between which the exchange can serve its clients."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Found = TypeVar("Found")
Steps = Generator[None, None, Found]
"""Stops after about each session that had to be played through, and returns what was found in the end."""


def finished(steps: Steps[Found]) -> Found:
    """What is found, all at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Found = end.value
            return found
