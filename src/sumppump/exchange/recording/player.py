"""A golden file's server side, played to a client: what it asks is answered as it was answered then.

A request is recognised by its kind and its content; the ids that clients count (of requests and of orders)
may differ and are carried over. Each recorded answer belongs to the last request before it with its id, or of
the kind that brings such answers, or, like notices, simply to the last one. What was not recorded is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sumppump.exchange.recording.golden import Line, Way, fields_of
from sumppump.exchange.wire.handshake import Hello, read_hello
from sumppump.exchange.wire.layout import ANSWERS, HEADERS, REQUESTS, Book, record
from sumppump.kernel.errors import InvalidRequest, ProtocolError

Fields = tuple[str, ...]
START, ORDER, EXECUTION, COMMISSION, ORDER_STATUS, ERROR = "71", "3", "11", "59", "3", "4"
REFUSED = 322
_IDS = ("req_id", "order_id", "id")
_CLIENT_ID, _PARENT, _EXECUTED_ORDER = 2, 7, 2
BROUGHT_BY = {
    "15": ("71", "17"),
    "9": ("71", "8"),
    "61": ("61",),
    "62": ("61",),
    "53": ("5", "16", "15"),
    "101": ("99",),
    "102": ("99",),
    "6": ("6",),
    "7": ("6",),
    "8": ("6",),
    "54": ("6",),
    "49": ("49",),
    "19": ("24",),
    "78": ("80",),
    "80": ("82",),
    "85": ("85",),
    "93": ("91",),
    "16": ("18",),
}
"""Answers without an id, and the requests that bring them."""


@dataclass(slots=True)
class Asked:
    """One recorded request, and what it brought."""

    fields: Fields
    id_at: int | None
    answers: list[Fields] = field(default_factory=list)
    is_used: bool = False

    @property
    def id(self) -> str:
        """Its id, "" if it has none."""
        return "" if self.id_at is None else self.fields[self.id_at]

    @property
    def content(self) -> Fields:
        """What it asks, without its id."""
        return content_of(self.fields, self.id_at)


def content_of(fields: Fields, id_at: int | None) -> Fields:
    """A request without what clients count for themselves: its id, or the client's own."""
    left_out = _CLIENT_ID if fields[:1] == (START,) else id_at
    return tuple(text for place, text in enumerate(fields) if place != left_out)


class Recording:
    """A golden file, sorted into requests and what they brought."""

    def __init__(self, lines: Sequence[Line]) -> None:
        said = [line for line in lines if line.fields]
        greeting = next((line for line in said if line.way is Way.SERVER), None)
        if greeting is None or not greeting.fields[0].isdecimal():
            raise InvalidRequest(
                "the recording has no greeting",
                code="bad_recording",
                expected="a first line of the server with version and time",
                found="none" if greeting is None else repr(greeting.fields[:2]),
            )
        self.greeting = greeting.fields
        self.version = int(greeting.fields[0])
        self.asked: list[Asked] = []
        self._of_execution: dict[str, Asked] = {}
        for line in said[said.index(greeting) + 1 :]:
            if line.way is Way.CLIENT:
                self.asked.append(Asked(line.fields, id_place(line.fields, self.version, REQUESTS)))
            elif self.asked:
                self._owner(line.fields).answers.append(line.fields)

    def _owner(self, answer: Fields) -> Asked:
        if answer[0] == COMMISSION and answer[2:3]:
            return self._of_execution.get(answer[2], self.asked[-1])
        found = self._by_id(answer) or self._by_kind(answer[0]) or self.asked[-1]
        if answer[0] == EXECUTION:
            texts = [text for text in answer if text.count(".") == 3]
            self._of_execution.update(dict.fromkeys(texts, found))
        return found

    def _by_id(self, answer: Fields) -> Asked | None:
        place = id_place(answer, self.version, ANSWERS)
        ids = [answer[place]] if place is not None and place < len(answer) else []
        if answer[0] == EXECUTION:
            ids.append(answer[_EXECUTED_ORDER])
        wanted = [one for one in ids if one not in ("-1", "")]
        return next((one for one in reversed(self.asked) if one.id in wanted), None) if wanted else None

    def _by_kind(self, number: str) -> Asked | None:
        kinds = BROUGHT_BY.get(number, ())
        return next((one for one in reversed(self.asked) if one.fields[0] in kinds), None)


