# ruff: noqa: E501 - the reports are as servers write them
"""Delivery reports as servers write them, by the standard or not."""

import pytest

from undersigned.reading import BounceReport, bounce_report, parse

OURS = ("<m1@letters.example>",)
TOKEN = ("abcdefghijklmnop",)


def dsn(
    action: str, status: str, extra: str = "", subject: str = "Undelivered Mail Returned to Sender"
) -> bytes:
    """Give a report by the standard (RFC 3464)."""
    return f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: sign@letters.example
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Tue, 26 May 2026 14:05:00 +0000

Final-Recipient: rfc822; ana@party.example
{extra}Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <ana@party.example>: no
    such user

--B
Content-Type: text/rfc822-headers

Message-ID: <m1@letters.example>
X-Undersigned-ID: abcdefghijklmnop
Subject: Invitation

--B--
""".replace("\n", "\r\n").encode()


REPORTS = {
    "postfix": dsn("failed", "5.1.1"),
    "delayed": dsn("delayed", "4.4.1", subject="Delayed Mail (still being retried)"),
    "relayed": dsn("relayed", "2.0.0"),
    "expanded": dsn("expanded", "2.0.0"),
    "delivered": dsn("delivered", "2.0.0"),
    "expired": dsn("failed", "4.4.7"),
    "orig": dsn("failed", "5.1.1", "Original-Recipient: rfc822;Anna@Party.example\r\n"),
    "exim": b"""Return-path: <>
X-Failed-Recipients: ana@party.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@host.example>
To: sign@letters.example
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ana@party.example
    host mx.party.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ana@party.example>:
    550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

Return-path: <sign@letters.example>
From: Letter <sign@letters.example>
Reply-To: sign+abcdefghijklmnop@letters.example
Message-ID: <m1@letters.example>

Dear Ana
""",
    "exim-delay": b"""Return-path: <>
From: Mail Delivery System <Mailer-Daemon@host.example>
To: sign@letters.example
Subject: Warning: message 1abc delayed 24 hours

This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on host.example.

The message identifier is:     1abc
The address to which the message has not yet been delivered is:

  ana@party.example
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals.
""",
    "gmail": b"""Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: sign@letters.example
Subject: Delivery Status Notification (Failure)
In-Reply-To: <m1@letters.example>
References: <m1@letters.example>
X-Failed-Recipients: ana@party.example
Content-Type: text/plain

** Address not found **

Your message wasn't delivered to ana@party.example because the address couldn't be found, or is unable to receive mail.

The response from the remote server was:
550 5.1.1 The email account that you tried to reach does not exist.
""",
    "qmail": b"""Return-Path: <>
From: MAILER-DAEMON@qmail.example
To: sign@letters.example
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana@party.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <sign@letters.example>
Message-ID: <m1@letters.example>
""",
    "notes": b"""Return-Path: <>
From: Postmaster@party.example
To: sign@letters.example
Subject: DELIVERY FAILURE: User ana (ana@party.example) not listed in Domino Directory
Content-Type: text/plain

Your message

  Subject: Invitation

was not delivered to:

  ana@party.example

because:

  User ana (ana@party.example) not listed in Domino Directory
""",
    "exchange-text": b"""Return-Path: <>
From: "Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@party.example>
To: sign@letters.example
Subject: Undeliverable: Invitation to sign
Content-Type: text/html

