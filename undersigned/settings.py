"""The settings: config/undersigned.toml, then the operator's file, then the environment."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from undersigned.accounts import Account, AccountLayers, Table
from undersigned.errors import Refused

PREFIX = "UNDERSIGNED"
#: The operator's file where UNDERSIGNED_CONFIG names none.
DEFAULT_FILE = Path("undersigned.toml")


@dataclass(frozen=True, kw_only=True)
class Ticks:
    """How often beat wakes each task."""

    deliver: timedelta
    fetch: timedelta
    read: timedelta
    remind: timedelta
    freeze: timedelta
    dispatch: timedelta
    recover: timedelta
    copy: timedelta
    publish: timedelta
    brief: timedelta


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sizes and times that the machine room keeps to; config/undersigned.toml says why."""

    batch_rows: int
    lease: timedelta
    reply_octets: int
    read_attempts: int


@dataclass(frozen=True, kw_only=True)
class Console:
    """The pages in the browser, and who may open them."""

    #: Where people reach it, without a slash at the end.
    url: str
    host: str
    port: int
    #: One "address role" each.
    people: tuple[str, ...]
    #: What a monitoring system shows to be told the metrics; "" tells nobody.
    metrics_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything an operator can set."""

    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    #: The operator's own folder of email templates, or None.
    templates: Path | None
    #: A folder of further fonts, or None.
    fonts: Path | None
    #: Where long-running processes leave their signs of life, or None.
    pulse: Path | None
    #: Who acts on the command line; "" for the login name.
    coordinator: str
    #: What secrets in the database are sealed with; the first seals, all open.
    secret_keys: tuple[str, ...] = field(repr=False)
    accounts: Mapping[str, Account]
    layers: AccountLayers = field(repr=False)
    #: By provider: where its authorization server is; the shape is config/providers.toml's.
    sign_ins: Mapping[str, Table]
    ticks: Ticks
    limits: Limits
    console: Console


def load(shipped: str, providers: str, environment: Mapping[str, str]) -> Settings:
    """Give the settings that the shipped text, the operator's file and the environment come to.

    Raises `Refused` for a file that is not there, is not TOML, or names a setting that there is
    none of.
    """
    table = tomllib.loads(shipped)
    default = table.pop("accounts")["default"]
    given: dict[str, Table] = {"default": {}}
    named = environment.get(f"{PREFIX}_CONFIG")
    path = Path(named) if named else DEFAULT_FILE
    if named or path.is_file():
        _merge(table, default, given, _read(path), path=path)
    _overlay(table, (PREFIX,), environment)
    for name, values in given.items():
        values.update(_changed(default, (PREFIX, "ACCOUNTS", name.upper()), environment))
    known = _providers(providers, table["paths"]["providers"])
    layers = AccountLayers(shipped=default, profiles=known["profiles"], added={}, given=given)
    return _settings(table, layers, known["signs_in"])


def _providers(shipped: str, own: str) -> Table:
    """Give what is known of providers; an entry of the operator's own file takes one's place."""
    table = tomllib.loads(shipped)
    for section, entries in (_read(Path(own)) if own else {}).items():
        if section not in table or not isinstance(entries, dict):
            raise Refused(f"{own}: there is no [{section}]; config/providers.toml shows the shape.")
        table[section] |= entries
    return table


def with_added(settings: Settings, added: Mapping[str, Table]) -> Settings:
    """Give the settings with the accounts that stand in the database; the operator's own win."""
    layers = replace(settings.layers, added=added)
    return replace(settings, layers=layers, accounts=layers.accounts())


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise Refused(f"The settings file {path} cannot be read: {exc.strerror}.") from exc
    except tomllib.TOMLDecodeError as exc:
        raise Refused(f"The settings file {path} is not valid TOML: {exc}.") from exc


def _merge(
    table: Table, default: Table, given: dict[str, Table], ours: Table, *, path: Path
) -> None:
    """Lay the operator's table over the shipped one, and gather what it says of accounts."""
    for section, values in ours.items():
        if section not in {*table, "accounts"} or not isinstance(values, dict):
            raise Refused(
                f"{path}: there is no section [{section}]; config/undersigned.toml lists all."
            )
        if section != "accounts":
            _fill(table[section], values, f"{path}: [{section}]")
            continue
        for name, account in values.items():
            _fill(dict(default), account, f"{path}: [accounts.{name}]")
            given[name] = account


def _fill(target: Table, values: Table, place: str) -> None:
    for key, value in values.items():
        if key not in target:
            raise Refused(f"{place} has no setting {key!r}; config/undersigned.toml lists all.")
        target[key] = value


def _overlay(table: Table, path: tuple[str, ...], environment: Mapping[str, str]) -> None:
    """Let UNDERSIGNED_SECTION_KEY, or the file that UNDERSIGNED_SECTION_KEY_FILE names, win."""
    for section, values in table.items():
        values.update(_changed(values, (*path, section.upper()), environment))


def _changed(values: Table, path: tuple[str, ...], environment: Mapping[str, str]) -> Table:
    """Give what the environment says of the settings of a section."""
    changed: Table = {}
    for key, value in values.items():
        name = "_".join((*path, key.upper()))
        if (text := _from_environment(name, environment)) is not None:
            changed[key] = _coerce(text, value, name)
    return changed


def _from_environment(name: str, environment: Mapping[str, str]) -> str | None:
    if f"{name}_FILE" in environment:
        path = Path(environment[f"{name}_FILE"])
        try:
            return path.read_text(encoding="utf-8").rstrip("\n")
        except OSError as exc:
            raise Refused(
                f"{name}_FILE names {path}, which cannot be read: {exc.strerror}."
            ) from exc
    return environment.get(name)


def _coerce(text: str, default: object, name: str) -> object:
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError as exc:
            raise Refused(f"{name} must be a whole number, not {text!r}.") from exc
    if isinstance(default, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _settings(table: Table, layers: AccountLayers, sign_ins: Mapping[str, Table]) -> Settings:
    limits, ticks, paths = table["limits"], table["ticks"], table["paths"]
    return Settings(
        database_url=_with_password(**table["database"]),
        broker_url=_with_password(**table["broker"]),
        templates=Path(paths["templates"]) if paths["templates"] else None,
        fonts=Path(paths["fonts"]) if paths["fonts"] else None,
        pulse=Path(paths["pulse"]) if paths["pulse"] else None,
        coordinator=table["coordinator"]["name"],
        secret_keys=tuple(table["secrets"]["keys"]),
        accounts=layers.accounts(),
        layers=layers,
        sign_ins=sign_ins,
        ticks=Ticks(
            **{
                key.removesuffix("_seconds"): timedelta(seconds=value)
                for key, value in ticks.items()
            }
        ),
        limits=Limits(
            batch_rows=limits["batch_rows"],
            lease=timedelta(seconds=limits["lease_seconds"]),
            reply_octets=limits["reply_octets"],
            read_attempts=limits["read_attempts"],
        ),
        console=Console(**{**table["console"], "people": tuple(table["console"]["people"])}),
    )


def _with_password(url: str, password: str) -> str:
    """Give the URL with the password, where one is set apart from it.

    >>> _with_password("redis://redis:6379/0", "p@ss")
    'redis://:p%40ss@redis:6379/0'
    """
    scheme, separator, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    user, _, host = place.rpartition("@")
    if not password or ":" in user or not host:
        return url
    return f"{scheme}{separator}{user}:{quote(password, safe='')}@{host}{slash}{path}"
