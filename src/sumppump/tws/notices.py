"""TWS's codes as a table: what a code means for the connection, for a market data line, for a what-if.

Codes and texts: IBKR's page "Message Codes" and recordings. A code that is in no table ends what it names.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from enum import Enum, auto

from loguru import logger


class Effect(Enum):
    """What a message about the connection changes."""

    BROKER_LOST = auto()
    DATA_LOST = auto()
    DATA_KEPT = auto()
    PORT_MOVED = auto()
    FARM_DOWN = auto()
    FARM_UP = auto()
    SIDE_FARM_DOWN = auto()
    SIDE_FARM_UP = auto()
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
    2105: Effect.SIDE_FARM_DOWN,  # history
    2106: Effect.SIDE_FARM_UP,
    2107: Effect.SIDE_FARM_UP,  # inactive, but there on demand
    2108: Effect.FARM_UP,  # likewise
    2110: Effect.BROKER_LOST,
    2119: Effect.REMARK,
    2157: Effect.SIDE_FARM_DOWN,  # definitions of contracts
    2158: Effect.SIDE_FARM_UP,
    10197: Effect.COMPETING,
}


FARMS_UP = frozenset({Effect.FARM_UP, Effect.SIDE_FARM_UP})


def effect_of(code: int) -> Effect:
    """What a message without a request or order changes."""
    return EFFECTS.get(code, Effect.REMARK)


class SparingLog:
    """Notices of TWS in the log: the same one at most once a minute (F-14, F-23)."""

    EVERY_S = 60.0

    def __init__(self) -> None:
        self._said: dict[tuple[int, str], float] = {}

    def says(self, code: int, text: str, *, level: str) -> None:
        """Write it down, unless it was written just now."""
        now = time.monotonic()
        self._said = {what: at for what, at in self._said.items() if now - at < self.EVERY_S}
        if (code, text) not in self._said:
            self._said[code, text] = now
            logger.log(level, "TWS says {}: {}", code, text)


def farm_named(text: str) -> str:
    """The farm that a 21xx message speaks of; it stands after the last colon, or after "demand."."""
    return re.split(r":|demand\.", text)[-1].strip()[:40]


class OnLine(Enum):
    """What an error does to the market data line that it names."""

    ENDS = auto()
    GOES_ON = auto()
    NO_PLACE = auto()
    PAUSES = auto()


@dataclass(frozen=True, slots=True)
class LineCode:
    """A code on a line: its effect, what a person is told, and whether a subscription is what is missing."""

    effect: OnLine
    words: str
    names_subscription: bool = False


_UNSUBSCRIBED = "the account has no market data subscription for it"
_PARTLY = "a part of the market data is not subscribed"
LINE_CODES = {
    101: LineCode(OnLine.NO_PLACE, "TWS has no market data line left"),
    200: LineCode(OnLine.ENDS, "TWS does not know this contract"),
    322: LineCode(OnLine.PAUSES, "TWS cannot serve it now"),
    354: LineCode(OnLine.ENDS, _UNSUBSCRIBED, True),
    10089: LineCode(OnLine.ENDS, f"{_UNSUBSCRIBED} through the API", True),
    10090: LineCode(OnLine.GOES_ON, _PARTLY, True),
    10091: LineCode(OnLine.GOES_ON, f"{_PARTLY} through the API", True),
    10167: LineCode(OnLine.GOES_ON, "delayed data: the account has no live subscription", True),
    10168: LineCode(OnLine.ENDS, f"{_UNSUBSCRIBED}, and delayed data is off", True),
    10186: LineCode(OnLine.ENDS, f"{_UNSUBSCRIBED}, and there is no delayed data", True),
    10189: LineCode(OnLine.ENDS, f"{_UNSUBSCRIBED} tick by tick", True),
    10190: LineCode(OnLine.ENDS, "TWS serves no more contracts tick by tick"),
    10197: LineCode(OnLine.PAUSES, "another session of the same login takes the market data"),
}
PARTLY_REFUSED = frozenset({10090, 10091})
# With "Delayed market data is available" in the text, asking once more under type 3 brings delayed data.
MAY_BE_DELAYED = frozenset({354, 10089})


def line_code(code: int, text: str) -> LineCode:
    """What an error does to a line; a code that is in no table ends it, a 21xx is a remark."""
    known = LINE_CODES.get(code)
    if known is not None:
        return known
    return LineCode(OnLine.GOES_ON if 2100 <= code < 2200 else OnLine.ENDS, text)


# A what-if goes on after these; anything else is a refusal. 10349 and 10311 are remarks that the library
# reads as a cancel.
WHAT_IF_REMARKS = frozenset({105, 399, 404, 10311, 10349})


def ends_what_if(code: int) -> bool:
    """Whether an error means that TWS would refuse the order."""
    return code not in WHAT_IF_REMARKS and not 2100 <= code < 2200
