from __future__ import annotations

import pytest

from sumppump.approval.guard import FORM_TYPE, MOST_BODY_BYTES, Headers, judge

PORT = 41234
OWN = b"http://127.0.0.1:41234"

HOSTILE_HOSTS = [
    b"",
    b"127.0.0.1",
    b"localhost",
    b"127.0.0.1:80",
    b"127.0.0.1:41235",
    b"127.0.0.1:4123",
    b"127.0.0.1:412340",
    b"127.0.0.1:041234",
    b"127.0.0.1:41234.",
    b"127.0.0.1.:41234",
    b"localhost.:41234",
    b"LOCALHOST:41234",
    b"Localhost:41234",
    b"localhost:41234 ",
    b" localhost:41234",
    b"evil.example:41234",
    b"evil.example",
    b"localhost.evil.example:41234",
    b"127.0.0.1.nip.io:41234",
    b"127.0.0.1.evil.example:41234",
    b"evil-localhost:41234",
    b"127.0.0.1:41234.evil.example",
    b"user@127.0.0.1:41234",
    b"127.0.0.1:41234@evil.example",
    b"user:pass@localhost:41234",
    b"[::1]:41234",
    b"[::1]",
    b"[::ffff:127.0.0.1]:41234",
    b"[0:0:0:0:0:0:0:1]:41234",
    b"::1:41234",
    b"0.0.0.0:41234",
    b"0:41234",
    b"127.1:41234",
    b"127.0.1:41234",
    b"0x7f.1:41234",
    b"0x7f000001:41234",
    b"2130706433:41234",
    b"0177.0.0.1:41234",
    b"127.0.0.2:41234",
    b"http://127.0.0.1:41234",
    b"127.0.0.1:41234/evil",
    b"127.0.0.1:41234,evil.example",
    b"127.0.0.1:41234\tevil.example",
    "１２７.0.0.1:41234".encode(),
    b"\xff\xfe",
]


def headers(**named: bytes) -> Headers:
    given = {"host": b"127.0.0.1:41234", **named}
    return [(name.replace("_", "-").encode(), value) for name, value in given.items()]


def a_form(**named: bytes) -> Headers:
    return headers(**{"origin": OWN, "content_type": FORM_TYPE.encode(), "content_length": b"20", **named})


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
def test_every_host_but_our_two_names_is_turned_away(host: bytes) -> None:
    """DNS rebinding: the page answers to exactly 127.0.0.1:PORT and localhost:PORT."""
    refusal = judge("GET", "/tickets", headers(host=host), port=PORT)
    assert refusal is not None
    assert refusal.status == 421


@pytest.mark.parametrize("host", [b"127.0.0.1:41234", b"localhost:41234"])
def test_our_own_names_are_served(host: bytes) -> None:
    assert judge("GET", "/tickets", headers(host=host), port=PORT) is None


def test_two_hosts_are_none() -> None:
    """A repeated Host is a smuggler's, whatever the first one says."""
    refusal = judge("GET", "/", [*headers(), (b"host", b"127.0.0.1:41234")], port=PORT)
    assert refusal is not None
    assert refusal.status == 421


@pytest.mark.parametrize("target", ["http://evil.example/tickets", "*", "", "evil.example:443"])
def test_a_target_that_is_no_path_is_turned_away(target: str) -> None:
    assert judge("GET", target, headers(), port=PORT) is not None


ORIGINS = [
    # Origin, Sec-Fetch-Site, may it post?
    (OWN, None, True),
    (OWN, b"same-origin", True),
    (None, b"same-origin", True),
    (None, None, False),
    (None, b"none", False),
    (None, b"same-site", False),
    (None, b"cross-site", False),
    (OWN, b"cross-site", False),
    (OWN, b"same-site", False),
    (b"null", None, False),
    (b"null", b"same-origin", False),
    (b"", b"same-origin", False),
    (b"http://localhost:41234", None, False),
    (b"http://127.0.0.1:41234/", None, False),
    (b"http://127.0.0.1:412345", None, False),
    (b"http://127.0.0.1:4123", None, False),
    (b"http://127.0.0.1", None, False),
    (b"https://127.0.0.1:41234", None, False),
    (b"http://127.0.0.1:41234.evil.example", None, False),
    (b"http://127.0.0.1:41234@evil.example", None, False),
    (b"http://evil.example", None, False),
    (b"HTTP://127.0.0.1:41234", None, False),
    (b"http://127.0.0.1:41234 http://evil.example", None, False),
    (b"file://", None, False),
    (b"chrome-extension://abc", None, False),
]


@pytest.mark.parametrize(("origin", "site", "allowed"), ORIGINS)
def test_only_a_form_of_our_own_page_may_post(
    origin: bytes | None, site: bytes | None, allowed: bool
) -> None:
    """Origin is compared as a whole with the Host that was let in; without one, only `same-origin` counts."""
    named = {"content_type": FORM_TYPE.encode(), "content_length": b"20"}
    given = [*headers(**named)]
    given += [(b"origin", origin)] if origin is not None else []
    given += [(b"sec-fetch-site", site)] if site is not None else []
    refusal = judge("POST", "/tickets/tkt_1", given, port=PORT)
    assert (refusal is None) is allowed
    assert refusal is None or refusal.status == 403


@pytest.mark.parametrize("site", [b"cross-site", b"same-site", b"", b"None", b"same-origin, none"])
def test_pages_of_other_sites_cannot_even_look(site: bytes) -> None:
    refusal = judge("GET", "/tickets", headers(sec_fetch_site=site), port=PORT)
    assert refusal is not None
    assert refusal.status == 403


@pytest.mark.parametrize("name", [b"sec-purpose", b"purpose", b"x-moz"])
def test_a_browser_that_reads_ahead_is_turned_away(name: bytes) -> None:
    """Otherwise a prefetch could spend the secret before the person arrives."""
    refusal = judge("GET", "/pair/secret", [*headers(), (name, b"prefetch;prerender")], port=PORT)
    assert refusal is not None
    assert refusal.status == 403


@pytest.mark.parametrize(
    "method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "X"]
)
def test_only_get_and_post_are_served(method: str) -> None:
    refusal = judge(method, "/tickets", headers(), port=PORT)
    assert refusal is not None
    assert refusal.status == 405


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ({"content_type": b"application/json"}, 415),
        ({"content_type": b"text/plain"}, 415),
        ({"content_type": b"multipart/form-data; boundary=x"}, 415),
        ({"content_type": b""}, 415),
        ({"content_length": b"-1"}, 411),
        ({"content_length": b"1e3"}, 411),
        ({"content_length": b"1" * 30}, 411),
        ({"transfer_encoding": b"chunked"}, 411),
        ({"content_length": str(MOST_BODY_BYTES + 1).encode()}, 413),
    ],
)
def test_only_a_small_plain_form_is_accepted(named: dict[str, bytes], status: int) -> None:
    refusal = judge("POST", "/tickets/tkt_1", a_form(**named), port=PORT)
    assert refusal is not None
    assert refusal.status == status


def test_a_plain_form_of_the_largest_size_passes() -> None:
    given = a_form(
        content_length=str(MOST_BODY_BYTES).encode(),
        content_type=b"Application/X-WWW-Form-Urlencoded; charset=utf-8",
    )
    assert judge("POST", "/tickets/tkt_1", given, port=PORT) is None


def test_a_get_with_a_body_is_refused() -> None:
    refusal = judge("GET", "/tickets", headers(content_length=b"5"), port=PORT)
    assert refusal is not None
    assert refusal.status == 400
