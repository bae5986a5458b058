"""Every colour that a picture may have, and what is told by it.

From Okabe and Ito's set, whose hues colour-blind people tell apart; gain and loss are told by position and
sign as well, curves by their dashes. Pictures that are files bring a white ground of their own; those that
lie upon a page are drawn for a light and a dark one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a colour stands for."""

    INK = "ink"
    QUIET = "quiet"
    PROFIT = "profit"
    LOSS = "loss"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours on one ground; `heat` are the strongest grounds of cells, gain and loss."""

    ground: str
    tones: dict[Tone, str]

    def __getitem__(self, tone: Tone) -> str:
        return self.tones[tone]


LIGHT = Palette(
    "#ffffff",
    {
        Tone.INK: "#1d2733",
        Tone.QUIET: "#596472",
        Tone.PROFIT: "#0069a8",
        Tone.LOSS: "#b84a00",
        Tone.FIRST: "#0069a8",
        Tone.SECOND: "#b84a00",
        Tone.THIRD: "#00795a",
        Tone.FOURTH: "#9c4a80",
    },
)
DARK = Palette(
    "#14181d",
    {
        Tone.INK: "#e4e8ee",
        Tone.QUIET: "#a3adb9",
        Tone.PROFIT: "#56b4e9",
        Tone.LOSS: "#f0883e",
        Tone.FIRST: "#56b4e9",
        Tone.SECOND: "#f0883e",
        Tone.THIRD: "#2fc29b",
        Tone.FOURTH: "#d98bb9",
    },
)
EITHER: dict[Tone, str] = {
    Tone.INK: "currentColor",
    Tone.QUIET: "currentColor",
    Tone.PROFIT: "#2b86c5",
    Tone.LOSS: "#d9661f",
    Tone.FIRST: "#2b86c5",
    Tone.SECOND: "#d9661f",
    Tone.THIRD: "#1f9474",
    Tone.FOURTH: "#b06697",
}
"""Middle tones for a page whose policy lets no style in: lines are seen on both grounds."""

HEAT = {Tone.PROFIT: "#5aa9dd", Tone.LOSS: "#ee9a5f"}
"""The strongest grounds of cells; ink is legible on every mixture of them with white."""
HEAT_INK, NO_FIGURE = "#10161d", "#e3e6ea"


def mixed(colour: str, part: float) -> str:
    """White with `part` of a colour, 0 to 1."""
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (each - 255) * part):02x}" for each in channels)


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances by WCAG 2.2, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
