"""What may not leave the house in a recording: account ids, and the names of people.

An id keeps its kind and its length: the first account is DU0000001, the next DU0000002, the same in both
directions and inside longer texts. Whoever reads the file sees which account is which, and none of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MANAGED_ACCOUNTS, FINANCIAL_ADVISOR, USER_INFO, ACCOUNT_VALUE = "15", "16", "107", "6"
_ACCOUNT = re.compile(r"(?<![A-Za-z0-9])(DU|DF|DI|SIM|U|F|I)(\d{5,9})(?!\d)", re.IGNORECASE)
_NAMES = ("AccountOrGroup", "Owner", "UserName")
MASKED = "masked"


class Masker:
    """Masks the fields of one recording; it learns accounts as they are named."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def server(self, fields: Sequence[str]) -> list[str]:
        """The fields of a message of TWS."""
        if fields[:1] == [MANAGED_ACCOUNTS]:
            for name in fields[-1].split(","):
                self._learn(name.strip())
        if fields[:1] in ([FINANCIAL_ADVISOR], [USER_INFO]):
            return [*fields[:-1], MASKED]
        if fields[:1] == [ACCOUNT_VALUE] and len(fields) > 3 and fields[2] in _NAMES:
            return self.client(
                [*fields[:3], fields[3] if self._is_account(fields[3]) else MASKED, *fields[4:]]
            )
        return self.client(fields)

    def client(self, fields: Sequence[str]) -> list[str]:
        """The fields of a message of the client."""
        return [self.text(field) for field in fields]

    def text(self, text: str) -> str:
        """A text without any account in it."""
        text = _ACCOUNT.sub(lambda match: self._learn(match[0]), text)
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda match: self._known[match[0].upper()], text)

    def _is_account(self, text: str) -> bool:
        return text.upper() in self._known or _ACCOUNT.fullmatch(text) is not None

    def _learn(self, name: str) -> str:
        """What stands for an account from now on."""
        key = name.upper()
        if key in self._known.values():
            return name
        if len(key) >= _SHORTEST and key not in self._known:
            self._known[key] = self._stand_in(key)
            longest_first = sorted(self._known, key=len, reverse=True)
            self._pattern = re.compile("|".join(re.escape(one) for one in longest_first), re.IGNORECASE)
        return self._known.get(key, name)

    def _stand_in(self, key: str) -> str:
        kind = re.match(r"[A-Z]*", key)
        head = kind.group() if kind else ""
        digits = max(len(key) - len(head), 7)
        return f"{head or 'DU'}{len(self._known) + 1:0{digits}d}"


_SHORTEST = 4
