"""Every kind of contract through the real gateway on the embedded exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta

import pytest
from tests.protocol.gateway.houses import FRIDAY
from tests.protocol.gateway.scripted import Pulse

from sumppump.data.feeds import FeedService
from sumppump.data.quotes import QuoteService
from sumppump.domain.instruments import Future, OptionContract, SecType, Underlying
from sumppump.domain.quotes import Feed
from sumppump.exchange.entitlements import Entitlements
from sumppump.exchange.entitlements import Feed as Granted
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.kernel.errors import AmbiguousContract, InvalidRequest, UnknownContract
from sumppump.server.market.quote_views import quote_words
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

SIDES = "bid/ask/mid/bid_size/ask_size"
House = tuple[EmbeddedServer, TwsGateway]
Open = Callable[..., Awaitable[House]]
SATURDAY = FRIDAY + timedelta(days=1)
EVENING = FRIDAY + timedelta(hours=8)  # 18:00 in New York


@pytest.fixture
async def open_house() -> AsyncIterator[Open]:
    """Exchanges whose clocks stand still, and gateways on them; a Friday at 10:00 in New York unless told."""
    houses: list[House] = []

    async def make(*, start: datetime = FRIDAY) -> House:
        server = EmbeddedServer(SimSettings(seed=5, start=start, frozen=True))
        await server.start()
        found = TwsGateway(TwsSettings(port=server.port, backoff_min_s=0.05))
        houses.append((server, found))
        pulse = Pulse()
        found.broker.subscribe(pulse.beat)
        await found.start()
        await pulse.until(lambda: found.broker.link().connected)
        return server, found

    yield make
    for server, found in houses:
        await found.stop()
        await server.close()


@pytest.fixture
async def gateway(open_house: Open) -> TwsGateway:
    """On the usual Friday."""
    return (await open_house())[1]


def quotes_of(gateway: TwsGateway) -> QuoteService:
    """The use case on the real gateway."""
    return QuoteService(directory=gateway.directory, market=gateway.market, clock=gateway.clock)


def feeds_of(gateway: TwsGateway) -> FeedService:
    """The use case on the real gateway."""
    return FeedService(
        directory=gateway.directory, market=gateway.market, clock=gateway.clock, link=gateway.broker.link
    )


async def test_futures_come_front_month_first_with_what_their_contracts_say(gateway: TwsGateway) -> None:
    """Multiplier, class and exchange are read; VX is VIX at this broker."""
    for name, symbol, exchange, multiplier in (
        ("ES", "ES", "CME", 50), ("mes", "MES", "CME", 5), ("VX", "VIX", "CFE", 1000),
    ):  # fmt: skip
        months = await gateway.directory.futures(name)
        assert [each.expiry for each in months] == sorted(each.expiry for each in months)
        assert {(each.symbol, each.exchange, each.multiplier) for each in months} == {
            (symbol, exchange, multiplier)
        }
        assert all(each.last_trade > gateway.clock.now() for each in months)
    assert await gateway.directory.futures("VIX") == await gateway.directory.futures("VX", "CFE")


async def test_a_month_is_known_by_its_local_symbol_and_last_day(gateway: TwsGateway) -> None:
    """The December contract of the S&P future ends on the third Friday."""
    december = next(each for each in await gateway.directory.futures("ES") if each.expiry.month == 12)
    assert (december.local_symbol, december.trading_class) == ("ESZ6", "ES")
    assert december.expiry == date(2026, 12, 18)
    assert december.last_trade.hour == 14  # 9:30 in New York
    assert december.time_zone in ("America/Chicago", "US/Central")


@pytest.mark.parametrize("text", ["EURUSD", "eur/usd", "EUR.USD", "EUR-USD"])
async def test_a_pair_is_found_as_people_write_it(gateway: TwsGateway, text: str) -> None:
    """One contract whatever stands between its halves."""
    pair = await gateway.directory.pair(text)
    assert (pair.label, pair.sec_type, pair.exchange, pair.con_id) == (
        "EUR.USD", SecType.CASH, "IDEALPRO", 12087792,
    )  # fmt: skip


async def test_a_pair_that_is_listed_the_other_way_round_says_so(gateway: TwsGateway) -> None:
    """A price upside down must be the reader's doing, not ours."""
    with pytest.raises(UnknownContract) as caught:
        await gateway.directory.pair("JPYUSD")
    assert "USD.JPY, which is listed" in (caught.value.expected or "")
    with pytest.raises(InvalidRequest):
        await gateway.directory.pair("GOOGLE")


