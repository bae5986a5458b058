"""Option prices, Greeks and implied volatilities: scalars by name, and the same on numpy arrays."""

from sumppump.domain.pricing.american import american, american_many, american_prices
from sumppump.domain.pricing.american_implied import american_implied_vol, american_implied_vols
from sumppump.domain.pricing.european import (
    OptionValue,
    OptionValues,
    european,
    european_many,
    european_prices,
)
from sumppump.domain.pricing.implied import ImpliedVols, VolStatus, implied_vol, implied_vols

__all__ = [
    "ImpliedVols",
    "OptionValue",
    "OptionValues",
    "VolStatus",
    "american",
    "american_implied_vol",
    "american_implied_vols",
    "american_many",
    "american_prices",
    "european",
    "european_many",
    "european_prices",
    "implied_vol",
    "implied_vols",
]
