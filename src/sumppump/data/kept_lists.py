"""Lists of symbols that a person keeps on this machine: see, create, replace, remove."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from sumppump.data.arguments import refuse
from sumppump.kernel.errors import InvalidRequest
from sumppump.kernel.text import clean
from sumppump.ports.watchlists import Lists, Watchlists

MOST_SYMBOLS, MOST_LISTS = 50, 50
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.&+-]{0,39}")
_LONGEST_SYMBOL = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """What became of a request.

    Attributes:
        lists: all of them afterwards. shown: the list it was about, "" for all. words: what was done.
    """

    lists: Lists
    shown: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistBook:
    """The kept lists. Names are the same in any case; an update replaces all symbols."""

    kept: Watchlists

    def manage(self, action: str, name: str = "", symbols: Sequence[str] = ()) -> Managed:
        """Do one of `list`, `create`, `update`, `delete`.

        Raises:
            InvalidRequest: another action, no name or symbols where they are needed, no such list.
            StoreFailed: the lists cannot be read or written.
        """
        if action == "list":
            return self._listed(name)
        edits: dict[str, Callable[[str, Sequence[str]], Managed]] = {
            "create": self.create, "update": self._update, "delete": self._delete,
        }  # fmt: skip
        if action not in edits:
            refuse("action", "is unknown", expected=", ".join(("list", *edits)), found=action)
        return edits[action](list_name(name), symbols)

    def symbols(self, name: str) -> Sequence[str]:
        """What a list holds.

        Raises:
            InvalidRequest: there is no such list.
        """
        lists = self.kept.read()
        return lists[_found(name, lists)]

    def known(self, name: str) -> str:
        """The name as it is kept.

        Raises:
            InvalidRequest: there is no such list.
        """
        return _found(name, self.kept.read())

    def new_name(self, text: str) -> str:
        """The name under which a new list would be kept.

        Raises:
            InvalidRequest: it is taken, cannot be one, or there are too many lists.
        """
        name = list_name(text)
        _must_be_new(name, self.kept.read())
        return name

    def create(self, name: str, symbols: Sequence[str]) -> Managed:
        """A new list; an existing one is not touched."""
        new, wanted = list_name(name), read_symbols(symbols)

        def edit(lists: Lists) -> Lists:
            _must_be_new(new, lists)
            return {**lists, new: wanted}

        return Managed(lists=self.kept.change(edit), shown=new, words=f"{new!r} is kept.")

    def _listed(self, name: str) -> Managed:
        lists = self.kept.read()
        return Managed(lists=lists, shown=_found(name, lists) if name else "")

    def _update(self, name: str, symbols: Sequence[str]) -> Managed:
        wanted = read_symbols(symbols)
        lists = self.kept.change(lambda lists: {**lists, _found(name, lists): wanted})
        return Managed(lists=lists, shown=name, words=f"{name!r} holds {len(wanted)} symbol(s) now.")

    def _delete(self, name: str, symbols: Sequence[str]) -> Managed:
        def edit(lists: Lists) -> Lists:
            gone = _found(name, lists)
            return {each: held for each, held in lists.items() if each != gone}

        return Managed(lists=self.kept.change(edit), words=f"{name!r} is gone.")


def list_name(text: str) -> str:
    """A name of letters, digits, blanks and `_.&+-`, 1 to 40.

    Raises:
        InvalidRequest: it is none.
    """
    name = " ".join(clean(text, limit=80).split())
    if _NAME.fullmatch(name) is None:
        refuse(
            "name", "cannot name a list", expected="1 to 40 letters, digits, blanks, _ . & + -", found=name
        )
    return name


def read_symbols(symbols: Sequence[str]) -> tuple[str, ...]:
    """Each once, upper case, in order.

    Raises:
        InvalidRequest: none, too many, or one that is too long for a symbol.
    """
    wanted = tuple(dict.fromkeys(" ".join(each.upper().split()) for each in symbols if each.strip()))
    if not 1 <= len(wanted) <= MOST_SYMBOLS:
        refuse("symbols", "are none or too many", expected=f"1 to {MOST_SYMBOLS}", found=len(wanted))
    if (long := next((each for each in wanted if len(each) > _LONGEST_SYMBOL), None)) is not None:
        refuse("symbols", "hold what is no symbol", expected="e.g. SPY, ESZ6, EUR/USD", found=long[:60])
    return wanted


def _must_be_new(name: str, lists: Lists) -> None:
    if _same(name, lists) is not None:
        refuse(
            "name", f"{name!r} is taken", expected="a new name", found=name,
            steps=("Choose another name, or update that list with trade_manage_watchlist.",),
        )  # fmt: skip
    if len(lists) >= MOST_LISTS:
        refuse("name", "is one too many", expected=f"at most {MOST_LISTS} lists", found=len(lists))


def _same(name: str, lists: Lists) -> str | None:
    """The list of this name in any case."""
    return next((each for each in lists if each.casefold() == name.casefold()), None)


def _found(name: str, lists: Lists) -> str:
    known = _same(" ".join(name.split()), lists)
    return known if known is not None else _no_list(name, lists)


def _no_list(name: str, lists: Lists) -> NoReturn:
    names = ", ".join(sorted(lists)) or "none yet"
    raise InvalidRequest(
        f"there is no watchlist {name[:40]!r}",
        code="unknown_watchlist",
        expected=f"one of: {names}",
        found=name[:40],
        next_steps=["Create it with trade_manage_watchlist, or name one that is there."],
    )
