"""Live quotes and live chains: started, shared, kept around the money, closed by themselves, stopped.

Everybody in this process shares one set of lines. Starting what is followed already joins it, and stopping it
stops it for all; quotes that a resource's subscribers hold have holders of their own and stay until those go.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count

from sumppump.data.arguments import refuse
from sumppump.data.chain_request import ChainRequest
from sumppump.data.chain_statistics import ChainRow
from sumppump.data.chains import ChainService
from sumppump.data.greeks import with_greeks
from sumppump.data.live import LiveBoard
from sumppump.data.live_aim import Aim, ChainPart, Sight, aimed, is_off, wings_of
from sumppump.data.live_report import Follow, LiveReport, report_of
from sumppump.data.meaning import Meanings
from sumppump.data.off_loop import off_loop
from sumppump.data.quotes import price_of
from sumppump.domain.instruments import Instrument, OptionContract, Right
from sumppump.domain.quotes import Quote
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import GatewayUnavailable, NoQuote, UnknownContract
from sumppump.kernel.money import Premium
from sumppump.ports.broker import BrokerEvent, LinkChanged
from sumppump.ports.market import MarketData

CLOSED_KEPT = 10
TIE = 0.005
"""Deltas as near as this to the wanted one are equally near; the more liquid contract wins."""


@dataclass(slots=True, kw_only=True)
class LiveService:
    """What is followed, and why."""

    board: LiveBoard
    meanings: Meanings
    chains: ChainService
    market: MarketData
    clock: Clock
    _follows: dict[str, Follow] = field(default_factory=dict)
    _closed: deque[str] = field(default_factory=lambda: deque(maxlen=CLOSED_KEPT))
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _watched: dict[str, Instrument] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.board.on_end.append(self._ended)
        self.board.on_change.append(self._look_at_the_money)

    # --- starting and stopping ----------------------------------------------------------------

    async def start(self, symbols: Sequence[str], chain: ChainRequest | None = None) -> LiveReport:
        """Follow quotes, and a part of a chain with its underlying; what is followed already is joined.

        Raises:
            InvalidRequest: a symbol or a range that cannot be meant.
            UnknownContract: not listed; the nearest are named.
            NoQuote: the chain's underlying has no price, so nothing is near the money; or no line is free.
            GatewayUnavailable: no connection.
        """
        follows = [await self._of_symbol(text) for text in symbols]
        if chain is not None:
            follows.append(await self._of_chain(chain))
        begun = [await self._begin(follow) for follow in follows]
        if not any(begun):
            raise _no_line(", ".join(each.label for each in follows))
        return self.status()

    def stop(self, live_id: str = "", symbols: Sequence[str] = ()) -> tuple[str, ...]:
        """Let go of one follow, of those of some symbols, or of all when neither is named; what was stopped.

        Stopping what is not followed changes nothing.
        """
        names = {text.strip().upper() for text in symbols}
        gone = [each for each in self._follows.values() if _is_meant(each, live_id.strip(), names)]
        for follow in gone:
            self._forget(follow)
        return tuple(each.label for each in gone)

    def status(self) -> LiveReport:
        """How everything stands; nothing is asked over the wire."""
        self.board.flush()
        used, limit = self.board.lines()
        return LiveReport(
            follows=tuple(report_of(each, self.board.pulse) for each in self._follows.values()),
            contracts=self.board.size,
            lines_used=used,
            lines_limit=limit,
            updates_per_s=self.board.updates_per_s,
            watched=tuple(
                sorted({each.label for each in self._watched.values() if each.con_id in self.board})
            ),
            closed=tuple(self._closed),
        )

    async def _of_symbol(self, text: str) -> Follow:
        instrument = (await self.meanings.of(text)).instrument
        return Follow(
            live_id="",
            key=str(instrument.con_id),
            label=instrument.label,
            symbol=instrument.symbol,
            aim=Aim(wanted={instrument.con_id: instrument}),
        )

    async def _of_chain(self, request: ChainRequest) -> Follow:
        part = await self._part(request)
        (beneath,) = await self.market.quotes([part.underlying])
        aim = aimed(part, beneath, self._sight())
        return Follow(
            live_id="", key=part.words, label=part.words, symbol=part.underlying.symbol, aim=aim, part=part
        )

    async def _part(self, request: ChainRequest) -> ChainPart:
        """Everything that still trades of the expiries and classes asked for."""
        underlying = await self.chains.directory.underlying(request.symbol.strip().upper())
        listed = await self.chains.listed(underlying, request)
        now = self.clock.now()
        trading = tuple(each for each in listed.contracts if now < each.last_trade)
        if not trading:
            raise UnknownContract(
                f"nothing of {underlying.symbol} trades any more on {', '.join(map(str, listed.days))}",
                code="expired",
                expected="an expiry whose last trading moment is ahead",
                next_steps=["Choose a later expiry; trade_get_options_chain names them."],
            )
        return ChainPart.of(underlying, request, trading)

    def _sight(self) -> Sight:
        return Sight(quote_of=self.board.quote, now=self.clock.now(), assume=self.chains.assume)

    async def _begin(self, follow: Follow) -> bool:
        """Whether anything of it could be followed; nothing is kept otherwise."""
        known = next((each for each in self._follows.values() if each.key == follow.key), None)
        if known is None:
            known = replace(follow, live_id=f"live_{next(self._numbers)}")
            self._follows[known.live_id] = known
        try:
            await self._hold(known, known.aim)
        except GatewayUnavailable:
            if not known.held:
                self._forget(known)
            raise
        if not known.held:
            self._forget(known)
            self._closed.append(f"{known.label} was not started: no market data line is free")
        return bool(known.held)

    async def _hold(self, follow: Follow, aim: Aim) -> None:
        """Have lines for what is aimed at and for nothing else."""
        self.board.release(follow.live_id, follow.held - set(aim.wanted))
        follow.held &= set(aim.wanted)
        held = await self.board.hold(follow.live_id, aim.wanted.values())
        follow.aim, follow.held, follow.ended = aim, held, {}
        if follow.live_id not in self._follows:  # it was stopped meanwhile
            self._forget(follow)

    def _forget(self, follow: Follow) -> None:
        self._follows.pop(follow.live_id, None)
        self.board.release(follow.live_id)

    # --- subscribers of resources -------------------------------------------------------------

    async def watch(self, text: str, holder: str) -> Instrument:
        """Follow one quote for a holder of its own.

        Raises:
            NoQuote: no line is free.
            InvalidRequest, UnknownContract, AmbiguousContract, GatewayUnavailable: as a quote does.
        """
        instrument = (await self.meanings.of(text)).instrument
        if not await self.board.hold(holder, [instrument]):
            raise _no_line(instrument.label)
        self._watched[holder] = instrument
        return instrument

    def unwatch(self, holder: str) -> None:
        """The holder is gone."""
        self._watched.pop(holder, None)
        self.board.release(holder)

    # --- questions ----------------------------------------------------------------------------

    async def get_by_delta(
        self, symbol: str, right: Right, delta: float, *, expiry: date | None = None
    ) -> ChainRow | None:
        """The followed option whose absolute delta is nearest, the more liquid of two equally near.

        Args:
            symbol: of the underlying.
            right: calls or puts.
            delta: 0 to 1 for both rights.
            expiry: any followed one without it.

        Returns:
            None where nothing of it is followed or has Greeks; a missing delta never matches.

        Raises:
            InvalidRequest: a delta out of range.
        """
        if not 0 < delta < 1:
            refuse("delta", f"{delta:g} is out of range", expected="between 0 and 1, e.g. 0.3", found=delta)
        found = [
            row
            for row in await self._rows(symbol.strip().upper())
            if row.contract.right is right and expiry in (None, row.contract.expiry) and row.delta is not None
        ]
        return min(found, key=lambda row: _nearness(row, delta), default=None)

    async def _rows(self, symbol: str) -> tuple[ChainRow, ...]:
        """Every followed option of a symbol with Greeks: the broker's, else ours from the live mid."""
        followed = {
            con_id: (instrument, quote)
            for follow in self._follows.values()
            for con_id, instrument in follow.wanted.items()
            if isinstance(instrument, OptionContract) and instrument.symbol == symbol
            if (quote := self.board.quote(con_id)) is not None
        }
        underlying = await self.chains.directory.underlying(symbol)
        (beneath,) = await self.market.quotes([underlying])
        spot, now = price_of(beneath), self.clock.now()

        def completed(quote: Quote) -> Quote:
            price = None if spot is None else float(spot)
            return with_greeks(quote, underlying=underlying, spot=price, now=now, assume=self.chains.assume)

        pairs = list(followed.values())
        # Finding volatilities takes milliseconds each: not on the loop that also sends orders.
        quotes = await off_loop(lambda: [completed(quote) for _, quote in pairs])
        return tuple(ChainRow(each, quote) for (each, _), quote in zip(pairs, quotes, strict=True))

    # --- what happens by itself ---------------------------------------------------------------

    def hear(self, event: BrokerEvent) -> None:
        """The connection came, went or lost data: everything is read anew."""
        if isinstance(event, LinkChanged):
            self.board.look_again()
            self._moved.set()

    async def run(self) -> None:
        """Keep everything current until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.board.run())
            tasks.create_task(self._stay_at_the_money())

    def _ended(self, instrument: Instrument, reason: str) -> None:
        for follow in [each for each in self._follows.values() if instrument.con_id in each.held]:
            follow.held -= {instrument.con_id}
            follow.ended[instrument.con_id] = reason
            if not any(isinstance(follow.wanted[con_id], OptionContract) for con_id in follow.held):
                self._close(follow, reason)

    def _close(self, follow: Follow, reason: str) -> None:
        """Nothing of it is left but perhaps the underlying."""
        self._forget(follow)
        self._closed.append(f"{follow.label} was closed: {reason}")

    def _look_at_the_money(self, changed: frozenset[int]) -> None:
        if any(self._is_off(each) for each in self._follows.values() if _underlying_id(each) in changed):
            self._moved.set()

    def _is_off(self, follow: Follow) -> bool:
        """Whether the money has moved away from what is followed, or wings can be added."""
        part, spot = follow.part, self._spot(follow)
        if part is None or spot is None:
            return False
        lacks_wings = not follow.aim.has_wings and bool(wings_of(part, spot, self._sight()))
        return lacks_wings or is_off(part, follow.aim, spot)

    def _spot(self, follow: Follow) -> Premium | None:
        quote = self.board.quote(_underlying_id(follow))
        return None if quote is None else price_of(quote)

    async def _stay_at_the_money(self) -> None:
        while True:
            await self._moved.wait()
            self._moved.clear()
            for follow in list(self._follows.values()):
                if self._is_off(follow):
                    # Without a connection nothing moves; its return is heard and sets the event again.
                    with contextlib.suppress(GatewayUnavailable):
                        await self._follow_the_money(follow)

    async def _follow_the_money(self, follow: Follow) -> None:
        beneath = self.board.quote(_underlying_id(follow))
        if follow.part is not None and beneath is not None:
            await self._hold(follow, aimed(follow.part, beneath, self._sight()))


def _no_line(label: str) -> NoQuote:
    return NoQuote(
        f"{label} cannot be followed: no market data line is free, or it trades no more",
        code="no_line",
        expected="a free market data line",
        next_steps=["Stop something with trade_stop_live_updates."],
    )


def _underlying_id(follow: Follow) -> int:
    return 0 if follow.part is None else follow.part.underlying.con_id


def _is_meant(follow: Follow, live_id: str, names: set[str]) -> bool:
    if not live_id and not names:
        return True
    return follow.live_id == live_id or follow.symbol in names or follow.label.upper() in names


def _nearness(row: ChainRow, delta: float) -> tuple[int, float, int]:
    """How far from a delta, in steps of a tie; then the narrower market, then the more traded."""
    quote = row.quote
    width = float("inf") if quote.quote_width is None else float(quote.quote_width)
    return (
        int(abs(abs(row.delta or 0.0) - delta) / TIE),
        width,
        -(quote.volume or 0) - (quote.open_interest or 0),
    )
