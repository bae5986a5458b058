"""A message's dataclass is its table: this module reads the table and derives encoder and decoder.

The type of a field says how it lies on the wire:

    a scalar of `scalars`      one field
    another record             its fields, one after the other
    tuple[X, ...]              a count, then that many X
    Record | Record | ...      inside a tuple: the variant's `TYPE`, then its fields

and its annotations say when:

    Since(v), Until(v)         from server version v on; before version v
    When(f)                    if f holds for the fields read so far
    Present()                  a flag goes in front; None is written as "0"
    Trailing()                 also if the frame ends before it: then it is read as empty

A field that is absent has its default. Nothing else exists: whatever a message needs is said in these words.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter, call
from typing import (
    Annotated,
    Any,
    ClassVar,
    Protocol,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)
from typing import get_type_hints as hints_of

from sumppump.exchange.wire.scalars import WHOLE_SIZES_UNTIL, Scalar
from sumppump.kernel.errors import ProtocolError

T = TypeVar("T")

Draft = Any
"""A record, finished or being read: conditions ask it for the fields that come before their own."""
Value = Any
"""What a field holds; its declaration says which type that is."""


@dataclass(frozen=True, slots=True)
class Since:
    """The field exists from this server version on."""

    version: int


@dataclass(frozen=True, slots=True)
class Until:
    """The field exists before this server version."""

    version: int


@dataclass(frozen=True, slots=True)
class When:
    """The field exists if `holds` is true of the record's earlier fields."""

    holds: Callable[[Draft], bool]


@dataclass(frozen=True, slots=True)
class Trailing:
    """The frame may end before this field: some clients leave it out, and it is read as empty."""


@dataclass(frozen=True, slots=True)
class Present:
    """A flag in front says whether the record follows."""


class Source:
    """The fields of one frame, read from left to right."""

    def __init__(self, texts: Sequence[str], name: str) -> None:
        self.name = name
        self._texts = texts
        self._next = 0

    def peek(self) -> str:
        """The next field without consuming it."""
        if self._next >= len(self._texts):
            raise unreadable(self.name, "another field", f"{len(self._texts)} fields only")
        return self._texts[self._next]

    def take(self) -> str:
        """The next field."""
        text = self.peek()
        self._next += 1
        return text

    def row(self, count: int) -> Sequence[str]:
        """The next `count` fields without consuming them, fewer where the frame ends before."""
        return self._texts[self._next : self._next + count]

    def skip(self, count: int) -> None:
        """Consume fields that were looked at."""
        self._next += count

    @property
    def left(self) -> int:
        """How many fields were not read yet."""
        return len(self._texts) - self._next

    def end(self) -> None:
        """Nothing may be left."""
        if self.left:
            raise unreadable(self.name, f"{self._next} fields", f"{len(self._texts)} fields")


def unreadable(name: str, expected: str, found: str) -> ProtocolError:
    """The error of a frame that does not fit its message's table."""
    return ProtocolError(
        f"{name} cannot be read",
        expected=expected,
        found=found,
        next_steps=("compare the message's fields with those of the negotiated server version",),
    )


class Node(Protocol):
    """Something that lies on the wire."""

    def write(self, value: Value, out: list[str]) -> None:
        """Append the fields of `value`."""
        ...

    def read(self, source: Source) -> Value:
        """Take the fields of one value."""
        ...


class _ScalarNode:
    def __init__(self, scalar: Scalar, version: int) -> None:
        old = version < WHOLE_SIZES_UNTIL and scalar.write_old is not None
        self.text = scalar.write_old if old and scalar.write_old else scalar.write
        self.value = scalar.read
        self._label = scalar.label

    def write(self, value: Value, out: list[str]) -> None:
        out.append(self.text(value))

    def read(self, source: Source) -> Value:
        text = source.take()
        try:
            return self.value(text)
        except (ValueError, OverflowError):
            # TWS's own words; the text goes back to a client that wants to know which field it was.
            found = f'java.lang.NumberFormatException: For input string: "{text[:60]}"'
            raise unreadable(source.name, f"a field of kind {self._label}", found) from None


class _TrailingNode(_ScalarNode):
    def read(self, source: Source) -> Value:
        return super().read(source) if source.left else self.value("")


