"""Choosing strikes that are listed: as named, at a width, or nearest to target deltas.

Strikes are chosen on a rough smile taken from a handful of probes (`Sight`), because asking the
market for every strike would cost a line each; the legs chosen are then quoted one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from sumppump.domain.instruments import Right
from sumppump.domain.pricing import european_many
from sumppump.domain.smile import Curve
from sumppump.kernel.errors import InvalidRequest, UnknownContract
from sumppump.strategies.listing import Chain
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.shape import Shape, Wings

Targets = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is known of the market before strikes are chosen.

    Attributes:
        spot: the underlying's price.
        smile: volatility by strike of the nearer expiry.
        years, far_years: to the nearer and the later expiry; equal where there is one.
    """

    spot: Decimal
    smile: Curve
    years: float
    far_years: float
    rate: float
    dividend_yield: float

    def deltas(self, strikes: Sequence[Decimal], right: Right, *, is_far: bool) -> dict[Decimal, float]:
        """Estimated absolute deltas by strike."""
        prices = np.array([float(strike) for strike in strikes])
        vols, _ = self.smile.curve(np.log(prices))
        years = self.far_years if is_far else self.years
        inputs = (float(self.spot), prices, years, self.rate, self.dividend_yield, vols)
        values = european_many(*inputs, right is Right.CALL)
        return dict(zip(strikes, np.abs(values.delta).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Board:
    """The strikes that a shape may use: for each number, those at which all its legs are listed.

    Attributes:
        listed: by number of the strike, rising.
    """

    shape: Shape
    listed: tuple[tuple[Decimal, ...], ...]

    @classmethod
    def of(cls, shape: Shape, near: Chain, far: Chain | None) -> Board:
        """The board of a shape on its chains."""

        def common(slot: int) -> tuple[Decimal, ...]:
            sets = [
                set((far if leg.is_far and far else near).strikes(leg.right))
                for leg in shape.legs
                if leg.slot == slot and leg.right is not None
            ]
            return tuple(sorted(set.intersection(*sets)))

        return cls(shape, tuple(common(slot) for slot in range(shape.slots)))

    def leaves_room(self, strike: Decimal, slot: int) -> bool:
        """Whether the strikes of lower and of higher number still find their places beside this one."""
        # The n-th number above needs n listed strikes above, so its n-th from the end must lie there.
        above = (self.listed[each][slot - each :][:1] for each in range(slot + 1, len(self.listed)))
        below = (self.listed[each][: slot - each][-1:] for each in range(slot))
        return all(some and some[0] > strike for some in above) and all(
            some and some[0] < strike for some in below
        )


def choose_strikes(
    request: StrategyRequest, board: Board, sight: Sight, notes: list[str]
) -> tuple[Decimal, ...]:
    """Listed strikes, rising, by width or deltas or the catalogue's aim.

    Raises:
        UnknownContract: nothing listed fits; for a width the nearest ones are named.
    """
    shape, aim = request.shape, request.shape.aim
    deltas = target_deltas(request, notes)
    width = request.width if shape.slots > 1 else None
    if width is not None and aim.is_centred:
        return _centred(board, width, sight)
    if shape.slots == 3 and shape.wings is Wings.EQUAL:
        return _winged(board, width, deltas, sight)
    strikes = _anchored(board, width, deltas, sight)
    return _evened(board, strikes) if aim.is_even and len(request.deltas) != shape.slots else strikes


def target_deltas(request: StrategyRequest, notes: list[str]) -> Targets:
    """One absolute delta per strike, lowest strike first, from what the caller gave; None is at the money.

    Raises:
        InvalidRequest: the count fits nothing.
    """
    shape, given = request.shape, request.deltas
    aim = shape.aim
    if not given:
        return aim.deltas
    if len(given) == shape.slots:
        return _in_strike_order(shape, given, notes)
    anchors = aim.anchors or tuple(range(shape.slots))
    options = sum(1 for leg in shape.legs if leg.right is not None)
    if len(given) == options and shape.slots == 1:
        notes.append(f"deltas: {shape.type.one} has one strike; {given[0]} was used.")
        return given[:1]
    if len(given) == 1 or len(given) == len(anchors):
        return _around_anchors(shape, given if len(given) > 1 else given * len(anchors), anchors)
    raise _wrong_count(shape, given)


def _wrong_count(shape: Shape, given: Sequence[float]) -> InvalidRequest:
    wanted = sorted({1, shape.slots})
    return InvalidRequest(
        f"deltas of {shape.type.one} are {shape.slots}, lowest strike first",
        code="invalid_deltas",
        expected=f"deltas: {' or '.join(str(count) for count in wanted)} number(s)",
        found=str(list(given)),
    )


def _around_anchors(shape: Shape, given: Sequence[float], anchors: Sequence[int]) -> Targets:
    """Anchors get the given deltas; the others keep their proportion to the nearest anchor."""
    usual = [0.5 if delta is None else delta for delta in shape.aim.deltas]
    by_anchor = dict(zip(anchors, given, strict=True))
    near = [min(anchors, key=lambda number, slot=slot: abs(number - slot)) for slot in range(shape.slots)]  # type: ignore[misc]
    return tuple(min(0.95, usual[s] * by_anchor[near[s]] / usual[near[s]]) for s in range(shape.slots))


def _in_strike_order(shape: Shape, given: tuple[float, ...], notes: list[str]) -> tuple[float, ...]:
    """Within one right only one order is possible: calls fall with rising strikes, puts rise."""
    ordered: list[float] = []
    rights = [shape.right_of(slot) for slot in range(shape.slots)]
    for right in dict.fromkeys(rights):
        own = [delta for delta, its in zip(given, rights, strict=True) if its is right]
        ordered += own if shape.has_far else sorted(own, reverse=right is Right.CALL)
    is_even = shape.wings is Wings.EQUAL
    if tuple(ordered) != given and not is_even:
        notes.append(f"deltas were read in the order of rising strikes: {ordered}.")
    return given if is_even else tuple(ordered)


def _closest(
    board: Board,
    slot: int,
    delta: float | None,
    sight: Sight,
    fits: Callable[[Decimal], bool],
) -> Decimal:
    right = board.shape.right_of(slot)
    allowed = [strike for strike in board.listed[slot] if fits(strike) and board.leaves_room(strike, slot)]
    if not allowed:
        raise UnknownContract(
            f"no listed {right.word} strike is left for {board.shape.type.one}",
            code="strike_not_listed",
            expected="strikes: more listed strikes at this expiry",
            found=f"{len(board.listed[slot])} listed",
            next_steps=["Choose another expiry, or name the strikes."],
        )
    if delta is None:
        return min(allowed, key=lambda strike: (abs(strike - sight.spot), strike))
    estimates = sight.deltas(allowed, right, is_far=board.shape.is_far_slot(slot))
    return min(allowed, key=lambda strike: (abs(estimates[strike] - delta), strike))


def _anchored(board: Board, width: Decimal | None, deltas: Targets, sight: Sight) -> tuple[Decimal, ...]:
    """Anchors at their deltas first, then outwards: at the width, or at deltas beyond the anchors."""
    shape, aim = board.shape, board.shape.aim
    anchors = aim.anchors or (0,)
    chosen: dict[int, Decimal] = {}
    for slot in anchors:
        partners = _partners(shape, slot) if width is not None else ()

        def fits(strike: Decimal, slot: int = slot, partners: tuple[int, ...] = partners) -> bool:
            apart = all(strike + _offset(shape, other, width) in board.listed[other] for other in partners)
            return apart and _between(strike, slot, chosen)

        if partners and not any(fits(strike) for strike in board.listed[slot]):
            raise _no_width(board, slot, partners, deltas[slot], sight, width)
        chosen[slot] = _closest(board, slot, deltas[slot], sight, fits)
    for slot in sorted(
        set(range(shape.slots)) - set(anchors), key=lambda s: min(abs(s - a) for a in anchors)
    ):
        if width is not None:
            anchor = min(anchors, key=lambda number: abs(number - slot))
            chosen[slot] = chosen[anchor] + _offset(shape, slot, width)
        else:
            chosen[slot] = _closest(
                board,
                slot,
                deltas[slot],
                sight,
                lambda k, slot=slot: _completes(shape, k, slot, chosen),  # type: ignore[misc]
            )
    return tuple(chosen[slot] for slot in range(shape.slots))


def _evened(board: Board, strikes: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    """Wings at the listed distance that is nearest to the upper one's; as they are where none is common.

    By deltas alone a skew would put the lower wing far out, and most of the risk on one side.
    """
    _, low, high, top = strikes
    distances = [strike - high for strike in board.listed[3] if strike > high]
    common = [each for each in distances if low - each in board.listed[0]]
    if not common:
        return strikes
    wing = min(common, key=lambda each: abs(each - (top - high)))
    return low - wing, low, high, high + wing


def _between(strike: Decimal, slot: int, chosen: dict[int, Decimal]) -> bool:
    """Whether a strike keeps the rising order among those chosen already."""
    return all(
        strike > other if slot > number else strike < other
        for number, other in chosen.items()
        if number != slot
    )


def _completes(shape: Shape, strike: Decimal, slot: int, chosen: dict[int, Decimal]) -> bool:
    """Whether a strike keeps the rising order and, as the last one, gives the wings that are asked for."""
    whole = {**chosen, slot: strike}
    is_last = len(whole) == shape.slots
    return _between(strike, slot, chosen) and (not is_last or shape.fits([whole[n] for n in sorted(whole)]))


def _partners(shape: Shape, anchor: int) -> tuple[int, ...]:
    """Numbers of the strikes that are set off from this anchor."""
    anchors = shape.aim.anchors
    free = (slot for slot in range(shape.slots) if slot not in anchors)
    return tuple(s for s in free if min(anchors, key=lambda number: abs(number - s)) == anchor)


def _offset(shape: Shape, slot: int, width: Decimal | None) -> Decimal:
    return (width or Decimal(0)) * shape.aim.offsets[slot]


def _no_width(
    board: Board, slot: int, partners: Sequence[int], delta: float | None, sight: Sight, width: Decimal | None
) -> UnknownContract:
    base = _closest(board, slot, delta, sight, lambda strike: True)
    step = board.shape.aim.offsets[partners[0]]
    distances = sorted({(k - base) / step for k in board.listed[partners[0]] if (k - base) / step > 0})
    return no_width(board.shape, width or Decimal(0), distances, f"from strike {base.normalize():f}")


def no_width(shape: Shape, width: Decimal, distances: Sequence[Decimal], where: str) -> UnknownContract:
    """The error for a width at which no strikes are listed."""
    names = " and ".join(f"{each.normalize():f}" for each in nearest_widths(distances, width)) or "none"
    return UnknownContract(
        f"{shape.type.one} {width:f} wide is not listed {where}",
        code="width_not_listed",
        expected=f"width: a listed distance; the nearest are {names}",
        found=f"{width:f}",
        next_steps=[f"Use width {names.replace(' and ', ' or ')}, or name the strikes."],
    )


def nearest_widths(distances: Sequence[Decimal], width: Decimal) -> tuple[Decimal, ...]:
    """The next smaller and the next larger distance."""
    smaller = [each for each in distances if each < width][-1:]
    larger = [each for each in distances if each > width][:1]
    return (*smaller, *larger)


def _centred(board: Board, width: Decimal, sight: Sight) -> tuple[Decimal, ...]:
    """Two strikes `width` apart about the spot."""
    low, high = board.listed[0], set(board.listed[1])
    pairs = [strike for strike in low if strike + width in high]
    if not pairs:
        base = min(low, key=lambda strike: abs(strike + width / 2 - sight.spot))
        distances = sorted(strike - base for strike in high if strike > base)
        raise no_width(board.shape, width, distances, f"from strike {base.normalize():f}")
    first = min(pairs, key=lambda strike: (abs(strike + width / 2 - sight.spot), strike))
    return first, first + width


def _winged(board: Board, width: Decimal | None, deltas: Targets, sight: Sight) -> tuple[Decimal, ...]:
    """A body at its delta and wings at one distance: the width, or where the upper wing has its delta."""
    if width is not None:
        wide = [strike for strike in board.listed[1] if width in _wings(board, strike)]
        if not wide:
            near = _closest(board, 1, deltas[1], sight, lambda strike: True)
            raise no_width(board.shape, width, _wings(board, near), f"about strike {near.normalize():f}")
        body = _closest(board, 1, deltas[1], sight, lambda strike: strike in wide)
        return body - width, body, body + width
    body = _closest(board, 1, deltas[1], sight, lambda strike: bool(_wings(board, strike)))
    distances = _wings(board, body)
    upper = _closest(board, 2, deltas[2], sight, lambda strike: strike - body in distances)
    return 2 * body - upper, body, upper


def _wings(board: Board, body: Decimal) -> tuple[Decimal, ...]:
    below = {body - strike for strike in board.listed[0] if strike < body}
    return tuple(sorted(strike - body for strike in board.listed[2] if strike - body in below))
