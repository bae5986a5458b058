"""Where an exchange on this machine is found, and where its state is kept: a folder under the program's home.

`port.json` says who listens where; it exists while an exchange runs. `state-SEED.json` is what a restart
finds again. Both are readable by their owner alone, because the first holds the secret of the control port.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest, StoreFailed

FOLDER = "exchange"
PORT_FILE = "port.json"
LOCK_FILE = "lock"
CONTROL_TIMEOUT_S = 5.0
_MAX_ANSWER = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An exchange that said it was running.

    Attributes:
        port: of the TWS protocol.
        control_port: of the control lines, always on 127.0.0.1.
        secret: what a control connection has to say first.
    """

    host: str
    port: int
    control_port: int
    pid: int
    seed: int
    account: str
    secret: str


class Place:
    """The exchange's folder under one home."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER
        self._lock: BinaryIO | None = None

    @property
    def port_file(self) -> Path:
        """Who listens where."""
        return self.folder / PORT_FILE

    def state_file(self, seed: int) -> Path:
        """The saved state of the market with this seed."""
        return self.folder / f"state-{seed}.json"

    def claim(self) -> None:
        """Make this process the one exchange of this home until `withdraw` or its end, whichever way it ends.

        Raises:
            InvalidRequest: `exchange_running`; another exchange serves this home.
            StoreFailed: the folder cannot be used.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = _private(self.folder / LOCK_FILE)
        except OSError as error:
            raise _unwritten(self.folder / LOCK_FILE, error) from error
        if not _locked(handle.fileno()):
            handle.close()
            other = self.read()
            raise InvalidRequest(
                "another exchange serves this home",
                code="exchange_running",
                expected="one exchange per home",
                found=f"process {other.pid} on port {other.port}" if other else "one that is starting",
                next_steps=("use that one", "or stop it with: sumppump sim ctl stop"),
            )
        self._lock = handle

    def announce(self, running: Running) -> None:
        """Write the port file.

        Raises:
            StoreFailed: it cannot be written.
        """
        write_state(self.port_file, json.dumps(asdict(running)).encode())

    def withdraw(self) -> None:
        """Remove the port file and give the home back, if this process has it."""
        if self._lock is None:
            return
        with contextlib.suppress(FileNotFoundError):
            self.port_file.unlink()
        self._lock.close()
        self._lock = None

    def read(self) -> Running | None:
        """What the port file says, whether or not anyone still listens there."""
        try:
            return Running(**json.loads(self.port_file.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def find(self, *, timeout_s: float = CONTROL_TIMEOUT_S) -> Running | None:
        """The exchange of this home if it answers on its control port; a stale file is no exchange."""
        running = self.read()
        if running is None:
            return None
        try:
            control(running, "status", timeout_s=timeout_s)
        except (GatewayUnavailable, InvalidRequest):
            return None
        return running

    def load(self, seed: int) -> bytes | None:
        """The saved state, None if there is none.

        Raises:
            StoreFailed: it is there and cannot be read.
        """
        return read_state(self.state_file(seed))

    def save(self, seed: int, state: bytes) -> None:
        """Replace the saved state; a crash leaves the old one or the new one.

        Raises:
            StoreFailed: it cannot be written.
        """
        write_state(self.state_file(seed), state)


class StateLock:
    """One file of state belongs to one exchange: held until `release` or the end of the process."""

    def __init__(self, state: Path) -> None:
        self._path = state.with_name(f".{state.name}.lock")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = _private(self._path)
        except OSError as error:
            raise _unwritten(self._path, error) from error
        # Who had it before may have taken the file away between our opening and our lock.
        if not _locked(self._handle.fileno()) or not self._path.exists():
            self._handle.close()
            raise InvalidRequest(
                f"another exchange uses {state}",
                code="state_in_use",
                expected="one exchange per --state file",
                found="one that runs",
                next_steps=("Stop it with: sumppump sim ctl stop", "Or give this one a copy of the file."),
            )

    def release(self) -> None:
        """Give the file back."""
        with contextlib.suppress(OSError):  # Windows keeps a file that is open
            self._path.unlink()
        self._handle.close()


def read_state(path: Path) -> bytes | None:
    """What was saved in a file, None if there is none.

    Raises:
        StoreFailed: it is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unwritten(path, error) from error


def write_state(path: Path, content: bytes) -> None:
    """Replace a file; a crash leaves the old one or the new one, readable by its owner alone.

    Raises:
        StoreFailed: it cannot be written.
    """
    beside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        # The mode has to be right before the first byte, not after it.
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from error


def _private(path: Path) -> BinaryIO:
    """A file to append to that only its owner reads, whatever mode it had.

    Raises:
        OSError: it cannot be opened.
    """
    handle = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
    path.chmod(0o600)
    return handle


def _locked(descriptor: int) -> bool:
    """Whether the file is now locked for this process; the lock ends with it, even if it is killed."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows alone

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # noqa: PLC0415 - does not exist on Windows

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _unwritten(path: Path, error: OSError) -> StoreFailed:
    return StoreFailed(
        "the exchange's files cannot be read or written",
        expected=f"access to {path}",
        found=str(error),
        next_steps=("check the folder's owner and the free space",),
    )


def control(running: Running, line: str, *, timeout_s: float = CONTROL_TIMEOUT_S) -> str:
    """Give the exchange one control line and return its answer, without the leading `ok`.

    Raises:
        GatewayUnavailable: nobody answers there.
        InvalidRequest: the exchange refused; code and text are its own.
    """
    request = f"{running.secret}\n{line.replace(chr(10), ' ')}\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", running.control_port), timeout=timeout_s) as door:
            door.sendall(request)
            answer = _line(door)
    except OSError as error:
        raise GatewayUnavailable(
            "the exchange does not answer",
            found=str(error),
            next_steps=("start it with: sumppump sim",),
        ) from error
    word, _, rest = answer.partition(" ")
    if word != "ok":
        raise _refusal(rest)
    return rest


def _refusal(answer: str) -> InvalidRequest:
    """The exchange's own error: its parts come between tabs, each but the first with its name in front."""
    code, _, text = answer.partition(" ")
    message, *parts = text.split("\t")
    named = [part.partition(" ")[::2] for part in parts]
    return InvalidRequest(
        message or "no answer",
        code=code or "no_answer",
        expected=next((words for name, words in named if name == "expected"), None),
        found=next((words for name, words in named if name == "found"), None),
        next_steps=[words for name, words in named if name == "next"],
    )


def _line(door: socket.socket) -> str:
    data = b""
    while not data.endswith(b"\n") and len(data) < _MAX_ANSWER:
        more = door.recv(4096)
        if not more:
            break
        data += more
    return data.decode("utf-8", "replace").strip()