def id_place(fields: Fields, version: int, book: Book) -> int | None:
    """Where a message has its id, None if it has none."""
    cls = book.get(int(fields[0])) if fields[0].isdecimal() and len(fields[0]) < 6 else None
    if cls is None or not record(cls, version).steps or record(cls, version).steps[0].name not in _IDS:
        return None
    place = len(HEADERS[cls].texts(version))
    return place if place < len(fields) else None


class Player:
    """One client's way through a recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._asked = [Asked(one.fields, one.id_at, one.answers) for one in recording.asked]
        self._ids: dict[str, str] = {}
        self._by_kind: dict[str, list[Asked]] = defaultdict(list)
        for one in self._asked:
            self._by_kind[one.fields[0]].append(one)

    def greet(self, body: bytes) -> Fields:
        """The recorded greeting.

        Raises:
            ProtocolError: the client does not speak the recorded version, or says no versions.
        """
        hello: Hello = read_hello(body)
        version = self._recording.version
        if not hello.oldest <= version <= hello.newest:
            raise ProtocolError(
                "the client does not speak the version of the recording",
                expected=f"server version {version}",
                found=f"{hello.oldest} to {hello.newest}",
                next_steps=("record again with this client",),
            )
        return self._recording.greeting

    def hear(self, body: bytes) -> list[Fields]:
        """What was answered to this message then, or a refusal."""
        fields = fields_of(body)
        place = id_place(fields, self._recording.version, REQUESTS)
        found = self._found(fields, place)
        if found is None:
            return [self._refusal(fields, place)]
        found.is_used = True
        if place is not None and found.id_at is not None:
            self._ids[found.id] = fields[place]
        return [self._carried_over(answer) for answer in found.answers]

    def _found(self, fields: Fields, place: int | None) -> Asked | None:
        content = content_of(fields, place)
        alike = [one for one in self._by_kind[fields[0]] if one.content == content]
        fresh = [one for one in alike if not one.is_used]
        # Cancels have nothing but their id: among several the one that was carried over is meant.
        mine = [one for one in fresh if place is None or self._ids.get(one.id) == fields[place]]
        return next(iter([*mine, *fresh, *alike[-1:]]), None)

    def _refusal(self, fields: Fields, place: int | None) -> Fields:
        kinds = {one.fields[0] for one in self._asked}
        cls = REQUESTS.get(int(fields[0])) if fields[0].isdecimal() and len(fields[0]) < 6 else None
        name = fields[0] if cls is None else f"{cls.__name__} ({fields[0]})"
        others = [" ".join(one.content[1:9]) for one in self._by_kind[fields[0]]]
        known = f"the recorded ones: {' / '.join(others[:3])}" if others else f"recorded kinds: {_csv(kinds)}"
        text = (
            "Error processing request.-'rp' : cause - This session was not recorded with "
            f"{name} {' '.join(content_of(fields, place)[1:12])}; {known}"
        )
        id_ = fields[place] if place is not None else "-1"
        refusal = (ERROR, "2", id_, str(REFUSED), text[:1000])
        return refusal if self._recording.version < _WITH_REJECT else (*refusal, "")

    def _carried_over(self, answer: Fields) -> Fields:
        """An answer with the ids of this client in place of the recorded ones."""
        places = {id_place(answer, self._recording.version, ANSWERS)}
        if answer[0] == EXECUTION:
            places.add(_EXECUTED_ORDER)
        elif answer[0] == ORDER_STATUS:
            places.add(_PARENT)
        return tuple(
            self._ids.get(text, text) if place in places else text for place, text in enumerate(answer)
        )


_WITH_REJECT = 166


def _csv(kinds: Iterable[str]) -> str:
    return ", ".join(sorted(kinds, key=int))
