"""Mail out: what is told of each end that a conversation with a server can have."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP

from tests.transport.misbehaving import DROP, DROP_INSIDE, HANG, HANG_INSIDE, Misbehaving
from undersigned.domain.delivery import Answer, Outcome, Phase, outcome
from undersigned.errors import PermanentFailure
from undersigned.transport import smtp
from undersigned.transport.accounts import Security, SmtpAccount
from undersigned.transport.smtp import DsnRequest, Envelope, SmtpConnection, SmtpPool

LETTER = Envelope(
    sender="hana@letters.example",
    recipient="mission@un.example",
    message=b"Subject: x\r\n\r\nHi\r\n",
)
#: What CRAM-MD5 (RFC 2195) makes of the password and the challenge below, in upper case.
CRAM_ANSWER = "AGFUYSAZYTZIMGU3MDQWNMZLYMFHNMQ4YJK0NJGYMWY4NTKXYQ=="
#: Where a server of the test hangs, nobody waits long; elsewhere nothing hangs.
QUICK = timedelta(milliseconds=300)
PATIENT = timedelta(seconds=30)


def account(port: int, **changes: Any) -> SmtpAccount:
    """Give an account at a server of the test."""
    plain = SmtpAccount(
        host="127.0.0.1",
        port=port,
        security=Security.PLAIN,
        username="hana",
        password="secret",
        connect_timeout=PATIENT,
        command_timeout=PATIENT,
        data_timeout=PATIENT,
    )
    return replace(plain, **changes)


def hurried(port: int) -> SmtpAccount:
    """Give an account that waits for nobody."""
    return account(port, connect_timeout=QUICK, command_timeout=QUICK, data_timeout=QUICK)


async def attempt(script: dict[str, list[str]], envelope: Envelope = LETTER) -> Answer:
    """Send one message to a server with a script."""
    hangs = any(HANG in said for said in script.values())
    async with Misbehaving(script=script).serve() as server:
        reached = hurried(server.port) if hangs else account(server.port)
        async with SmtpConnection(reached) as connection:
            return await connection.send(envelope)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a test's coroutine."""
    return asyncio.run(work)


def test_it_tells_what_the_server_said_of_a_message_it_took() -> None:
    """The server's own words, queue number included, are kept as the proof of acceptance."""
    answer = run(attempt({}))

    assert answer == Answer(phase=Phase.BODY, code=250, enhanced="2.0.0", text="2.0.0 Queued as 42")
    assert outcome(answer) is Outcome.ACCEPTED


PHASES = [
    ("GREETING", Phase.CONNECT),
    ("EHLO", Phase.EHLO),
    ("AUTH", Phase.AUTH),
    ("MAIL", Phase.MAIL),
    ("RCPT", Phase.RCPT),
    ("DATA", Phase.DATA),
    ("BODY", Phase.BODY),
]


@pytest.mark.parametrize(("command", "phase"), PHASES)
@pytest.mark.parametrize("way", [DROP, HANG])
def test_it_tells_the_phase_in_which_a_connection_was_lost(
    command: str, phase: Phase, way: str
) -> None:
    """Only a loss inside DATA is uncertain; anything before it can safely be sent again."""
    answer = run(attempt({command: [way]}))

    assert (answer.phase, answer.code) == (phase, None)
    assert answer.text
    assert outcome(answer) is (Outcome.LOST if phase is Phase.BODY else Outcome.LATER)


@pytest.mark.parametrize(("command", "phase"), PHASES)
@pytest.mark.parametrize("said", ["451 4.3.0 Try later", "421 4.7.0 Too many", "550 5.7.1 Never"])
def test_it_tells_what_the_server_answered_in_each_phase(
    command: str, phase: Phase, said: str
) -> None:
    """The table of retries needs code, enhanced code and phase; a person needs the words."""
    answer = run(attempt({command: [said]}))

    code, enhanced = said.split()[:2]
    assert answer == Answer(
        phase=phase, code=int(code), enhanced=enhanced, text=said.partition(" ")[2]
    )


