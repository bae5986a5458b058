from __future__ import annotations

import pytest
from tests.unit.approval.conftest import HandClock

from sumppump.approval.pairing import (
    MOST_BROWSERS,
    MOST_INVITATIONS,
    PAIRING_LIFE_S,
    SECRET_LIFE_S,
    Pairing,
    form_token,
    is_form_token,
)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def pairing(clock: HandClock) -> Pairing:
    return Pairing(clock.monotonic)


def test_a_secret_leads_to_its_ticket_once(pairing: Pairing) -> None:
    """Our decision: the address in the browser's history is worth nothing afterwards."""
    secret = pairing.invite("tkt_1")
    assert pairing.spend(secret) == "tkt_1"
    assert pairing.spend(secret) is None


def test_a_secret_dies_with_the_life_of_a_ticket(pairing: Pairing, clock: HandClock) -> None:
    """Our decision: 300 s by the monotonic clock."""
    secret = pairing.invite("tkt_1")
    clock.seconds += SECRET_LIFE_S
    assert pairing.spend(secret) is None


@pytest.mark.parametrize("guess", ["", "x", "é" * 40, "\udcff", "A" * 32])
def test_a_guess_is_neither_a_secret_nor_a_cookie(pairing: Pairing, guess: str) -> None:
    pairing.invite("tkt_1")
    pairing.pair()
    assert pairing.spend(guess) is None
    assert pairing.browser(guess) is None


def test_a_browser_stays_paired_for_twelve_hours(pairing: Pairing, clock: HandClock) -> None:
    """Our decision, from the catalogue of controls: 12 h."""
    cookie = pairing.pair()
    clock.seconds += PAIRING_LIFE_S - 1
    assert pairing.browser(cookie) is not None
    clock.seconds += 1
    assert pairing.browser(cookie) is None


def test_invitations_and_browsers_are_bounded_and_the_newest_win(pairing: Pairing) -> None:
    """Memory cannot be filled by staging tickets or opening addresses."""
    secrets = [pairing.invite(f"tkt_{n}") for n in range(MOST_INVITATIONS + 1)]
    cookies = [pairing.pair() for _ in range(MOST_BROWSERS + 1)]
    assert pairing.spend(secrets[0]) is None
    assert pairing.spend(secrets[-1]) == f"tkt_{MOST_INVITATIONS}"
    assert pairing.browser(cookies[0]) is None
    assert pairing.browser(cookies[-1]) is not None


def test_a_form_token_fits_one_browser_one_ticket_and_one_digest(pairing: Pairing) -> None:
    """Our decision: what was not on the screen cannot be approved by its form."""
    mine, other = (pairing.browser(pairing.pair()) for _ in range(2))
    assert mine is not None
    assert other is not None
    token = form_token(mine, "tkt_1", "digest")
    assert is_form_token(mine, "tkt_1", "digest", token)
    assert not is_form_token(other, "tkt_1", "digest", token)
    assert not is_form_token(mine, "tkt_2", "digest", token)
    assert not is_form_token(mine, "tkt_1", "another", token)
    assert not is_form_token(mine, "tkt_1", "digest", "")
    assert not is_form_token(mine, "tkt_1", "digest", "é")
