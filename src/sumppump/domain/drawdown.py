"""How far a series stands below its highest value so far."""

from __future__ import annotations

from collections.abc import Sequence


def below_highest(values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Percent below the highest so far, 0 or less; None where there is no value, or none above 0 yet."""
    highest, found = 0.0, list[float | None]()
    for each in values:
        highest = highest if each is None else max(highest, each)
        found.append(None if each is None or highest <= 0 else 100.0 * (each / highest - 1.0))
    return tuple(found)
