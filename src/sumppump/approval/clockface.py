"""The time that the person's watch shows: for reading, never for deciding."""

from __future__ import annotations

from datetime import UTC, datetime


def local_time() -> datetime:
    """Time of day on this machine, in its own zone."""
    return datetime.now(UTC).astimezone()
