"""How much was traded today in the options of an underlying: the nearest expiry stands for all.

Our decision: a whole chain has thousands of contracts, and its nearest expiry has most of their trades. The
sums are carried on as time goes by; they hold nothing that could not be computed again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np

from sumppump.exchange.instruments import ContractQuery, Listing, SecType
from sumppump.exchange.option_set import OptionSet
from sumppump.exchange.reports import OptionParams
from sumppump.exchange.tape import Tape, prints_until
from sumppump.exchange.tops import Moment


class Chains(Protocol):
    """Who knows which options are listed."""

    def option_params(self, symbol: str) -> tuple[OptionParams, ...]:
        """Expiries and strikes."""
        ...

    def contracts(self, query: ContractQuery) -> tuple[Listing, ...]:
        """Every contract that fits."""
        ...


@dataclass(frozen=True, slots=True)
class Activity:
    """Contracts traded today."""

    calls: int = 0
    puts: int = 0

    @property
    def total(self) -> int:
        """Calls and puts."""
        return self.calls + self.puts


@dataclass(frozen=True, slots=True)
class _Sum:
    """What was counted of one chain until print time `seen` of a day."""

    day: date
    row: OptionSet | None
    seen: int = 0
    activity: Activity = Activity()


class OptionActivity:
    """Sums of the tape by underlying."""

    def __init__(self, tape: Tape, chains: Chains) -> None:
        self._tape = tape
        self._chains = chains
        self._sums: dict[str, _Sum] = {}

    def of(self, symbol: str, moment: Moment) -> Activity:
        """What was traded until a moment in the options of the expiry that was the nearest on that day."""
        day, until = moment.session.day, prints_until(moment.step)
        known = self._sums.get(symbol)
        if known is None or known.day != day or known.seen > until:
            known = _Sum(day, self._nearest(symbol))
        if known.seen < until and known.row is not None:
            known = replace(known, seen=until, activity=self._carried_on(known, known.row, moment, until))
        self._sums[symbol] = known
        return known.activity

    def _nearest(self, symbol: str) -> OptionSet | None:
        rows = self._chains.option_params(symbol)
        expiries = [day for row in rows for day in row.expirations]
        if not expiries:
            return None
        wanted = f"{min(expiries):%Y%m%d}"
        chain = self._chains.contracts(ContractQuery(symbol=symbol, sec_type=SecType.OPTION, expiry=wanted))
        return OptionSet.of(chain) if chain else None

    def _carried_on(self, known: _Sum, row: OptionSet, moment: Moment, until: int) -> Activity:
        sizes = self._tape.sizes(row, moment.session, known.seen, until - known.seen).sum(axis=0)
        is_call = row.sign > 0
        return Activity(
            known.activity.calls + int(np.sum(sizes[is_call])),
            known.activity.puts + int(np.sum(sizes[~is_call])),
        )
