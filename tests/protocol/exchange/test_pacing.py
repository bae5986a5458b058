"""The rate at which a client may speak."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.exchange.pacing import TokenBucket


@pytest.mark.behaviour("SIM-PACE-01")
def test_a_full_bucket_passes_fifty_messages_and_not_one_more() -> None:
    bucket = TokenBucket(rate=50, capacity=50, at=0.0)
    assert [bucket.take(0.0) for _ in range(51)] == [True] * 50 + [False]


@pytest.mark.behaviour("SIM-PACE-02")
def test_two_bursts_of_forty_five_across_a_second_pass() -> None:
    """ib_async's own throttle does this; a sliding window of one second would refuse it."""
    bucket = TokenBucket(rate=50, capacity=50, at=0.0)
    moments = [0.9] * 45 + [1.85] * 45
    assert all(bucket.take(at) for at in moments)


@pytest.mark.behaviour("SIM-PACE-03")
@given(st.lists(st.floats(0, 10), max_size=300))
def test_never_more_than_capacity_and_rate_allow(moments: list[float]) -> None:
    """Also when the clock seems to go back."""
    bucket = TokenBucket(rate=50, capacity=50, at=0.0)
    passed = sum(bucket.take(at) for at in moments)
    assert passed <= 50 + 50 * max(moments, default=0.0) + 1e-6
