"""Options as people write them: `SPY 2026-12-18 500C`, `SPY 12/18/26 500 call`, `SPY   261218C00500000`.

What can be meant in only one way is read; anything else is an error. Dates with slashes are American,
month first. A date without a year is the next such day, and the reading says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from sumppump.data.arguments import refuse
from sumppump.domain.instruments import Right

UNDER_CLASS = {"SPXW": "SPX", "NDXP": "NDX", "RUTW": "RUT", "VIXW": "VIX"}
"""Classes that people write as if they were the symbol, and what they are written on."""
_OCC = re.compile(r"([A-Z]{1,6}\d?)\s*(\d{2})(\d{2})(\d{2})([CP])(\d{8})")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH = "|".join(_MONTHS)
_TH = "(?:ST|ND|RD|TH)?"
# Year, month and day by name; two-digit years are this century's.
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b",
        r"\b(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})\b",
        r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})\b",
        rf"\b(?P<day>\d{{1,2}})[ -]?(?P<name>{_MONTH})[A-Z]*[ ,'-]*(?P<year>20\d{{2}}|\d{{2}})\b(?![./])",
        rf"\b(?P<name>{_MONTH})[A-Z]*\.? ?(?P<day>\d{{1,2}}){_TH},? ?'?(?P<year>20\d{{2}}|(?<=')\d{{2}})\b",
        r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})\b",
        rf"\b(?P<name>{_MONTH})[A-Z]*\.? ?(?P<day>\d{{1,2}}){_TH}\b",
    )
)
_SYMBOL = re.compile(r"^\s*([A-Z]{1,6}(?:[. ][A-Z])?)(?=\s|$)")
_STRIKE_RIGHT = re.compile(r"(?<![\w.-])\$?(?P<strike>\d+(?:\.\d+)?)\s*(?P<right>C|P|CALLS?|PUTS?)\b")
_RIGHT_STRIKE = re.compile(r"\b(?P<right>C|P|CALLS?|PUTS?)\s*\$?(?P<strike>\d+(?:\.\d+)?)(?![\w.])")
_FILLERS = frozenset({"", "EXP", "EXPIRY", "EXPIRING", "STRIKE", "OPTION", "OPTIONS", "THE", "AT", "ON"})


@dataclass(frozen=True, slots=True)
class OptionWords:
    """One option as it was written; whether it is listed only the exchange can say.

    Attributes:
        symbol: the underlying's. trading_class: where the text names it: SPXW, or the root of OCC's symbol.
    """

    symbol: str
    expiry: date
    strike: Decimal
    right: Right
    trading_class: str = ""

    @property
    def words(self) -> str:
        """How it was read, for the answer."""
        name, day = self.trading_class or self.symbol, f"{self.expiry:%Y-%m-%d (%a)}"
        return f"{name} {day} {self.strike:f} {self.right.word}"


def looks_like_option(text: str) -> bool:
    """Whether a text is meant as an option rather than a ticker: it has a strike's digits in it."""
    return len(re.findall(r"\d", text)) >= 3


def read_option(text: str, today: date) -> OptionWords:
    """The option that a text names.

    Args:
        text: in any of the usual spellings, any case.
        today: New York's date, for dates without a year.

    Raises:
        InvalidRequest: a part is missing or can be meant in several ways.
    """
    plain = " ".join(text.upper().split()) if len(text) <= 80 else ""
    occ = _OCC.fullmatch(plain.lstrip("."))
    if occ:
        return _from_occ(occ, text)
    symbol = _SYMBOL.match(plain)
    if symbol is None:
        _refuse(text, "does not begin with a ticker")
    rest = plain[symbol.end() :]
    expiry, rest = _expiry(rest, text, today)
    strike, right = _strike_and_right(rest, text)
    name = symbol.group(1)
    if name in UNDER_CLASS:
        return OptionWords(UNDER_CLASS[name], expiry, strike, right, name)
    return OptionWords(name, expiry, strike, right)


def _refuse(text: str, problem: str) -> NoReturn:
    refuse(
        "symbol",
        f"{text[:60]!r} {problem}",
        expected="an option such as 'SPY 2026-12-18 500C' or OCC's 'SPY   261218C00500000'",
        found=text[:60],
    )


def _from_occ(match: re.Match[str], text: str) -> OptionWords:
    root, year, month, day, right, thousandths = match.groups()
    expiry = _date(2000 + int(year), int(month), int(day), text)
    symbol = UNDER_CLASS.get(root, root.rstrip("0123456789"))  # AAPL1 is an adjusted class of AAPL
    return OptionWords(symbol, expiry, Decimal(thousandths) / 1000, Right(right), root)


def _expiry(rest: str, text: str, today: date) -> tuple[date, str]:
    for pattern in _DATES:
        match = pattern.search(rest)
        if match:
            without = f"{rest[: match.start()]} | {rest[match.end() :]}"
            return _date_of(match.groupdict(), text, today), without
    return refuse(
        "expiry",
        f"is missing in {text[:60]!r}",
        expected="a date such as 2026-12-18 or 12/18/26",
        found=text[:60],
    )


def _date_of(parts: dict[str, str | None], text: str, today: date) -> date:
    month = _MONTHS.index(name) + 1 if (name := parts.get("name")) else int(parts["month"] or 0)
    day, year = int(parts["day"] or 0), parts.get("year")
    if year is not None:
        return _date(int(year) + (2000 if len(year) == 2 else 0), month, day, text)
    this_year = _date(today.year, month, day, text)
    return this_year if this_year >= today else _date(today.year + 1, month, day, text)


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return refuse(
            "expiry",
            f"{year}-{month:02}-{day:02} in {text[:60]!r} is not a date",
            expected="a date such as 2026-12-18; with slashes the month comes first",
            found=text[:60],
        )


def _strike_and_right(rest: str, text: str) -> tuple[Decimal, Right]:
    found = list(_STRIKE_RIGHT.finditer(rest)) or list(_RIGHT_STRIKE.finditer(rest))
    if len(found) != 1:
        _refuse(text, "does not name one strike with C or P" if not found else "names several strikes")
    strike = _decimal(found[0]["strike"])
    if strike is None or strike <= 0:
        _refuse(text, "has no strike above 0")
    around = f"{rest[: found[0].start()]} {rest[found[0].end() :]}"
    if others := [word for word in around.split() if word.strip(",;|") not in _FILLERS]:
        _refuse(text, f"holds more than one option: {' '.join(others)[:40]!r}")
    return strike, Right(found[0]["right"][0])


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
