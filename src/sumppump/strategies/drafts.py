"""Drafts: strategies of listed contracts at fresh quotes, kept half an hour, never sent from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.domain.payoff import Bound, PayoffProfile
from sumppump.domain.quotes import Greeks, Quote
from sumppump.domain.revaluation import Assumptions, OrderValue
from sumppump.kernel.errors import DraftGone
from sumppump.kernel.money import Money, Premium
from sumppump.strategies.catalogue import StrategyType

DRAFT_LIFE_S = 30 * 60.0
MOST_DRAFTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGreeks:
    """Sums over all legs for the whole order; None where a leg's figure is missing.

    Attributes:
        delta: shares. gamma: shares per 1 of the underlying.
        theta: cash per calendar day. vega: cash per 1 volatility point. rho: cash per 1 % of rate.
        delta_dollars: delta times spot, cash.
    """

    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    rho: float | None
    delta_dollars: float | None

    @classmethod
    def of(
        cls, combo: Combo, quantity: int, greeks: Mapping[int, Greeks | None], spot: Decimal | None
    ) -> OrderGreeks:
        """The sums over the legs.

        Args:
            combo: one combination.
            quantity: how many of it, > 0.
            greeks: of the options, by con_id; a figure that one of them lacks has no sum.
            spot: the underlying's price, None where it is not known.
        """
        held = [(leg, greeks.get(leg.contract.con_id)) for leg in combo.legs]
        units = [(leg.contract, known, float(leg.shares * quantity)) for leg, known in held]
        sums = {name: _total(name, units) for name in ("delta", "gamma", "theta", "vega", "rho")}
        delta = sums["delta"]
        dollars = None if delta is None or spot is None else delta * float(spot)
        return cls(**sums, delta_dollars=dollars)


def _total(name: str, units: Sequence[tuple[Instrument, Greeks | None, float]]) -> float | None:
    """Of one figure; a share moves as one share does, and what is foreign here has none."""
    total = 0.0
    for contract, known, shares in units:
        if contract.sec_type.is_foreign:
            return None
        of_share = 1.0 if name == "delta" else 0.0
        each = getattr(known, name, None) if isinstance(contract, OptionContract) else of_share
        if each is None:
            return None
        total += each * shares
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnalysis:
    """One leg with its market.

    Attributes:
        greeks: per share of the contract itself; None with `greeks_missing`. Shares have none.
        iv: volatility used for repricing: from the mid of the quote if it has one, else the broker's.
    """

    leg: Leg
    quote: Quote
    greeks: Greeks | None = None
    greeks_missing: str = ""
    iv: float | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """How likely the underlying trades at a level at any time before the (first) expiry, by two measures.

    Attributes:
        probability: by the smile's density. lognormal: with one volatility, the smile's at the forward.
    """

    level: Decimal
    what: str
    probability: float
    lognormal: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """What an order comes to at its first expiry under one distribution; cash for the whole order.

    Attributes:
        measure: which distribution, in words. vol: its volatility at the forward, per year.
        profit: probability of a profit, 0 to 1.
        expected_value: mean P&L in today's money, options exercised early where that pays.
        early_exercise: what of it early exercise makes, > 0 where the right is held, < 0 where given away.
        expected_shortfall: mean loss in the worst 5 % of outcomes; a loss is positive, a gain negative.
    """

    measure: str
    vol: float
    profit: float
    expected_value: Money
    early_exercise: Money
    expected_shortfall: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What an order means, computed at `net_premium`. Cash is for the whole order, without fees.

    Attributes:
        net_premium: per share of one combo, debit positive.
        cash: net premium in cash; positive is paid.
        premium_words: "You PAY $213.00 (2.13 per share)" or "You RECEIVE ...".
        payoff: maximum loss and profit, breakevens, table, curves.
        odds: risk-neutral, by the smile's density; None with `probability_missing`. `probability_note` says
            what it rests on, `expected_value_note` what its mean says.
        lognormal: the same by a lognormal at the volatility at the money, beside it.
        touches: for short strikes and breakevens.
        crossing_cost: cash lost against the mid by paying the far side of every quote; None without a mid.
        required_capital: cash to set aside, `capital_note` says by which rule; None where it cannot be said.
        margin: cash of one's own that opening takes by Regulation T; None without a mid or a rule.
        dte: calendar days from New York's date to the first expiry; None for shares alone.
        minutes_to_expiry: until the first leg stops trading, where that is today; else None.
        rate, dividend_yield: of every modelled figure until the first expiry, per year.
        assumed: what of them is assumed, and where the rest is from.
    """

    net_premium: Premium
    cash: Money
    premium_words: str
    payoff: PayoffProfile
    legs: tuple[LegAnalysis, ...]
    greeks: OrderGreeks
    permission_level: int
    odds: Odds | None = None
    lognormal: Odds | None = None
    probability_missing: str = ""
    probability_note: str = ""
    touches: tuple[Touch, ...] = ()
    expected_value_note: str = ""
    crossing_cost: Money | None = None
    required_capital: Money | None = None
    capital_note: str = ""
    margin: Money | None = None
    dte: int | None = None
    minutes_to_expiry: int | None = None
    rate: float = 0.0
    dividend_yield: float = 0.0
    assumed: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def max_loss(self) -> Bound | None:
        """The most that can be lost; see PayoffProfile."""
        return self.payoff.max_loss

    @property
    def max_profit(self) -> Bound | None:
        """The most that can be gained; see PayoffProfile."""
        return self.payoff.max_profit

    @property
    def probability_of_profit(self) -> float | None:
        """By the smile, 0 to 1."""
        return None if self.odds is None else self.odds.profit

    @property
    def expected_value(self) -> Money | None:
        """By the smile, in today's money."""
        return None if self.odds is None else self.odds.expected_value

    @property
    def breakevens(self) -> tuple[Decimal, ...]:
        """Prices at which the P&L is zero."""
        return self.payoff.breakevens


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One strategy, ready to be staged as a ticket.

    Attributes:
        quotes: by con_id, the underlying's included.
        neighbours: quotes of other options of its expiries, for the smile and the forward alone.
        assumptions: rates and dividends of its analysis.
        spot: the underlying's price used.
        net_bid, net_mid, net_ask: signed, per share of one combo; the analysis is at the mid.
        as_of: exchange time of the build.
        created, expires: monotonic seconds.
        notes: how arguments were read and what was chosen, one sentence each.
        is_idea: made for a list of candidates; nobody asked for it by its strikes.
        events: what falls into its life: an ex-date, early exercise that may well pay; one sentence each.
    """

    strategy_id: str
    strategy_type: StrategyType
    combo: Combo
    quantity: int
    underlying: Underlying
    spot: Decimal
    quotes: Mapping[int, Quote]
    net_bid: Premium
    net_mid: Premium
    net_ask: Premium
    analysis: Analysis
    as_of: datetime
    created: float
    expires: float
    neighbours: tuple[Quote, ...] = ()
    assumptions: Assumptions = field(default_factory=Assumptions)
    notes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    is_idea: bool = False

    @property
    def symbol(self) -> str:
        """The underlying's ticker."""
        return self.combo.symbol

    @property
    def net_premium(self) -> Premium:
        """What the analysis was computed at: the net mid."""
        return self.analysis.net_premium

    @property
    def value(self) -> OrderValue:
        """P&L and Greeks of the whole order at any price and moment, on what its analysis rests on."""
        return OrderValue(
            combo=self.combo,
            quantity=self.quantity,
            net_premium=self.net_premium,
            spot=self.spot,
            vols={part.leg.contract.con_id: part.iv for part in self.analysis.legs},
            now=self.as_of,
            assumptions=self.assumptions,
        )

    @property
    def permission_level(self) -> int:
        """IBKR's level that this strategy needs."""
        return self.analysis.permission_level

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person must hear before sending it."""
        return self.analysis.warnings

    @property
    def limit_price(self) -> Premium:
        """The net mid rounded to the combo's tick: the default limit."""
        return self.net_mid.rounded_to(self.combo.tick(self.net_mid.amount))


