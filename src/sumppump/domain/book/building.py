"""From positions, quotes and what the market reckons with to a book."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from sumppump.domain.book.rows import Book, LeftOut, OptionRows, RowLabel, ShareRows
from sumppump.domain.instruments import Instrument, OptionContract, Right, SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array
from sumppump.domain.quotes import Greeks
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.smile import Curve
from sumppump.domain.surface.sighted import Key, Term
from sumppump.domain.surface.surface import Surface

# Dividends of so many ex-dates at most are looked at; no listed option lives longer.
MOST_DIVIDENDS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A position as a book needs it.

    Attributes:
        quantity: contracts or shares, signed.
        strategy: name or key of the strategy that it belongs to, "" for none.
        greeks: of the contract; its volatility is what the row is valued at.
    """

    instrument: Instrument
    quantity: float
    strategy: str = ""
    greeks: Greeks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderlyingMarket:
    """What the rows of one underlying are valued with.

    Attributes:
        spot: currency per share; None leaves its rows out.
        assume: the way of exercise; rate and yield by expiry where `terms` says nothing.
        terms: what parity says, by expiry and trading class (`surface.Sighted.terms`).
        dividends: coming ex-dates: (years from now, cash per share).
        surface: smiles, for sticky delta and where an option has no volatility of its own.
    """

    symbol: str
    spot: float | None
    assume: Assumptions = field(default_factory=Assumptions)
    terms: Mapping[Key, Term] = field(default_factory=dict)
    dividends: Sequence[tuple[float, float]] = ()
    surface: Surface | None = None


@dataclass(frozen=True, slots=True)
class _Option:
    """One option row before it becomes columns; `dividends` are those of its life."""

    label: RowLabel
    contract: OptionContract
    market: UnderlyingMarket
    units: float
    years: float
    vol: float
    rate: float
    carry: float
    smile: Curve | None


@dataclass(frozen=True, slots=True)
class _Shares:
    label: RowLabel
    market: UnderlyingMarket
    units: float


_Row = _Option | _Shares


def book_of_holdings(
    holdings: Iterable[Holding],
    markets: Mapping[str, UnderlyingMarket],
    *,
    now: datetime,
    currency: str = "USD",
    needs_vols: bool = True,
) -> Book:
    """The book of these positions.

    An option's volatility is that of its Greeks, else its smile's inside the quoted strikes; else it is left
    out. With parity the dividend yield is the part of the forward that the cash dividends do not explain.

    Args:
        holdings: in any order; quantities of 0 give rows that are worth 0.
        markets: by the underlying's symbol.
        now: the exchange's time.
        currency: positions in another are left out: no rate of exchange is invented.
        needs_vols: False for a book that gets its volatilities later; NaN until then where none is known.
    """
    options: list[_Option] = []
    shares: list[_Shares] = []
    left_out: list[LeftOut] = []
    for holding in holdings:
        row = _row(holding, markets, now, currency, needs_vols)
        if isinstance(row, _Option):
            options.append(row)
        elif isinstance(row, _Shares):
            shares.append(row)
        else:
            left_out.append(LeftOut(label_of(holding), row))
    rows: list[_Row] = [*options, *shares]
    used = {row.market.symbol: row.market for row in rows}
    places = {symbol: place for place, symbol in enumerate(used)}
    return Book(
        symbols=tuple(used),
        spots=np.array([market.spot for market in used.values()], dtype=np.float64),
        options=_option_rows(options, places),
        shares=_share_rows(shares, places),
        labels=tuple(row.label for row in rows),
        smiles=tuple(row.smile for row in options),
        left_out=tuple(left_out),
        currency=currency,
    )


def label_of(holding: Holding) -> RowLabel:
    """Whose row a position is."""
    instrument = holding.instrument
    return RowLabel(
        con_id=instrument.con_id,
        symbol=instrument.symbol,
        words=instrument.label,
        strategy=holding.strategy,
    )