def test_it_counts_a_cut_in_mid_message_as_lost() -> None:
    """A server that went away inside the body may have the message all the same (RFC 1047)."""
    long = replace(LETTER, message=LETTER.message + b"a line of text\r\n" * 200_000)

    answer = run(attempt({"BODY": [DROP_INSIDE]}, long))

    assert (answer.phase, answer.code) == (Phase.BODY, None)


@pytest.mark.parametrize("said", ["nonsense", "354 Go on", "220 Ready", "251 Will forward"])
def test_it_takes_nothing_but_250_for_a_yes(said: str) -> None:
    """A strange answer after the final dot leaves the message uncertain, not accepted."""
    answer = run(attempt({"BODY": [said]}))

    assert outcome(answer) is Outcome.LOST


@pytest.mark.parametrize("said", ["250 No", "nonsense"])
def test_it_sends_no_message_without_an_invitation_to(said: str) -> None:
    """Bytes leave only after 354."""

    async def work() -> None:
        async with Misbehaving(script={"DATA": [said]}).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                answer = await connection.send(LETTER)

            assert answer.phase is Phase.DATA
            assert outcome(answer) is Outcome.LATER
            assert server.accepted == []

    run(work())


def test_it_keeps_words_that_are_no_unicode() -> None:
    """Servers answer in old charsets too, and the words must fit into a database."""
    answer = run(attempt({"RCPT": ["550 5.1.1 Bo\udceete inconnue"]}))

    assert answer.text == "5.1.1 Bo\ufffdte inconnue"


def test_it_goes_on_with_the_next_message_after_a_refused_recipient() -> None:
    """One refused address stops no batch, and costs no new connection."""

    async def work() -> None:
        async with Misbehaving(script={"RCPT": ["550 5.1.1 Unknown"]}).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                first = await connection.send(LETTER)
                second = await connection.send(LETTER)

            assert (first.code, second.code) == (550, 250)
            assert server.connections == 1
            assert "RSET" in server.heard

    run(work())


@pytest.mark.parametrize(
    "script",
    [
        {"BODY": [DROP]},
        {"MAIL": ["421 Bye"]},
        {"RCPT": ["550 No"], "RSET": [DROP]},
        {"DATA": [HANG]},
    ],
)
def test_it_connects_anew_after_a_break(script: dict[str, list[str]]) -> None:
    """A broken connection is never used again: its answers could belong to another message."""

    async def work() -> None:
        async with Misbehaving(script=script).serve() as server:
            reached = hurried(server.port) if "DATA" in script else account(server.port)
            async with SmtpConnection(reached) as connection:
                await connection.send(LETTER)
                again = await connection.send(LETTER)

            assert again.code == 250
            assert server.connections == 2

    run(work())


