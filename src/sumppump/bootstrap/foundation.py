"""What everything stands on: the connection, the books that are kept, and who may write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from sumppump import __version__
from sumppump.bootstrap.seats import line_share, take_seat
from sumppump.bootstrap.settings import ApprovalMode, Settings, TradingMode
from sumppump.domain import events as ev
from sumppump.domain.orders import Environment
from sumppump.exchange.listing.symbols import SHARES
from sumppump.execution.engine import Engine
from sumppump.execution.ledger import Ledger
from sumppump.execution.settings import ExecutionSettings
from sumppump.kernel.clock import Clock
from sumppump.risk.limits import Limits
from sumppump.risk.modes import ModeFacts, WriteGate, write_gate
from sumppump.store.audit import FileAudit
from sumppump.store.journal import SqliteJournal
from sumppump.store.kill_flag import FileKillFlag
from sumppump.store.lock import WriterLock
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import Endpoint, TwsSettings

ENVIRONMENTS = {
    TradingMode.SIM: Environment.SIM,
    TradingMode.PAPER: Environment.PAPER,
    TradingMode.LIVE: Environment.LIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """The parts that are there before any service.

    Attributes:
        seat: the reader's lock that keeps its client id, None in the writer.
        windows: how long execution waits for what.
        gate: whether this process may write now, and why not.
    """

    settings: Settings
    seat: WriterLock | None
    gateway: TwsGateway
    journal: SqliteJournal
    audit: FileAudit
    ledger: Ledger
    limits: Limits
    windows: ExecutionSettings
    gate: Callable[[], WriteGate]
    engine: Engine

    @property
    def environment(self) -> Environment:
        """Where this process sends."""
        return ENVIRONMENTS[self.settings.trading_mode]

    @property
    def clock(self) -> Clock:
        """The broker's time and our monotonic one."""
        return self.gateway.clock


def laid(settings: Settings, *, read_only: bool, endpoint: Endpoint | None) -> Foundation:
    """Open the books and take a seat among the processes of this home; see `building.build`."""
    journal = SqliteJournal(settings.home)
    seat = None if not read_only and journal.become_writer() else take_seat(settings.home)
    gateway = _gateway(settings, seat, endpoint, read_only=read_only)
    limits, windows = limits_of(settings), windows_of(settings)
    audit, ledger = _books(settings, journal, gateway.clock, limits)
    gate = _gate(settings, gateway, read_only)
    engine = Engine(
        broker=gateway.broker,
        accounts=gateway.accounts,
        ledger=ledger,
        flag=FileKillFlag(settings.home),
        settings=windows,
        writes_off=lambda: gate().reason,
        may_write=not read_only,
    )
    # Orders belong to the client id that placed them: whoever writes is that client.
    engine.on_takeover.append(lambda: gateway.use_client_id(settings.tws_client_id))
    return Foundation(
        settings=settings,
        seat=seat,
        gateway=gateway,
        journal=journal,
        audit=audit,
        ledger=ledger,
        limits=limits,
        windows=windows,
        gate=gate,
        engine=engine,
    )


def _gateway(
    settings: Settings, seat: WriterLock | None, endpoint: Endpoint | None, *, read_only: bool
) -> TwsGateway:
    share = line_share(settings.home, settings.market_data_lines, is_reader=seat is not None)
    return TwsGateway(_tws_settings(settings, read_only, seat), endpoint=endpoint, line_share=share)


def _books(
    settings: Settings, journal: SqliteJournal, clock: Clock, limits: Limits
) -> tuple[FileAudit, Ledger]:
    """The audit and the ledger, which notes how far the audit has come."""
    audit = FileAudit(settings.home, boot_id=journal.boot_id)
    ledger = Ledger(journal, audit, clock, version=__version__)
    audit.on_checkpoint = lambda log, count, head: ledger.note(ev.Anchored(log=log, count=count, head=head))
    audit.record("start", {"version": __version__, "limits": limits.digest(), "mode": settings.trading_mode})
    return audit, ledger


def limits_of(settings: Settings) -> Limits:
    """The limits as a person has set them; what has no setting keeps its default.

    Raises:
        InvalidRequest: they contradict each other.
    """
    set_by_person = {each.name for each in fields(Limits)} & set(type(settings).model_fields)
    return Limits(**{name: getattr(settings, name) for name in set_by_person})


def windows_of(settings: Settings) -> ExecutionSettings:
    """How long execution waits for what, as a person has set it."""
    return ExecutionSettings(
        ticket_life_s=settings.confirmation_timeout,
        typed_amount_above=settings.typed_amount_above,
        silent_s=settings.unknown_after,
    )


def _tws_settings(settings: Settings, read_only: bool, seat: WriterLock | None) -> TwsSettings:
    number = 0 if seat is None else int(seat.holder())
    return TwsSettings(
        host=settings.tws_host,
        port=settings.port,
        client_id=settings.tws_client_id + number,
        account=settings.tws_account or "",
        read_only=read_only,
        reads_along=seat is not None,
        line_limit=settings.market_data_lines,
        # The embedded exchange is on this machine: a second is a long time there.
        backoff_min_s=0.25 if settings.own_exchange else 1.0,
        symbols=SHARES if settings.own_exchange else (),
    )


def _gate(settings: Settings, gateway: TwsGateway, read_only: bool) -> Callable[[], WriteGate]:
    environment = ENVIRONMENTS[settings.trading_mode]

    def gate() -> WriteGate:
        if settings.sumppump_approval is ApprovalMode.AUTO and environment is not Environment.SIM:
            return WriteGate(
                allowed=False,
                code="auto_needs_simulator",
                reason="SUMPPUMP_APPROVAL=auto works with a simulator account only, so nothing is sent",
                next_step="Set SUMPPUMP_APPROVAL=page.",
            )
        link = gateway.broker.link()
        return write_gate(
            ModeFacts(
                environment=environment,
                port=link.port,
                account=link.account,
                expected_account=settings.tws_account or "",
                orders_enabled=settings.orders_enabled,
                acknowledged=settings.acknowledgement.is_file(),
                read_only=read_only,
                is_lost=link.was_connected and not link.connected,
            )
        )

    return gate
