"""Trades whose options have expired or were exercised: what the clearing house made of each leg. Pure.

The broker tells settlements as executions that belong to no order: of the option at what it pays in cash, or
at 0, and of the shares at the strike where it was exercised or assigned (that TWS tells them so is
unverified). Where it tells nothing the contract is past its settlement and gone from the account, and that is
all that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sumppump.domain.combo import Leg
from sumppump.domain.instruments import OptionContract, Right, SecType
from sumppump.domain.leg_ends import LegEnd, LegFate, expiry_words
from sumppump.domain.orders import Fill
from sumppump.execution.departures import Loss
from sumppump.execution.stakes import Stake, needed


@dataclass(frozen=True, slots=True)
class Settlements:
    """What the clearing house has told.

    Attributes:
        fills: executions of no order, of options and of shares. now: the exchange's time.
        account: contracts held, by con_id. net: contracts that all trades together hold.
    """

    fills: tuple[Fill, ...]
    now: datetime
    account: Counter[int]
    net: Counter[int]

    def of(self, stake: Stake, option: OptionContract) -> list[Fill]:
        """Settlements of one option since a trade has it."""
        since = stake.filled_at
        return [
            fill
            for fill in self.fills
            if fill.con_id == option.con_id and (since is None or fill.at >= since)
        ]

    def is_over(self, stake: Stake, leg: Leg) -> bool:
        """Whether a leg is an option that was settled, or turned into shares, and has left the account."""
        option = leg.contract
        if not isinstance(option, OptionContract) or self.account[option.con_id]:
            return False
        return option.settles <= self.now or bool(self.of(stake, option))

    def is_told(self, stake: Stake, option: OptionContract) -> bool:
        """Whether its end is known by executions too, or there was nothing to settle."""
        return bool(self.of(stake, option)) or not self.net[option.con_id]


def expired(
    found: Sequence[Stake], account: Counter[int], fills: Iterable[Fill], now: datetime
) -> tuple[Loss, ...]:
    """Trades of which a leg has expired or was exercised; what else they held stands alone then."""
    told = Settlements(
        fills=tuple(fill for fill in fills if fill.is_clearing), now=now, account=account, net=needed(found)
    )
    return tuple(
        _loss(stake, told) for stake in found if any(told.is_over(stake, leg) for leg in stake.combo.legs)
    )


def _loss(stake: Stake, told: Settlements) -> Loss:
    over = [leg.contract for leg in stake.combo.legs if told.is_over(stake, leg)]
    options = [option for option in over if isinstance(option, OptionContract)]
    ends = tuple(_end(stake, leg, told) for leg in stake.combo.legs)
    ends = tuple(_delivered(end, ends, told) if end.fate is LegFate.KEPT else end for end in ends)
    early = [fill.at for option in options for fill in told.of(stake, option) if fill.at < option.settles]
    words = expiry_words(ends, "before expiry" if early else "expired")
    return Loss(
        stake.strategy_id,
        held=0,
        evidence=f"{words}{_shares_held(ends, options[0], told)}",
        is_proven=all(told.is_told(stake, option) for option in options),
        at=max(early) if early else max(option.settles for option in options),
        legs=ends,
    )


def _shares_held(ends: Sequence[LegEnd], option: OptionContract, told: Settlements) -> str:
    """What the account holds of the underlying, where nobody said what expiry made of the options."""
    held = told.account[option.underlying_con_id]
    if not held or all(end.fate is not LegFate.UNTOLD for end in ends):
        return ""
    return f"; the account holds {held:+d} shares of {option.symbol}"


def _end(stake: Stake, leg: Leg, told: Settlements) -> LegEnd:
    option = leg.contract
    if not isinstance(option, OptionContract) or not told.is_over(stake, leg):
        return stake.end(leg, LegFate.KEPT, stake.entered_at(option.con_id))
    fills = told.of(stake, option)
    if not fills:
        return stake.end(leg, LegFate.UNTOLD, None)
    price = fills[-1].price
    if price > 0:
        return stake.end(leg, LegFate.CASH_SETTLED, price)
    return _turned(stake.end(leg, LegFate.EXPIRED, price), option, fills, told)


def _turned(end: LegEnd, option: OptionContract, ends: Sequence[Fill], told: Settlements) -> LegEnd:
    """The same leg, exercised or assigned where shares have moved at its strike."""
    was_long = ends[-1].side == "SELL"
    side = "BUY" if (option.right is Right.CALL) is was_long else "SELL"
    moved = sum(
        (fill.quantity for fill in told.fills if _moves_shares(fill, option, ends[-1].at, side)), Decimal(0)
    )
    if not moved:
        return end
    whole = sum((fill.quantity for fill in ends), Decimal(0)) * option.multiplier
    if moved != whole and abs(end.quantity) * option.multiplier != whole:
        # A part was assigned, and another trade held some of the same: nobody says whose it was.
        return replace(end, fate=LegFate.UNTOLD, price=None)
    share = int(abs(end.quantity) * option.multiplier * moved / whole)
    way = 1 if (option.right is Right.CALL) is (end.quantity > 0) else -1
    fate = LegFate.EXERCISED if end.quantity > 0 else LegFate.ASSIGNED
    return replace(end, fate=fate, shares=way * share, strike=option.strike)


def _moves_shares(fill: Fill, option: OptionContract, at: datetime, side: str) -> bool:
    is_stock = fill.sec_type == SecType.STK and fill.symbol == option.symbol
    return is_stock and fill.at == at and fill.price == option.strike and fill.side == side


def _delivered(end: LegEnd, ends: Sequence[LegEnd], told: Settlements) -> LegEnd:
    """Shares of the trade itself that its assigned options took away; what is left else is kept."""
    taken = next((each for each in ends if each.shares * end.quantity < 0), None)
    if taken is None or told.account[end.con_id] * end.quantity > 0:
        return end
    return replace(end, fate=LegFate.DELIVERED, price=taken.strike)
