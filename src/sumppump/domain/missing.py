"""A figure that cannot be given, and why: what stands where a number would, never 0, -1 or NaN."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """No figure.

    Attributes:
        code: for programs, `too_few_strikes`.
        reason: one clause for people, without a full stop.
    """

    code: str
    reason: str