@pytest.mark.parametrize("text", ["BTC", "btc-usd", "BTC/USD", "BTCUSD"])
async def test_a_coin_is_found_as_people_write_it(gateway: TwsGateway, text: str) -> None:
    """On PAXOS, in dollars."""
    coin = await gateway.directory.coin(text)
    assert (coin.label, coin.sec_type, coin.exchange) == ("BTC.USD", SecType.CRYPTO, "PAXOS")


async def test_what_is_not_listed_names_what_is(gateway: TwsGateway) -> None:
    """A root, a coin."""
    with pytest.raises(UnknownContract) as future:
        await gateway.directory.futures("MESS")
    assert "MES" in (future.value.expected or "")
    with pytest.raises(UnknownContract) as coin:
        await gateway.directory.coin("DOGE")
    assert "BTC" in (coin.value.expected or "")


async def test_every_kind_is_found_again_by_its_id(gateway: TwsGateway) -> None:
    """As another program would ask for it that has only the number."""
    directory = gateway.directory
    kinds = [
        (await directory.futures("ES"))[0], await directory.pair("USDJPY"), await directory.coin("ETH"),
        await directory.underlying("SPX"),
    ]  # fmt: skip
    other = TwsGateway(TwsSettings(port=gateway.settings.port, client_id=99))
    pulse = Pulse()
    other.broker.subscribe(pulse.beat)
    await other.start()
    await pulse.until(lambda: other.broker.link().connected)
    assert [await other.directory.instrument(each.con_id) for each in kinds] == kinds
    await other.stop()


async def test_every_kind_is_quoted_with_what_it_has(gateway: TwsGateway) -> None:
    """An index has no sides and a pair no trades: missing is None, never 0 or -1."""
    directory = gateway.directory
    asked: list[Underlying | Future] = [
        (await directory.futures("MES"))[0], (await directory.futures("VX"))[0],
        await directory.pair("EURUSD"), await directory.coin("BTC"), await directory.underlying("SPX"),
    ]  # fmt: skip
    future, vix, pair, coin, index = await gateway.market.quotes(asked)
    for sided in (future, vix, pair, coin):
        assert sided.bid is not None
        assert sided.ask is not None
        assert 0 < sided.bid.amount < sided.ask.amount
    assert pair.last is None
    assert (index.bid, index.ask) == (None, None)
    assert index.last is not None


@pytest.mark.parametrize(
    ("text", "label", "gap"),
    [
        ("ES", "ES 2026-12-18 future", ""),
        ("/MES Z6", "MES 2026-12-18 future", ""),
        ("VX front", "VIX 2026-12-16 future", ""),
        ("EUR/USD", "EUR.USD", "last/last_size/volume: a currency pair has quotes but no tape of trades"),
        ("BTC-USD", "BTC.USD", ""),
        (
            "XSP",
            "XSP",
            f"{SIDES}/last_size/volume: an index is computed, not traded",
        ),
    ],
)
async def test_what_people_write_is_quoted_and_what_a_kind_never_has_is_said(
    gateway: TwsGateway, text: str, label: str, gap: str
) -> None:
    """From the text to the wire and back; ES on this exchange is an index too, and the future is meant."""
    reading = await quotes_of(gateway).quote(text)
    assert (reading.instrument.label, reading.warnings) == (label, ())
    assert reading.gaps == ((gap,) if gap else ())
    assert reading.change is not None


