"""The rules of the house as a person gives them: NAME=VALUE for any field of `Rules`, the rest as usual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.trouble.parameters import Span, bad_parameter, made, meant, near
from sumppump.exchange.wire.handshake import NEWEST, OLDEST
from sumppump.kernel.errors import InvalidRequest

HOUSE_RULES = Rules(history_slice=4)
"""What holds where clients come from outside: nobody waits for another's history."""
RULES = tuple(field.name for field in fields(Rules))
_CODES = (354, 10089, 10168)  # the words of others are not known
_LIMIT = Span(0, 100_000)
_AT_LEAST_ONE = Span(1, 100_000)
_SPANS = {
    **dict.fromkeys(
        ("lines", "histories", "summaries", "depths", "tick_by_ticks", "real_time_bars", "scans"), _LIMIT
    ),
    **dict.fromkeys(("clients", "rate", "patience", "waiting"), _AT_LEAST_ONE),
    "history_slice": Span(1, 100_000),
    "newest": Span(OLDEST, NEWEST),
    "master_client": Span(0, 2**31 - 1),
    "percentage": Span(0, 100_000),
}


def rules_of(texts: Iterable[str]) -> Rules:
    """The rules in which NAME=VALUE takes the place of a default.

    Raises:
        InvalidRequest: `unknown_rule`, or `bad_parameter` for a value.
    """
    given = {"history_slice": HOUSE_RULES.history_slice, **dict(_split(text) for text in texts)}
    rules = made(Rules, given, whose="--rule", spans=_SPANS)
    if rules.unsubscribed not in _CODES:
        expected = "one of " + ", ".join(str(code) for code in _CODES)
        raise bad_parameter("no such refusal is known", expected, str(rules.unsubscribed), ())
    return rules


def _split(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if name in RULES:
        return name, value.strip()
    raise InvalidRequest(
        f"there is no rule {name[:40]!r}",
        code="unknown_rule",
        expected="NAME=VALUE with one of " + ", ".join(RULES),
        found=text[:60],
        next_steps=meant(near(name, RULES)),
    )
