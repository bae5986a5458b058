"""How the underlyings behave: levels, volatilities and yields, invented and plausible."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Payout(StrEnum):
    """Whose calendar the dividends keep."""

    NONE = ""
    FUND = "fund"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """How one underlying moves and how it is quoted.

    Attributes:
        price: level at the open of the start day, currency; of an index before its fund's unpaid dividends.
        beta: return per return of the market factor.
        own_vol: daily volatility of what the market does not explain.
        short_vol, long_vol: at-the-money implied volatility, nearest and distant expiries, per year.
        dividend_yield: continuous, per year.
        skew, wing: SSVI's rho and eta.
        half_width: half the usual distance of bid and ask, in the units of its prices (cents).
        lot: typical displayed size in shares.
        daily_volume: shares per day.
        option_cost: option quote widths as a multiple of the most liquid chain's.
        option_lot: typical displayed size in contracts.
        option_volume: contracts of a usual day; 0 where it follows from what the underlying turns over.
        follows: the underlying whose level it is a multiple of, and that multiple.
        own: whose own part moves it: an index has that of its fund, without the fund's dividends in cash.
        sector, sector_beta: a factor of `factors.SECTORS` besides the market, and how it follows it.
        earnings_move: expected size of the answer to a quarterly report, log return; 0 for none.
        payout: whose calendar its dividends keep; what pays none in cash has its yield in its carry.
        all_week: True for what moves on weekends too; `own_vol` is then of 24 hours.
        overnight: share of its own part's variance that lies between close and open.
        coupling: how much of the market's log volatility its own part takes over.
    """

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
    option_cost: float = 1.0
    option_lot: int = 1
    option_volume: int = 0
    follows: tuple[str, float] | None = None
    own: str = ""
    sector: str = ""
    sector_beta: float = 0.0
    earnings_move: float = 0.0
    payout: Payout = Payout.NONE
    all_week: bool = False
    overnight: float = 0.24
    coupling: float = 0.5

    @property
    def model_yield(self) -> float:
        """The continuous yield of the option model: nothing where dividends come in cash."""
        return 0.0 if self.payout else self.dividend_yield


class Characters(dict[str, Character]):
    """Characters by symbol; the months of a future share their root's."""

    def __missing__(self, symbol: str) -> Character:
        """The root's, for a key like `ES:20261218`."""
        root, colon, _ = symbol.partition(":")
        if not colon:
            raise KeyError(symbol)
        return self[root]


_CARRIED = 0.0385  # a yield equal to the rate: the forward is the level itself

