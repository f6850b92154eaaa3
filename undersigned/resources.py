"""What ships with the product: config/, templates/, examples/, in the wheel or the checkout."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def root() -> Path:
    """Give the folder that holds config/, templates/ and examples/.

    A wheel carries them under undersigned/shipped; a checkout has them beside the package.
    """
    shipped = _PACKAGE / "shipped"
    return shipped if shipped.is_dir() else _PACKAGE.parent


def config_text(name: str) -> str:
    """Give the text of a shipped file of config/, e.g. "countries.toml"."""
    return (root() / "config" / name).read_text(encoding="utf-8")


def templates(kind: str) -> Path:
    """Give a shipped folder of templates/: "email", "letter" or "console"."""
    return root() / "templates" / kind


def example(name: str) -> Path:
    """Give a shipped example campaign's folder."""
    return root() / "examples" / name
