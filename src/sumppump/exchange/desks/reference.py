"""Reference data: contract details, symbols, option parameters, market rules, components."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sumppump.exchange.desks.line import NOBODY, Desk, Line, Services
from sumppump.exchange.listing.bonds import find_bonds
from sumppump.exchange.listing.contract_search import CONTINUOUS, derivatives_on
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.market.smart_routing import BY_CODE
from sumppump.exchange.translate.contracts import bond_data, contract_data, query_of
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import PriceIncrement, SmartComponent
from sumppump.exchange.wire.market_answers import (
    ContractData,
    ContractDataEnd,
    MarketRule,
    SecDefOptParams,
    SecDefOptParamsEnd,
    SmartComponents,
    SymbolSample,
    SymbolSamples,
)
from sumppump.exchange.wire.market_requests import (
    ReqContractDetails,
    ReqMarketRule,
    ReqMatchingSymbols,
    ReqSecDefOptParams,
    ReqSmartComponents,
)

NO_DEFINITION = "No security definition has been found for the request"


class ReferenceDesk(Desk):
    """Questions about contracts; nothing here changes anything."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ReqContractDetails: self.details,
            ReqMatchingSymbols: self.symbols,
            ReqSecDefOptParams: self.option_params,
            ReqMarketRule: self.market_rule,
            ReqSmartComponents: self.components,
        }

    def details(self, message: ReqContractDetails) -> None:
        """Every contract that fits the description."""
        line = self._line
        query = query_of(message.contract, include_expired=message.include_expired)
        query = replace(query, sec_id_type=message.sec_id_type, sec_id=message.sec_id)
        line.send_each(message.req_id, self._rows(message.req_id, query))

    def _rows(self, req_id: int, query: ContractQuery) -> Iterator[Any]:
        last = None
        for last in self._found(req_id, query):
            yield last
        if last is None:
            yield ErrorMessage(id=req_id, code=200, text=NO_DEFINITION)
        else:
            yield ContractDataEnd(req_id=req_id)

    def _found(self, req_id: int, query: ContractQuery) -> Iterator[Any]:
        line = self._line
        for bond in find_bonds(query):
            yield bond_data(req_id, bond)
        for listing in line.venue.each_contract(query):
            data = contract_data(req_id, listing, line.version, line.venue.today)
            yield _as_asked(data, query, listing)

    def symbols(self, message: ReqMatchingSymbols) -> None:
        """Contracts whose symbol or name fits."""
        found = self._line.venue.match_symbols(message.pattern)
        samples = tuple(
            SymbolSample(
                con_id=listing.con_id,
                symbol=listing.symbol,
                sec_type=str(listing.sec_type),
                primary_exchange=listing.primary_exchange,
                currency=listing.currency,
                derivative_sec_types=derivatives_on(listing.symbol),
                description=listing.long_name,
            )
            for listing in found
        )
        self._line.send(SymbolSamples(req_id=message.req_id, samples=samples))

    def option_params(self, message: ReqSecDefOptParams) -> None:
        """Expiries and strikes of every trading class and exchange."""
        line = self._line
        rows = line.venue.option_params(message.under_symbol)
        if message.fut_fop_exchange:  # options on futures are not listed
            rows = ()
        if message.under_con_id:
            rows = tuple(row for row in rows if row.under_con_id == message.under_con_id)
        if not rows:
            line.error(message.req_id, 200, NO_DEFINITION)
            return
        for row in rows:
            line.send(
                SecDefOptParams(
                    req_id=message.req_id,
                    exchange=row.exchange,
                    under_con_id=row.under_con_id,
                    trading_class=row.trading_class,
                    multiplier=str(row.multiplier),
                    expirations=tuple(f"{day:%Y%m%d}" for day in row.expirations),
                    strikes=tuple(float(strike) for strike in row.strikes),
                )
            )
        line.send(SecDefOptParamsEnd(req_id=message.req_id))

    def market_rule(self, message: ReqMarketRule) -> None:
        """The price increments of a rule; the answer has no request id but the rule's."""
        rule = self._line.venue.market_rule(message.rule_id)
        if rule is None:
            text = f"Error validating request.-'cd' : cause - Invalid market rule id {message.rule_id}"
            self._line.error(NOBODY, 321, text)
            return
        steps = tuple(PriceIncrement(low_edge=float(low), increment=float(step)) for low, step in rule)
        self._line.send(MarketRule(rule_id=message.rule_id, increments=steps))

    def components(self, message: ReqSmartComponents) -> None:
        """The exchanges behind the letters of the exchange maps."""
        group = BY_CODE.get(message.bbo_exchange)
        if group is None:
            text = "Error validating request.-'cb' : cause - Invalid BBO exchange/security type code"
            self._line.error(message.req_id, 321, text)
            return
        rows = tuple(
            SmartComponent(bit=bit, exchange=place.exchange, letter=place.letter)
            for bit, place in enumerate(group.places)
        )
        self._line.send(SmartComponents(req_id=message.req_id, components=rows))


def _as_asked(data: ContractData, query: ContractQuery, listing: Listing) -> ContractData:
    """The details with the exchange and the kind that the client named."""
    exchange = query.exchange if query.exchange in listing.valid_exchanges else data.exchange
    kind = CONTINUOUS if query.sec_type == CONTINUOUS else data.sec_type
    return replace(data, exchange=exchange, sec_type=kind)