CHARACTERS = Characters({
    "SPY": Character(
        price=682.40, beta=1.0, own_vol=0.0002, short_vol=0.142, long_vol=0.182,
        dividend_yield=0.0115, skew=-0.70, wing=1.10, half_width=0.4,
        lot=900, daily_volume=68_000_000, option_cost=1.0, option_lot=140,
        payout=Payout.FUND,
    ),
    "QQQ": Character(
        price=613.75, beta=1.18, own_vol=0.0022, short_vol=0.186, long_vol=0.222,
        dividend_yield=0.0052, skew=-0.66, wing=1.05, half_width=0.5,
        lot=600, daily_volume=46_000_000, option_cost=1.2, option_lot=110,
        payout=Payout.FUND, sector="TECHNOLOGY", sector_beta=0.55,
    ),
    "IWM": Character(
        price=241.30, beta=1.15, own_vol=0.0030, short_vol=0.205, long_vol=0.232,
        dividend_yield=0.0104, skew=-0.60, wing=0.95, half_width=0.5,
        lot=1200, daily_volume=32_000_000, option_cost=1.2, option_lot=90,
        payout=Payout.FUND, sector="SMALL", sector_beta=1.0,
    ),
    "AAPL": Character(
        price=271.85, beta=1.10, own_vol=0.0090, short_vol=0.245, long_vol=0.275,
        dividend_yield=0.0038, skew=-0.38, wing=0.90, half_width=0.6,
        lot=300, daily_volume=48_000_000, option_cost=2.6, option_lot=60,
        payout=Payout.SHARE, sector="TECHNOLOGY", sector_beta=0.60, earnings_move=0.036,
    ),
    "MSFT": Character(
        price=508.20, beta=1.05, own_vol=0.0078, short_vol=0.228, long_vol=0.258,
        dividend_yield=0.0070, skew=-0.40, wing=0.90, half_width=1.6,
        lot=120, daily_volume=21_000_000, option_cost=3.1, option_lot=40,
        payout=Payout.SHARE, sector="TECHNOLOGY", sector_beta=0.70, earnings_move=0.038,
    ),
    "NVDA": Character(
        price=187.60, beta=1.75, own_vol=0.0150, short_vol=0.410, long_vol=0.440,
        dividend_yield=0.0002, skew=-0.30, wing=0.85, half_width=0.5,
        lot=800, daily_volume=180_000_000, option_cost=2.2, option_lot=110,
        payout=Payout.SHARE, sector="SEMICONDUCTORS", sector_beta=0.90, earnings_move=0.065,
    ),
    "AMD": Character(
        price=224.10, beta=1.80, own_vol=0.0205, short_vol=0.505, long_vol=0.495,
        dividend_yield=0.0, skew=-0.26, wing=0.85, half_width=1.4,
        lot=250, daily_volume=44_000_000, option_cost=2.9, option_lot=50,
        sector="SEMICONDUCTORS", sector_beta=0.95, earnings_move=0.070,
    ),
    "TSLA": Character(
        price=411.50, beta=1.85, own_vol=0.0250, short_vol=0.520, long_vol=0.515,
        dividend_yield=0.0, skew=-0.24, wing=0.85, half_width=2.2,
        lot=200, daily_volume=85_000_000, option_cost=2.4, option_lot=70,
        earnings_move=0.075,
    ),
    "DIA": Character(
        price=478.6, beta=0.92, own_vol=0.0018, short_vol=0.132, long_vol=0.17,
        dividend_yield=0.0155, skew=-0.66, wing=1.05, half_width=1.2,
        lot=300, daily_volume=3_900_000, option_cost=1.8, option_lot=30,
        payout=Payout.FUND,
    ),
    "AMZN": Character(
        price=228.4, beta=1.25, own_vol=0.0110, short_vol=0.3, long_vol=0.315,
        dividend_yield=0.0, skew=-0.34, wing=0.9, half_width=0.7,
        lot=300, daily_volume=39_000_000, option_cost=2.6, option_lot=60,
        sector="TECHNOLOGY", sector_beta=0.75, earnings_move=0.055,
    ),
    "META": Character(
        price=641.2, beta=1.2, own_vol=0.0115, short_vol=0.295, long_vol=0.315,
        dividend_yield=0.0033, skew=-0.36, wing=0.9, half_width=3.0,
        lot=80, daily_volume=13_500_000, option_cost=3.4, option_lot=35,
        payout=Payout.SHARE, sector="TECHNOLOGY", sector_beta=0.75, earnings_move=0.065,
    ),
    "GOOGL": Character(
        price=292.1, beta=1.1, own_vol=0.0110, short_vol=0.285, long_vol=0.3,
        dividend_yield=0.0029, skew=-0.34, wing=0.9, half_width=0.8,
        lot=250, daily_volume=34_000_000, option_cost=2.8, option_lot=55,
        payout=Payout.SHARE, sector="TECHNOLOGY", sector_beta=0.70, earnings_move=0.050,
    ),
    "JPM": Character(
        price=305.7, beta=0.95, own_vol=0.0070, short_vol=0.225, long_vol=0.245,
        dividend_yield=0.019, skew=-0.42, wing=0.9, half_width=1.2,
        lot=150, daily_volume=8_800_000, option_cost=3.1, option_lot=30,
        payout=Payout.SHARE, sector="FINANCE", sector_beta=1.0, earnings_move=0.025,
    ),
    "XOM": Character(
        price=117.35, beta=0.55, own_vol=0.0065, short_vol=0.22, long_vol=0.24,
        dividend_yield=0.034, skew=-0.34, wing=0.9, half_width=0.6,
        lot=500, daily_volume=15_500_000, option_cost=2.6, option_lot=45,
        payout=Payout.SHARE, sector="ENERGY", sector_beta=0.90, earnings_move=0.022,
    ),
    "XLF": Character(
        price=52.85, beta=0.95, own_vol=0.0015, short_vol=0.165, long_vol=0.19,
        dividend_yield=0.014, skew=-0.58, wing=1.0, half_width=0.5,
        lot=4000, daily_volume=38_000_000, option_cost=1.6, option_lot=80,
        payout=Payout.FUND, sector="FINANCE", sector_beta=0.60,
    ),
    "GLD": Character(
        price=378.9, beta=0.05, own_vol=0.0105, short_vol=0.185, long_vol=0.195,
        dividend_yield=0.0, skew=0.05, wing=0.85, half_width=1.0,
        lot=600, daily_volume=11_500_000, option_cost=1.6, option_lot=70,
        overnight=0.45, coupling=0.2,
    ),
    "TLT": Character(
        price=88.75, beta=-0.12, own_vol=0.0085, short_vol=0.135, long_vol=0.15,
        dividend_yield=0.042, skew=-0.1, wing=0.85, half_width=0.5,
        lot=2500, daily_volume=36_000_000, option_cost=1.5, option_lot=90,
        payout=Payout.FUND, overnight=0.40, coupling=0.4,
    ),
    "KO": Character(
        price=71.6, beta=0.45, own_vol=0.0058, short_vol=0.15, long_vol=0.165,
        dividend_yield=0.0285, skew=-0.38, wing=0.9, half_width=0.5,
        lot=900, daily_volume=15_000_000, option_cost=2.9, option_lot=35,
        payout=Payout.SHARE, sector="STAPLES", sector_beta=0.90, earnings_move=0.020,
    ),
    "F": Character(
        price=12.85, beta=1.15, own_vol=0.0145, short_vol=0.33, long_vol=0.345,
        dividend_yield=0.046, skew=-0.3, wing=0.85, half_width=0.5,
        lot=9000, daily_volume=58_000_000, option_cost=2.2, option_lot=120,
        payout=Payout.SHARE, earnings_move=0.055,
    ),
    "OSMC": Character(
        price=34.2, beta=0.7, own_vol=0.0235, short_vol=0.45, long_vol=0.42,
        dividend_yield=0.006, skew=-0.25, wing=0.8, half_width=9.0,
        lot=100, daily_volume=46_000, option_cost=7.0, option_lot=4,
        payout=Payout.SHARE, sector="SMALL", sector_beta=0.80, earnings_move=0.060,
    ),
    "SPX": Character(
        price=6824.0, beta=1.0, own_vol=0.0002, short_vol=0.142, long_vol=0.182,
        dividend_yield=0.0115, skew=-0.7, wing=1.1, half_width=0.0,
        lot=1, daily_volume=0, option_cost=1.5, option_lot=60, option_volume=3_200_000, own="SPY",
    ),
    "NDX": Character(
        price=25163.75, beta=1.18, own_vol=0.0022, short_vol=0.186, long_vol=0.222,
        dividend_yield=0.0052, skew=-0.66, wing=1.05, half_width=0.0,
        lot=1, daily_volume=0, option_cost=3.0, option_lot=8, option_volume=60_000,
        own="QQQ", sector="TECHNOLOGY", sector_beta=0.55,
    ),
    "RUT": Character(
        price=2413.0, beta=1.15, own_vol=0.0030, short_vol=0.205, long_vol=0.232,
        dividend_yield=0.0104, skew=-0.6, wing=0.95, half_width=0.0,
        lot=1, daily_volume=0, option_cost=2.0, option_lot=15, option_volume=70_000,
        own="IWM", sector="SMALL", sector_beta=1.0,
    ),
    "XSP": Character(
        price=682.4, beta=1.0, own_vol=0.0002, short_vol=0.142, long_vol=0.182,
        dividend_yield=0.0115, skew=-0.7, wing=1.1, half_width=0.0,
        lot=1, daily_volume=0, option_cost=1.5, option_lot=60, option_volume=110_000, follows=("SPX", 0.1),
    ),
    "VIX": Character(
        price=17.0, beta=-4.0, own_vol=0.01, short_vol=0.95, long_vol=0.62,
        dividend_yield=_CARRIED, skew=0.55, wing=0.85, half_width=0.0,
        lot=1, daily_volume=0, option_cost=2.0, option_lot=90, option_volume=650_000,
    ),
    "EUR.USD": Character(
        price=1.1585, beta=-0.05, own_vol=0.0022, short_vol=0.06, long_vol=0.07,
        dividend_yield=0.02, skew=0.0, wing=0.8, half_width=0.0,
        lot=4000000, daily_volume=0, option_cost=1.0, option_lot=1,
        sector="DOLLAR", sector_beta=-1.0, overnight=0.60, coupling=0.2,
    ),
    "GBP.USD": Character(
        price=1.315, beta=0.05, own_vol=0.0030, short_vol=0.07, long_vol=0.08,
        dividend_yield=0.0385, skew=0.0, wing=0.8, half_width=0.0,
        lot=2000000, daily_volume=0, option_cost=1.0, option_lot=1,
        sector="DOLLAR", sector_beta=-0.95, overnight=0.60, coupling=0.2,
    ),
    "USD.JPY": Character(
        price=154.35, beta=0.15, own_vol=0.0040, short_vol=0.08, long_vol=0.09,
        dividend_yield=0.03, skew=0.0, wing=0.8, half_width=0.0,
        lot=3000000, daily_volume=0, option_cost=1.0, option_lot=1,
        sector="DOLLAR", sector_beta=0.85, overnight=0.60, coupling=0.2,
    ),
    "BTC": Character(
        price=91250.0, beta=0.8, own_vol=0.0120, short_vol=0.56, long_vol=0.60,
        dividend_yield=0.0, skew=-0.1, wing=0.8, half_width=12.0,
        lot=1, daily_volume=2_400, option_cost=1.0, option_lot=1,
        sector="COINS", sector_beta=1.1, all_week=True, coupling=0.2,
    ),
    "ETH": Character(
        price=3025.0, beta=1.0, own_vol=0.0190, short_vol=0.72, long_vol=0.76,
        dividend_yield=0.0, skew=-0.1, wing=0.8, half_width=20.0,
        lot=12, daily_volume=38_000, option_cost=1.0, option_lot=1,
        sector="COINS", sector_beta=1.35, all_week=True, coupling=0.2,
    ),
    "ES": Character(
        price=6824.0, beta=1.0, own_vol=0.0002, short_vol=0.142, long_vol=0.182,
        dividend_yield=0.0, skew=-0.7, wing=1.1, half_width=0.0,
        lot=40, daily_volume=1_500_000, option_cost=1.0, option_lot=1, follows=("SPX", 1.0),
    ),
    "MES": Character(
        price=6824.0, beta=1.0, own_vol=0.0002, short_vol=0.142, long_vol=0.182,
        dividend_yield=0.0, skew=-0.7, wing=1.1, half_width=0.0,
        lot=60, daily_volume=1_100_000, option_cost=1.0, option_lot=1, follows=("SPX", 1.0),
    ),
    "VX": Character(
        price=17.0, beta=-4.0, own_vol=0.01, short_vol=0.95, long_vol=0.62,
        dividend_yield=_CARRIED, skew=0.55, wing=0.85, half_width=0.0,
        lot=50, daily_volume=90_000, option_cost=2.0, option_lot=90,
    ),
    "MMM": Character(
        price=168.3, beta=0.95, own_vol=0.0115, short_vol=0.235, long_vol=0.25,
        dividend_yield=0.0175, skew=-0.38, wing=0.9, half_width=2.0,
        lot=120, daily_volume=3_300_000, option_cost=3.1, option_lot=25,
    ),
    "IBM": Character(
        price=304.2, beta=0.75, own_vol=0.011, short_vol=0.23, long_vol=0.245,
        dividend_yield=0.022, skew=-0.38, wing=0.9, half_width=2.0,
        lot=120, daily_volume=4_200_000, option_cost=3.1, option_lot=25,
    ),
    "PLTR": Character(
        price=166.4, beta=1.7, own_vol=0.026, short_vol=0.56, long_vol=0.56,
        dividend_yield=0.0, skew=-0.22, wing=0.85, half_width=0.8,
        lot=300, daily_volume=62_000_000, option_cost=2.4, option_lot=70,
    ),
    "AMC": Character(
        price=2.31, beta=1.4, own_vol=0.033, short_vol=0.75, long_vol=0.72,
        dividend_yield=0.0, skew=-0.1, wing=0.8, half_width=0.5,
        lot=12000, daily_volume=14_000_000, option_cost=1.9, option_lot=140,
    ),
    "INTC": Character(
        price=36.8, beta=1.3, own_vol=0.0215, short_vol=0.48, long_vol=0.46,
        dividend_yield=0.0, skew=-0.24, wing=0.85, half_width=0.5,
        lot=2500, daily_volume=88_000_000, option_cost=2.2, option_lot=90,
    ),
    "GOOG": Character(
        price=292.8, beta=1.1, own_vol=0.0125, short_vol=0.285, long_vol=0.3,
        dividend_yield=0.0029, skew=-0.34, wing=0.9, half_width=0.8,
        lot=250, daily_volume=22_000_000, option_cost=2.9, option_lot=45, follows=("GOOGL", 1.0024),
    ),
    "DAX": Character(
        price=23650.0, beta=0.8, own_vol=0.007, short_vol=0.16, long_vol=0.18,
        dividend_yield=0.0, skew=-0.6, wing=1.0, half_width=0.0,
        lot=1, daily_volume=0, option_cost=1.0, option_lot=1,
    ),
    "AUD.USD": Character(
        price=0.6475, beta=0.25, own_vol=0.0055, short_vol=0.09, long_vol=0.1,
        dividend_yield=0.0385, skew=0.0, wing=0.8, half_width=0.0,
        lot=2000000, daily_volume=0, option_cost=1.0, option_lot=1,
    ),
    "USD.CAD": Character(
        price=1.4035, beta=-0.2, own_vol=0.0035, short_vol=0.06, long_vol=0.07,
        dividend_yield=0.0385, skew=0.0, wing=0.8, half_width=0.0,
        lot=2000000, daily_volume=0, option_cost=1.0, option_lot=1,
    ),
    "USD.CHF": Character(
        price=0.8065, beta=0.05, own_vol=0.0045, short_vol=0.07, long_vol=0.08,
        dividend_yield=0.0385, skew=0.0, wing=0.8, half_width=0.0,
        lot=2000000, daily_volume=0, option_cost=1.0, option_lot=1,
    ),
})  # fmt: skip
