"""The rows of the account as a client reads them: the keys of a real account, in alphabetical order.

Recorded: 153 rows of a margin account without positions at server version 176. A key stands alone, with the
suffix of a segment (`-S` securities, `-C` commodities), or once per currency and once for BASE (the
ledger). The requests under an id get the same rows in another order: plain words and amounts first, then each
currency's ledger in an order of its own.
"""

from __future__ import annotations

from decimal import Decimal

from sumppump.exchange.account.figures import Amounts, Figures
from sumppump.exchange.account.valuation import BASE
from sumppump.exchange.reports import AccountValue

BASE_ROWS = "BASE"
_CENT = Decimal("0.01")
_ZERO = Decimal(0)
_WHOLE, _SECURITIES, _COMMODITIES = "", "-S", "-C"

LEDGER = (
    "Currency", "CashBalance", "TotalCashBalance", "AccruedCash", "StockMarketValue", "OptionMarketValue",
    "FutureOptionValue", "FuturesPNL", "NetLiquidationByCurrency", "UnrealizedPnL", "RealizedPnL",
    "ExchangeRate", "FundValue", "NetDividend", "MutualFundValue", "MoneyMarketFundValue",
    "CorporateBondValue", "TBondValue", "TBillValue", "WarrantValue", "FxCashBalance", "AccountOrGroup",
    "RealCurrency", "IssuerOptionValue", "Cryptocurrency",
)  # fmt: skip
"""The keys of a ledger in the order in which the requests under an id get them (recorded)."""

_NOT_IN_UPDATES = "Cryptocurrency"  # recorded: an empty text under an id, absent from the plain updates
_NOTHING_HERE = (
    "FutureOptionValue", "FundValue", "MutualFundValue", "MoneyMarketFundValue", "CorporateBondValue",
    "TBondValue", "TBillValue", "WarrantValue", "IssuerOptionValue",
)  # fmt: skip
_EMPTY_BY_SEGMENT = (
    "Billable", "Guarantee", "IndianStockHaircut", "PASharesValue", "PhysicalCertificateValue",
    "PostExpirationExcess", "PostExpirationMargin", "TotalDebitCardPendingCharges",
)  # fmt: skip


def account_rows(figures: Figures) -> tuple[AccountValue, ...]:
    """Every row of the plain account updates, keys in alphabetical order."""
    rows = [*_plain_rows(figures), *_ledgers(figures, figures.account)]
    return tuple(sorted((row for row in rows if row.key != _NOT_IN_UPDATES), key=_by_key))


def rows_by_id(figures: Figures) -> tuple[AccountValue, ...]:
    """The rows in the order of the requests under an id: without a ledger first, then the ledgers."""
    return (*plain_rows(figures), *_ledgers(figures, figures.account))


def plain_rows(figures: Figures) -> tuple[AccountValue, ...]:
    """The rows that belong to no ledger, keys in alphabetical order."""
    whole, *_ = _segments("AccruedCash", _accrued_cash(figures))
    return tuple(sorted([whole, *_plain_rows(figures)], key=_by_key))


def ledger_rows(figures: Figures, wanted: str = "") -> tuple[AccountValue, ...]:
    """The ledgers for all accounts: `ALL` of them, one currency's, or by default that of the totals."""
    name = wanted.upper() or BASE_ROWS
    return tuple(row for row in _ledgers(figures, "All") if name in ("ALL", row.currency))


def _by_key(row: AccountValue) -> tuple[str, str]:
    return row.key, row.currency


# -- rows of the whole and of the segments ----------------------------------------------------------
def _plain_rows(figures: Figures) -> list[AccountValue]:
    rows = [AccountValue(key, value, "") for key, value in _words(figures).items()]
    for key, parts in _by_segment(figures).items():
        rows += _segments(key, parts)
    rows += [row for row in _segments("AccruedCash", _accrued_cash(figures)) if row.key != "AccruedCash"]
    rows += [AccountValue(key, _money(value), BASE) for key, value in _alone(figures).items()]
    return rows


def _segments(key: str, parts: tuple[Decimal, ...]) -> list[AccountValue]:
    """One key with its suffixes: whole and securities, or whole, commodities and securities."""
    suffixes = (_WHOLE, _SECURITIES) if len(parts) == 2 else (_WHOLE, _COMMODITIES, _SECURITIES)
    return [
        AccountValue(key + suffix, _money(value), BASE) for suffix, value in zip(suffixes, parts, strict=True)
    ]


def _words(figures: Figures) -> dict[str, str]:
    net, left = figures.net, str(figures.day_trades_left)
    leverage = figures.total.gross / net if net else _ZERO
    return {
        "AccountCode": figures.account,
        "AccountReady": "true" if figures.is_ready else "false",
        "AccountType": "INDIVIDUAL",
        "ColumnPrio-C": "2",
        "ColumnPrio-S": "1",
        "Cushion": _plain(figures.excess / net if net else _ZERO),
        "DayTradesRemaining": left,
        **{f"DayTradesRemainingT+{day}": left for day in range(1, 5)},
        "DayTradingStatus-S": f"::false:{_money(figures.buying_power)}:",
        "Leverage-S": f"{leverage:.2f}",
        "LookAheadNextChange": "0",
        "NLVAndMarginInReview": "false",
        "SegmentTitle-C": "US Commodities",
        "SegmentTitle-S": "US Securities",
        "TradingType-S": "STKNOPT",
        "WhatIfPMEnabled": "true",
    }


