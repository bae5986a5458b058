"""The volatility surface: smiles by expiry through quotes, checked for arbitrage, with their errors."""

from sumppump.domain.surface.fitting import ExpiryQuotes
from sumppump.domain.surface.sighted import Sighted, Term, surface_of
from sumppump.domain.surface.smile_fit import Checks, SmileFit
from sumppump.domain.surface.surface import Refusal, Surface, curve_through
from sumppump.domain.surface.svi import JumpWings, RawSvi

__all__ = [
    "Checks",
    "ExpiryQuotes",
    "JumpWings",
    "RawSvi",
    "Refusal",
    "Sighted",
    "SmileFit",
    "Surface",
    "Term",
    "curve_through",
    "surface_of",
]
