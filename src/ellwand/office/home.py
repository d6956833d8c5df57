"""The folder of an office: settings, keys, archive of releases, and the record itself where it is SQLite.

DIR/settings.toml    secret key, time zone, languages, calendar rules; for its owner only (mode 0600)
DIR/keys/            the key pair that signs releases
DIR/archive/         the sealed releases
DIR/messages/        messages that the sender "file" wrote
DIR/pictures/        photographs that came with quotes, each named by its SHA-256
DIR/record.sqlite3   the record, unless DATABASE_URL names another database
"""

import os
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ellwand.engine.errors import DataError
from ellwand.office import outgoing
from ellwand.office.outgoing import Outgoing
from ellwand.office.review.alerts import Limits
from ellwand.office.rounds.instants import Calendar, Hour

SETTINGS, KEYS, ARCHIVE, RECORD, PICTURES = "settings.toml", "keys", "archive", "record.sqlite3", "pictures"
MESSAGES = "messages"
FOLDER, DATABASE = "ELLWAND_DIR", "DATABASE_URL"
SENDERS = {"email", "file", "sms", "chat"}
"""By what reminders go out; file writes them into DIR/messages, for tests and demos."""
FEWEST = 3
"""Fewest other units of a band that a unit is shown, whatever the settings say."""
POSTGRES = ("postgres", "postgresql")

TEXT = """# Settings of an index office. Only its owner may read this file: it holds a secret.
secret_key = "{secret}"
time_zone = "Asia/Shanghai"      # instants are kept in UTC and shown in this zone
languages = ["zh", "en"]
hosts = ["localhost", "127.0.0.1"]   # names under which browsers reach the office
concentration = 0.5              # share of one unit in a class above which the rationale warns of it
clock = "{clock}"                # a release is scheduled only if the system's clock is synchronised; "trusted": always
requests_per_minute = 600        # how many requests of programs one address may send in a minute; 0: no limit
senders = {senders}             # by what reminders go out, the first that reaches a unit: email, sms, chat, file
band_units = 5                   # after a release a unit sees its price against the band of so many others, or of none
response_target = 0.8            # share of due quotes below which a round goes to review only by a signed exception

# When a round closes and when its release appears: days after the last day of the period, and the hour in time_zone.
[calendar]
cutoff = {{ days = -2, at = "17:00" }}
release = {{ days = 1, at = "12:00" }}

# When reporting is conspicuous, so that somebody looks into it: so many units give one new price; a price moved, or
# stood still, by these shares; a change by so much in the last minutes before the cut-off; a unit that moves so many
# items one way, alone.
[alerts]
units = 4
moved = 0.02
still = 0.002
minutes = 30
pushed = 0.1
items = 3
"""


@dataclass(frozen=True)
class Home:
    """An office's folder and what its settings say. database : a DATABASE_URL, "" for the folder's own SQLite file.

    clock : checked, or trusted where the system can't say whether its clock is synchronised. senders : by what
    reminders go out. requests_per_minute : of programs from one address, 0 for no limit. band_units : fewest
    other units of the band that a unit sees its price against. outgoing : how messages leave. alerts : from when on
    reporting is conspicuous.
    """

    path: Path
    secret_key: str = field(repr=False)
    time_zone: ZoneInfo
    languages: tuple[str, ...]
    response_target: float
    calendar: Calendar
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    concentration: float = 0.5
    clock: str = "checked"
    senders: tuple[str, ...] = ("email",)
    database: str = field(default="", repr=False)
    requests_per_minute: int = 600
    band_units: int = 5
    outgoing: Outgoing = field(default_factory=lambda: Outgoing("http://localhost:8765"))
    alerts: Limits = field(default_factory=Limits)

    @property
    def record(self) -> Path:
        """The SQLite file of the record."""
        return self.path / RECORD

    @property
    def archive(self) -> Path:
        """The folder of the sealed releases."""
        return self.path / ARCHIVE

    @property
    def pictures(self) -> Path:
        """The folder of the photographs that came with quotes."""
        return self.path / PICTURES

    @property
    def messages(self) -> Path:
        """The folder into which the sender "file" writes."""
        return self.path / MESSAGES

    @property
    def keys(self) -> Path:
        """The folder of the key pair."""
        return self.path / KEYS

    @property
    def is_sqlite(self) -> bool:
        """Whether the record is the folder's own SQLite file."""
        return not self.database


