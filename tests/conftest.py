"""Hypothesis for all tests: no deadlines, since machines are shared, and a deeper search on request.

    HYPOTHESIS_PROFILE=deep python3 scripts/dev.py test tests/protocol/exchange/test_any_input.py

A test that names its own number of examples keeps it.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("usual", deadline=None, max_examples=100)
settings.register_profile("deep", deadline=None, max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))
