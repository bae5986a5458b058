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
        price: level at the open of the start day, currency.
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
        follows: the underlying whose level it is a multiple of, and that multiple.
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
    follows: tuple[str, float] | None = None
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


CHARACTERS: dict[str, Character] = {
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
        lot=300, daily_volume=48_000_000, option_cost=2.2, option_lot=60,
        payout=Payout.SHARE, sector="TECHNOLOGY", sector_beta=0.60, earnings_move=0.036,
    ),
    "MSFT": Character(
        price=508.20, beta=1.05, own_vol=0.0078, short_vol=0.228, long_vol=0.258,
        dividend_yield=0.0070, skew=-0.40, wing=0.90, half_width=1.6,
        lot=120, daily_volume=21_000_000, option_cost=2.6, option_lot=40,
        payout=Payout.SHARE, sector="TECHNOLOGY", sector_beta=0.70, earnings_move=0.038,
    ),
    "NVDA": Character(
        price=187.60, beta=1.75, own_vol=0.0150, short_vol=0.410, long_vol=0.440,
        dividend_yield=0.0002, skew=-0.30, wing=0.85, half_width=0.5,
        lot=800, daily_volume=180_000_000, option_cost=1.8, option_lot=110,
        payout=Payout.SHARE, sector="SEMICONDUCTORS", sector_beta=0.90, earnings_move=0.065,
    ),
    "AMD": Character(
        price=224.10, beta=1.80, own_vol=0.0205, short_vol=0.505, long_vol=0.495,
        dividend_yield=0.0, skew=-0.26, wing=0.85, half_width=1.4,
        lot=250, daily_volume=44_000_000, option_cost=2.4, option_lot=50,
        sector="SEMICONDUCTORS", sector_beta=0.95, earnings_move=0.070,
    ),
    "TSLA": Character(
        price=411.50, beta=1.85, own_vol=0.0250, short_vol=0.520, long_vol=0.515,
        dividend_yield=0.0, skew=-0.24, wing=0.85, half_width=2.2,
        lot=200, daily_volume=85_000_000, option_cost=2.0, option_lot=70,
        earnings_move=0.075,
    ),
}  # fmt: skip
