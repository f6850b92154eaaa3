"""Tokens: an account that signs in without a password, against servers that know none."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.campaigns import NAME, REPLY, Desk
from tests.conftest import StillClock
from tests.servers import authority, certificates, dovecot
from tests.servers.authority import CLIENT, SECRET, Authority
from tests.servers.dovecot import Dovecot
from tests.servers.signed_in import SignedInOffice
from tests.transport.scripted_imap import ScriptedImap
from undersigned.errors import PermanentFailure, TemporaryFailure
from undersigned.flows import invite, receive, status
from undersigned.service import Service
from undersigned.store import seals, troubles
from undersigned.store.account_tables import TokenRow
from undersigned.tokens import registration
from undersigned.transport import oauth

KEY = seals.new_key()


@pytest.fixture
def server() -> Iterator[Authority]:
    """Give a running authorization server that knows the campaign's mailbox."""
    with authority.running(REPLY) as running:
        yield running


@pytest.fixture
def office(server: Authority, clock: StillClock) -> Iterator[SignedInOffice]:
    """Give a post office that takes tokens alone."""
    with SignedInOffice(server, clock=clock, mailbox=REPLY) as opened:
        yield opened


def signed_in(service: Service, server: Authority, **changes: object) -> Service:
    """Give the service with an account that signs in with a token, and its first token."""
    account = replace(
        service.settings.accounts["default"],
        **{
            "address": REPLY,
            "smtp_password": "",
            "signs_in": "test",
            "client_id": CLIENT,
            **changes,
        },
    )
    service.settings = replace(
        service.settings,
        accounts={"default": account},
        sign_ins={"test": server.signs_in()},
        secret_keys=(KEY,),
    )
    return service


def agreed(service: Service, server: Authority) -> None:
    """Let a person agree, and keep what that gives."""
    with server.lock:
        given = server._token(refreshes=True)  # noqa: SLF001 - the page is tested elsewhere
    token = oauth.Token(
        access=given["access_token"],
        refresh=given["refresh_token"],
        life=timedelta(seconds=given["expires_in"]),
    )
    service.tokens.keep("default", token)


def opened(desk: Desk) -> None:
    """Put the invitations into the outbox, due now."""
    desk.apply()
    invite.open_campaign(desk.service, NAME, by="Alice")
    desk.clock.go(days=1, hours=2)
    invite.invite(desk.service, NAME, by="Alice")


def told(service: Service) -> list[str]:
    """Give what is wrong."""
    with service.store.reading() as session:
        return [row.sentence for row in troubles.now_for(session, 0)]


def test_it_sends_with_a_token_and_no_password(
    desk: Desk, server: Authority, office: SignedInOffice
) -> None:
    """Google and Microsoft take no password any more; mail flows all the same."""
    signed_in(desk.service, server)
    opened(desk)
    agreed(desk.service, server)

    assert desk.deliver() == 3
    assert len(office.everything()) == 3
    assert office.let_in >= 1
    assert (office.refused, server.asked) == (0, [])


def test_it_renews_a_token_before_it_dies(
    desk: Desk, server: Authority, office: SignedInOffice
) -> None:
    """A token lives for an hour, a campaign for weeks; no server ever sees a dead one."""
    signed_in(desk.service, server)
    agreed(desk.service, server)
    opened(desk)  # a day later

    assert desk.deliver() == 3
    assert [one["grant_type"] for one in server.asked] == ["refresh_token"]
    assert office.refused == 0


@pytest.mark.parametrize("by", ["death", "slow clock"])
def test_it_goes_on_with_a_new_token_where_the_server_refuses_one(
    desk: Desk, server: Authority, office: SignedInOffice, by: str
) -> None:
    """Our clock says it lives, the server that it is dead: one renewal, and all mail leaves."""
    signed_in(desk.service, server)
    opened(desk)
    agreed(desk.service, server)
    if by == "death":
        server.kill_access_tokens()
    else:  # an hour passes by the server's clock, none by ours
        server.age(hours=1)

    assert desk.deliver() == 3
    assert len(office.everything()) == 3
    assert office.refused >= 1
    assert len(server.asked) == 1


def test_it_counts_a_tokens_life_by_our_own_clock(
    service: Service, server: Authority, clock: StillClock
) -> None:
    """A machine whose clock is years off still knows when an hour has passed."""
    clock.go(days=-3000)
    signed_in(service, server)
    agreed(service, server)
    account = service.account("default")

    first = service.tokens.access(account)
    clock.go(minutes=54)
    same = service.tokens.access(account)
    clock.go(minutes=2)
    renewed = service.tokens.access(account)

    assert first == same != renewed


def test_it_says_that_the_permission_was_taken_back(
    desk: Desk, server: Authority, office: SignedInOffice
) -> None:
    """Ten days of silence is how others learnt of it; here the status says it at once."""
    signed_in(desk.service, server)
    opened(desk)
    agreed(desk.service, server)
    server.revoke()

    desk.deliver()

    assert office.everything() == ()
    assert any("undersigned account add" in one and "token" in one for one in told(desk.service))