class _RepeatedNode:
    def __init__(self, item: Node) -> None:
        self._item = item

    def write(self, value: Value, out: list[str]) -> None:
        out.append(str(len(value)))
        for item in value:
            self._item.write(item, out)

    def read(self, source: Source) -> Value:
        text = source.take()
        count = int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else 0 if not text else -1
        if not 0 <= count <= source.left:
            raise unreadable(source.name, f"a count of at most {source.left}", repr(text[:20]))
        return tuple(self._item.read(source) for _ in range(count))


class _VariantNode:
    def __init__(self, records: dict[str, Record]) -> None:
        self._records = records

    def write(self, value: Value, out: list[str]) -> None:
        kind = str(value.TYPE)
        out.append(kind)
        self._records[kind].write(value, out)

    def read(self, source: Source) -> Value:
        kind = source.take()
        if kind not in self._records:
            raise unreadable(source.name, "one of " + ", ".join(self._records), repr(kind[:20]))
        return self._records[kind].read(source)


class _PresentNode:
    def __init__(self, record: Record) -> None:
        self._record = record

    def write(self, value: Value, out: list[str]) -> None:
        out.append("0" if value is None else "1")
        if value is not None:
            self._record.write(value, out)

    def read(self, source: Source) -> Value:
        return self._record.read(source) if source.take() in ("1", "true") else None


@dataclass(frozen=True, slots=True)
class Step:
    """One declared field of a record at one version."""

    name: str
    node: Node
    when: Callable[[Draft], bool] | None

    @property
    def is_plain(self) -> bool:
        """Whether it is a scalar that is always there."""
        return self.when is None and type(self.node) is _ScalarNode

    def write(self, value: Value, out: list[str]) -> None:
        """Append the field; a missing block that must be there is written with its defaults."""
        if self.when is None or self.when(value):
            part = getattr(value, self.name)
            self.node.write(self.node.cls() if part is None and isinstance(self.node, Record) else part, out)

    def read(self, source: Source, draft: Draft) -> None:
        """Take the field."""
        if self.when is None or self.when(draft):
            setattr(draft, self.name, self.node.read(source))