<html><body><p><b>Delivery has failed to these recipients or groups:</b></p><p><a href="mailto:ana@party.example">ana@party.example</a><br>The email address you entered couldn't be found.</p><p>Diagnostic information for administrators:</p><p>Generating server: mx.party.example</p><p>ana@party.example<br>Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found'</p><p>Original message headers:</p><pre>Message-ID: &lt;m1@letters.example&gt;
X-Undersigned-ID: abcdefghijklmnop</pre></body></html>
""",
    "yahoo-jp": b"Return-Path: <>\nFrom: MAILER-DAEMON@yahoo-jp.example\nTo: sign@letters.example\nSubject: Failure Notice\n\nSorry, we were unable to deliver your message to the following address.\n\n<ana@party.example>:\n554: delivery error: dd This user doesn't have an account\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <m1@letters.example>\n",
    "docomo": b"Return-Path: <>\nFrom: mailer-daemon@docomo.example\nTo: sign@letters.example\nSubject: Mail System Error - Returned Mail\n\nThe following recipients were unknown:\nana@party.example\n",
    "mailbox full": b"Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nTo: sign@letters.example\nSubject: Returned mail: see transcript for details\n\n   ----- The following addresses had permanent fatal errors -----\n<ana@party.example>\n    (reason: 552 5.2.2 mailbox full)\n",
}

NO_REPORTS = {
    "human": b"From: Ana <ana@party.example>\nTo: sign@letters.example\nSubject: Re: Undeliverable: Invitation\n\nYour message was undeliverable at first, 550. Yes we sign.\n",
    "mdn": b"From: ana@party.example\nSubject: Read: x\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B\n\n--B\n\nread\n--B\nContent-Type: message/disposition-notification\n\nDisposition: x\n\n--B--\n",
    "forged null from human": b"Return-Path: <>\nFrom: Ana <ana@party.example>\nTo: sign@letters.example\nSubject: Re: Invitation\n\nYes.\n",
    "vacation from postmaster?": b"Return-Path: <>\nFrom: postmaster@party.example\nTo: sign@letters.example\nSubject: Out of office\n\nI am away until 5 June.\n",
}


@pytest.mark.parametrize(
    ("name", "permanent", "status", "action"),
    [
        ("postfix", True, "5.1.1", "failed"),
        ("delayed", False, "4.4.1", "delayed"),
        ("relayed", False, "2.0.0", "relayed"),
        ("expanded", False, "2.0.0", "expanded"),
        ("delivered", False, "2.0.0", "delivered"),
        ("expired", True, "4.4.7", "failed"),
        ("exim", True, "5.1.1", "failed"),
        ("exim-delay", False, None, "delayed"),
        ("gmail", True, "5.1.1", "failed"),
        ("qmail", True, "5.1.1", "failed"),
        ("notes", True, None, "failed"),
        ("exchange-text", True, "5.1.10", "failed"),
        ("yahoo-jp", True, None, "failed"),
        ("docomo", True, None, "failed"),
        ("mailbox full", True, "5.2.2", "failed"),
    ],
)
def test_it_tells_a_failure_from_a_delay(
    name: str, *, permanent: bool, status: str | None, action: str
) -> None:
    """A party is given up when its server gave up, and not before."""
    report = read(name)

    assert (report.recipient, report.permanent) == ("ana@party.example", permanent)
    assert (report.status, report.action) == (status, action)


def read(name: str) -> BounceReport:
    """Give what is read in one of the reports."""
    report = bounce_report(parse(REPORTS[name]))
    assert report is not None
    return report


@pytest.mark.parametrize("name", ["postfix", "exim", "qmail", "gmail", "exchange-text", "yahoo-jp"])
def test_it_finds_which_message_of_ours_came_back(name: str) -> None:
    """A report about no message of ours silences nobody."""
    report = read(name)

    assert report.message_ids == OURS
    if name in {"postfix", "exim", "exchange-text"}:
        assert report.tokens == TOKEN


def test_it_names_the_address_that_we_wrote_to() -> None:
    """Forwarding hides it behind another one; the report has both."""
    report = read("orig")

    assert report.recipient == "anna@party.example"
    assert report.diagnostic == "550 5.1.1 <ana@party.example>: no such user"


@pytest.mark.parametrize("name", NO_REPORTS)
def test_it_takes_no_answer_for_a_report(name: str) -> None:
    """What a person wrote is read, however much it speaks of delivery."""
    assert bounce_report(parse(NO_REPORTS[name])) is None


@pytest.mark.parametrize(
    ("text", "permanent"),
    [
        ("<ana@party.example>: 451 4.7.1 try again later, giving up", True),
        ("<ana@party.example>: 451 4.7.1 try again later", False),
        ("ana@party.example: temporarily deferred", False),
        ("ana@party.example: permanent error, delayed for days", True),
        ("ana@party.example: \uc874\uc7ac\ud558\uc9c0 \uc54a\ub294 \uacc4\uc815", True),
        ("nobody named here: user unknown", True),
    ],
)
def test_it_reads_a_report_that_follows_no_standard(text: str, *, permanent: bool) -> None:
    """Portals write what they like."""
    raw = (
        "Return-Path: <>\nFrom: mailer-daemon@x.example\nSubject: delivery failure\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
    report = bounce_report(parse(raw.encode()))

    assert report is not None
    assert report.permanent is permanent


def test_it_bears_a_report_without_fields() -> None:
    """A report that says nothing is still one."""
    for fields in ("", "Reporting-MTA: dns; x", "Action: strange\nStatus: x", "Status: 4.2.2"):
        raw = (
            "From: a@b.example\nContent-Type: multipart/report; boundary=B\n\n--B\n"
            f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{fields}\n--B--\n"
        )
        report = bounce_report(parse(raw.encode()))

        assert report is not None
        assert report.recipient is None
        assert report.action == ("delayed" if "4.2.2" in fields else "failed")


def test_it_is_no_report_without_any_sign_of_one() -> None:
    """A daemon's greeting is no failure."""
    raw = b"Return-Path: <>\nFrom: mailer-daemon@x.example\nSubject: hello\n\nGood morning.\n"

    assert bounce_report(parse(raw)) is None
