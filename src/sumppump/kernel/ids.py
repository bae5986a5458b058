"""Ids: an order's reference, tickets, drafts and the code that a person types.

An order reference is `SP1-` and a ULID: 48 bits of milliseconds, 80 bits of which the high 40 come from the
journal's own counter, so that a clock set back can never make a reference a second time.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER_REF_PREFIX = "SP1-"
_ORDER_REF = re.compile(r"SP1-[0-9A-HJKMNP-TV-Z]{26}")


def base32(value: int, length: int) -> str:
    """`value` in Crockford's base 32, `length` characters, high digits first."""
    return "".join(CROCKFORD[(value >> (5 * place)) & 31] for place in reversed(range(length)))


def order_ref(counter: int, now: datetime, *, salt: int | None = None) -> str:
    """A reference that is used once in the life of a journal.

    Args:
        counter: the journal's next number, never given before.
        now: any clock; only makes references readable in order.
        salt: 40 random bits; drawn here unless a test gives them.
    """
    bits = secrets.randbits(40) if salt is None else salt & (2**40 - 1)
    ulid = (int(now.timestamp() * 1000) & (2**48 - 1)) << 80 | (counter & (2**40 - 1)) << 40 | bits
    return ORDER_REF_PREFIX + base32(ulid, 26)


def is_order_ref(text: str) -> bool:
    """Whether `text` is a reference of ours."""
    return _ORDER_REF.fullmatch(text) is not None


def short_id(prefix: str) -> str:
    """A random id such as `tkt_4Q8…`, 80 bits, readable by people and models."""
    return f"{prefix}_{base32(secrets.randbits(80), 16)}"


def approval_code() -> str:
    """Six random characters of Crockford base 32, written XXX-XXX (30 bits)."""
    text = base32(secrets.randbits(30), 6)
    return f"{text[:3]}-{text[3:]}"


def normalised_code(text: str) -> str:
    """A typed code as it was shown: upper case, one hyphen, O, I and L read as digits."""
    plain = re.sub(r"[\s-]", "", text.upper()).translate(str.maketrans("OIL", "011"))
    return f"{plain[:3]}-{plain[3:]}"