def _alone(figures: Figures) -> dict[str, Decimal]:
    return {"BuyingPower": figures.buying_power, "NetLiquidationUncertainty": _ZERO}


def _by_segment(figures: Figures) -> dict[str, tuple[Decimal, ...]]:
    """Whole, commodities, securities; or whole and securities where there is nothing to say of the former."""
    need, night, swept = figures.need, figures.night, figures.commodities
    dividends = figures.total.dividends
    funds = _split(figures.available, swept - need.futures_initial)
    excess = _split(figures.excess, swept - need.futures_maintenance)
    initial = _split(need.initial, need.futures_initial)
    maintenance = _split(need.maintenance, need.futures_maintenance)
    next_funds = _split(figures.equity - night.initial, swept - night.futures_initial)
    next_excess = _split(figures.equity - night.maintenance, swept - night.futures_maintenance)
    futures = figures.total.futures
    return {
        "AccruedDividend": _split(dividends),
        "AvailableFunds": funds,
        "EquityWithLoanValue": _split(figures.equity, swept),
        "ExcessLiquidity": excess,
        "FullAvailableFunds": next_funds,
        "FullExcessLiquidity": next_excess,
        "FullInitMarginReq": _split(night.initial, night.futures_initial),
        "FullMaintMarginReq": _split(night.maintenance, night.futures_maintenance),
        "GrossPositionValue": (figures.total.gross, figures.total.gross),
        "InitMarginReq": initial,
        "LookAheadAvailableFunds": next_funds,
        "LookAheadExcessLiquidity": next_excess,
        "LookAheadInitMarginReq": _split(night.initial, night.futures_initial),
        "LookAheadMaintMarginReq": _split(night.maintenance, night.futures_maintenance),
        "MaintMarginReq": maintenance,
        "NetLiquidation": _split(figures.net, swept),
        "PreviousDayEquityWithLoanValue": (figures.equity_before, figures.equity_before),
        "RegTEquity": (figures.net - swept,) * 2,
        "RegTMargin": (need.regulated,) * 2,
        "SMA": (figures.memorandum,) * 2,
        "TotalCashValue": _split(figures.total.cash, swept - futures),
        **dict.fromkeys(_EMPTY_BY_SEGMENT, _split(_ZERO)),
    }


def _split(whole: Decimal, commodities: Decimal = _ZERO) -> tuple[Decimal, Decimal, Decimal]:
    return whole, commodities, whole - commodities


def _accrued_cash(figures: Figures) -> tuple[Decimal, Decimal, Decimal]:
    return _split(figures.total.interest)


# -- ledgers ----------------------------------------------------------------------------------------
def _ledgers(figures: Figures, account: str) -> list[AccountValue]:
    """One ledger per currency, in alphabetical order, then that of the base currency's totals."""
    names = [one for one in figures.worth.currencies if one == BASE or _matters(figures, one)]
    ledgers = [(name, _ledger(figures, name, account)) for name in names]
    ledgers.append((BASE_ROWS, _base_ledger(figures, account)))
    return [AccountValue(key, ledger[key], name) for name, ledger in ledgers for key in LEDGER]


def _matters(figures: Figures, currency: str) -> bool:
    """A currency whose balance was changed back to nothing has no ledger."""
    amounts = figures.worth.of(currency)
    return bool(amounts.net or amounts.realized or amounts.unrealized)


def _ledger(figures: Figures, currency: str, account: str) -> dict[str, str]:
    amounts = figures.worth.of(currency)
    foreign = amounts.cash if currency != BASE else _ZERO
    return _ledger_of(amounts, foreign, name=currency, rate=figures.worth.rate(currency), account=account)


def _base_ledger(figures: Figures, account: str) -> dict[str, str]:
    foreign = figures.total.cash - figures.worth.of(BASE).cash
    return _ledger_of(figures.total, foreign, name=BASE_ROWS, rate=Decimal(1), account=account)


def _ledger_of(
    amounts: Amounts, foreign: Decimal, *, name: str, rate: Decimal, account: str
) -> dict[str, str]:
    """The values of one ledger; `foreign` is the cash in other currencies than the account's."""
    money = {
        "AccruedCash": amounts.interest,
        "CashBalance": amounts.cash,
        "FuturesPNL": amounts.futures,
        "FxCashBalance": foreign,
        "NetDividend": amounts.dividends,
        "NetLiquidationByCurrency": amounts.net,
        "OptionMarketValue": amounts.options,
        "RealizedPnL": amounts.realized,
        "StockMarketValue": amounts.stocks,
        "TotalCashBalance": amounts.cash,
        "UnrealizedPnL": amounts.unrealized,
        **dict.fromkeys(_NOTHING_HERE, _ZERO),
    }
    return {
        **{key: _money(value) for key, value in money.items()},
        "AccountOrGroup": account,
        "Cryptocurrency": _money(amounts.coins) if amounts.coins else "",
        "Currency": name,
        "ExchangeRate": _rate(rate),
        "RealCurrency": name,
    }


def _money(amount: Decimal) -> str:
    return format(amount.quantize(_CENT), "f")


def _rate(rate: Decimal) -> str:
    """At least two decimals, at most seven."""
    text = format(rate.quantize(Decimal("0.0000001")), "f").rstrip("0")
    whole, _, part = text.partition(".")
    return f"{whole}.{part:0<2}"


def _plain(ratio: Decimal) -> str:
    """Six decimals at most and none that say nothing, as recorded: `1`."""
    text = format(ratio.quantize(Decimal("0.000001")), "f")
    return text.rstrip("0").rstrip(".") or "0"
