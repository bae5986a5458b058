"""Bonds that can be looked up. They are not traded here: whoever asks for more than details gets code 200."""

from __future__ import annotations

from dataclasses import dataclass

from sumppump.exchange.listing.instruments import ContractQuery

BOND = "BOND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """One bond; `coupon` in percent per year, days as YYYYMMDD."""

    con_id: int
    symbol: str
    name: str
    isin: str
    coupon: float
    maturity: str
    issued: str
    ratings: str

    @property
    def cusip(self) -> str:
        """The nine characters within the ISIN."""
        return self.isin[2:11]


BONDS = (
    # The number is a real one that suites of other clients ask for; the terms are invented, with a coupon
    # that ib_async can read: it knows whole percents only.
    Bond(
        con_id=229396471, symbol="BNS", name="BANK OF NOVA SCOTIA", isin="US064159KJ44", coupon=4.0,
        maturity="20361216", issued="20151216", ratings="BAA1/A-",
    ),
)  # fmt: skip


def find_bonds(query: ContractQuery) -> tuple[Bond, ...]:
    """The bonds that a description of a bond names, by id, symbol, ISIN or CUSIP."""
    if query.sec_type != BOND:
        return ()
    return tuple(one for one in BONDS if _is_meant(one, query))


def _is_meant(one: Bond, query: ContractQuery) -> bool:
    names = {str(one.con_id), one.symbol, one.isin, one.cusip}
    said = [str(query.con_id or ""), query.symbol, query.local_symbol, query.sec_id]
    return any(said) and all(text in names for text in said if text)
