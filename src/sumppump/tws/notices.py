"""TWS's codes as a table: what a code means for the connection, for a market data line, for a what-if.

Codes and texts: IBKR's page "Message Codes" and recordings. A code that is in no table ends what it names.
"""

from __future__ import annotations

import re
from enum import Enum, auto


class Effect(Enum):
    """What a message about the connection changes."""

    BROKER_LOST = auto()
    DATA_LOST = auto()
    DATA_KEPT = auto()
    PORT_MOVED = auto()
    FARM_DOWN = auto()
    FARM_UP = auto()
    COMPETING = auto()
    TOO_FAST = auto()
    ID_TAKEN = auto()
    ACCOUNT_TAKEN = auto()
    REMARK = auto()


EFFECTS = {
    100: Effect.TOO_FAST,
    326: Effect.ID_TAKEN,
    1100: Effect.BROKER_LOST,
    1101: Effect.DATA_LOST,
    1102: Effect.DATA_KEPT,
    1300: Effect.PORT_MOVED,
    2100: Effect.ACCOUNT_TAKEN,
    2103: Effect.FARM_DOWN,
    2104: Effect.FARM_UP,
    2105: Effect.FARM_DOWN,
    2106: Effect.FARM_UP,
    2107: Effect.FARM_UP,  # inactive, but there on demand
    2108: Effect.FARM_UP,
    2110: Effect.BROKER_LOST,
    2119: Effect.REMARK,
    2157: Effect.FARM_DOWN,
    2158: Effect.FARM_UP,
    10197: Effect.COMPETING,
}


def effect_of(code: int) -> Effect:
    """What a message without a request or order changes."""
    return EFFECTS.get(code, Effect.REMARK)


def farm_named(text: str) -> str:
    """The farm that a 21xx message speaks of; it stands after the last colon, or after "demand."."""
    return re.split(r":|demand\.", text)[-1].strip()[:40]


# Market data: these end a line, with the sentence that a quote then carries.
LINE_ENDS = {
    101: "TWS has no market data line left",
    200: "TWS does not know this contract",
    354: "the account has no market data subscription for it",
    10089: "the account has no market data subscription for it through the API",
    10168: "the account has no market data subscription for it, and delayed data is off",
    10186: "the account has no market data subscription for it, and delayed data is off",
    10197: "another session of the same login takes the market data",
}
# These leave it running; a part of the numbers will not come.
LINE_REMARKS = {
    10090: "a part of the market data is not subscribed",
    10091: "a part of the market data is not subscribed",
    10167: "delayed data: the account has no live subscription",
}
NOT_SUBSCRIBED = frozenset({354, 10089, 10168, 10186})
NO_LINE_LEFT = 101

# A what-if goes on after these; anything else is a refusal. 10349 and 10311 are remarks that the library
# reads as a cancel.
WHAT_IF_REMARKS = frozenset({105, 399, 404, 10311, 10349})


def ends_what_if(code: int) -> bool:
    """Whether an error means that TWS would refuse the order."""
    return code not in WHAT_IF_REMARKS and not 2100 <= code < 2200
