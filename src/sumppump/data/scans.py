"""Scans of the market: the broker's scanner finds symbols, our own figures qualify them, and both are said.

A candidate that does not qualify is listed with the figure that it lacked: no answer is empty in silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sumppump.data.arguments import refuse, ticker
from sumppump.data.bar_shelf import BarShelf
from sumppump.data.quote_gaps import had
from sumppump.data.scan_facts import Candidate, IvRank, ranked
from sumppump.data.scan_rules import NO_WISHES, STATISTICS_S, Rule, ScanType, Thresholds, rule_of
from sumppump.data.sessions import underlying_status, whole_sessions
from sumppump.domain.instruments import Underlying
from sumppump.domain.quotes import Quote
from sumppump.domain.statistics import MarketStatistics
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import GatewayUnavailable, SumpPumpError
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.ports.scanner import MarketScanner

OVERVIEW_SYMBOLS = ("SPY", "QQQ", "IWM", "VIX", "SPX", "TLT", "GLD")
LOCATION = "US stocks and ETFs (STK.US.MAJOR)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """One row that qualified.

    Attributes:
        value: the figure that qualified and ranks it.
    """

    candidate: Candidate
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What a scan found.

    Attributes:
        rule: what a row had to reach, in words; source: where the candidates came from.
        figure: name of what ranks the rows. quotes: of every candidate, those that failed too.
        session: whether the market is open, "" where the hours are not known.
        rows: best first. rejected: (symbol, why) of the candidates that did not qualify or are not known.
    """

    kind: ScanType
    rule: str
    source: str
    figure: str
    rows: tuple[ScanRow, ...]
    rejected: tuple[tuple[str, str], ...]
    quotes: tuple[Quote, ...]
    session: str
    as_of: datetime

    @property
    def looked_at(self) -> int:
        """Candidates in all."""
        return len(self.rows) + len(self.rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanService:
    """Scans; sends no order."""

    directory: ContractDirectory
    market: MarketData
    shelf: BarShelf
    scanner: MarketScanner
    clock: Clock

    async def scan(
        self,
        kind: ScanType,
        *,
        wanted: Thresholds = NO_WISHES,
        symbols: Sequence[str] = (),
    ) -> ScanResult:
        """One scan, of `symbols` where they are given.

        Raises:
            InvalidRequest: a threshold out of range, or more symbols than one scan looks at.
            NotSubscribed, GatewayUnavailable: the scanner or the market cannot be asked.
        """
        wanted.check()
        rule = rule_of(kind, wanted)
        names, source = await self._names(kind, rule, symbols)
        known, rejected = await self._known(names)
        candidates = await self._candidates(known, rule)
        rows, failed = _qualified(rule, candidates)
        return ScanResult(
            kind=kind,
            rule=rule.words(),
            source=source,
            figure=rule.figure.name,
            rows=rows,
            rejected=(*rejected, *failed),
            quotes=tuple(each.quote for each in candidates),
            session=self._session(known),
            as_of=self.clock.now(),
        )

    def _session(self, known: Sequence[Underlying]) -> str:
        status = underlying_status(known[0], self.clock.now()) if known else None
        return "" if status is None else status.words()

    async def _names(self, kind: ScanType, rule: Rule, symbols: Sequence[str]) -> tuple[list[str], str]:
        """Tickers to look at, each once, and where they come from."""
        if symbols:
            return _given(symbols, rule.most), "the symbols given"
        if kind is ScanType.OVERVIEW:
            return list(OVERVIEW_SYMBOLS), "a fixed list"
        share = rule.most // len(rule.codes)
        found = [
            hit.symbol
            for code in rule.codes
            for hit in await self.scanner.scan(code, rows=share, filters=rule.filters)
        ]
        source = f"TWS scanner {' and '.join(rule.codes)} over {LOCATION}"
        return list(dict.fromkeys(found)), source

    async def _known(self, names: Sequence[str]) -> tuple[list[Underlying], list[tuple[str, str]]]:
        known, unknown = [], []
        for name in names:
            try:
                known.append(await self.directory.underlying(name))
            except GatewayUnavailable:
                raise
            except SumpPumpError as error:
                unknown.append((name, error.message))
        return known, unknown

    async def _candidates(self, known: Sequence[Underlying], rule: Rule) -> list[Candidate]:
        if not known:
            return []
        quotes = await self.market.quotes(known, greeks=False)
        statistics = await self._statistics(known, rule)
        found = [
            Candidate(underlying=each, quote=had(quote), statistics=facts)
            for each, quote, facts in zip(known, quotes, statistics, strict=True)
        ]
        return await asyncio.gather(*(self._with_rank(each, rule) for each in found))

    async def _statistics(self, known: Sequence[Underlying], rule: Rule) -> Sequence[MarketStatistics]:
        if rule.figures:
            return await self.market.statistics(known, deadline_s=STATISTICS_S, figures=rule.figures)
        return [MarketStatistics(con_id=each.con_id) for each in known]

    async def _with_rank(self, candidate: Candidate, rule: Rule) -> Candidate:
        """With its rank where the rule asks for one and nothing else speaks against it: a year costs time."""
        if rule.needs_rank and not rule.fault(candidate, before_history=True):
            return replace(candidate, rank=await self._rank(candidate))
        return candidate

    async def _rank(self, candidate: Candidate) -> IvRank:
        """The rank over a year of whole days' implied volatilities; no history is no rank."""
        try:
            shelved = await self.shelf.bars(
                candidate.underlying, duration="1 Y", bar_size="1 day", what="OPTION_IMPLIED_VOLATILITY"
            )
        except SumpPumpError as error:
            return IvRank(None, 0, error.message)
        whole = whole_sessions(shelved.bars, candidate.underlying, self.clock.now())
        return ranked(whole, candidate.statistics.implied_vol)


def _given(symbols: Sequence[str], most: int) -> list[str]:
    names = list(dict.fromkeys(ticker(text) for text in symbols))
    if len(names) > most:
        refuse("symbols", "are more than one scan looks at", expected=f"at most {most}", found=len(names))
    return names


def _qualified(
    rule: Rule, candidates: Sequence[Candidate]
) -> tuple[tuple[ScanRow, ...], list[tuple[str, str]]]:
    rows, failed = [], []
    for each in candidates:
        fault = rule.fault(each)
        value = rule.figure.value(each)
        if fault or value is None:
            failed.append((each.underlying.symbol, fault))
        else:
            rows.append(ScanRow(candidate=each, value=value))
    return tuple(sorted(rows, key=lambda row: row.value, reverse=True)), failed
