"""Who exercises early, and whom it hits: the holders on the other side of our short options.

A call is given up for its shares the evening before they trade without a dividend that is larger than what
the call can be sold for beyond its intrinsic value; a put deep in the money, once the interest on its strike
is worth more than that. The better it pays, the more holders do it (the curve is ours), and every short
contract draws its own lot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.account.settlement import in_money
from sumppump.exchange.listing.instruments import Listing

_STEEPNESS = 4.0
_PUTS_PER_NIGHT = 0.25  # of the holders for whom it pays; calls have one night only
_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """What the holders of an option look at.

    Attributes:
        spot: the share's last price.
        bid: what the option can be sold for, per share. Deep in the money its quote begins at the intrinsic
            value, so that the middle lies above it: nobody could have that.
        dividend: that the share loses overnight.
        rate: interest a year, 0.04 = 4 %.
        nights: days until the next session.
    """

    spot: Decimal
    bid: Decimal
    dividend: Decimal
    rate: Decimal
    nights: int


def exercised_share(option: Listing, at: Evening) -> float:
    """The part of the holders who exercise this evening, 0 to 1; rises with what they gain."""
    gain = in_money(option, at.spot)
    if gain <= 0 or not option.is_american:
        return 0.0
    extrinsic = max(at.bid - gain, Decimal(0))
    if option.right == "C":
        return _share(at.dividend - extrinsic, at.dividend)
    carry = (option.strike or Decimal(0)) * at.rate * at.nights / _YEAR
    return _PUTS_PER_NIGHT * _share(carry - extrinsic, carry)


def _share(benefit: Decimal, at_most: Decimal) -> float:
    return 1.0 - math.exp(-_STEEPNESS * float(benefit / at_most)) if benefit > 0 else 0.0