def test_it_asks_before_it_trusts_a_connection_that_was_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that hung up in the pause costs a new connection, not a failed attempt.

    T69: cole/aiosmtplib#243.
    """

    async def work() -> None:
        async with Misbehaving(script={"NOOP": [DROP]}).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(LETTER)
                monkeypatch.setattr(smtp, "ASK_AFTER", 0.0)
                again = await connection.send(LETTER)
                third = await connection.send(LETTER)

            assert (again.code, third.code) == (250, 250)
            assert server.connections == 2

    run(work())


@pytest.mark.parametrize(("limit", "value"), [("IDLE_LIMIT", 0.0), ("MESSAGES_LIMIT", 1)])
def test_it_connects_anew_before_the_server_tires(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    """Servers end connections that are idle for long or carried many messages."""
    monkeypatch.setattr(smtp, limit, value)

    async def work() -> None:
        async with Misbehaving().serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(LETTER)
                await connection.send(LETTER)

            assert server.connections == 2
            assert len(server.accepted) == 2

    run(work())


def test_it_makes_the_mark_immediately_before_mail_from() -> None:
    """The mark is committed when login and all stands, and before the server hears of the mail."""

    async def work() -> None:
        async with Misbehaving().serve() as server:
            heard: list[str] = []

            async def mark() -> None:
                heard.extend(server.heard)

            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(LETTER, before_mail=mark)

            assert [line.split()[0] for line in heard] == ["EHLO", "AUTH"]

    run(work())


def test_it_makes_no_mark_where_no_connection_stands() -> None:
    """What never began is not uncertain."""

    async def mark() -> None:
        raise AssertionError

    async def work() -> Answer:
        async with (
            Misbehaving(script={"AUTH": ["535 5.7.8 Wrong"]}).serve() as server,
            SmtpConnection(account(server.port)) as connection,
        ):
            return await connection.send(LETTER, before_mail=mark)

    assert run(work()).phase is Phase.AUTH


def test_it_sends_nothing_when_the_mark_fails() -> None:
    """A lost lease stops the letter, and the connection is still good for others."""

    async def mark() -> None:
        raise PermanentFailure("the lease is gone")

    async def work() -> None:
        async with Misbehaving().serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                with pytest.raises(PermanentFailure, match="the lease is gone"):
                    await connection.send(LETTER, before_mail=mark)
                assert not any(line.startswith("MAIL") for line in server.heard)
                assert (await connection.send(LETTER)).code == 250

            assert server.connections == 1

    run(work())


def test_it_hangs_up_when_it_is_cancelled_in_mid_conversation() -> None:
    """The next message must not get the answer of this one."""

    async def work() -> None:
        async with Misbehaving(script={"RCPT": [HANG]}).serve() as server:
            patient = account(server.port, command_timeout=timedelta(minutes=5))
            async with SmtpConnection(patient) as connection:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(connection.send(LETTER), 0.2)
                assert (await connection.send(LETTER)).code == 250

            assert server.connections == 2

    run(work())


def test_it_hangs_up_when_it_is_cancelled_while_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that comes late must not be taken for the next one's."""

    async def work() -> None:
        async with Misbehaving(script={"NOOP": [HANG]}).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(LETTER)
                monkeypatch.setattr(smtp, "ASK_AFTER", 0.0)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(connection.send(LETTER), 0.2)
                assert (await connection.send(LETTER)).code == 250

            assert server.connections == 2

    run(work())


@pytest.mark.parametrize("said", ["530 5.7.57 Client not authenticated", "535 5.7.3 Who?"])
def test_it_signs_in_again_where_it_was_signed_out(said: str) -> None:
    """A token that dies between two messages costs neither of them: it is no refusal."""

    async def work() -> None:
        async with Misbehaving(script={"MAIL": ["250 Ok", said]}).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                assert (await connection.send(LETTER)).code == 250
                answer = await connection.send(LETTER)

            assert (answer.phase, answer.code) == (Phase.BODY, 250)
            assert (server.connections, len(server.accepted)) == (2, 2)

    run(work())


def test_it_tells_of_the_account_where_it_is_signed_out_again() -> None:
    """Then the message waits for the account, as after any refused login."""

    async def work() -> None:
        refusals = ["530 5.7.0 Authentication required"] * 2
        async with Misbehaving(script={"MAIL": refusals}).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                answer = await connection.send(LETTER)

            assert (answer.phase, answer.code, server.accepted) == (Phase.AUTH, 530, [])

    run(work())


def test_it_tries_a_password_once() -> None:
    """Each refused try counts towards the server's lock-out, so the other methods stay untried."""

    async def work() -> None:
        async with Misbehaving(script={"AUTH": ["535 5.7.8 Wrong"]}).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                answer = await connection.check()

            assert (answer.phase, answer.code, answer.enhanced) == (Phase.AUTH, 535, "5.7.8")
            assert sum(line.startswith("AUTH") for line in server.heard) == 1

    run(work())


@pytest.mark.parametrize(
    ("offered", "said", "heard"),
    [
        ("AUTH PLAIN LOGIN", "235 In", "AUTH PLAIN AGhhbmEAc2VjcmV0"),
        ("AUTH LOGIN CRAM-MD5", "334 UGFzc3dvcmQ6", "AUTH LOGIN aGFuYQ=="),
        ("AUTH CRAM-MD5", "334 PDFAbXgudGVzdD4=", "AUTH CRAM-MD5"),
    ],
)
def test_it_logs_in_by_what_the_server_offers(offered: str, said: str, heard: str) -> None:
    """PLAIN where it can, the older methods where it must."""
    password = ["C2VJCMV0", CRAM_ANSWER]  # the second line of LOGIN, and of CRAM-MD5
    script = {
        "EHLO": [f"250-mx.test\r\n250 {offered}"],
        "AUTH": [said],
        **{line: ["235 In"] for line in password},
    }

    async def work() -> None:
        async with Misbehaving(script=script).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                answer = await connection.check()

            assert answer.code == 250
            assert server.heard[1] == heard

    run(work())


