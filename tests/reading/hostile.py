"""Messages made to cost more than they are worth, in any size."""

from collections.abc import Callable

_HEAD = b"From: a@b.example\r\nMIME-Version: 1.0\r\n"
_TEXT = _HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
_HTML = _HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
_REPORT = b"From: mailer-daemon@x.example\r\nReturn-Path: <>\r\nSubject: Undelivered\r\n\r\n"


def _repeated(head: bytes, piece: bytes, tail: bytes = b"") -> Callable[[int], bytes]:
    def shape(octets: int) -> bytes:
        return head + piece * (octets // len(piece)) + tail

    return shape


def _kind(more: bytes) -> bytes:
    return _HEAD + b"Content-Type: text/plain; " + more + b"\r\n\r\n"


#: From the name of a shape to what gives a message of about so many octets.
SHAPES: dict[str, Callable[[int], bytes]] = {
    "html-flat": _repeated(_HTML, b"<p>hello world</p>"),
    "html-deep-blocks": _repeated(_HTML, b"<div>"),
    "html-deep-quotes": _repeated(_HTML, b"<blockquote>", b"x"),
    "html-deep-signatures": _repeated(_HTML, b'<div class="gmail_signature">', b"x"),
    "html-quote-containers": _repeated(_HTML, b'<i class="gmail_quote"></i>', b"x"),
    "html-misnested": _repeated(_HTML, b"<a><b></i>", b"x"),
    "html-tables": _repeated(_HTML, b"<table><tr><td>", b"x"),
    "html-one-style": _repeated(_HTML + b'<p style="', b"color: ", b'">x'),
    "html-styles": _repeated(_HTML, b'<i style="max-height:max-height:">x</i>'),
    "html-sheet": _repeated(_HTML + b"<style>", b".a,", b"{}</style>x"),
    "html-sheets": _repeated(_HTML, b"<style>.a{", b"x"),
    "html-entities": _repeated(_HTML, b"&amp;"),
    "html-comments": _repeated(_HTML, b"<!--"),
    "html-attributes": _repeated(_HTML + b"<p ", b"a=b ", b">x"),
    "quotes": _repeated(_TEXT, b"> x\r\n"),
    "blank": _repeated(_TEXT, b"\n"),
    "attributions": _repeated(_TEXT, b"On 2026 a@b wrote\n"),
    "attributions-with-colon": _repeated(_TEXT, b"12:00 a@b x:\n"),
    "header-rows": _repeated(_TEXT, b"From: a@b.example\n"),
    "rules": _repeated(_TEXT, b"_________________\n\n\n"),
    "separators": _repeated(_TEXT, b"-----Original Message-----\n"),
    "dashes": _repeated(_TEXT, b"-"),
    "spaces": _repeated(_TEXT, b" ", b"x"),
    "lines-of-spaces": _repeated(_TEXT, b" " * 1000 + b"x\n"),
    "tabs": _repeated(_TEXT + b"x", b" \t", b"x"),
    "flowed": _repeated(_kind(b"format=flowed"), b"a \n"),
    "addresses": _repeated(_TEXT, b"a@"),
    "tags": _repeated(_TEXT, b"a+", b"@"),
    "dots": _repeated(_TEXT, b"a.", b"@b"),
    "colons": _repeated(_TEXT, b"a: "),
    "times": _repeated(_TEXT, b"12:00 "),
    "disclaimers": _repeated(_TEXT, b"confidential "),
    "paragraphs-of-disclaimers": _repeated(
        _TEXT, b"confidential privileged information for the addressee, delete it if in error\n\n"
    ),
    "telephones": _repeated(_TEXT, b"+1 2 3 4 5 6 7 8 9 "),
    "signatures": _repeated(_TEXT, b"-- \n"),
    "armour": _repeated(_TEXT, b"x\n-----BEGIN PGP SIGNED MESSAGE-----\n"),
    "list-footers": _repeated(_TEXT, b"_"),
    "remarks": _repeated(_TEXT, b"[SB] a\n"),
    "boundaries-on-one-line": _repeated(
        _HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", b"--b"
    ),
    "boundaries-of-others": _repeated(
        _HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", b"--bc\n"
    ),
    "parts": _repeated(
        _HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"--b\r\n\r\nx\r\n"
    ),
    "one-header": _repeated(b"X: ", b"a", b"\r\n\r\nx"),
    "headers": _repeated(b"", b"X: a\r\n", b"\r\nx"),
    "folds": _repeated(b"X: a\r\n", b" a\r\n", b"\r\nx"),
    "encoded-words": _repeated(b"Subject: ", b"=?utf-8?q?a?= ", b"\r\n\r\nx"),
    "half-encoded-words": _repeated(b"Subject: ", b"=?a?b?", b"\r\n\r\nx"),
    "recipients": _repeated(b"To: ", b"a@b.example, ", b"\r\n\r\nx"),
    "brackets": _repeated(b"From: ", b"<", b"\r\n\r\nx"),
    "quotes-in-from": _repeated(b"From: ", b'"(', b"\r\n\r\nx"),
    "references": _repeated(b"References: ", b"<a", b"\r\n\r\nx"),
    "parameters": _repeated(_HEAD + b"Content-Type: text/plain", b"; a*1*=b", b"\r\n\r\nx"),
    "backslashes": _repeated(_HEAD + b'Content-Type: text/plain; a="', b"\\", b"\r\n\r\nx"),
    "quoted-printable": _repeated(
        _HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"="
    ),
    "base64": _repeated(_HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n", b"="),
    "octets": _repeated(_kind(b"x=y"), bytes(range(128, 256))),
    "hangul-octets": _repeated(_kind(b"x=y"), "서명".encode("cp949")),
    "escapes": _repeated(_kind(b"charset=iso-2022-jp"), b"\x1b$B0!\x1b(B"),
    "marks": _repeated(_TEXT + b"a", "\u0315\u0300".encode()),
    "report-addresses": _repeated(_REPORT, b"a@b.c "),
    "report-digits": _repeated(_REPORT, b"5.1."),
    "report-ids": _repeated(_REPORT, b"message-id: <\n"),
    "report-fields": _repeated(
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\n",
        b"Action: failed\r\n\r\n",
    ),
    "subjects": _repeated(b"Subject: ", b"re: ", b"\r\n\r\nx"),
    "signed-twice": _repeated(b"", b"DKIM-Signature: d=b.example; s=x; h=from\r\n", b"\r\nx"),
    "verdicts": _repeated(b"Authentication-Results: ", b"mx.letters.example;(", b"\r\n\r\nx"),
}