async def test_a_month_that_is_not_listed_names_those_that_are(gateway: TwsGateway) -> None:
    """ES has quarters only."""
    with pytest.raises(UnknownContract) as refused:
        await quotes_of(gateway).quote("ES 2027-01")
    assert refused.value.code == "expiry_not_listed"
    assert "2026-12-18 (ESZ6)" in str(refused.value.expected)


async def test_an_index_option_of_the_third_friday_is_two_contracts(gateway: TwsGateway) -> None:
    """TWS lists the one that settles on the open a day early; both expire that Friday."""
    quotes = quotes_of(gateway)
    with pytest.raises(AmbiguousContract) as refused:
        await quotes.quote("SPX 2026-12-18 6800C")
    assert refused.value.found == "SPX, SPXW"
    morning = (await quotes.quote("SPX   261218C06800000")).instrument
    evening = (await quotes.quote("SPXW 2026-12-18 6800C")).instrument
    assert isinstance(morning, OptionContract)
    assert isinstance(evening, OptionContract)
    assert (morning.trading_class, evening.trading_class) == ("SPX", "SPXW")
    assert morning.last_trade < evening.last_trade


async def test_at_the_weekend_prices_are_the_last_and_the_next_session_is_named(
    open_house: Open,
) -> None:
    """A coin trades on; a share does not."""
    _, gateway = await open_house(start=SATURDAY)
    quotes = quotes_of(gateway)
    share, coin = await quotes.quote("SPY"), await quotes.quote("BTC")
    assert (
        "the market is closed until Mon 2026-11-23 09:30 New York: these are its last prices"
        in share.warnings
    )
    assert not [words for words in coin.warnings if "closed" in words]


async def test_in_the_evening_a_share_has_prices_of_extended_hours(open_house: Open) -> None:
    """After 16:00 and before 20:00 in New York; the future knows no evening."""
    _, gateway = await open_house(start=EVENING - timedelta(hours=1))
    quotes = quotes_of(gateway)
    assert any("extended hours" in words for words in (await quotes.quote("SPY")).warnings)


async def test_when_the_session_is_over_a_change_says_which_close_it_counts_from(open_house: Open) -> None:
    """Claim: by evening the "previous close" of a share was its own of this day."""
    _, gateway = await open_house(start=EVENING - timedelta(hours=1))
    late = await quotes_of(gateway).quote("SPY")
    assert late.quote.close is not None
    said = f"on a close of {late.quote.close.amount:.2f}, which may be the newest session's"
    assert said in quote_words(late)
    _, gateway = await open_house()
    assert "on the previous close" in quote_words(await quotes_of(gateway).quote("SPY"))


async def test_a_halt_is_said(open_house: Open) -> None:
    """Whatever the figures look like."""
    server, gateway = await open_house()
    server.hall.trouble.cause("F-70", symbol="AAPL")
    assert "trading is halted" in (await quotes_of(gateway).quote("AAPL")).warnings


@pytest.mark.parametrize(
    ("lacking", "name", "kinds"),
    [
        ({"by_kind": {"OPT": Granted.NONE}}, "OPRA (US Options Exchanges)", {"OPT"}),
        ({"by_kind": {"FUT": Granted.NONE}}, "CME Real-Time", {"FUT"}),
        ({"by_exchange": {"ARCA": Granted.DELAYED}}, "(Network B)", {"STK"}),
    ],
)
async def test_exactly_the_subscription_that_is_missing_is_named(
    open_house: Open, lacking: dict[str, dict[str, Granted]], name: str, kinds: set[str]
) -> None:
    """Of one kind the data is away or delayed, of the others it is live."""
    server, gateway = await open_house()
    server.hall.shared.entitlements = Entitlements(**lacking)
    report = await feeds_of(gateway).check(["SPY", "SPX", "ES front"])
    lacks = [each for each in report.readings if each.subscription]
    assert kinds <= {each.kind for each in lacks}
    assert any(name in each.subscription for each in lacks)
    assert all("TWS" in each.notice for each in lacks)
    live = {each.kind for each in report.readings if each.feed is Feed.LIVE and not each.subscription}
    assert live
    assert kinds & live == set()