def test_it_says_so_where_no_login_is_possible() -> None:
    """A server that offers no method we know is named, with what it offers."""
    answer = run(attempt({"EHLO": ["250-mx.test\r\n250 AUTH GSSAPI"]}))

    assert (answer.phase, answer.code) == (Phase.AUTH, None)
    assert "gssapi" in answer.text


def test_it_tells_that_nobody_answers() -> None:
    """A server that is down is a delay, with the host and port in words."""

    async def work() -> Answer:
        async with SmtpConnection(account(1)) as connection:
            return await connection.send(LETTER)

    answer = run(work())

    assert (answer.phase, answer.code) == (Phase.CONNECT, None)
    assert "127.0.0.1" in answer.text


def test_it_asks_for_delivery_reports_where_the_server_gives_them() -> None:
    """DSN (RFC 3461) turns silence into knowledge, and is left out where it is not offered."""
    asking = replace(LETTER, dsn=DsnRequest(envelope_id="letter+1"))
    script = {"EHLO": ["250-mx.test\r\n250-DSN\r\n250 AUTH PLAIN"]}

    async def work() -> None:
        async with Misbehaving(script=script).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(asking)
            assert server.heard[2:4] == [
                "MAIL FROM:<hana@letters.example> RET=HDRS ENVID=letter+2B1",
                (
                    "RCPT TO:<mission@un.example> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;"
                    "mission@un.example"
                ),
            ]

            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(asking)
            assert "RCPT TO:<mission@un.example>" in server.heard

    run(work())


def test_it_keeps_dots_and_line_ends() -> None:
    """A line that begins with a dot arrives with it (RFC 5321 §4.5.2)."""

    async def work() -> None:
        dotted = replace(LETTER, message=b"Subject: x\n\n.\n..two\nend")
        async with Misbehaving().serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                await connection.send(dotted)

            assert server.accepted == [b"Subject: x\r\n\r\n..\r\n...two\r\nend\r\n.\r\n"]

    run(work())


@pytest.mark.parametrize(
    ("envelope", "offered", "code", "word"),
    [
        (replace(LETTER, recipient="no address"), "SIZE", 553, "not a mail address"),
        (replace(LETTER, recipient="a@x.example>\r\nRSET"), "SIZE", 553, "not a mail address"),
        (replace(LETTER, recipient="José@un.example"), "SIZE", 553, "RFC 6531"),
        (replace(LETTER, message="Subject: é\r\n\r\n".encode()), "SIZE", 553, "RFC 6531"),
        (replace(LETTER, message="Subject: x\r\n\r\né".encode()), "SIZE", 554, "RFC 6152"),
    ],
)
def test_it_says_what_this_server_cannot_carry(
    envelope: Envelope, offered: str, code: int, word: str
) -> None:
    """An envelope that cannot be said is refused in the server's stead, with the reason."""
    script = {"EHLO": [f"250-mx.test\r\n250-{offered}\r\n250 AUTH PLAIN"]}

    answer = run(attempt(script, envelope))

    assert (answer.phase, answer.code) == (Phase.MAIL, code)
    assert answer.text.startswith("Not sent: ")
    assert word in answer.text
    assert outcome(answer) is Outcome.REFUSED


def test_it_speaks_unicode_to_servers_that_do() -> None:
    """Local parts outside ASCII go as UTF-8 (RFC 6531), domains as A-labels, no path as <>."""
    script = {"EHLO": ["250-mx.test\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN"]}
    envelope = Envelope(
        sender="", recipient="josé@misión.example", message="Subject: é\r\n\r\n".encode()
    )

    async def work() -> None:
        async with Misbehaving(script=script).serve() as server:
            async with SmtpConnection(account(server.port)) as connection:
                assert (await connection.send(envelope)).code == 250
            assert server.heard[2:4] == [
                "MAIL FROM:<> SMTPUTF8 BODY=8BITMIME",
                "RCPT TO:<josé@xn--misin-3ta.example>",
            ]

    run(work())


