"""Arrays that can be computed again, kept up to a total size; the oldest go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key")
Array = TypeVar("Array", bound=NDArray[Any])


class Kept(Generic[Key, Array]):
    """A bounded memory of arrays by key."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._arrays: OrderedDict[Key, Array] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Array]) -> Array:
        """The array of this key, made if it is not there."""
        known = self._arrays.get(key)
        if known is None:
            known = make()
            self._held += known.nbytes
            self._arrays[key] = known
            while self._held > self._most and len(self._arrays) > 1:
                _, dropped = self._arrays.popitem(last=False)
                self._held -= dropped.nbytes
        return known

    def clear(self) -> None:
        """Forgets everything."""
        self._arrays.clear()
        self._held = 0


def step_at(count: int, place: float, width: int) -> NDArray[np.float64]:
    """0 before `place`, 1 from `width` elements after it on, a line between; `count` elements."""
    risen: NDArray[np.float64] = np.clip((np.arange(count) - place) / width, 0.0, 1.0)
    return risen
