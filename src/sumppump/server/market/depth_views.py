"""Answers about order books. Prices are per share or contract, sizes in shares, contracts or coins."""

from __future__ import annotations

from sumppump.data.depth import DepthAnalytics, DepthReading
from sumppump.domain.depth import Level, OrderBook, Side, Sweep, total
from sumppump.server.views import Answer, QualityState, QualityView, View, moment, num

MOST_PLACES = 6
MOST_DETAILS = 5
EVEN = 0.05


class LevelView(View):
    """One price: size there, size up to there, and which exchanges or market makers rest there."""

    price: float | None
    size: float | None
    cum_size: float | None
    mm_id: str


class DepthAnswer(Answer):
    """A book, best level first; imbalance from -1 (only sellers rest) to 1, over the levels that are shown.

    `exchange` is whose book it is: SMART is that of all exchanges together.
    """

    symbol: str
    exchange: str
    mid_price: float | None
    spread: float | None
    spread_bps: float | None
    imbalance: float | None
    bid_depth: float | None
    ask_depth: float | None
    bids: list[LevelView]
    asks: list[LevelView]
    not_subscribed: list[str]


class ImpactView(View):
    """A size that goes through the book at once: how much worse than the mid its average price is."""

    side: str
    quantity: int
    vwap: float | None
    worst_price: float | None
    impact_bps: float | None
    reason: str


class PlaceView(View):
    """Size of both sides by exchange or market maker."""

    mm_id: str
    size: float | None


class DistanceView(View):
    """One level and how far it is from the mid, in hundredths of a percent."""

    side: str
    level: int
    price: float | None
    size: float | None
    cum_size: float | None
    distance_bps: float | None


class DepthAnalyticsAnswer(Answer):
    """What the whole book that was told says about trading in size; null where it is not deep enough.

    Concentrations are Herfindahl–Hirschman indices: 1 when one has all, 1/n when n have the same.
    """

    symbol: str
    exchange: str
    mid_price: float | None
    spread_bps: float | None
    bid_ask_imbalance: float | None
    total_bid_depth: float | None
    total_ask_depth: float | None
    bid_levels: int
    ask_levels: int
    bid_concentration: float | None
    ask_concentration: float | None
    unique_mms: int
    mm_concentration: float | None
    price_impact: list[ImpactView]
    depth_by_mm: list[PlaceView]
    levels_detail: list[DistanceView]
    not_subscribed: list[str]


def depth_answer(reading: DepthReading) -> DepthAnswer:
    """The levels of a book."""
    picture, book = reading.picture, reading.book
    return DepthAnswer(
        summary=f"Book of {reading.instrument.label} on {picture.exchange}: {_book_words(book)}",
        warnings=list(reading.warnings),
        as_of=moment(picture.as_of),
        data_quality=_quality(reading),
        symbol=reading.instrument.symbol,
        exchange=picture.exchange,
        mid_price=num(book.mid),
        spread=num(book.spread),
        spread_bps=num(book.spread_bps, 2),
        imbalance=num(book.imbalance, 3),
        bid_depth=num(total(book.bids)),
        ask_depth=num(total(book.asks)),
        bids=[_level(level) for level in book.bids],
        asks=[_level(level) for level in book.asks],
        not_subscribed=list(picture.missing),
    )


def depth_analytics_answer(found: DepthAnalytics) -> DepthAnalyticsAnswer:
    """Impact, concentration and distances."""
    picture = found.reading.picture
    book = picture.book
    return DepthAnalyticsAnswer(
        summary=f"{picture.instrument.label} on {picture.exchange}: {_impact_words(found.sweeps)}",
        warnings=list(found.reading.warnings),
        as_of=moment(picture.as_of),
        data_quality=_quality(found.reading),
        symbol=picture.instrument.symbol,
        exchange=picture.exchange,
        mid_price=num(book.mid),
        spread_bps=num(book.spread_bps, 2),
        bid_ask_imbalance=num(book.imbalance, 3),
        total_bid_depth=num(total(book.bids)),
        total_ask_depth=num(total(book.asks)),
        bid_levels=len(book.bids),
        ask_levels=len(book.asks),
        bid_concentration=num(found.bid_concentration, 3),
        ask_concentration=num(found.ask_concentration, 3),
        unique_mms=len(found.places),
        mm_concentration=num(found.place_concentration, 3),
        price_impact=[_impact(each) for each in found.sweeps],
        depth_by_mm=[PlaceView(mm_id=name, size=num(size)) for name, size in found.places[:MOST_PLACES]],
        levels_detail=[*_distances(book, Side.SELL), *_distances(book, Side.BUY)],
        not_subscribed=list(picture.missing),
    )


def _quality(reading: DepthReading) -> QualityView:
    has_rows = bool(reading.picture.book.rows)
    state: QualityState = "none" if not has_rows else "stale" if reading.picture.broken else "live"
    return QualityView(state=state, age_s=0.0 if has_rows else None)


def _book_words(book: OrderBook) -> str:
    if not book.bids and not book.asks:
        return "no row came."
    bid, ask = (f"{side[0].price.normalize():,f}" if side else "nobody" for side in (book.bids, book.asks))
    return f"{bid} bid, {ask} asked. {_lean(book.imbalance or 0.0)}"


def _lean(imbalance: float) -> str:
    if abs(imbalance) < EVEN:
        return "Both sides show about as much size."
    return f"More size is {'bid' if imbalance > 0 else 'offered'} (imbalance {imbalance:+.2f})."


def _impact_words(sweeps: tuple[Sweep, ...]) -> str:
    largest = max(each.quantity for each in sweeps)
    words = [f"{each.side} {largest:,} {_cost(each)}" for each in sweeps if each.quantity == largest]
    return f"{'; '.join(words)}."


def _cost(each: Sweep) -> str:
    if each.vwap is None:
        return f"cannot be priced ({each.reason})"
    impact = "" if each.impact_bps is None else f", {each.impact_bps:.2f} bps from the mid"
    return f"at {float(each.vwap):,.4f} on average{impact}"


def _level(level: Level) -> LevelView:
    return LevelView(
        price=num(level.price),
        size=num(level.size),
        cum_size=num(level.cumulative),
        mm_id=",".join(level.places[:MOST_PLACES]),
    )


def _impact(each: Sweep) -> ImpactView:
    return ImpactView(
        side=each.side.value,
        quantity=each.quantity,
        vwap=num(each.vwap, 4),
        worst_price=num(each.worst),
        impact_bps=num(each.impact_bps, 2),
        reason=each.reason,
    )


def _distances(book: OrderBook, side: Side) -> list[DistanceView]:
    return [
        DistanceView(
            side="bid" if side is Side.SELL else "ask",
            level=at,
            price=num(level.price),
            size=num(level.size),
            cum_size=num(level.cumulative),
            distance_bps=num(book.distance_bps(level), 2),
        )
        for at, level in enumerate(book.levels(side)[:MOST_DETAILS], start=1)
    ]