def create(
    path: str | Path, *, keys: bool = True, clock: str = "checked", senders: tuple[str, ...] = ("email",)
) -> Home:
    """Make the folder of a new office. DataError for a folder that holds anything.

    keys : whether a key pair is made; a restored office gets its own back. clock, senders : see `Home`.
    """
    folder = Path(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: is not empty; give a new or empty folder for an office")
    folder.mkdir(parents=True, exist_ok=True)
    # Passwords' hashes and prices that are not public yet: nobody else looks in.
    folder.chmod(0o700)
    (folder / ARCHIVE).mkdir()
    if keys:
        from ellwand.office.releases import make_key

        make_key(folder / KEYS)
    write_private(folder / SETTINGS, _text(clock, senders).encode())
    return read(folder)


def _text(clock: str, senders: tuple[str, ...]) -> str:
    said = "[" + ", ".join(f'"{s}"' for s in senders) + "]"
    return TEXT.format(secret=secrets.token_urlsafe(48), clock=clock, senders=said)


def write_private(path: Path, content: bytes) -> None:
    """A new file that only its owner may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def find(path: str | Path | None = None) -> Home:
    """The office of a folder, or of the one that ELLWAND_DIR names. DataError where there is none."""
    given = path or os.environ.get(FOLDER)
    if not given:
        raise DataError(f"no office: give --dir DIR, or set {FOLDER}; `ellwand init DIR` makes one")
    return read(Path(given))


def read(folder: Path) -> Home:
    """The office of a folder. DataError names the setting that is wrong."""
    path = folder / SETTINGS
    if not path.is_file():
        raise DataError(f"{folder}: holds no {SETTINGS}, so it is no office; `ellwand init {folder}` makes one")
    if path.stat().st_mode & 0o077:
        raise DataError(f"{path}: others may read it (mode {path.stat().st_mode & 0o777:04o}); run chmod 600 on it")
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: no TOML: {error}") from error
    known = {
        "secret_key", "time_zone", "languages", "response_target", "calendar", "hosts", "concentration", "clock",
        "senders", "requests_per_minute", "site", "mail", "band_units", "alerts", *outgoing.GATEWAYS,
    }  # fmt: skip
    for name in given:
        if name not in known:
            raise DataError(f"{path}, {name}: no such setting; there are {', '.join(sorted(known))}")
    secret = _of(path, given, "secret_key", str)
    if len(secret) < 32:
        raise DataError(f"{path}, secret_key: shorter than 32 characters; make a longer one at random")
    zone = _of(path, given, "time_zone", str)
    try:
        time_zone = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DataError(f"{path}, time_zone: {zone!r} is no time zone; write it as Asia/Shanghai") from error
    languages = _of(path, given, "languages", list)
    if not languages or not set(languages) <= {"zh", "en"}:
        raise DataError(f"{path}, languages: {languages}; allowed are zh and en")
    hosts = given.get("hosts", list(Home.hosts))
    if not isinstance(hosts, list) or not hosts or not all(isinstance(h, str) and h and "*" not in h for h in hosts):
        raise DataError(f"{path}, hosts: {hosts!r}; list the names of the office's site, none with a *")
    target = float(_of(path, given, "response_target", float))
    if not 0 <= target <= 1:
        raise DataError(f"{path}, response_target: {target}; it is a share from 0 to 1")
    limit = float(_of(path, {"concentration": Home.concentration, **given}, "concentration", float))
    if not 0 <= limit <= 1:
        raise DataError(f"{path}, concentration: {limit}; it is a share from 0 to 1")
    clock = given.get("clock", Home.clock)
    if clock not in ("checked", "trusted"):
        raise DataError(f"{path}, clock: {clock!r}; write checked or trusted")
    senders = tuple(_of(path, {"senders": list(Home.senders), **given}, "senders", list))
    if not senders or not set(senders) <= SENDERS:
        raise DataError(f"{path}, senders: {list(senders)}; allowed are {', '.join(sorted(SENDERS))}")
    most = _of(path, {"requests_per_minute": Home.requests_per_minute, **given}, "requests_per_minute", int)
    if isinstance(most, bool) or most < 0:
        raise DataError(f"{path}, requests_per_minute: {most!r}; it is a whole number, 0 for no limit")
    band = _of(path, {"band_units": Home.band_units, **given}, "band_units", int)
    if isinstance(band, bool) or band < FEWEST:
        raise DataError(f"{path}, band_units: {band!r}; at least {FEWEST}, or a unit could tell another's price")
    rules = _of(path, given, "calendar", dict)
    calendar = Calendar(_hour(path, rules, "cutoff"), _hour(path, rules, "release"), time_zone)
    database = os.environ.get(DATABASE, "")
    if database:
        postgres(database)
    return Home(
        folder.resolve(), secret, time_zone, tuple(languages), target, calendar, tuple(hosts), limit, clock, senders,
        database, most, band, outgoing.read(str(path), given, tuple(hosts)),
        Limits.read(str(path), given.get("alerts", {})),
    )  # fmt: skip


def _of(path: Path, given: dict[str, Any], name: str, kind: type) -> Any:
    value = given.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and kind is float:
        value = float(value)
    if not isinstance(value, kind):
        raise DataError(f"{path}, {name}: is {value!r}; it must be a {kind.__name__}")
    return value


def _hour(path: Path, rules: dict[str, Any], name: str) -> Hour:
    rule = _of(path, rules, name, dict)
    try:
        return Hour.of(_of(path, rule, "days", int), _of(path, rule, "at", str))
    except ValueError as error:
        raise DataError(f"{path}, calendar.{name}: {error}") from error


def postgres(url: str) -> dict[str, Any]:
    """Connection of a PostgreSQL URL as Django names its parts. DataError for another database or no name."""
    parts = urlsplit(url)
    if parts.scheme not in POSTGRES:
        raise DataError(f"{DATABASE}: {parts.scheme or 'no scheme'}; write postgres://USER:PASSWORD@HOST:PORT/NAME")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise DataError(f"{DATABASE}: names no database; write postgres://USER:PASSWORD@HOST:PORT/NAME")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A unix socket is given as ?host=/folder.
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(options.pop("port", None) or parts.port or ""),
        "OPTIONS": options,
    }
