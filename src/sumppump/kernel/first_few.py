"""Long lists in answers: the first few by name, the rest as a number."""

from __future__ import annotations

from collections.abc import Sequence


def first_few(names: Sequence[str], most: int, *, separator: str = ", ") -> str:
    """In one sentence: `SPY, QQQ and 3 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{separator.join(names[:most])}{more}"


def first_lines(lines: Sequence[str], most: int) -> list[str]:
    """As lines, the last of them `and 3 more`."""
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    return [*lines[:most], *more]
