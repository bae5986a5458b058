"""`python3 scripts/dev.py bench [NAME …]`: measure and print; never a test."""

from __future__ import annotations

import importlib
import platform
import sys

import anyio
from rich.console import Console
from rich.table import Table

BENCHES = ("stdio", "submit", "chain", "exchange", "memory", "market", "risk", "latency", "histories")


def main(names: list[str]) -> int:
    """Run the named benches, all without a name; exit 1 if a target is missed."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no bench {unknown[0]!r}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    console = Console()
    console.print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}")
    missed = False
    for name in names or BENCHES:
        figures = anyio.run(importlib.import_module(f"scripts.bench.{name}").measure)
        table = Table(title=name, title_justify="left", box=None)
        for title in ("figure", "measured", "target", "", "in plain units"):
            table.add_column(title, justify="right" if title in ("measured", "target") else "left")
        for figure in figures:
            target = "" if figure.target is None else f"≤ {figure.target:g} {figure.unit}"
            table.add_row(
                figure.name, f"{figure.value:.2f} {figure.unit}", target, figure.verdict, figure.note
            )
            missed = missed or figure.verdict == "FALLS SHORT"
        console.print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
