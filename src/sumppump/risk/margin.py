"""How near the account is to a margin call: the broker's figures, Regulation T beside them, the distance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sumppump.data.off_loop import off_loop
from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.instruments import SecType
from sumppump.domain.margin.lots import MarginLine, Prices
from sumppump.domain.margin.regt import AccountNeeds, RegT
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta
from sumppump.kernel.money import Money
from sumppump.portfolio.account import AccountSummary, summarised
from sumppump.portfolio.holdings import Holdings
from sumppump.risk.betas import betas_to, vix_beta
from sumppump.risk.held_book import VIX, HeldBook, HeldBooks
from sumppump.risk.margin_distance import MARKET, MOVING, Distance, MarginBook

AGREES, FAR_APART = 0.02, 0.15
MOST_UNDERLYINGS = 3
NO_EXCESS = Missing("no_excess", "the broker did not give the excess liquidity")
NOTHING_HELD = Missing(
    "nothing_held", "nothing is held that can be repriced, so no move of the market matters"
)


class MarginLevel(StrEnum):
    """By the cushion: excess liquidity divided by net liquidation."""

    MARGIN_CALL = "MARGIN_CALL"
    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"


_LEVELS = (
    (0.0, MarginLevel.MARGIN_CALL),
    (0.05, MarginLevel.CRITICAL),
    (0.15, MarginLevel.HIGH),
    (0.30, MarginLevel.MODERATE),
)
LEVEL_RULE = (
    "by the cushion (excess liquidity / net liquidation): MARGIN_CALL below 0, CRITICAL below 5 %, HIGH "
    "below 15 %, MODERATE below 30 %, LOW from there"
)


def level_of(cushion: float | None) -> MarginLevel | None:
    """The level of a cushion (0.4 is 40 %); None where it is not known."""
    if cushion is None:
        return None
    return next((level for below, level in _LEVELS if cushion < below), MarginLevel.LOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginReport:
    """The account's margin.

    Attributes:
        summary: the broker's figures and their ratios; None where it gave none.
        needs: Regulation T for everything held.
        notes: why the two differ, sentences.
        distances: of the market first, then with volatility moving along where it is known how, then of the
            underlyings that need most; or why there is none.
        vix: points that the VIX moves per percent of the benchmark.
        betas: by symbol, of those that move with the market; no_beta: of those that stand still in it.
    """

    summary: AccountSummary | None
    level: MarginLevel | None
    needs: AccountNeeds
    notes: tuple[str, ...]
    distances: tuple[Distance, ...] | Missing
    vix: Beta | Missing
    betas: Mapping[str, float]
    no_beta: tuple[str, ...]
    holdings: Holdings
    benchmark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginService:
    """Reads what is held; changes nothing."""

    books: HeldBooks

    async def report(self) -> MarginReport:
        """The account's margin now.

        Raises:
            GatewayUnavailable: the broker has not said what is held.
        """
        held = await self.books.now()
        return await off_loop(_report, held, self.books.clock.monotonic())


def _report(held: HeldBook, monotonic: float) -> MarginReport:
    figures = held.figures
    summary = None if figures is None else summarised(figures, monotonic)
    regt = RegT.of(_lines(held.holdings.positions))
    needs = regt.needs(prices_of(held.holdings))
    vix = vix_beta(held.benchmark, VIX, held.closes)
    betas = {symbol: beta.beta for symbol, beta in betas_to(held.benchmark, held.closes)[0].items()}
    return MarginReport(
        summary=summary,
        level=None if summary is None else level_of(summary.cushion),
        needs=needs,
        notes=tuple(difference_notes(needs, figures, held.holdings)),
        distances=_distances(held, regt, needs, betas, vix),
        vix=vix,
        betas={symbol: betas[symbol] for symbol in held.book.symbols if symbol in betas},
        no_beta=tuple(symbol for symbol in held.book.symbols if symbol not in betas),
        holdings=held.holdings,
        benchmark=held.benchmark,
    )


def _lines(positions: Sequence[Position]) -> list[MarginLine]:
    return [MarginLine(instrument=each.instrument, quantity=each.quantity) for each in positions]


def prices_of(holdings: Holdings) -> Prices:
    """Spots, and the marks of all legs: mids, else the broker's own."""
    legs = [leg for each in holdings.strategies for leg in each.legs]
    return Prices(
        {each.symbol: each.spot for each in holdings.strategies if each.spot is not None},
        {leg.instrument.con_id: max(Decimal(0), leg.price.amount) for leg in legs if leg.price is not None},
    )


def _distances(
    held: HeldBook, regt: RegT, needs: AccountNeeds, betas: Mapping[str, float], vix: Beta | Missing
) -> tuple[Distance, ...] | Missing:
    excess = None if held.figures is None else held.figures.excess_liquidity
    if excess is None or excess.currency != held.book.currency:
        return NO_EXCESS
    if not len(held.book):
        return NOTHING_HELD
    desk = MarginBook(held.book, _repriceable(held, regt), float(excess.amount))
    heaviest = sorted(needs.underlyings, key=lambda each: each.total.maintenance, reverse=True)
    symbols = [
        each.symbol for each in heaviest if each.symbol in held.book.symbols and each.total.maintenance
    ]
    alone = (desk.distance(symbol, {symbol: 1.0}) for symbol in dict.fromkeys(symbols[:MOST_UNDERLYINGS]))
    market = [desk.distance(MARKET, betas)]
    if isinstance(vix, Beta):
        market.append(desk.distance(MOVING, betas, vix.beta))
    return *market, *alone


def _repriceable(held: HeldBook, regt: RegT) -> RegT:
    """Without the underlyings of which a position cannot be repriced: their margin is taken to stay."""
    lost = {each.label.symbol for each in held.book.left_out}
    return RegT(tuple(each for each in regt.groups if each[0].symbol not in lost))


def difference_notes(
    needs: AccountNeeds, figures: AccountFigures | None, holdings: Holdings
) -> Iterable[str]:
    """Why the broker's maintenance margin and Regulation T's differ, as far as can be said."""
    yield from (f"left out of the estimate: {name}, {why}" for name, why in needs.left_out)
    told = None if figures is None else figures.maintenance_margin
    if told is None:
        yield "the broker did not give its maintenance margin"
        return
    yield from _gap_notes(needs, told)
    if any(each.instrument.sec_type is SecType.STK for each in holdings.positions):
        yield (
            "to open shares Regulation T asks 50 % at the end of the day, brokers less within it, so the "
            "initial figures differ"
        )


def _gap_notes(needs: AccountNeeds, told: Money) -> Iterable[str]:
    ours = needs.total.maintenance
    gap = told.amount - ours
    size = max(abs(told.amount), abs(ours), Decimal(1))
    if abs(gap) <= size * Decimal(str(AGREES)):
        yield "the broker's maintenance margin and the estimate agree within 2 %"
    elif gap > 0:
        allowed = "; ".join(needs.concessions)
        rules = f" The rules allow what brokers need not: {allowed}" if allowed else ""
        yield f"the broker asks more: its own house rules, or positions that are left out.{rules}"
    elif -gap > size * Decimal(str(FAR_APART)):
        yield (
            "the broker asks much less: perhaps portfolio margin, which is figured by stress and not by "
            "strategy; the distances then do not hold"
        )
    else:
        yield "the broker asks less: it has found a cheaper way to pair the legs, or counts more as cover"
