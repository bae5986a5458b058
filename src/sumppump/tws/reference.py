"""Questions to TWS about contracts, at the pace that it allows; an answer, an empty one, or an error."""

from __future__ import annotations

import asyncio
import time

from ib_async.contract import Contract, ContractDescription, ContractDetails
from ib_async.objects import OptionChain

from sumppump.domain.instruments import Underlying
from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable, UnknownContract
from sumppump.tws import details
from sumppump.tws.details import NO_SUCH_CONTRACT, Rule
from sumppump.tws.inbox import market_rule_key
from sumppump.tws.link import Link
from sumppump.tws.settings import TwsSettings


class Reference:
    """Reference data, uncached. GatewayUnavailable where TWS cannot be asked or does not answer."""

    def __init__(self, settings: TwsSettings, link: Link) -> None:
        self._settings, self._link = settings, link
        self._searching = asyncio.Lock()
        self._last_search = -1e9

    async def details(self, wanted: Contract, *, what: str) -> list[ContractDetails]:
        """Contract details; an empty list where TWS knows none. Never for a BAG: TWS does not answer."""
        session = self._link.session()
        try:
            return await session.ask(
                lambda client, request_id: client.reqContractDetails(request_id, wanted),
                what=f"contract details of {what}",
            )
        except BrokerRejected as error:
            if error.ib_code == NO_SUCH_CONTRACT:
                return []
            raise _refused(error, what) from error

    async def option_parameters(self, underlying: Underlying) -> list[OptionChain]:
        """Expiries and strikes by class and exchange."""
        session = self._link.session()
        try:
            return await session.ask(
                lambda client, request_id: client.reqSecDefOptParams(
                    request_id, underlying.symbol, "", underlying.sec_type.value, underlying.con_id
                ),
                what=f"the options of {underlying.symbol}",
            )
        except BrokerRejected as error:
            raise _refused(error, f"the options of {underlying.symbol}") from error

    async def price_steps(self, rule_id: int) -> Rule:
        """The increments of a market rule."""
        session = self._link.session()
        rows = await session.ask_keyed(
            market_rule_key(rule_id), lambda client: client.reqMarketRule(rule_id), strict=False
        )
        return details.rule(rows)

    async def samples(self, text: str) -> list[ContractDescription]:
        """Symbols that match; TWS takes one such question a second, so callers queue."""
        async with self._searching:
            wait_s = self._last_search + self._settings.symbol_pacing_s - time.monotonic()
            await asyncio.sleep(max(0.0, wait_s))
            session = self._link.session()
            try:
                return await session.ask(
                    lambda client, request_id: client.reqMatchingSymbols(request_id, text),
                    what="matching symbols",
                )
            except BrokerRejected as error:
                raise _refused(error, "matching symbols") from error
            finally:
                self._last_search = time.monotonic()


def _refused(error: BrokerRejected, what: str) -> GatewayUnavailable | UnknownContract:
    if error.ib_code == NO_SUCH_CONTRACT:
        return UnknownContract(f"TWS knows no contract for {what}", found=error.text)
    return GatewayUnavailable(
        f"TWS would not answer {what}: {error.text}",
        code="request_refused",
        found=f"TWS error {error.ib_code}",
    )
