"""The underlyings of this exchange. Levels, volatilities and yields are invented and plausible."""

from __future__ import annotations

from dataclasses import dataclass

RISK_FREE_RATE = 0.0385  # continuous, flat


@dataclass(frozen=True, slots=True, kw_only=True)
class Underlying:
    """One stock or ETF and how it behaves.

    Attributes:
        price: level at the open of the start day, currency.
        beta: return per return of the market factor.
        own_vol: daily volatility of what the market does not explain.
        short_vol, long_vol: at-the-money implied volatility, nearest and distant expiries, per year.
        dividend_yield: continuous, per year.
        skew, wing: SSVI's rho and eta.
        half_width: half the usual distance of bid and ask, in cents.
        lot: typical displayed size in shares.
        daily_volume: shares per day.
        option_cost: option quote widths as a multiple of the most liquid chain's.
        option_lot: typical displayed size in contracts.
        is_etf: ETFs have daily and quarterly expiries, and penny increments at any premium.
    """

    symbol: str
    con_id: int
    name: str
    primary_exchange: str
    industry: str
    category: str
    price: float
    beta: float
    own_vol: float
    short_vol: float
    long_vol: float
    dividend_yield: float
    skew: float
    wing: float
    half_width: float
    lot: int
    daily_volume: int
    option_cost: float
    option_lot: int
    is_etf: bool = False


UNDERLYINGS: tuple[Underlying, ...] = (
    Underlying(
        symbol="SPY", con_id=756733, name="SS SPDR S&P 500 ETF TRUST-US", primary_exchange="ARCA",
        industry="", category="", price=682.40, beta=1.0, own_vol=0.0006, short_vol=0.142, long_vol=0.182,
        dividend_yield=0.0115, skew=-0.70, wing=1.10, half_width=0.4, lot=900, daily_volume=68_000_000,
        option_cost=1.0, option_lot=140, is_etf=True,
    ),
    Underlying(
        symbol="QQQ", con_id=320227571, name="INVESCO QQQ TRUST SERIES 1", primary_exchange="NASDAQ",
        industry="", category="", price=613.75, beta=1.22, own_vol=0.0040, short_vol=0.186, long_vol=0.222,
        dividend_yield=0.0052, skew=-0.66, wing=1.05, half_width=0.5, lot=600, daily_volume=46_000_000,
        option_cost=1.2, option_lot=110, is_etf=True,
    ),
    Underlying(
        symbol="IWM", con_id=9579970, name="ISHARES RUSSELL 2000 ETF", primary_exchange="ARCA",
        industry="", category="", price=241.30, beta=1.15, own_vol=0.0062, short_vol=0.205, long_vol=0.232,
        dividend_yield=0.0104, skew=-0.60, wing=0.95, half_width=0.5, lot=1200, daily_volume=32_000_000,
        option_cost=1.2, option_lot=90, is_etf=True,
    ),
    Underlying(
        symbol="AAPL", con_id=265598, name="APPLE INC", primary_exchange="NASDAQ", industry="Technology",
        category="Computers", price=271.85, beta=1.10, own_vol=0.0105, short_vol=0.245, long_vol=0.275,
        dividend_yield=0.0038, skew=-0.38, wing=0.90, half_width=0.6, lot=300, daily_volume=48_000_000,
        option_cost=2.2, option_lot=60,
    ),
    Underlying(
        symbol="MSFT", con_id=272093, name="MICROSOFT CORP", primary_exchange="NASDAQ", industry="Technology",
        category="Software", price=508.20, beta=1.05, own_vol=0.0095, short_vol=0.228, long_vol=0.258,
        dividend_yield=0.0070, skew=-0.40, wing=0.90, half_width=1.6, lot=120, daily_volume=21_000_000,
        option_cost=2.6, option_lot=40,
    ),
    Underlying(
        symbol="NVDA", con_id=4815747, name="NVIDIA CORP", primary_exchange="NASDAQ", industry="Technology",
        category="Semiconductors", price=187.60, beta=1.75, own_vol=0.0175, short_vol=0.410, long_vol=0.440,
        dividend_yield=0.0002, skew=-0.30, wing=0.85, half_width=0.5, lot=800, daily_volume=180_000_000,
        option_cost=1.8, option_lot=110,
    ),
    Underlying(
        symbol="AMD", con_id=4391, name="ADVANCED MICRO DEVICES", primary_exchange="NASDAQ",
        industry="Technology", category="Semiconductors", price=224.10, beta=1.80, own_vol=0.0235,
        short_vol=0.505, long_vol=0.495, dividend_yield=0.0, skew=-0.26, wing=0.85, half_width=1.4, lot=250,
        daily_volume=44_000_000, option_cost=2.4, option_lot=50,
    ),
    Underlying(
        symbol="TSLA", con_id=76792991, name="TESLA INC", primary_exchange="NASDAQ",
        industry="Consumer, Cyclical", category="Auto Manufacturers", price=411.50, beta=1.85, own_vol=0.0260,
        short_vol=0.520, long_vol=0.515, dividend_yield=0.0, skew=-0.24, wing=0.85, half_width=2.2, lot=200,
        daily_volume=85_000_000, option_cost=2.0, option_lot=70,
    ),
)  # fmt: skip

BY_SYMBOL = {one.symbol: one for one in UNDERLYINGS}
INDEX_OF = {one.symbol: index for index, one in enumerate(UNDERLYINGS)}
BY_CON_ID = {one.con_id: one for one in UNDERLYINGS}
