"""The seeded market's quotes: best bid and ask of stocks and options at any step of any session.

A quote is a pure function of seed and time. Options are priced on the smile at the middle of their
underlying's quote; half the width grows with premium, vega, distance from the money and the width of the
underlying itself. A bid is never below intrinsic value, an ask always above the bid, both on the
price grid of the class; where the bid would be under one tick there is none. Prices are whole cents in
here: exact, and quick to compare.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import TradingSession
from sumppump.exchange.listing.instruments import SecType
from sumppump.exchange.listing.listing import NICKEL_FROM_CENTS
from sumppump.exchange.listing.symbols import BY_SYMBOL, Underlying
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.market import Market, last_units, stock_cents
from sumppump.exchange.market.months import extra_ticks, size_share
from sumppump.exchange.market.option_set import OptionSet
from sumppump.exchange.market.pricing import (
    OptionTerms,
    american_prices,
    normal_cdf,
    normal_pdf,
)
from sumppump.exchange.market.quote_quality import QuoteQuality, quoted_steps
from sumppump.exchange.market.randomness import key_of, uniforms
from sumppump.exchange.market.surface import MS_PER_YEAR, Surface

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Ticks = tuple[Ints, Ints]
NO_PRICE = 0  # in arrays of cents; in here, never shown

_FLOOR, _PER_PREMIUM, _PER_VEGA = 0.004, 0.0015, 0.02  # half widths, currency, of the most liquid chain
_PER_DISTANCE, _FARTHEST = 0.15, 4.0  # wider by 15 % per standard deviation from the money
_FLICKER = 0.2
_SIZE_UNITS = {SecType.STOCK: 100, SecType.CASH: 50_000}
_SNAP = 6  # decimals of a cent: two ways to the same price must round alike


@dataclass(frozen=True, slots=True)
class Tops:
    """Best prices in cents (0 where there is none) and sizes, arrays of steps by instruments."""

    bid: Ints
    ask: Ints
    bid_size: Ints
    ask_size: Ints


@dataclass(frozen=True, slots=True)
class Priced:
    """Model inputs and prices, arrays of steps by options; `vol` per year."""

    terms: OptionTerms
    vol: Floats
    price: Floats


class Quoter:
    """Computes quotes; keeps nothing but the keys of its random numbers."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.surface = Surface(market)
        self.quality = QuoteQuality(market)
        self._size_keys = tuple(key_of(market.seed, "size", side) for side in ("bid", "ask"))
        self._flicker_key = key_of(market.seed, "flicker")

    # -- stocks -----------------------------------------------------------------------------
    def stock_tops(self, under: Underlying, session: TradingSession, steps: Ints) -> tuple[Tops, Ints]:
        """Best prices and sizes of one stock at these steps, and its last prices, in cents."""
        bid, ask, last = self.stock_sides(under, session, steps)
        if under.sec_type is SecType.INDEX:
            return Tops(bid, ask, bid, ask), last
        lot = CHARACTERS[under.symbol].lot * size_share(under.symbol, session.day)
        size_unit = _SIZE_UNITS.get(under.sec_type, 1)
        typical = np.full((1, 1), lot / size_unit)
        sizes = self._sizes(np.array([under.con_id]), session, steps, typical)
        bid_size, ask_size = (size[:, 0] * size_unit for size in sizes)
        return Tops(bid, ask, bid_size, ask_size), last

    def stock_sides(self, under: Underlying, session: TradingSession, steps: Ints) -> tuple[Ints, Ints, Ints]:
        """Best bid, best ask and last price of one stock at these steps, in cents; an index has no quotes."""
        bid, ask, last = stock_cents(under, self.market.spot(under.symbol, session, steps))
        if under.sec_type is SecType.INDEX:
            nothing = np.zeros(len(steps), dtype=np.int64)
            return nothing, nothing, last
        if under.sec_type is SecType.STOCK:
            bid, ask = self.quality.widened(under.symbol, session, steps, bid, ask)
            bid, ask = self.quality.met(under.con_id, session, steps, bid, ask)
        if under.sec_type is SecType.FUTURE:
            away = extra_ticks(under.symbol, session.day)
            bid, ask = bid - away, ask + away
        return bid, ask, last

    def lasts(self, under: Underlying, session: TradingSession, steps: Ints) -> Ints:
        """The last prices of one stock at these steps, in units."""
        return last_units(under, self.market.spot(under.symbol, session, steps))

    def middles(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """The middle of bid and ask of one underlying: what its options are priced on."""
        under = BY_SYMBOL[symbol]
        bid, ask, last = stock_cents(under, self.market.spot(symbol, session, steps))
        doubled = 2 * last if under.sec_type is SecType.INDEX else bid + ask
        middle: Floats = doubled / (2.0 * under.price_units)
        return middle

    # -- options ----------------------------------------------------------------------------
    def inputs(self, options: OptionSet, session: TradingSession, steps: Ints) -> tuple[OptionTerms, Floats]:
        """What the model needs, arrays of steps by options: the terms, and the smile's volatility."""
        return self.surface.inputs(options, session, steps, self._spots(options, session, steps))

    def _spots(self, options: OptionSet, session: TradingSession, steps: Ints) -> Floats:
        columns = (self.middles(key, session, quoted_steps(key, steps)) for key in options.sources)
        spots = np.stack(tuple(columns), axis=1)
        if len(options.sources) == 1:
            return np.broadcast_to(spots, (len(steps), len(options.con_ids)))
        return spots[:, options.source]

    def priced(self, options: OptionSet, session: TradingSession, steps: Ints) -> Priced:
        """Model prices without greeks."""
        terms, vol = self.inputs(options, session, steps)
        return Priced(terms, vol, american_prices(terms, vol))

    def option_tops(self, options: OptionSet, session: TradingSession, steps: Ints, priced: Priced) -> Tops:
        """Best prices and sizes of options whose model prices are known."""
        half, exposure = self._half_widths(options, session, steps, priced)
        intrinsic = np.where(options.european, 0.0, priced.terms.intrinsic) * 100.0
        ticks = options.low_tick, options.high_tick
        low = np.round((priced.price - half) * 100.0, _SNAP)
        bid = np.maximum(_down(low, ticks), _up(np.round(intrinsic, _SNAP), ticks))
        high = np.round((priced.price + half) * 100.0, _SNAP)
        ask = np.maximum(np.maximum(_up(high, ticks), options.low_tick), bid + _tick(bid, ticks))
        sizes = self._sizes(options.con_ids, session, steps, options.lot * exposure)
        has_bid = bid > 0
        return Tops(np.where(has_bid, bid, NO_PRICE), ask, np.where(has_bid, sizes[0], 0), sizes[1])

    def _half_widths(
        self, options: OptionSet, session: TradingSession, steps: Ints, priced: Priced
    ) -> tuple[Floats, Floats]:
        """Half the width in currency, and how much the option attracts size (0.15 to 1)."""
        terms = priced.terms
        deviation = priced.vol * np.sqrt(np.maximum(terms.years, 1.0 / MS_PER_YEAR))
        distance = np.log(terms.forward() / terms.strike) / deviation
        d1 = distance + 0.5 * deviation
        vega = terms.spot * normal_pdf(d1) * deviation / priced.vol / 100.0
        delta = normal_cdf(terms.sign * d1)
        width = _FLOOR * options.cost + _PER_PREMIUM * priced.price + _PER_VEGA * vega
        width = width * options.cost * (1.0 + _PER_DISTANCE * np.minimum(np.abs(distance), _FARTHEST))
        seconds = (session.open_ms // 1000 + steps // 4)[:, None]
        noise = uniforms(self._flicker_key, options.con_ids, seconds)
        half = width * (1.0 + _FLICKER * (noise - 0.5)) + delta * options.under_half
        half *= self._unrest(options, session, steps)
        return half, np.maximum(4.0 * delta * (1.0 - delta), 0.15)

    def _unrest(self, options: OptionSet, session: TradingSession, steps: Ints) -> Floats:
        columns = [self.quality.unrest(key, session, steps) for key in options.sources]
        if len(columns) == 1:
            return columns[0][:, None]
        return np.stack(columns, axis=1)[:, options.source]

    def _sizes(
        self, con_ids: Ints, session: TradingSession, steps: Ints, typical: Floats
    ) -> tuple[Ints, Ints]:
        """Displayed sizes of both sides, at least 1; a new draw each second."""
        seconds = (session.open_ms // 1000 + steps // 4)[:, None]
        draws = (uniforms(key, con_ids, seconds) for key in self._size_keys)
        bid, ask = ((1.0 + typical * (0.2 + 1.6 * draw * draw)).astype(np.int64) for draw in draws)
        return bid, ask


def _tick(cents: Ints, ticks: Ticks) -> Ints:
    """The increment that holds from these prices upwards."""
    tick: Ints = np.where(cents >= NICKEL_FROM_CENTS, ticks[1], ticks[0])
    return tick


def _down(cents: Floats, ticks: Ticks) -> Ints:
    tick = np.where(cents >= NICKEL_FROM_CENTS, ticks[1], ticks[0])
    return (np.floor(cents / tick) * tick).astype(np.int64)


def _up(cents: Floats, ticks: Ticks) -> Ints:
    tick = np.where(cents > NICKEL_FROM_CENTS, ticks[1], ticks[0])
    return (np.ceil(cents / tick) * tick).astype(np.int64)
