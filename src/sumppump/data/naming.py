"""The one contract that a text names: a ticker, or an option as people write it."""

from __future__ import annotations

from datetime import date

from sumppump.data.arguments import refuse_unlisted_expiry, ticker
from sumppump.data.option_text import looks_like_option, read_option
from sumppump.data.quotes import class_of
from sumppump.domain.instruments import Instrument
from sumppump.ports.market import ContractDirectory


async def named(directory: ContractDirectory, text: str, today: date) -> Instrument:
    """The contract that is meant.

    Raises:
        InvalidRequest: the text cannot be read.
        UnknownContract: not listed; the nearest are named.
    """
    if not looks_like_option(text):
        return await directory.underlying(ticker(text))
    words = read_option(text, today)
    underlying = await directory.underlying(words.symbol)
    classes = await directory.option_classes(underlying)
    listed = {day for each in classes for day in each.expiries}
    if words.expiry not in listed:
        refuse_unlisted_expiry(words.symbol, words.expiry, listed)
    kind = class_of(words, underlying, classes)
    return await directory.option(underlying, words.expiry, words.strike, words.right, trading_class=kind)
