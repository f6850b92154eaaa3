"""Kept templates: what a letter was set with, so that it can be set again anywhere."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path

from undersigned import resources
from undersigned.errors import Refused
from undersigned.flows.manifest import MAIL, sha256
from undersigned.service import Service


def keep(service: Service, language: str) -> dict[str, dict[str, str]]:
    """Give the text and the SHA-256 of every template that letters are made with, by its path."""
    found = service.templates.language_for(MAIL, language)
    return {path: _kept(file.read_bytes()) for path, file in sorted(_files(service, found))}


def _files(service: Service, language: str) -> Iterator[tuple[str, Path]]:
    own = [service.settings.templates] if service.settings.templates else []
    files: dict[str, Path] = {}
    for root in (resources.root() / "templates", *own):
        for folder in _FOLDERS:
            each = (root / folder.format(language=language)).glob("*")
            files |= {str(one.relative_to(root)): one for one in each if one.is_file()}
    yield from files.items()


_FOLDERS = (
    "letter",
    "email/_base",
    "email/_base/{language}",
    f"email/{MAIL}",
    f"email/{MAIL}/{{language}}",
)


def _kept(raw: bytes) -> dict[str, str]:
    try:
        return {"sha256": sha256(raw), "text": raw.decode()}
    except UnicodeDecodeError:  # a logo
        return {"sha256": sha256(raw), "base64": base64.b64encode(raw).decode("ascii")}


def unpack(kept: Mapping[str, Mapping[str, str]], into: Path) -> None:
    """Write the templates of a manifest into a folder; `Refused` where a path leads out of it."""
    for path, one in kept.items():
        file = into / path
        if not file.resolve().is_relative_to(into.resolve()):
            raise Refused(f"The manifest names a template outside its folder: {path}.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw(one))


def raw(kept: Mapping[str, str]) -> bytes:
    """Give the bytes of a kept template."""
    return kept["text"].encode() if "text" in kept else base64.b64decode(kept["base64"])
