"""Examples in the docstrings of the arithmetic hold, published figures among them."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import sumppump.domain

MODULES = [each.name for each in pkgutil.walk_packages(sumppump.domain.__path__, "sumppump.domain.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name: str) -> None:
    """Claim: what a docstring shows is what the code answers."""
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0