@dataclass(slots=True)
class DraftBook:
    """Drafts by id, in memory, for half an hour each; the oldest go first when there are too many."""

    monotonic: Callable[[], float]
    most: int = MOST_DRAFTS
    _drafts: dict[str, Draft] = field(default_factory=dict)

    def put(self, draft: Draft) -> None:
        """Keep a draft."""
        self._forget_expired()
        while len(self._drafts) >= self.most:
            del self._drafts[next(iter(self._drafts))]
        self._drafts[draft.strategy_id] = draft

    def get(self, strategy_id: str) -> Draft:
        """The draft of this id.

        Raises:
            DraftGone: never seen here, or older than half an hour.
        """
        self._forget_expired()
        if strategy_id in self._drafts:
            return self._drafts[strategy_id]
        raise DraftGone(
            f"there is no draft {strategy_id!r}, or it has expired",
            expected=f"strategy_id: a draft of the last {DRAFT_LIFE_S / 60:.0f} minutes",
            found=repr(strategy_id),
            next_steps=["Build the strategy again with trade_calculate_strategy."],
        )

    def of(self, symbol: str) -> tuple[Draft, ...]:
        """Drafts on one underlying, oldest first."""
        return tuple(draft for draft in self.all() if draft.symbol == symbol)

    def all(self) -> tuple[Draft, ...]:
        """Every draft that still lives, oldest first."""
        self._forget_expired()
        return tuple(self._drafts.values())

    def clear(self, symbol: str | None = None) -> None:
        """Forget the drafts on one underlying, or all of them."""
        self._drafts = {
            key: draft for key, draft in self._drafts.items() if symbol is not None and draft.symbol != symbol
        }

    def _forget_expired(self) -> None:
        now = self.monotonic()
        self._drafts = {key: draft for key, draft in self._drafts.items() if draft.expires > now}
