"""Private files: folders 0700, files 0600, no symbolic or hard links, no network file systems.

On Windows the owner's profile folder carries the protection; modes and links are checked where they exist.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from sumppump.kernel.errors import StoreFailed

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "davfs"})


def private_dir(path: Path) -> Path:
    """Make `path` a folder of ours alone and return it.

    Raises:
        StoreFailed: it is a link, a file, or belongs to somebody else.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise _refused(path, "a folder of its own", "a link or a file")
        _must_be_ours(path, found)
        if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise _refused(path, "a folder that can be written", str(error)) from error
    return path


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours (created 0600) and return its descriptor.

    Raises:
        StoreFailed: a link, somebody else's, or not to be opened.
    """
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise _refused(path, "a file of its own", str(error)) from error
    try:
        check_private(path, os.fstat(descriptor))
    except StoreFailed:
        os.close(descriptor)
        raise
    return descriptor


def ensure_private_file(path: Path) -> Path:
    """Create `path` 0600 if it is missing, and refuse it when it is not ours alone."""
    os.close(open_private(path, os.O_RDWR | os.O_CREAT))
    return path


def check_private(path: Path, found: os.stat_result) -> None:
    """Refuse what is not a plain file with one name, owned by us; narrow its mode to 0600."""
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "a plain file", "something else")
    if os.name != "posix":
        return
    if found.st_nlink > 1:
        raise _refused(path, "a file with one name", f"{found.st_nlink} hard links")
    _must_be_ours(path, found)
    if stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o600)


def must_be_local(path: Path) -> None:
    """Refuse a network file system, whose locks and syncs cannot be relied on.

    Only Linux tells without a library; elsewhere the folder is taken as local.
    """
    if sys.platform != "linux":
        return
    kind = _file_system(path.resolve())
    if kind in _NETWORK:
        raise _refused(path, "a local disk", f"a network file system ({kind})")


def _file_system(path: Path) -> str:
    best, kind = "", ""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in mounts:
        _, point, name, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, name
    return kind


def _must_be_ours(path: Path, found: os.stat_result) -> None:
    if os.name == "posix" and found.st_uid != os.getuid():
        raise _refused(path, "a path owned by this user", f"owner {found.st_uid}")


def _refused(path: Path, expected: str, found: str) -> StoreFailed:
    return StoreFailed(
        f"{path.name} cannot be used",
        code="unsafe_path",
        expected=expected,
        found=found,
        next_steps=["Look at the folder SUMPPUMP_HOME; set it to a local folder of your own."],
    )
