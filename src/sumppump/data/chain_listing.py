"""Which contracts a request can choose from: one request to the market per listed day, cached by it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sumppump.data.arguments import refuse_unlisted_expiry
from sumppump.data.chain_request import ChainRequest
from sumppump.data.expiries import MOST_EXPIRIES, chosen, listed_expiries
from sumppump.data.series import settling_at_open, wanted_classes
from sumppump.domain.instruments import OptionClass, OptionContract, SecType, Underlying
from sumppump.kernel.errors import UnknownContract
from sumppump.ports.market import ContractDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a request can choose from.

    Attributes:
        days: every listed day that is meant; all_days: every listed day of the classes.
        contracts: of the first `MOST_EXPIRIES` days.
        classes: of the underlying, those that were left out among them.
    """

    days: tuple[date, ...]
    all_days: tuple[date, ...]
    contracts: tuple[OptionContract, ...]
    classes: tuple[OptionClass, ...]


async def listed_for(
    directory: ContractDirectory, underlying: Underlying, request: ChainRequest, today: date
) -> Listed:
    """The days and contracts of a request's classes; the days are asked for together.

    Raises:
        InvalidRequest: the expiry is past.
        UnknownContract: the class or the expiry is not listed; the nearest are named.
        GatewayUnavailable: no connection.
    """
    classes = tuple(await directory.option_classes(underlying))
    wanted = wanted_classes(request, classes)
    all_days = listed_expiries(wanted)
    is_index = underlying.sec_type is SecType.IND
    days = chosen(request, all_days, today, may_settle_at_open=is_index)
    if is_index and request.expiry is not None:
        days = tuple(sorted({*days, *(day for _, day in settling_at_open(request.expiry, wanted))}))
    kind = request.trading_class.upper()
    found = await asyncio.gather(
        *(directory.options(underlying, day, trading_class=kind) for day in days[:MOST_EXPIRIES])
    )
    names = {each.trading_class for each in wanted}
    contracts = tuple(each for day in found for each in day if each.trading_class in names)
    return Listed(
        days=days, all_days=all_days, contracts=_expiring(contracts, request, all_days), classes=classes
    )


def _expiring(
    contracts: tuple[OptionContract, ...], request: ChainRequest, all_days: Sequence[date]
) -> tuple[OptionContract, ...]:
    """Those of the expiry that is named; where it is a listed day of none, what TWS lists under it."""
    exact = tuple(each for each in contracts if request.expiry in (None, each.expiry))
    if not exact and request.expiry is not None and request.expiry not in all_days:
        refuse_unlisted_expiry(request.symbol, request.expiry, all_days)
    if not contracts:
        raise UnknownContract(
            f"{request.symbol} has no contracts then", expected="an expiry with listed contracts"
        )
    return exact or contracts
