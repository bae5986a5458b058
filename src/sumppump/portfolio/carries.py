"""What everything held on one underlying is priced with: rate, yield and coming dividends, as drafts are.

Put-call parity speaks where a call and a put at the money are quoted: both held, or followed anyway; nothing
more is asked for. Elsewhere the assumption stands, and its source says so (see `strategies.carry`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sumppump.data.announced import ExDates
from sumppump.domain.instruments import Instrument, OptionContract, SecType, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.strategies.carry import carry_of

# Who holds shares may ask about so many days ahead.
AHEAD = timedelta(days=366)
# Cash-settled and yet exercised at any time; every other index option here is European.
AMERICAN_INDICES = frozenset({"OEX"})

Carries = Mapping[str, Assumptions]
"""By symbol what the options of an underlying are priced with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneath:
    """What is known of the underlyings of a book.

    Attributes:
        kinds: by symbol; one that is not in it is taken for a share. spots: prices per share, by symbol.
        dates: the broker's dividends. base: rate and yield where the market tells none.
        now: exchange time.
    """

    kinds: Mapping[str, Underlying]
    spots: Mapping[str, Decimal]
    dates: ExDates
    base: Assumptions
    now: datetime

    def carries(self, instruments: Iterable[Instrument], quotes: Iterable[Quote]) -> dict[str, Assumptions]:
        """What each underlying's options are priced with.

        Args:
            instruments: that are priced: dividends are looked at to their end.
            quotes: of any options, those with a sound two-sided market are heard.
        """
        ends: defaultdict[str, list[datetime]] = defaultdict(list)
        for each in instruments:
            ends[each.symbol].append(each.settles if isinstance(each, OptionContract) else self.now + AHEAD)
        told: defaultdict[str, dict[int, Quote]] = defaultdict(dict)
        for quote in quotes:
            if isinstance(quote.instrument, OptionContract):
                told[quote.instrument.symbol].setdefault(quote.instrument.con_id, quote)
        return {symbol: self._carry(symbol, told[symbol].values(), max(ends[symbol])) for symbol in ends}

    def _carry(self, symbol: str, quotes: Iterable[Quote], until: datetime) -> Assumptions:
        spot, said = self.spots.get(symbol), self.dates.get(symbol)
        is_priced = spot is not None and spot > 0
        return carry_of(
            quotes if is_priced else (),
            spot=float(spot) if spot is not None else 0.0,
            now=self.now,
            base=replace(self.base, is_american=is_american(self.kinds.get(symbol))),
            announced=None if isinstance(said, Missing) else said,
            until=until,
            is_quick=True,
        )


def is_american(underlying: Underlying | None) -> bool:
    """Whether options may be exercised early: on shares and ETFs, and on a few indices by name."""
    if underlying is None or underlying.sec_type is not SecType.IND:
        return True
    return underlying.symbol in AMERICAN_INDICES
