"""Examples in docstrings are run: each cites where its number comes from."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import sumppump.domain

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(sumppump.domain.__path__, "sumppump.domain.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_come_out_as_written(name: str) -> None:
    """The domain's public arithmetic, as a reader would try it."""
    # Imported by name: in `pricing`, a module and its function share a name.
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_to_run() -> None:
    """A finder that finds nothing would pass every test above."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [
        example
        for name in MODULES
        for example in finder.find(importlib.import_module(name))
        if example.examples
    ]
    assert len(found) >= 5
