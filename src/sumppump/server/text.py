"""The text of an answer, made from its structured content, so that neither can say less than the other.

Hosts show a model either the text or the structure. Scalars go on `key value` lines, lists of rows into
tables with one header, everything else on a line of its own. What is missing is written as `-`; a remark
that is empty is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import NoneType
from typing import Any

_TOP = ("summary", "warnings", "as_of", "environment", "data_quality", "read_as", "next_steps")
MISSING = "-"
QUIET = frozenset(
    {
        "breaches",
        "broker_says",
        "changes",
        "children",
        "exits",
        "left_over",
        "missing",
        "refused_by",
        "unknown",
    }
    | {"spread_pips", "underlying_price"}
)
"""Remarks, and figures that only one kind of contract has: said only when there are some.

Any other empty list is news and reads `none`.
"""
PARAGRAPHS = frozenset({"candidates", "steps"})
"""Lists whose rows are read one by one and not down a column."""
_FIGURE = {"name", "value", "unit"}


def render(banner: str, payload: Mapping[str, Any]) -> str:
    """The whole text: banner, summary, warnings, age, facts, next steps."""
    facts = {
        name: value
        for name, value in payload.items()
        if name not in _TOP and not (name in QUIET and not value) and not _is_said(value, payload["summary"])
    }
    lines = [
        banner,
        payload["summary"],
        *(f"Warning: {line}" for line in payload["warnings"] if line not in banner),
        _age(payload),
        *(f"Read: {line}" for line in payload["read_as"]),
        *_facts(facts),
        *(f"Next: {line}" for line in payload.get("next_steps", ())),
    ]
    return "\n".join(line for line in lines if line)


def _is_said(value: object, summary: str) -> bool:
    """Whether a sentence stands in the summary already."""
    return isinstance(value, str) and " " in value and value in summary


def _age(payload: Mapping[str, Any]) -> str:
    quality = payload["data_quality"]
    age = "" if quality["age_s"] is None else f", {scalar(quality['age_s'])} s old"
    notes = "".join(f"; {note}" for note in quality["notes"])
    return f"As of {payload['as_of']} · data {quality['state']}{age}{notes}"


def _facts(facts: Mapping[str, Any]) -> list[str]:
    if set(facts) >= {"columns", "rows"}:
        rest = {name: value for name, value in facts.items() if name not in ("columns", "rows")}
        return [*_facts(rest), *_grid(facts["columns"], facts["rows"])]
    plain = {
        name: value for name, value in facts.items() if value != "" and not isinstance(value, list | dict)
    }
    lines = [" · ".join(f"{name} {scalar(value)}" for name, value in plain.items())]
    for name, value in facts.items():
        if isinstance(value, dict):
            lines.append(f"{name}: {_inline(value)}")
        elif isinstance(value, list):
            lines.extend(_list(name, value))
    return lines


def _list(name: str, items: Sequence[Any]) -> list[str]:
    if not items:
        return [f"{name}: none"]
    if name in PARAGRAPHS:
        return [f"{name}:", *(line for item in items for line in _paragraph(item))]
    if all(isinstance(item, dict) for item in items):
        columns = list(dict.fromkeys(key for item in items for key in item))
        return [f"{name}:", *_grid(columns, [[item.get(column) for column in columns] for item in items])]
    return [f"{name}: " + ", ".join(scalar(item) for item in items)]


def _paragraph(row: Mapping[str, Any]) -> list[str]:
    """One row: words and figures on a line, then every sentence and list on one of its own."""
    said = {name: value for name, value in row.items() if value not in ("", [])}
    long = {name for name, value in said.items() if isinstance(value, list) or " " in str(value)}
    first = " · ".join(f"{name} {scalar(value)}" for name, value in said.items() if name not in long)
    return [f"- {first}", *(f"  {name}: {_spelled(said[name])}" for name in said if name in long)]


def _spelled(value: object) -> str:
    return "; ".join(map(scalar, value)) if isinstance(value, list) else scalar(value)


def _grid(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """A table without the columns that are empty in every row; those whose figures are missing are named."""
    kept = [at for at in range(len(columns)) if any(row[at] not in (None, "", []) for row in rows)]
    lost = [columns[at] for at in range(len(columns)) if rows and all(row[at] is None for row in rows)]
    lines = ["|".join(columns[index] for index in kept)]
    lines += ["|".join([scalar(row[index]) for index in kept]) for row in rows]
    return [*lines, f"(missing in every row: {', '.join(lost)})"] if lost else lines


def _inline(value: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {scalar(item)}" for name, item in value.items() if item != "") or "none"


def _figure(value: Mapping[str, Any]) -> str:
    return f"{value['name']} {scalar(value['value'])} ({value['unit']})"


# Of the hundreds of numbers in a followed chain most are those of the answer before.
@lru_cache(maxsize=8192)
def _number(value: float) -> str:
    text = f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else repr(value)
    return "0" if text == "-0" else text


def _words(value: object) -> str:
    return str(value).replace("\n", " ") or MISSING


_TEXTS: dict[type, Callable[[Any], str]] = {
    float: _number,
    int: str,
    str: _words,
    bool: lambda value: "yes" if value else "no",
    NoneType: lambda _: MISSING,
    dict: lambda value: _figure(value) if set(value) == _FIGURE else "{" + _inline(value) + "}",
    list: lambda value: "[" + ", ".join(map(scalar, value)) + "]",
}
"""How each kind of value in JSON is written. A chain writes hundreds of them."""


def scalar(value: object) -> str:
    """One value in as few characters as say it."""
    return _TEXTS.get(type(value), _words)(value)