def test_it_goes_on_once_the_permission_is_given_again(
    desk: Desk, server: Authority, office: SignedInOffice
) -> None:
    """What waited leaves by itself, and the status is clean again."""
    signed_in(desk.service, server)
    opened(desk)
    agreed(desk.service, server)
    server.revoke()
    desk.deliver()

    agreed(desk.service, server)
    desk.clock.go(minutes=2)
    desk.deliver()

    assert len(office.everything()) == 3
    assert told(desk.service) == []


def test_it_uses_what_still_lives_while_the_authorization_server_is_away(
    desk: Desk, server: Authority, office: SignedInOffice
) -> None:
    """A renewal is tried ahead of time, so that a provider's bad minute delays nothing."""
    signed_in(desk.service, server)
    opened(desk)
    agreed(desk.service, server)
    desk.clock.go(minutes=57)
    server.broken = 503

    assert desk.deliver() == 3
    assert len(office.everything()) == 3
    assert any("Try again later" in one for one in told(desk.service))


def test_it_does_not_mend_a_wrong_scope_by_asking_again(
    desk: Desk, server: Authority, office: SignedInOffice
) -> None:
    """A permission without mail opens nothing; one new token is tried, not a hundred."""
    server.scope = "calendar"
    signed_in(desk.service, server)
    opened(desk)
    agreed(desk.service, server)

    desk.deliver()

    assert office.everything() == ()
    assert len(server.asked) <= office.refused
    assert any("undersigned account test default" in one for one in told(desk.service))


def test_it_lets_one_process_at_a_time_renew(
    open_one: Callable[[], Service], server: Authority, clock: StillClock
) -> None:
    """Where each refresh token serves once, two at a time would lose the permission."""
    services = [signed_in(open_one(), server) for _ in range(4)]
    agreed(services[0], server)
    clock.go(hours=2)
    got: list[str] = []

    def ask(service: Service) -> None:
        got.append(service.tokens.access(service.account("default")))

    threads = [threading.Thread(target=ask, args=(one,)) for one in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(got)) == 1
    assert len(got) == 4
    assert len(server.asked) == 1