class _Row:
    """Plain fields side by side, two or more: what messages are mostly made of, written and read at once.

    A row that says the same as the one before it, as most rows of an order do, is taken over from there.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        nodes = [step.node for step in steps if isinstance(step.node, _ScalarNode)]
        self._steps = steps
        self._names = [step.name for step in steps]
        self._fetch = attrgetter(*self._names)
        self._texts = [node.text for node in nodes]
        self._values = [node.value for node in nodes]
        self._written: tuple[Value, list[str]] = (None, [])
        self._read: tuple[Sequence[str] | None, list[Value]] = (None, [])

    def write(self, value: Value, out: list[str]) -> None:
        """Append the fields."""
        values = self._fetch(value)
        written, texts = self._written
        if values != written:
            texts = list(map(call, self._texts, values))
            self._written = values, texts
        out += texts

    def read(self, source: Source, draft: Draft) -> None:
        """Take the fields."""
        texts = source.row(len(self._steps))
        if texts != self._read[0]:
            try:
                self._read = texts, [value(text) for value, text in zip(self._values, texts, strict=True)]
            except (ValueError, OverflowError):
                for step in self._steps:  # again, one by one: one of them says what is wrong
                    step.read(source, draft)
                return
        source.skip(len(texts))
        draft.__dict__.update(zip(self._names, self._read[1], strict=True))


def _pieces(steps: Sequence[Step]) -> Iterator[Step | _Row]:
    """The steps, with every run of plain ones as one row."""
    for is_plain, run in groupby(steps, key=lambda step: step.is_plain):
        some = tuple(run)
        if is_plain and len(some) > 1:
            yield _Row(some)
        else:
            yield from some


class Record:
    """Encoder and decoder of one dataclass at one server version."""

    def __init__(self, cls: type[Any], steps: tuple[Step, ...], absent: frozenset[str]) -> None:
        self.cls = cls
        self.steps = steps
        optional = absent | {step.name for step in steps if step.when is not None}
        self._defaults = {f.name: f.default for f in fields(cls) if f.name in optional}
        self._pieces = tuple(_pieces(steps))

    def write(self, value: Value, out: list[str]) -> None:
        """Append the fields of `value`."""
        for piece in self._pieces:
            piece.write(value, out)

    def read(self, source: Source) -> Value:
        """Take one record."""
        draft = types.SimpleNamespace(**self._defaults)
        for piece in self._pieces:
            piece.read(source, draft)
        return self.cls(**vars(draft))


_RECORDS: dict[tuple[type[Any], int], Record] = {}


def record(cls: type[Any], version: int) -> Record:
    """The layout of a dataclass at a server version."""
    known = _RECORDS.get((cls, version))
    if known is None:
        known = _RECORDS[cls, version] = _record(cls, version)
    return known


def _record(cls: type[Any], version: int) -> Record:
    steps: list[Step] = []
    absent: set[str] = set()
    for name, hint in hints_of(cls, include_extras=True).items():
        if _origin(hint) is ClassVar:
            continue
        core, marks = _parted(hint)
        if _exists(marks, version):
            condition = next((mark.holds for mark in marks if isinstance(mark, When)), None)
            steps.append(Step(name, _node(core, marks, version), condition))
        else:
            absent.add(name)
    return Record(cls, tuple(steps), frozenset(absent))


def scalar_of(cls: type[Any], name: str) -> Scalar:
    """The kind of a plain field of a declared record."""
    _, marks = _parted(hints_of(cls, include_extras=True)[name])
    return next(mark for mark in marks if isinstance(mark, Scalar))


def _origin(hint: Value) -> Value:
    return get_origin(hint)


def _parted(hint: Value) -> tuple[Any, tuple[Any, ...]]:
    if _origin(hint) is Annotated:
        core, *marks = get_args(hint)
        return core, tuple(marks)
    return hint, ()


def _exists(marks: tuple[Any, ...], version: int) -> bool:
    return all(
        not (isinstance(mark, Since) and version < mark.version)
        and not (isinstance(mark, Until) and version >= mark.version)
        for mark in marks
    )


def _node(core: Value, marks: tuple[Any, ...], version: int) -> Node:
    scalar = next((mark for mark in marks if isinstance(mark, Scalar)), None)
    if scalar is not None:
        is_trailing = any(isinstance(mark, Trailing) for mark in marks)
        return (_TrailingNode if is_trailing else _ScalarNode)(scalar, version)
    if _origin(core) is tuple:
        item, item_marks = _parted(get_args(core)[0])
        return _RepeatedNode(_node(item, item_marks, version))
    members = _members(core)
    if len(members) > 1:
        return _VariantNode({str(cls.TYPE): record(cls, version) for cls in members})
    if any(isinstance(mark, Present) for mark in marks):
        return _PresentNode(record(members[0], version))
    return record(members[0], version)


def _members(core: Value) -> list[type[Any]]:
    is_union = _origin(core) in (Union, types.UnionType)
    members = [part for part in (get_args(core) if is_union else (core,)) if part is not type(None)]
    if not all(is_dataclass(part) for part in members):
        raise TypeError(f"{core!r} has no place on the wire")
    return members


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before a message's own fields.

    Attributes:
        number: the message id.
        version: the literal message version, or None where the message has none.
        version_until: server version from which the message version is no longer sent.
    """

    number: int
    version: int | None = None
    version_until: int | None = None

    def texts(self, server_version: int) -> list[str]:
        """The header's fields at a server version."""
        number = str(self.number)
        gone = self.version_until is not None and server_version >= self.version_until
        return [number] if self.version is None or gone else [number, str(self.version)]


Book = dict[int, type[Any]]
REQUESTS: Book = {}
ANSWERS: Book = {}
HEADERS: dict[type[Any], Header] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def _message(cls: type[T], *, book: Book, header: Header) -> type[T]:
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    if header.number in book:
        raise ValueError(f"message {header.number} is declared twice")
    book[header.number] = made
    HEADERS[made] = header
    return made


@dataclass_transform(frozen_default=True, kw_only_default=True)
def request(number: int, *, version: int | None = None) -> Callable[[type[T]], type[T]]:
    """Declare a message that clients send."""
    return partial(_message, book=REQUESTS, header=Header(number, version))


@dataclass_transform(frozen_default=True, kw_only_default=True)
def answer(
    number: int, *, version: int | None = None, version_until: int | None = None
) -> Callable[[type[T]], type[T]]:
    """Declare a message that the server sends."""
    return partial(_message, book=ANSWERS, header=Header(number, version, version_until))


@dataclass_transform(frozen_default=True, kw_only_default=True)
def part(cls: type[T]) -> type[T]:
    """Declare a record that occurs inside messages."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)
