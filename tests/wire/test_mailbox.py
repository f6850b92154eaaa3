"""The campaign's mailbox on a real server: whatever happens to it, no reply is lost."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.compose import Deployment
from tests.servers.town import Town
from tests.wire import stage
from undersigned.domain.reply import ReplyState
from undersigned.flows import apply, deliver, invite, read, receive, status, witness
from undersigned.service import Service, configured, open_service
from undersigned.store.tables import ReplyRow

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire")]

SIGN = "sign@letters.example"


@pytest.fixture
def name(service: Service, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the name of an open campaign whose invitations are made."""
    staged = stage.example(tmp_path_factory.mktemp("stage") / "written")
    apply.apply(service, staged.draft, by="Alice")
    invite.open_campaign(service, staged.plan.name, by="Alice")
    stage.MovedDates(service, staged).jump_to(staged.plan.opens_at)
    invite.invite(service, staged.plan.name, by="Alice")
    return staged.plan.name


@pytest.fixture
def stranger(deployment: Deployment) -> Iterator[Service]:
    """Give a service that knows the accounts, but no password of theirs."""
    told = deployment.environment("worker")
    for name in [
        name for name in told if name.endswith(("SMTP_PASSWORD_FILE", "IMAP_PASSWORD_FILE"))
    ]:
        told[name.removesuffix("_FILE")] = "wrong"
        del told[name]
    opened = open_service(configured(told))
    yield opened
    opened.close()


def put(post: Town, *texts: str) -> None:
    """Put replies into the mailbox, as another program of its owner does."""
    client = post.dovecot.client(SIGN)
    for text in texts:
        raw = f"From: Bo <bo@party.example>\r\nSubject: Re: letter\r\n\r\n{text}\r\n"
        client.append("INBOX", "", "", raw.encode())
    client.logout()


def poll(service: Service) -> Counter[str]:
    """Poll and read; gives the replies by state."""
    receive.receive(service)
    read.read_kept(service)
    with service.store.reading() as session:
        return Counter(session.scalars(select(ReplyRow.state)))


def forget_uids(post: Town) -> None:
    """Let the server lose its numbers, as one restored from a copy does: a new UIDVALIDITY."""
    before = time.time()
    while int(time.time()) == int(before):  # Dovecot takes the second as the new number
        time.sleep(0.05)
    for path in post.dovecot.folder(SIGN).glob("dovecot*"):
        path.unlink()


def test_it_reads_each_reply_once_when_the_server_numbers_anew(
    service: Service, post: Town, name: str
) -> None:
    """A changed UIDVALIDITY loses no reply and decides none a second time."""
    put(post, "yes", "we sign", "count us in")
    before = poll(service)

    forget_uids(post)
    put(post, "me too")
    after = poll(service)

    assert before == {ReplyState.REVIEW: 3}
    assert after == {ReplyState.REVIEW: 4, ReplyState.DUPLICATE: 3}
    assert status.status(service, name).reviews == 4


def test_it_keeps_a_reply_of_thirty_megabytes(service: Service, post: Town, name: str) -> None:
    """Somebody answers with a film attached: the reply is kept whole and shown."""
    put(post, "yes\r\n" + ("x" * 76 + "\r\n") * 400_000)

    assert poll(service).total() == 1

    with service.store.reading() as session:
        size, is_whole = session.execute(select(ReplyRow.size, ReplyRow.is_whole)).one()
    assert size > 30_000_000
    assert is_whole
    assert status.status(service, name).name == name


def test_it_says_that_both_passwords_are_wrong(
    service: Service, stranger: Service, post: Town, name: str
) -> None:
    """A wrong password is a clear line in the status; mail waits, and nothing is lost."""
    put(post, "yes")
    assert witness.may_send(service, "default")
    stranger.sights.update(service.sights)  # it ran when the passwords were changed
    deliver.deliver(stranger)

    assert poll(stranger).total() == 0

    told = " ".join(status.status(stranger, name).troubles)
    assert "refuses our login" in told
    assert "check imap_host, imap_username and imap_password" in told
    assert post.is_empty()


def test_it_changes_no_flag_of_what_people_read(service: Service, post: Town, name: str) -> None:
    """A coordinator who works in the mailbox still sees what is new to them.

    T65: NousResearch/hermes-agent#42997.
    """
    put(post, "yes")

    poll(service)

    client = post.dovecot.client(SIGN)
    client.select("INBOX", readonly=True)
    assert client.search(None, "UNSEEN") == ("OK", [b"1"])
    client.logout()
    assert status.status(service, name).reviews == 1


def test_it_keeps_its_notes_in_a_folder_of_its_own(service: Service, name: str) -> None:
    """A real server takes the notes; only the newest stays, and none is taken for a reply."""
    deliver.deliver(service)
    witness.follow(service, "default")
    with service.mailbox("default") as mailbox:
        first = witness.standing(mailbox, mailbox.own_folder(witness.FOLDER))
    service.stop()  # a process that stops leaves its last note at once
    witness.follow(service, "default")

    with service.mailbox("default") as mailbox:
        second = witness.standing(mailbox, mailbox.own_folder(witness.FOLDER))
    assert len(first) == len(second) == 1
    assert first[0][1].key != second[0][1].key
    assert poll(service).total() == 0
    assert not status.status(service, name).troubles
