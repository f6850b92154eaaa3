"""The service: everything that a process opens, opened once, from the settings.

Flows get it as their first argument. It holds the database, the mail accounts, the broker's door
and the clock; after a fork every process makes its own (one engine, one event loop in one thread,
SMTP connections kept on that loop).
"""

import contextlib
import getpass
import logging
import secrets
import socket
import threading
import tomllib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from undersigned import pulse, resources
from undersigned.accounts import Account
from undersigned.domain import council
from undersigned.domain.council import Council
from undersigned.domain.house_style import Countries
from undersigned.errors import PermanentFailure, Refused
from undersigned.hosts import imap_account, smtp_account
from undersigned.loop import Loop
from undersigned.settings import Settings, load, with_added
from undersigned.store import accounts, notes, schema, troubles
from undersigned.store.session import Store
from undersigned.transport.accounts import GiveToken, SmtpAccount
from undersigned.transport.high_water import HighWater

if TYPE_CHECKING:  # each is imported where it is first needed: a look at the status needs none
    from undersigned.tokens import Tokens
    from undersigned.transport.imap import Mailbox
    from undersigned.transport.smtp import SmtpPool
    from undersigned.writing.bulk import Bulk
    from undersigned.writing.dkim_signing import SigningKey
    from undersigned.writing.render import Templates

log = logging.getLogger(__name__)

#: The broker's queue that wake-ups go through.
QUEUE = "undersigned"

Result = TypeVar("Result")

#: Wakes a task by name with ids. A wake-up that is lost costs one tick.
Announce = Callable[..., None]
#: Gives the present instant, aware UTC.
Clock = Callable[[], datetime]
#: Gives the DKIM key records that are found for their DNS names.
FindKeys = Callable[[tuple[str, ...]], Mapping[str, bytes]]
#: Gives the DNS records of a kind at a name.
LookUp = Callable[[str, str], tuple[str, ...]]


def configured(environment: Mapping[str, str]) -> Settings:
    """Give the settings of this installation, as the environment changes them."""
    shipped, providers = map(resources.config_text, ("undersigned.toml", "providers.toml"))
    return load(shipped, providers, environment)


def utc_now() -> datetime:
    """Give the machine's time, aware UTC."""
    return datetime.now(UTC)


def quiet(_task: str, *_ids: int) -> None:
    """Wake nobody: the next tick finds the work."""


def _key_records(names: tuple[str, ...]) -> Mapping[str, bytes]:
    from undersigned.transport import dns  # noqa: PLC0415 - see above

    return dns.key_records(names)


def _look_up(name: str, kind: str) -> tuple[str, ...]:
    from undersigned.transport import dns  # noqa: PLC0415 - see above

    return dns.look_up(name, kind)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What this process saw when it last looked at an account's witness."""

    #: By the monotonic clock: when it looked, and whether it may send.
    at: float
    is_clear: bool
    #: When it last was clear, or None.
    clear_at: float | None
    #: The database's epoch, and the newest attempt in it.
    epoch: int
    attempt: int


