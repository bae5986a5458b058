"""What a strategy is: legs by rule, geometry of its strikes, what it hopes for and what it needs.

Strikes of a strategy are numbered from the lowest (0) upwards; a leg names the number of its strike.
The levels are IBKR's (https://www.interactivebrokers.com, option trading permissions; not verified with
the broker here): 1 covered calls, 2 long options, protective positions and debit verticals, 3 short premium
with limited loss, 4 unlimited loss.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from sumppump.domain.instruments import Right
from sumppump.domain.margin.rules import MarginRule

CALL, PUT = Right.CALL, Right.PUT

# By default a straddle stands at the spot, not where a call's delta is one half (a little above it).
AT_THE_MONEY: float | None = None

FAR_DAYS = 30


class StrategyType(StrEnum):
    """A named shape of legs, seen from the one who opens it."""

    LONG_CALL = "long_call"
    LONG_PUT = "long_put"
    SHORT_CALL = "short_call"
    SHORT_PUT = "short_put"
    BULL_CALL_SPREAD = "bull_call_spread"
    BEAR_PUT_SPREAD = "bear_put_spread"
    BULL_PUT_SPREAD = "bull_put_spread"
    BEAR_CALL_SPREAD = "bear_call_spread"
    COVERED_CALL = "covered_call"
    PROTECTIVE_PUT = "protective_put"
    COLLAR = "collar"
    COVERED_STRANGLE = "covered_strangle"
    CONVERSION = "conversion"
    SYNTHETIC_LONG = "synthetic_long"
    SYNTHETIC_SHORT = "synthetic_short"
    RISK_REVERSAL = "risk_reversal"
    BEARISH_RISK_REVERSAL = "bearish_risk_reversal"
    BULLISH_SEAGULL = "bullish_seagull"
    BEARISH_SEAGULL = "bearish_seagull"
    ZEBRA = "zebra"
    LONG_BOX = "long_box"
    SHORT_BOX = "short_box"
    LONG_STRADDLE = "long_straddle"
    SHORT_STRADDLE = "short_straddle"
    LONG_STRANGLE = "long_strangle"
    SHORT_STRANGLE = "short_strangle"
    LONG_GUTS = "long_guts"
    SHORT_GUTS = "short_guts"
    STRAP = "strap"
    STRIP = "strip"
    CALL_RATIO_SPREAD = "call_ratio_spread"
    PUT_RATIO_SPREAD = "put_ratio_spread"
    CALL_BACKSPREAD = "call_backspread"
    PUT_BACKSPREAD = "put_backspread"
    LONG_CALL_LADDER = "long_call_ladder"
    LONG_PUT_LADDER = "long_put_ladder"
    SHORT_CALL_LADDER = "short_call_ladder"
    SHORT_PUT_LADDER = "short_put_ladder"
    JADE_LIZARD = "jade_lizard"
    REVERSE_JADE_LIZARD = "reverse_jade_lizard"
    BIG_LIZARD = "big_lizard"
    CALL_BUTTERFLY = "call_butterfly"
    PUT_BUTTERFLY = "put_butterfly"
    IRON_BUTTERFLY = "iron_butterfly"
    REVERSE_IRON_BUTTERFLY = "reverse_iron_butterfly"
    BROKEN_WING_CALL_BUTTERFLY = "broken_wing_call_butterfly"
    BROKEN_WING_PUT_BUTTERFLY = "broken_wing_put_butterfly"
    CALL_CHRISTMAS_TREE = "call_christmas_tree"
    PUT_CHRISTMAS_TREE = "put_christmas_tree"
    CALL_CONDOR = "call_condor"
    PUT_CONDOR = "put_condor"
    IRON_CONDOR = "iron_condor"
    LONG_IRON_CONDOR = "long_iron_condor"
    BROKEN_WING_IRON_CONDOR = "broken_wing_iron_condor"
    CALENDAR_CALL = "calendar_call"
    CALENDAR_PUT = "calendar_put"
    DOUBLE_CALENDAR = "double_calendar"
    DIAGONAL_CALL = "diagonal_call"
    DIAGONAL_PUT = "diagonal_put"
    DOUBLE_DIAGONAL = "double_diagonal"

    @property
    def words(self) -> str:
        """The name as a person writes it."""
        return self.value.replace("_", " ")

    @property
    def one(self) -> str:
        """The same with its article."""
        return f"{'an' if self.words[0] in 'aeiou' else 'a'} {self.words}"


class Outlook(StrEnum):
    """What the underlying is expected to do; volatile is a large move either way."""

    BULLISH = "bullish"
    BEARISH = "bearish"
    NEUTRAL = "neutral"
    VOLATILE = "volatile"


class Vega(StrEnum):
    """What a strategy wants from implied volatility, as it is usually opened."""

    LONG = "long"
    SHORT = "short"
    NEUTRAL = "neutral"

    @property
    def words(self) -> str:
        """In a sentence."""
        return _VEGA_WORDS[self]


_VEGA_WORDS = {
    Vega.LONG: "It wants volatility to rise.",
    Vega.SHORT: "It wants volatility to fall.",
    Vega.NEUTRAL: "It wants nothing of volatility for certain.",
}


class Wings(StrEnum):
    """What must hold between the outermost distances of the strikes."""

    FREE = "free"
    EQUAL = "equal"
    UNEQUAL = "unequal"


@dataclass(frozen=True, slots=True)
class LegShape:
    """One leg of a strategy.

    Attributes:
        ratio: contracts per combo; positive buys.
        right: call or put; None is the stock, one contract's worth of shares.
        slot: number of its strike from the lowest, from 0.
        is_far: it expires later than the others.
    """

    ratio: int
    right: Right | None
    slot: int = 0
    is_far: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """How the strikes are found when the caller names none.

    Attributes:
        deltas: one absolute delta per strike, lowest strike first, or AT_THE_MONEY (nearest the spot).
        anchors: numbers of the strikes that stay at their delta when a `width` is given.
        offsets: per strike, in multiples of `width`, from the anchor that is nearest in number.
        is_centred: the width lies half to each side of the spot instead (strangles, collars).
        is_even: both wings are equally wide unless the caller gives each strike its delta.
        far_days: calendar days from the first to the later expiry.
    """

    deltas: tuple[float | None, ...]
    anchors: tuple[int, ...] = (0,)
    offsets: tuple[int, ...] = (0,)
    is_centred: bool = False
    is_even: bool = False
    far_days: int = FAR_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One row of the catalogue.

    Attributes:
        level: IBKR's permission level.
        outlooks: what it is opened for; empty where no view of the price is taken.
        margin: the Reg-T rule by which it is margined.
        vega: what it wants from implied volatility.
        about: what it does, in one sentence.
        wings: what must hold between its strikes beside their order.
        aliases: further names, in the form of the type's own.
    """

    type: StrategyType
    legs: tuple[LegShape, ...]
    level: int
    outlooks: tuple[Outlook, ...]
    margin: MarginRule
    vega: Vega
    aim: Aim
    about: str
    wings: Wings = Wings.FREE
    aliases: tuple[str, ...] = ()

    @property
    def slots(self) -> int:
        """How many different strikes it has."""
        return len(self.aim.deltas)

    @property
    def has_far(self) -> bool:
        """Whether it spans two expiries."""
        return any(leg.is_far for leg in self.legs)

    @property
    def contracts(self) -> int:
        """Option contracts in one combo, bought and sold."""
        return sum(abs(leg.ratio) for leg in self.legs if leg.right is not None)

    @property
    def outlook(self) -> str:
        """The outlooks in words, for example `neutral to bullish`."""
        return " to ".join(self.outlooks) or "no view of the price"

    def right_of(self, slot: int) -> Right:
        """The right by which the strike of this number is chosen (the call where both stand there)."""
        rights = {leg.right for leg in self.legs if leg.slot == slot and leg.right is not None}
        return CALL if CALL in rights else PUT

    def is_far_slot(self, slot: int) -> bool:
        """Whether only a later leg stands at this strike."""
        there = [leg for leg in self.legs if leg.slot == slot and leg.right is not None]
        return all(leg.is_far for leg in there)

    def fits(self, strikes: Sequence[Decimal]) -> bool:
        """Whether strikes, one for each number, rise and have the wings that it asks for."""
        if any(high <= low for low, high in pairwise(strikes)):
            return False
        if self.wings is Wings.FREE:
            return True
        is_equal = strikes[1] - strikes[0] == strikes[-1] - strikes[-2]
        return is_equal is (self.wings is Wings.EQUAL)


_LEG = re.compile(r"([+-])(\d?)([CP])(\d)(far)?")


def legs(text: str) -> tuple[LegShape, ...]:
    """Legs from words: `+P0 -2C1`, with `stock` and, for later expiries, `+C0far`.

    Raises:
        ValueError: a word is no leg.
    """
    return tuple(_leg(word) for word in text.split())


def _leg(word: str) -> LegShape:
    if word == "stock":
        return LegShape(1, None)
    found = _LEG.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is not a leg")
    sign, count, right, slot, far = found.groups()
    return LegShape(int(f"{sign}{count or 1}"), Right(right), int(slot), is_far=far is not None)