def test_it_lends_no_more_connections_than_the_account_allows() -> None:
    """Two means two: Microsoft 365 takes three and punishes the fourth.

    T69: cole/aiosmtplib#15, one client used by several at once.
    """

    async def work() -> None:
        async with Misbehaving().serve() as server:
            pool = SmtpPool(account(server.port), connections=2)
            at_once = most = 0

            async def send() -> None:
                nonlocal at_once, most
                async with pool.connection() as connection:
                    at_once += 1
                    most = max(most, at_once)
                    await connection.send(LETTER)
                    at_once -= 1

            await asyncio.gather(*(send() for _ in range(12)))
            await pool.close()

            assert (most, server.connections, len(server.accepted)) == (2, 2, 12)

    run(work())


def test_it_hangs_up_lent_connections_when_they_come_back() -> None:
    """A process that ends leaves no connection behind."""

    async def work() -> None:
        async with Misbehaving().serve() as server:
            pool = SmtpPool(account(server.port), connections=2)
            async with pool.connection() as connection:
                await connection.send(LETTER)
                await pool.close()
                assert "QUIT" not in server.heard

            assert server.heard[-1] == "QUIT"

    run(work())


class _Taken:
    """Takes everything."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the message."""
        self.messages.append(envelope.content)
        return "250 2.0.0 OK"


@contextlib.asynccontextmanager
async def secured(taken: _Taken, security: Security, context: ssl.SSLContext) -> AsyncIterator[int]:
    """Open a server that speaks TLS at once, or after STARTTLS, and give its port."""
    by_starttls = {"tls_context": context, "require_starttls": True}

    def session() -> SMTP:
        more = by_starttls if security is Security.STARTTLS else {}
        return SMTP(taken, hostname="mx.test", loop=asyncio.get_running_loop(), **more)

    at_once = context if security is Security.TLS else None
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=at_once)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize(
    ("name", "is_known"), [("127.0.0.1", True), ("mx.test", True), ("127.0.0.1", False)]
)
def test_it_checks_the_certificate(
    tmp_path: Path, security: Security, name: str, *, is_known: bool
) -> None:
    """Neither a password nor a letter goes to a server that cannot show who it is."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    taken = _Taken()

    async def work() -> Answer:
        async with secured(taken, security, context) as port:
            secure = account(
                port,
                security=security,
                username=None,
                ca_file=tmp_path / "ca.pem" if is_known else None,
            )
            async with SmtpConnection(secure) as connection:
                return await connection.send(LETTER)

    answer = run(work())

    if is_known and name == "127.0.0.1":
        assert outcome(answer) is Outcome.ACCEPTED
        assert len(taken.messages) == 1
    else:
        phase = Phase.CONNECT if security is Security.TLS else Phase.STARTTLS
        assert (answer.phase, answer.code) == (phase, None)
        assert "certificate" in answer.text.lower()
        assert taken.messages == []


def test_it_goes_no_further_without_starttls() -> None:
    """A server, or someone in between, that hides STARTTLS gets no password."""

    async def work() -> None:
        async with Misbehaving().serve() as server:
            secure = account(server.port, security=Security.STARTTLS)
            async with SmtpConnection(secure) as connection:
                answer = await connection.send(LETTER)

            assert (answer.phase, answer.code) == (Phase.STARTTLS, None)
            assert not any(line.startswith(("AUTH", "MAIL")) for line in server.heard)

    run(work())


def test_it_sends_no_more_of_a_message_that_it_gave_up() -> None:
    """What is lost after a time-out must not arrive while the next attempt is on its way."""

    async def work() -> None:
        long = replace(LETTER, message=LETTER.message + b"a line of text\r\n" * 2_000_000)
        async with Misbehaving(script={"BODY": [HANG_INSIDE]}).serve() as server:
            async with SmtpConnection(hurried(server.port)) as connection:
                answer = await connection.send(long)
                server.go_on.set()
                await server.ended.wait()

            assert (answer.phase, answer.code) == (Phase.BODY, None)
            assert server.accepted == []

    run(work())
