"""The broker's own profit and loss of single contracts today, also of those that left this morning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sumppump.kernel.money import Money


class PositionPnl(Protocol):
    """What single contracts have made today."""

    async def of_today(self, con_ids: Sequence[int]) -> Mapping[int, Money]:
        """By con_id, after commissions, in the account's currency; what the broker does not tell is missing.

        Raises:
            GatewayUnavailable: no connection.
        """
        ...
