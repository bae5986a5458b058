"""The chart of an order's payoff, from plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.drawing.chart import UNSEALED, Axis, Chart, Curve, Dash, Mark, Panel, Range, Ribbon, Seal
from sumppump.drawing.palette import Tone
from sumppump.drawing.scales import tick_cash, tick_price

AT_EXPIRY = "at expiry"
_DASHES = {"today": Dash.DOTTED, "half-way": Dash.DASHED}


@dataclass(frozen=True, slots=True)
class PayoffLine:
    """P&L in cash over the underlying's price, prices rising."""

    label: str
    prices: tuple[float, ...]
    pnl: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cone:
    """How far the price goes with a given probability, from now to expiry.

    Attributes:
        label: the probability and what it rests on.
        days: from now, rising, the last at expiry.
        lows, highs: prices.
    """

    label: str
    days: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    @property
    def at_expiry(self) -> Range:
        """Its last and widest part, along the price axis; the cone beneath says what it is."""
        return Range(self.lows[-1], self.highs[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoffPicture:
    """What a picture of an order's payoff says.

    Attributes:
        lines: the last one is at expiry and is drawn strongest; at least one with two points.
        max_loss, max_profit: in words.
        cones: the wider first; the narrowest is shaded behind the payoff.
        likely: shaded there instead, where no cone is drawn beneath.
        told: prices that the table lists; a few of the others where there are none.
    """

    title: str
    symbol: str
    lines: tuple[PayoffLine, ...]
    max_loss: str
    max_profit: str
    subtitle: str = ""
    spot: float | None = None
    breakevens: tuple[float, ...] = ()
    cones: tuple[Cone, ...] = ()
    likely: Range | None = None
    told: tuple[float, ...] = ()
    seal: Seal = UNSEALED
    note: str = ""

    def __post_init__(self) -> None:
        if not self.lines or len(self.lines[-1].prices) < 2:
            raise ValueError("a payoff picture needs a curve of at least two points")

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest price shown."""
        return self.lines[-1].prices[0], self.lines[-1].prices[-1]

    @property
    def summary(self) -> str:
        """The same in a sentence."""
        zeros = " and ".join(f"{each:,.2f}" for each in self.breakevens) or "none"
        bounds = f"Maximum loss {self.max_loss}, maximum profit {self.max_profit}"
        return f"{self.title}. {bounds}, breakeven {zeros}."


def payoff_chart(picture: PayoffPicture, *, captions: bool = True) -> Chart:
    """The payoff over the price, and the cone of likely prices beneath it where there is one.

    Args:
        picture: what is said.
        captions: whether maximum profit and loss are written into the picture.
    """
    expiry = _curve(picture.lines[-1], is_last=True)
    below = picture.cones[-1:]
    main = Panel(
        x=Axis(f"{picture.symbol} price in $"),
        y=Axis("profit or loss in $", tick_cash),
        curves=(*(_curve(line, is_last=False) for line in picture.lines[:-1]), expiry),
        ranges=tuple(cone.at_expiry for cone in below) or tuple(filter(None, (picture.likely,))),
        marks=tuple(Mark(each, 0.0, f"{each:,.2f}", expiry.rises_at(each)) for each in picture.breakevens),
        mark_words="breakeven",
        now=picture.spot,
        now_words="" if picture.spot is None else f"{picture.symbol} now {picture.spot:,.2f}",
        top=f"max profit {picture.max_profit}" if captions else "",
        bottom=f"max loss {picture.max_loss}" if captions else "",
        weight=5,
        told=tuple(price for price in picture.told if picture.span[0] <= price <= picture.span[1]),
    )
    return Chart(
        title=picture.title,
        subtitle=picture.subtitle,
        panels=(main, *_cone_panel(picture)),
        seal=picture.seal,
        summary=picture.summary,
        note=picture.note,
    )


def _curve(line: PayoffLine, *, is_last: bool) -> Curve:
    return Curve(
        label=line.label,
        xs=line.prices,
        ys=line.pnl,
        tone=Tone.PROFIT if is_last else Tone.INK,
        dash=Dash.SOLID if is_last else _DASHES.get(line.label, Dash.DASHED),
        is_strong=is_last,
        is_signed=is_last,
    )


def _clock(days: float) -> tuple[str, float]:
    """The unit in which a stretch of time is a handy number, and how many of it make a day."""
    units = ((2.0, "days", 1.0), (0.1, "hours", 24.0), (0.0, "minutes", 24.0 * 60.0))
    return next((unit, each) for least, unit, each in units if days >= least)


def _cone_panel(picture: PayoffPicture) -> Sequence[Panel]:
    if not picture.cones:
        return ()
    unit, per_day = _clock(picture.cones[0].days[-1])
    low, high = picture.span
    edge = Curve(label="", xs=(low, high), ys=(None, None))
    ribbons = tuple(
        Ribbon(
            cone.label,
            tuple(-each * per_day for each in cone.days),
            tuple(max(each, low) for each in cone.lows),
            tuple(min(each, high) for each in cone.highs),
        )
        for cone in picture.cones
    )
    return (
        Panel(
            x=Axis(f"{picture.symbol} price in $"),
            y=Axis(f"{unit} from now", lambda time: tick_price(abs(time))),
            curves=(edge,),
            ribbons=ribbons,
            now=picture.spot,
            has_zero=False,
        ),
    )