def test_it_waits_for_who_renews_and_gives_up_after_a_while(
    service: Service, server: Authority, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was killed in a renewal holds up the others for no longer than its lease."""
    signed_in(service, server)
    agreed(service, server)
    clock.go(hours=2)
    tokens = service.tokens
    account = service.account("default")
    monkeypatch.setattr("undersigned.tokens.PATIENCE", timedelta(0))
    assert tokens._takes(account, "killed")  # noqa: SLF001 - a process that dies here

    with pytest.raises(TemporaryFailure, match="Another process"):
        tokens.access(account)
    clock.go(minutes=2)

    assert server.lets_in(REPLY, tokens.access(account))


def test_it_signs_in_by_itself_as_an_application(
    service: Service, server: Authority, clock: StillClock
) -> None:
    """Where no person's permission is wanted (Microsoft), the application's secret renews it."""
    signed_in(service, server, client_secret=SECRET)
    asked = oauth.for_application(
        replace(_registration(service), client_secret=SECRET, application_scopes=("mail",))
    )
    service.tokens.keep("default", asked)
    clock.go(hours=2)

    token = service.tokens.access(service.account("default"))

    assert server.lets_in(REPLY, token)
    assert [one["grant_type"] for one in server.asked] == ["client_credentials"] * 2


def _registration(service: Service) -> oauth.Registration:
    return registration(service.account("default"), service.settings.sign_ins)


def test_it_keeps_tokens_sealed(service: Service, server: Authority) -> None:
    """Whoever gets hold of a backup gets no mailbox with it."""
    signed_in(service, server)
    agreed(service, server)

    with service.store.reading() as session:
        rows = session.scalars(select(TokenRow)).all()
        stored = b"".join(row.access + (row.refresh or b"") for row in rows)
    assert stored
    for secret in (*server.live, *server.refreshes):
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ((), "account key"),
        ((seals.new_key(),), "sealed with another"),
        (("nonsense",), "no key"),
    ],
)
def test_it_says_that_the_key_is_missing(
    open_one: Callable[[], Service], server: Authority, keys: tuple[str, ...], words: str
) -> None:
    """A worker that was started without the key says which setting is missing."""
    agreed(signed_in(open_one(), server), server)
    other = signed_in(open_one(), server)
    other.settings = replace(other.settings, secret_keys=keys)

    with pytest.raises(PermanentFailure, match=words):
        other.tokens.access(other.account("default"))


def test_it_opens_with_an_old_key_what_a_new_one_does_not(
    open_one: Callable[[], Service], server: Authority
) -> None:
    """A key is changed by putting the new one in front."""
    agreed(signed_in(open_one(), server), server)
    other = signed_in(open_one(), server)
    other.settings = replace(other.settings, secret_keys=(seals.new_key(), KEY))

    assert server.lets_in(REPLY, other.tokens.access(other.account("default")))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"signs_in": "gogle"}, "there is: test"),
        ({"client_id": ""}, "client_id"),
        ({}, "no token yet"),
    ],
)
def test_it_says_what_an_account_lacks(
    service: Service, server: Authority, clock: StillClock, changes: dict[str, object], words: str
) -> None:
    """An account that is half set up names the missing half."""
    signed_in(service, server, **changes)
    if changes:
        agreed(service, server)
        clock.go(hours=2)

    with pytest.raises(PermanentFailure, match=words):
        service.tokens.access(service.account("default"))


@pytest.mark.parametrize(("days", "is_told"), [(74, False), (75, True)])
def test_it_tells_of_a_permission_that_nobody_uses(
    desk: Desk, server: Authority, days: int, *, is_told: bool
) -> None:
    """Microsoft's dies after 90 days without use; a person hears of it two weeks before."""
    signed_in(desk.service, server)
    desk.apply()
    agreed(desk.service, server)
    desk.clock.go(days=days)

    found = status.status(desk.service, NAME).troubles

    assert any("runs out" in one and "account test default" in one for one in found) is is_told


# The mailbox, behind a real Dovecot that asks the authorization server.


@contextmanager
def _mailbox(folder: Path, server: Authority) -> Iterator[Dovecot]:
    issued = certificates.issue(folder / "certificates")
    with dovecot.running(folder, issued, authority=server) as running:
        yield running


@pytest.fixture
def imap(tmp_path_factory: pytest.TempPathFactory, server: Authority) -> Iterator[Dovecot]:
    """Give a Dovecot that takes tokens."""
    with _mailbox(tmp_path_factory.mktemp("imap"), server) as running:
        yield running


def reading(service: Service, server: Authority, imap: Dovecot, port: int = 0) -> Service:
    """Give the service with its mailbox at that Dovecot."""
    return signed_in(
        service,
        server,
        imap_host="127.0.0.1",
        imap_port=port or imap.imap_port,
        imap_security="tls",
        imap_username="",
        imap_password="",
        ca_file=str(imap.certificates.authority),
    )


@pytest.mark.wire
def test_it_reads_a_mailbox_with_a_token(
    service: Service, server: Authority, imap: Dovecot
) -> None:
    """Dovecot asks the authorization server what the token is worth, and lets us in."""
    reading(service, server, imap)
    agreed(service, server)

    with service.mailbox("default") as mailbox:
        assert "INBOX" in {one.name for one in mailbox.folders()}
    assert server.asked == []


@pytest.mark.wire
def test_it_reads_on_with_a_new_token_where_one_died_early(
    service: Service, server: Authority, imap: Dovecot
) -> None:
    """A mailbox is not lost for an hour because a token died in a minute."""
    reading(service, server, imap)
    agreed(service, server)
    server.kill_access_tokens()

    receive.fetch(service, "default")

    assert told(service) == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("at", ["FETCH", "SEARCH", "EXAMINE", "LIST"])
@pytest.mark.parametrize(
    "said", ["Session invalidated - AccessTokenExpired", "Session expired, please login again."]
)
def test_it_reads_on_where_a_token_dies_in_mid_session(
    service: Service, server: Authority, at: str, said: str
) -> None:
    """The server says BYE in the middle of a poll; the poll goes on at once, with a new token.

    T67: imapsync/imapsync#250, a BYE when the token ends.
    """
    script: dict[str, str | list[str]] = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK",
        "AUTHENTICATE": "+",
        "LIST": '* LIST () "/" INBOX\r\n{tag} OK',
        "EXAMINE": "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 12] x\r\n{tag} OK",
        "SEARCH": "* SEARCH 11\r\n{tag} OK",
        "FETCH": '* 1 FETCH (UID 11 INTERNALDATE "26-May-2026 14:00:00 +0000" RFC822.SIZE 9 '
        "BODY[] {9}\r\nA: b\r\n\r\nc)\r\n{tag} OK",
    }
    script[at] = [f"* BYE {said}\r\n", str(script[at])]
    with ScriptedImap(script) as mailbox:
        signed_in(service, server, imap_host="127.0.0.1", imap_port=mailbox.port, imap_password="")
        agreed(service, server)

        assert receive.fetch(service, "default") == 1

    assert mailbox.heard.count("AUTHENTICATE") == 2
    assert told(service) == []


@pytest.mark.wire
@pytest.mark.parametrize("what", ["wrong scope", "revoked", "another's mailbox"])
def test_it_says_that_the_mailbox_stays_shut(
    service: Service, server: Authority, imap: Dovecot, what: str
) -> None:
    """Each way in which a permission is of no use ends in a sentence that says what to do."""
    reading(service, server, imap)
    if what == "wrong scope":
        server.scope = "calendar"
    if what == "another's mailbox":
        server.user = "other@letters.example"
    agreed(service, server)
    if what == "revoked":
        server.revoke()

    receive.fetch(service, "default")

    words = "undersigned account add" if what == "revoked" else "new token was refused too"
    assert any(words in one for one in told(service))
    assert len(server.asked) == 1
