"""Files that a page hands out."""

from urllib.parse import quote

from starlette.responses import Response

#: By the end of the name: what the browser is told.
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "eml": "message/rfc822",
}
#: The letter's own page has its styles in it, and nothing else is let in.
DOCUMENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def download(content: bytes, name: str) -> Response:
    """Give a file to keep."""
    kind = TYPES[name.rpartition(".")[2]]
    answer = Response(content, media_type=kind)
    answer.headers["content-disposition"] = f'attachment; filename="{name}"'
    return answer


def enclosure(content: bytes, name: str) -> Response:
    """Give a file that a stranger sent: it is kept under a name that nothing runs, never shown.

    Whatever it is, the browser is told of octets alone, and to run nothing of them.
    """
    answer = Response(content, media_type="application/octet-stream")
    answer.headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["content-security-policy"] = "default-src 'none'; sandbox"
    return answer


def document(content: bytes, form: str) -> Response:
    """Give a document to look at in the browser."""
    if form == "html":
        answer = Response(content, media_type="text/html; charset=utf-8")
        answer.headers["content-security-policy"] = DOCUMENT_POLICY
        return answer
    return Response(content, media_type=TYPES[form])
