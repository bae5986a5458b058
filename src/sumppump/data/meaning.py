"""What a text means: one contract of any kind, and in which words it was settled.

The rule for a bare symbol: a stock or ETF (SMART, USD) comes first, then an index, then the front month of a
future, then a coin. An index that a futures exchange lists under its future's name (ES on CME) gives way to
that future. Anything else is reached by writing it out, by `asset_type` or by con_id.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from sumppump.data.arguments import refuse, ticker
from sumppump.data.future_text import chosen, looks_like_future, read_future
from sumppump.data.option_text import looks_like_option, read_option
from sumppump.data.written_options import fitting, the_one
from sumppump.domain.instruments import Instrument, OptionContract, SecType, Underlying
from sumppump.domain.names import COINS, FUTURE_ROOTS, coin_code, pair_halves
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.kernel.errors import UnknownContract
from sumppump.ports.market import ContractDirectory

OFFERED = (SecType.STK, SecType.OPT, SecType.IND, SecType.FUT, SecType.CASH, SecType.CRYPTO)
SETTLED = (
    "A bare symbol is the stock or ETF in USD on SMART; else the index; else the front month of the future; "
    "else the coin. Another candidate is reached by writing it out, or by con_id. Orders use con_ids only."
)
_MARKED_COIN = re.compile(r"[A-Z0-9]{2,6}[-/.]USD")
_CON_ID = re.compile(r"(?:CON_?ID[ :=]*)?(\d{1,10})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One contract that a text names.

    Attributes:
        reading: how the text was understood, for example `ES front month: 2026-12-18 (Fri), ESZ6`.
        beneath: an option's underlying, None of other kinds.
    """

    instrument: Instrument
    reading: str
    beneath: Underlying | None = None


def _looks_like_coin(text: str) -> bool:
    """Whether dollars are named beside it: a known coin in any way, an unknown one after a mark."""
    code = coin_code(text)
    is_marked = _MARKED_COIN.fullmatch(text.upper()) is not None
    return code is not None and (is_marked or (code in COINS and code != text.upper()))


_LOOKS: tuple[tuple[Callable[[str], object], SecType], ...] = (
    (looks_like_future, SecType.FUT),
    (pair_halves, SecType.CASH),
    (_looks_like_coin, SecType.CRYPTO),
    (looks_like_option, SecType.OPT),
)


def written_con_id(text: str) -> int | None:
    """The id of `756733` or `con_id 756733`; None for anything else."""
    number = _CON_ID.fullmatch(text.upper())
    return int(number[1]) if number else None


def kind_by_looks(text: str) -> SecType | None:
    """The kind that a text cannot hide, None for a bare symbol or name."""
    return next((kind for looks, kind in _LOOKS if looks(text)), None)


def kind_of(asset_type: str) -> SecType | None:
    """The kind that is asked for, None for "".

    Raises:
        InvalidRequest: no kind that is quoted here.
    """
    word = asset_type.strip().upper()
    if not word:
        return None
    offered = {kind.value: kind for kind in OFFERED}
    if word not in offered:
        refuse(
            "asset_type", f"{asset_type!r} is not quoted here", expected=", ".join(offered), found=asset_type
        )
    return offered[word]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """Looks contracts up by what people write; quotes and sends nothing."""

    directory: ContractDirectory
    clock: Clock

    async def of(self, text: str, asset_type: str = "") -> Meaning:
        """The one contract that a text names.

        Args:
            text: `SPY`, `SPY 2026-12-18 500C`, `ESZ6`, `EUR/USD`, `BTC-USD`, a con_id.
            asset_type: one of OFFERED; "" and STK, the usual default, leave it to what the text looks like.

        Raises:
            InvalidRequest: the text or the type cannot be read.
            UnknownContract: not listed; the nearest are named.
            AmbiguousContract: several contracts fit; they are named.
            GatewayUnavailable: no connection.
        """
        plain = " ".join(text.split()).lstrip("^$")
        kind = kind_of(asset_type)
        if (con_id := written_con_id(plain)) is not None:
            return await self._by_con_id(con_id, kind)
        if kind in (None, SecType.STK):
            kind = kind_by_looks(plain) or kind
        read: dict[SecType | None, Callable[[str], Awaitable[Meaning]]] = {
            SecType.OPT: self._option, SecType.FUT: self._future, SecType.CASH: self._pair,
            SecType.CRYPTO: self._coin, SecType.STK: self._stock, SecType.IND: self._index,
        }  # fmt: skip
        return await read.get(kind, self._bare)(plain)

    async def of_instrument(self, instrument: Instrument, reading: str = "") -> Meaning:
        """A known contract, with its underlying where it is an option."""
        is_option = isinstance(instrument, OptionContract)
        beneath = await self.directory.underlying(instrument.symbol) if is_option else None
        return Meaning(instrument=instrument, reading=reading or instrument.label, beneath=beneath)

    async def _by_con_id(self, con_id: int, kind: SecType | None) -> Meaning:
        found = await self.directory.instrument(con_id)
        if kind not in (None, SecType.STK):
            _must_be(found, kind)
        return await self.of_instrument(found, f"con_id {con_id}: {found.label}")

    async def _bare(self, text: str) -> Meaning:
        symbol = ticker(text)
        root = FUTURE_ROOTS.get(symbol)
        try:
            found = await self.directory.underlying(symbol)
        except UnknownContract:
            if root is not None:
                return await self._future(symbol)
            if symbol in COINS:
                return await self._coin(symbol)
            raise
        if root is not None and found.sec_type is SecType.IND and found.exchange == root.exchange:
            return await self._future(symbol)
        also = f"; the future is '{symbol} front'" if root is not None else ""
        return Meaning(instrument=found, reading=f"{symbol}{also}")

    async def _stock(self, text: str) -> Meaning:
        return await self._of_kind(text, SecType.STK)

    async def _index(self, text: str) -> Meaning:
        return await self._of_kind(text, SecType.IND)

    async def _of_kind(self, text: str, kind: SecType) -> Meaning:
        found = await self.directory.underlying(ticker(text))
        _must_be(found, kind)
        return Meaning(instrument=found, reading=found.symbol)

    async def _future(self, text: str) -> Meaning:
        words = read_future(text, self._today())
        future = chosen(words, await self.directory.futures(words.root))
        front = "" if words.month else " front month:"
        reading = f"{words.root}{front} {future.expiry:%Y-%m-%d (%a)}, {future.local_symbol}"
        return Meaning(instrument=future, reading=reading)

    async def _pair(self, text: str) -> Meaning:
        return _priced_in(await self.directory.pair(text))

    async def _coin(self, text: str) -> Meaning:
        return _priced_in(await self.directory.coin(text))

    async def _option(self, text: str) -> Meaning:
        words = read_option(text, self._today())
        underlying, found = await fitting(self.directory, words)
        option = the_one(words, found)
        return Meaning(instrument=option, reading=words.words, beneath=underlying)

    def _today(self) -> date:
        return self.clock.now().astimezone(NEW_YORK).date()


def _priced_in(found: Underlying) -> Meaning:
    return Meaning(instrument=found, reading=f"{found.label}: {found.currency} for one {found.symbol}")


def _must_be(found: Instrument, kind: SecType | None) -> None:
    if kind is not None and found.sec_type is not kind:
        refuse(
            "asset_type",
            f"{kind} does not fit {found.label}",
            expected=found.sec_type.value,
            found=kind.value,
        )
