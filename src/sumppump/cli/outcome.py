"""How a command ends that could not do what it was asked."""

from __future__ import annotations

from typing import NoReturn

import typer

from sumppump.kernel.errors import SumpPumpError


def fail(error: SumpPumpError, *, code: int = 1) -> NoReturn:
    """Say what is wrong and what to do, on stderr, and end."""
    lines = [f"{error.code}: {error.message}"]
    lines += [f"expected: {error.expected}"] if error.expected else []
    lines += [f"found: {error.found}"] if error.found else []
    lines += [f"next: {step}" for step in error.next_steps]
    typer.echo("\n".join(lines), err=True)
    raise SystemExit(code)
