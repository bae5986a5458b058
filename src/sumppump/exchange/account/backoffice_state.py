"""What the back office has to keep between two runs of the exchange."""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.exchange.account.exercise import Wish
from sumppump.exchange.account.permissions import EVERYTHING, Permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class BackofficeState:
    """Everything of it that is no part of the account.

    Attributes:
        wishes: the day's instructions to exercise or not.
        is_warned: whether the owner has been told of the margin.
        reset_minute: when profit and loss begin anew, minutes after midnight in New York; None: at the open.
        forced: short options that are assigned at the next close.
    """

    wishes: tuple[Wish, ...] = ()
    is_warned: bool = False
    forced: tuple[int, ...] = ()
    permissions: Permissions = EVERYTHING
    reset_minute: int | None = None