@dataclass(kw_only=True)
class Service:
    """What a process has opened. Use `open_service`; call `close` at the end."""

    settings: Settings
    store: Store
    clock: Clock = utc_now
    announce: Announce = quiet
    find_keys: FindKeys = _key_records
    look_up: LookUp = _look_up
    #: Names this process in claims, leases and the journal.
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{secrets.token_hex(4)}")
    #: Set when the process was asked to stop: no new row is taken.
    stopping: threading.Event = field(default_factory=threading.Event)
    #: What the processes of this deployment tell each other; see `flows.witness`.
    high_water: HighWater = field(default_factory=HighWater)
    #: By account; see `flows.witness`.
    sights: dict[str, Sight] = field(default_factory=dict)
    #: What was made of a campaign's decisions, with the state that it was made of, by campaign and
    #: thing; see `flows.listed`.
    kept: dict[tuple[str, str], tuple[object, object]] = field(default_factory=dict)
    _wakers: list[Callable[[], None]] = field(default_factory=list)
    _pools: "dict[str, SmtpPool]" = field(default_factory=dict)
    _recognisers: dict[tuple[tuple[str, str], ...], Countries] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _loop: Loop = field(default_factory=Loop)
    #: By what the settings say of each.
    _signing_keys: "dict[str, SigningKey]" = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The present instant, aware UTC."""
        return self.clock()

    @property
    def coordinator(self) -> str:
        """Who acts when a person does, as the journal names them."""
        return self.settings.coordinator or getpass.getuser()

    def live(self, role: str) -> None:
        """Leave a sign of life of this process, for `undersigned health`."""
        if self.settings.pulse is not None:
            pulse.leave(self.settings.pulse, role)

    # What ships, read once.

    @cached_property
    def templates(self) -> "Templates":
        """The email templates, the operator's folder first."""
        from undersigned.writing.render import Templates  # noqa: PLC0415 - see above

        own = [self.settings.templates] if self.settings.templates else []
        return Templates([*own, resources.root() / "templates"])

    @cached_property
    def bulk(self) -> "Bulk":
        """What composes the mail of many parties by the same templates."""
        from undersigned.writing.bulk import Bulk  # noqa: PLC0415 - see above

        return Bulk(self.templates)

    def countries(self, style: Mapping[str, str]) -> Countries:
        """Give the recogniser of countries, with a campaign's own names for some of them."""
        key = tuple(sorted(style.items()))
        if key not in self._recognisers:  # all replies to a campaign are read with one
            self._recognisers[key] = Countries.from_table(self._country_table, style)
        return self._recognisers[key]

    @cached_property
    def _country_table(self) -> dict[str, Any]:
        return tomllib.loads(resources.config_text("countries.toml"))

    @cached_property
    def public_providers(self) -> frozenset[str]:
        """The domains of public mail providers: two addresses there are strangers."""
        table = tomllib.loads(resources.config_text("public_mail_providers.toml"))
        return frozenset(table["domains"])

    @cached_property
    def council(self) -> Council:
        """The Security Council's members, by dated terms."""
        return council.parse(tomllib.loads(resources.config_text("security_council.toml")))

    # The mail accounts.

    def account(self, name: str) -> Account:
        """Give a mail account's settings; raises `Refused` where there is none of that name."""
        account = self.settings.accounts.get(name)
        if account is None:
            known = ", ".join(sorted(self.settings.accounts))
            raise Refused(f"There is no mail account {name!r} in the settings; there is: {known}.")
        return account

    def smtp(self, name: str) -> "SmtpPool":
        """Give the account's SMTP connections, which live on this process's event loop."""
        from undersigned.transport.smtp import SmtpPool  # noqa: PLC0415 - see above

        account = self.account(name)
        with self._lock:
            if name not in self._pools:
                self._pools[name] = SmtpPool(
                    self.smtp_account(name), connections=account.smtp_connections
                )
            return self._pools[name]

    def smtp_account(self, name: str) -> SmtpAccount:
        """Give the transport's value for sending by an account, with what opens it."""
        account = self.account(name)
        return smtp_account(account, self._token(account, account.smtp_password))

    def rest(self, name: str) -> None:
        """Hang up the account's connections that nobody uses: another process may open its own."""
        pool = self._pools.get(name)
        if pool is not None:
            self.submit(pool.rest()).result()

    def mailbox(self, name: str) -> "Mailbox":
        """Open the account's mailbox: one connection, for the caller alone; use it with `with`."""
        from undersigned.transport.imap import open_mailbox  # noqa: PLC0415 - see above

        account = self.account(name)
        return open_mailbox(imap_account(account, self._token(account, account.imap_password)))

    def signing_keys(self, name: str) -> "tuple[SigningKey, ...]":
        """Give the keys that the account's mail is signed with; none where its provider does.

        Raises PermanentFailure for a file that is not there or holds no key.
        """
        named = self.account(name).dkim_keys
        for one in named:
            if one not in self._signing_keys:
                self._signing_keys[one] = _signing_key(one)
        return tuple(self._signing_keys[one] for one in named)

    @cached_property
    def tokens(self) -> "Tokens":
        """What opens the accounts that sign in without a password."""
        from undersigned.store.seals import Seal  # noqa: PLC0415 - see above
        from undersigned.tokens import Tokens  # noqa: PLC0415 - see above

        settings = self.settings
        return Tokens(
            self.store, Seal(settings.secret_keys), settings.sign_ins, clock=lambda: self.now
        )

    def _token(self, account: Account, password: str) -> GiveToken | None:
        """Give what gives the account's token, where no password (an app's, say) opens it."""
        if password or not account.signs_in:
            return None
        return partial(self.tokens.access, account)

    # Stopping.

    def stop(self) -> None:
        """Take no new row, and end every wait; what is in hand is finished. Safe in a signal."""
        self.stopping.set()
        for wake in tuple(self._wakers):
            wake()

    @contextmanager
    def woken_by(self, wake: Callable[[], None]) -> Iterator[None]:
        """Let `stop` call `wake` while the block waits for something."""
        self._wakers.append(wake)
        try:
            yield
        finally:
            self._wakers.remove(wake)

    # The event loop.

    def submit(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Run a coroutine on this process's event loop; the caller waits for the future."""
        return self._loop.submit(work)

    def soon(self, function: Callable[..., None], *args: object) -> None:
        """Call a function on this process's event loop; nobody waits for it."""
        self._loop.soon(function, *args)

    def close(self) -> None:
        """Close connections and the database; the loop stops."""
        for pool in self._pools.values():
            with contextlib.suppress(TimeoutError):  # QUIT is a courtesy, not a duty
                self.submit(pool.close()).result(timeout=10)  # seconds; as above
        self._loop.close()
        self.store.close()


def open_service(settings: Settings, *, announce: Announce | None = None) -> Service:
    """Open what the settings name; brings the database up to date first."""
    store = Store(settings.database_url)
    schema.upgrade(store)
    notes.install(store, now=utc_now())
    if added := _added(store, settings):
        settings = with_added(settings, added)
    return Service(
        settings=settings,
        store=store,
        announce=announce or broker(settings.broker_url),
        high_water=HighWater(settings.broker_url),
    )


def _added(store: Store, settings: Settings) -> dict[str, dict[str, Any]]:
    """Give the accounts that were added by command.

    One whose secrets no key opens has no servers: its mail waits, and `undersigned status` says so.
    """
    with store.reading() as session:
        if not accounts.added(session):
            return {}
    from undersigned.store.seals import Seal  # noqa: PLC0415 - see above

    seal = Seal(settings.secret_keys)
    with store.writing() as session:
        found = {}
        for row in accounts.added(session):
            try:
                found[row.name] = accounts.opened(row, seal)
            except PermanentFailure as exc:
                found[row.name] = {"smtp_host": "", "imap_host": ""}
                sentence = f"The account {row.name} cannot be opened, so its mail waits. {exc}"
                troubles.tell(session, f"sealed:{row.name}", sentence, now=utc_now())
            else:
                troubles.mend(session, f"sealed:{row.name}")
    return found


def broker(url: str) -> Announce:
    """Give the door to Celery's broker: it sends tasks by name and shrugs when nobody hears.

    memory:// reaches workers of this process alone; from any other, the tick finds the work.
    """

    @cache
    def door() -> Any:
        from celery import Celery  # noqa: PLC0415 - commands that announce nothing start faster

        app = Celery(broker=url, set_as_current=False)
        # A wake-up is not worth a longer wait than this many seconds.
        app.conf.broker_transport_options = {"socket_connect_timeout": 5, "socket_timeout": 5}
        return app

    def announce(task: str, *ids: int) -> None:
        from kombu.exceptions import KombuError  # noqa: PLC0415 - as above

        try:
            door().send_task(task, args=ids, queue=QUEUE, ignore_result=True, retry=False)
        except (OSError, KombuError) as exc:
            log.warning("a wake-up was lost, the next tick finds the work", extra={"why": str(exc)})

    return quiet if url.startswith("memory:") else announce


def _signing_key(told: str) -> "SigningKey":
    """Give the key that "selector file" names."""
    selector, _, file = told.partition(" ")
    try:
        pem = Path(file.strip()).read_bytes()
    except OSError as exc:
        why = exc.strerror
        raise PermanentFailure(f"The DKIM key file {file.strip()} cannot be read: {why}.") from exc
    from undersigned.writing import dkim_signing  # noqa: PLC0415 - see above

    return dkim_signing.signing_key(selector, pem)
