"""Trades whose options have expired or were exercised: what the clearing house made of each leg. Pure.

The broker tells settlements as executions that belong to no order: of the option at what it pays in cash, or
at 0, and of the shares at the strike where it was exercised or assigned (that TWS tells them so is
unverified). The two need not come together: an option at 0 is worthless only where no shares moved that
nothing else explains. Where it tells nothing the contract is past its settlement and gone from the account,
and that is all that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sumppump.domain.combo import Leg
from sumppump.domain.instruments import OptionContract, Right, SecType
from sumppump.domain.leg_ends import LegEnd, LegFate, expiry_words
from sumppump.domain.orders import Fill
from sumppump.execution.departures import Loss
from sumppump.execution.stakes import Stake, needed

# Rows of one settlement may be seconds or hours apart; two settlements of one underlying are a day apart.
ONE_SESSION = timedelta(hours=12)
# That no shares came proves nothing while they may still be on their way.
SHARES_FOLLOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Settlements:
    """What the clearing house has told.

    Attributes:
        fills: executions of no order, of options and of shares. now: the exchange's time.
        account: contracts held, by con_id. net: contracts that all trades together hold.
        before: by con_id of an option, what `unexplained` said while the account still showed it.
        options: of all trades, those that are over or held.
    """

    fills: tuple[Fill, ...]
    now: datetime
    account: Counter[int]
    net: Counter[int]
    before: Mapping[int, int]
    options: tuple[OptionContract, ...]

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

    def is_told(self, stake: Stake, option: OptionContract, end: LegEnd) -> bool:
        """Whether its end is known by executions too, or there was nothing to settle."""
        if not self.net[option.con_id]:
            return True
        rows = self.of(stake, option)
        is_fresh = bool(rows) and self.now - rows[-1].at < SHARES_FOLLOW
        return end.fate is not LegFate.UNTOLD and not (end.fate is LegFate.EXPIRED and is_fresh)

    def moved_no_shares(self, option: OptionContract) -> bool:
        """Whether every share that came or went while the option left is one that another row explains.

        Without a reading from before, our trades must hold all shares that there are: nobody knows then what
        other hands held.
        """
        shares = option.underlying_con_id
        before = self.before.get(option.con_id, self.net[shares])
        return shares != 0 and unexplained(option, self.account, self.fills) == before

    def moved(self, option: OptionContract, at: datetime, side: str) -> Decimal:
        """Shares that moved at its strike in the session of its own row."""
        rows = (fill for fill in self.fills if _is_stock_of(option, fill) and fill.side == side)
        near = (fill for fill in rows if abs(fill.at - at) < ONE_SESSION and fill.price == option.strike)
        return sum((fill.quantity for fill in near), Decimal(0))

    def due(self, option: OptionContract, at: datetime, side: str) -> Decimal:
        """Shares that would have moved so if all that was taken out at 0 then, at its strike, was exercised.

        A call that is held and a put that is owed bring shares at one price: their rows do not say which.
        """
        like = {
            each.con_id: each
            for each in self.options
            if (each.symbol, each.strike) == (option.symbol, option.strike)
        }
        rows = (fill for fill in self.fills if fill.con_id in like and fill.price == 0)
        near = (fill for fill in rows if abs(fill.at - at) < ONE_SESSION)
        return sum(
            (
                fill.quantity * like[fill.con_id].multiplier
                for fill in near
                if _share_side(like[fill.con_id], fill) == side
            ),
            Decimal(0),
        )


def expired(
    found: Sequence[Stake],
    account: Counter[int],
    fills: Iterable[Fill],
    now: datetime,
    before: Mapping[int, int] | None = None,
) -> tuple[Loss, ...]:
    """Trades of which a leg has expired or was exercised; what else they held stands alone then.

    Args:
        found: trades, the oldest first.
        account: contracts by con_id, signed.
        fills: executions; those of no order are the clearing house's.
        now: the exchange's time.
        before: `shares_before` of the last reading that showed each option; None where there was none.
    """
    told = Settlements(
        fills=tuple(fill for fill in fills if fill.is_clearing),
        now=now,
        account=account,
        net=needed(found),
        before=before or {},
        options=tuple(option for stake in found for option in stake.combo.options),
    )
    return tuple(
        _loss(stake, told) for stake in found if any(told.is_over(stake, leg) for leg in stake.combo.legs)
    )


def shares_before(
    found: Iterable[Stake], account: Counter[int], fills: Sequence[Fill]
) -> Iterator[tuple[int, int]]:
    """By con_id of every option held that nothing was told of, the shares that no row explains."""
    told = {fill.con_id for fill in fills if fill.is_clearing}
    for option in (option for stake in found for option in stake.combo.options):
        if account[option.con_id] and option.con_id not in told:
            yield option.con_id, unexplained(option, account, fills)


def unexplained(option: OptionContract, account: Counter[int], fills: Iterable[Fill]) -> int:
    """Shares of its underlying in the account, signed, without those that the clearing house moved."""
    rows = (fill for fill in fills if fill.is_clearing and _is_stock_of(option, fill))
    moved = sum((fill.quantity if fill.side == "BUY" else -fill.quantity for fill in rows), Decimal(0))
    return account[option.underlying_con_id] - int(moved)


def _loss(stake: Stake, told: Settlements) -> Loss:
    over = [leg.contract for leg in stake.combo.legs if told.is_over(stake, leg)]
    options = [option for option in over if isinstance(option, OptionContract)]
    ends = tuple(_end(stake, leg, told) for leg in stake.combo.legs)
    ends = tuple(_delivered(end, ends, told) if end.fate is LegFate.KEPT else end for end in ends)
    end_of = {end.con_id: end for end in ends}
    early = [fill.at for option in options for fill in told.of(stake, option) if fill.at < option.settles]
    words = expiry_words(ends, "before expiry" if early else "expired")
    return Loss(
        stake.strategy_id,
        held=0,
        evidence=f"{words}{_shares_held(ends, options[0], told)}",
        is_proven=all(told.is_told(stake, option, end_of[option.con_id]) for option in options),
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
    """The same leg, exercised or assigned where shares moved at its strike; untold where nobody knows."""
    at, side = ends[-1].at, _share_side(option, ends[-1])
    moved, due = told.moved(option, at, side), told.due(option, at, side)
    if not moved and told.moved_no_shares(option):
        return end
    whole = sum((fill.quantity for fill in ends), Decimal(0)) * option.multiplier
    is_alone = whole == due == abs(end.quantity) * option.multiplier
    is_part = is_alone and 0 < moved < due and told.moved_no_shares(option)
    if moved != due and not is_part:
        # The shares are not told yet; or a part was assigned, and something else held some of the same.
        return replace(end, fate=LegFate.UNTOLD, price=None)
    share = int(abs(end.quantity) * option.multiplier * moved / due)
    way = 1 if (option.right is Right.CALL) is (end.quantity > 0) else -1
    fate = LegFate.EXERCISED if end.quantity > 0 else LegFate.ASSIGNED
    return replace(end, fate=fate, shares=way * share, strike=option.strike)


def _share_side(option: OptionContract, row: Fill) -> str:
    """How shares trade when what a row takes out is exercised: a call that was held buys them."""
    was_long = row.side == "SELL"
    return "BUY" if (option.right is Right.CALL) is was_long else "SELL"


def _is_stock_of(option: OptionContract, fill: Fill) -> bool:
    return fill.sec_type == SecType.STK and fill.symbol == option.symbol


def _delivered(end: LegEnd, ends: Sequence[LegEnd], told: Settlements) -> LegEnd:
    """Shares of the trade itself that its assigned options took away; what is left else is kept."""
    taken = next((each for each in ends if each.shares * end.quantity < 0), None)
    if taken is None or told.account[end.con_id] * end.quantity > 0:
        return end
    return replace(end, fate=LegFate.DELIVERED, price=taken.strike)
