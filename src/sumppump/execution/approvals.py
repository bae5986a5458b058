"""Whether what reached us is a person's approval of this ticket, and whether the market still is as shown."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sumppump.domain.combo import Combo, closing_quotes
from sumppump.domain.orders import Environment
from sumppump.domain.quotes import Quote
from sumppump.domain.tickets import Channel, Ticket
from sumppump.execution.settings import ExecutionSettings
from sumppump.kernel.errors import ApprovalRefused, NoQuote
from sumppump.kernel.ids import normalised_code
from sumppump.kernel.money import CENT, Money, Premium

SIMULATOR_PREFIX = "SIM"
_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?")


@dataclass(slots=True)
class Secret:
    """The code of one waiting ticket, in memory only; wrong tries are counted."""

    code: str
    tries_left: int


def check_channel(ticket: Ticket, channel: Channel) -> None:
    """Refuse a channel that is not enough for this account.

    Raises:
        ApprovalRefused: elicitation on a live account, `auto` on anything but a simulator.
    """
    if channel is Channel.ELICITATION and ticket.environment is Environment.LIVE:
        raise _refused(
            "a form of the host never approves a live order", "channel_not_enough", "the page, or the code"
        )
    simulator = ticket.environment is Environment.SIM and ticket.account.startswith(SIMULATOR_PREFIX)
    if channel is Channel.AUTO and not simulator:
        raise _refused(
            "only a simulator account approves by itself", "channel_not_enough", "a person's approval"
        )


def check_code(ticket: Ticket, secret: Secret | None, typed: str | None) -> None:
    """Compare a typed code in constant time; a wrong one costs a try.

    Where an amount is asked, it follows the code: `K7M-4QX 4,200`.

    Raises:
        ApprovalRefused: wrong, missing, no tries left, or the amount is missing or another.
    """
    if secret is None or secret.tries_left <= 0:
        raise _refused("this ticket takes no code any more", "code_void", "a new ticket")
    code, _, rest = (typed or "").strip().partition(" ")
    if len(code) < 6 and rest:  # "K7M 4QX": the space stands for the hyphen
        head, _, rest = rest.partition(" ")
        code += head
    if not hmac.compare_digest(normalised_code(code).encode(), secret.code.encode()):
        secret.tries_left -= 1
        raise _refused(
            f"that is not the code of this ticket; {secret.tries_left} tries left",
            "code_wrong" if secret.tries_left else "code_void",
            "the six characters that the person reads on the approval page, typed by the person",
        )
    check_amount(ticket, rest)


def check_amount(ticket: Ticket, typed: str | None) -> None:
    """Compare the typed amount with the ticket's, to the cent; nothing where none is asked.

    Raises:
        ApprovalRefused: missing, or another amount.
    """
    wanted = ticket.typed_amount
    if wanted is not None and not is_amount(typed or "", wanted):
        raise _refused(
            "this ticket asks the person to type its amount",
            "amount_not_typed",
            "the amount shown on the approval page; after the code and a space where a code is used",
        )


def check_digest(ticket: Ticket, staged: str, shown: str | None) -> None:
    """The ticket must be what was written down, and what the person saw.

    Raises:
        ApprovalRefused: it is not.
    """
    own = ticket.digest()
    if not hmac.compare_digest(own, staged) or (shown is not None and not hmac.compare_digest(own, shown)):
        raise _refused("the ticket is not the one that was shown", "digest_mismatch", "the ticket as shown")


def drift(
    ticket: Ticket, fresh: Mapping[int, Quote], settings: ExecutionSettings, *, underlying_id: int
) -> tuple[str, ...]:
    """What moved too far since the ticket was made, as sentences; empty when nothing did.

    The underlying by more than `spot_drift`, or the net mid by more than the larger of `mid_drift` and
    `mid_drift_ticks`. A number that the ticket showed and that is missing now counts as moved: nobody can say
    that it did not. What the ticket did not show is not compared.
    """
    main = ticket.main
    if main is None:
        return ()
    found = [_spot_moved(ticket.facts.spot, fresh.get(underlying_id), settings.spot_drift)]
    if ticket.facts.net_mid is not None:
        quotes = fresh if main.purpose.adds_risk else closing_quotes(main.combo, fresh)
        found.append(_mid_moved(main.combo, ticket.facts.net_mid, quotes, settings))
    return tuple(sentence for sentence in found if sentence)


def _spot_moved(before: Decimal | None, quote: Quote | None, allowed: Decimal) -> str:
    price = _price(quote)
    if before is None or price is None:
        return "" if before is None else "the underlying has no price now"
    moved = abs(price - before) / before
    return f"the underlying moved from {before} to {price}" if moved > allowed else ""


def _price(quote: Quote | None) -> Decimal | None:
    if quote is None:
        return None
    price = quote.mid or quote.last or quote.close
    return None if price is None else price.amount


def _mid_moved(combo: Combo, before: Premium, fresh: Mapping[int, Quote], settings: ExecutionSettings) -> str:
    try:
        now = combo.net_mid(fresh)
    except NoQuote as missing:
        return missing.message
    ticks = combo.tick(abs(before.amount)) * settings.mid_drift_ticks
    allowed = max(abs(before.amount) * settings.mid_drift, ticks)
    return f"the net mid moved from {before} to {now}" if abs((now - before).amount) > allowed else ""


def is_amount(typed: str, wanted: Money) -> bool:
    """Whether the person typed this amount, to the cent: `1,250.00`, `1250` and `$1,250` are one."""
    text = typed.strip(" \t$€£").removesuffix(wanted.currency).strip(" \t$€£")
    if not text.isascii() or _AMOUNT.fullmatch(text) is None:
        return False
    return Decimal(text.replace(",", "")) == abs(wanted.amount).quantize(CENT)


def _refused(message: str, code: str, expected: str) -> ApprovalRefused:
    return ApprovalRefused(
        message,
        code=code,
        expected=expected,
        next_steps=["Ask the person; the model can neither know nor guess it. The ticket goes on waiting."]
        if code != "code_void"
        else ["Make a new ticket."],
    )