def _row(
    holding: Holding,
    markets: Mapping[str, UnderlyingMarket],
    now: datetime,
    currency: str,
    needs_vols: bool,
) -> _Row | Missing:
    instrument, market = holding.instrument, markets.get(holding.instrument.symbol)
    if instrument.currency != currency:
        return Missing("other_currency", f"it is in {instrument.currency}, the book in {currency}")
    if market is None or market.spot is None or not market.spot > 0:
        return Missing("no_spot", f"{instrument.symbol} has no price")
    if isinstance(instrument, OptionContract):
        return _option(holding, instrument, market, now, needs_vols)
    if isinstance(instrument, Underlying) and instrument.sec_type is SecType.STK:
        return _Shares(label_of(holding), market, holding.quantity)
    return Missing("not_valued", f"positions of kind {instrument.sec_type} are not repriced")


def _option(
    holding: Holding, option: OptionContract, market: UnderlyingMarket, now: datetime, needs_vols: bool
) -> _Option | Missing:
    vol, years = _vol(holding, option, market), option.years(now)
    if isinstance(vol, Missing):
        # After its last moment an option is worth its intrinsic value at any volatility.
        if years > 0 and needs_vols:
            return vol
        vol = math.nan if years > 0 else 0.0
    rate, carry = _carry(option, market, years)
    return _Option(
        label=label_of(holding),
        contract=option,
        market=market,
        units=holding.quantity * option.multiplier,
        years=years,
        vol=vol,
        rate=rate,
        carry=carry,
        smile=market.surface.smile(option) if market.surface else None,
    )


def _vol(holding: Holding, option: OptionContract, market: UnderlyingMarket) -> float | Missing:
    if holding.greeks is not None and holding.greeks.iv > 0:
        return holding.greeks.iv
    if market.surface is None:
        return Missing("no_volatility", f"the volatility of {option.label} is not known")
    smile = market.surface.smile(option)
    fitted = smile.vol(float(option.strike)) if smile else None
    return market.surface.why_not(option) if fitted is None else fitted


def _carry(option: OptionContract, market: UnderlyingMarket, years: float) -> tuple[float, float]:
    """Rate, and the yield that with the cash dividends gives the forward that parity tells."""
    term = market.terms.get((option.expiry, option.trading_class))
    if term is None or not term.is_implied:
        own = market.assume.until(option.settles)
        return own.rate, own.dividend_yield
    rate, total = term.carry.rate, term.carry.dividend_yield
    paid = sum(cash * math.exp(-rate * when) for when, cash in market.dividends if 0 < when <= years)
    if not paid or years <= 0 or market.spot is None or paid >= market.spot:
        return rate, total
    return rate, total + math.log1p(-paid / market.spot) / years


def _option_rows(rows: Sequence[_Option], places: Mapping[str, int]) -> OptionRows:
    when, cash = _dividends([row.market for row in rows])
    return OptionRows(
        underlying=np.array([places[row.market.symbol] for row in rows], dtype=np.intp),
        strike=_column(float(row.contract.strike) for row in rows),
        years=_column(row.years for row in rows),
        call=np.array([row.contract.right is Right.CALL for row in rows], dtype=np.bool_),
        american=np.array([row.market.assume.is_american for row in rows], dtype=np.bool_),
        units=_column(row.units for row in rows),
        vol=_column(row.vol for row in rows),
        rate=_column(row.rate for row in rows),
        carry=_column(row.carry for row in rows),
        when=when,
        cash=cash,
    )


def _share_rows(rows: Sequence[_Shares], places: Mapping[str, int]) -> ShareRows:
    when, cash = _dividends([row.market for row in rows])
    underlying = np.array([places[row.market.symbol] for row in rows], dtype=np.intp)
    return ShareRows(underlying=underlying, units=_column(row.units for row in rows), when=when, cash=cash)


def _column(values: Iterable[float]) -> Array:
    return np.array(list(values), dtype=np.float64)


def _dividends(markets: Sequence[UnderlyingMarket]) -> tuple[Array, Array]:
    """Moments and cash, (dividends, rows); what is past or not there pays nothing."""
    coming = [sorted(pair for pair in each.dividends if pair[0] > 0)[:MOST_DIVIDENDS] for each in markets]
    table = np.zeros((2, max(map(len, coming), default=0), len(markets)))
    for column, pairs in enumerate(coming):
        if pairs:
            table[:, : len(pairs), column] = np.array(pairs).T
    return table[0], table[1]
