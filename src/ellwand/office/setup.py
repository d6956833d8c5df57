"""Django set up for the office of a folder; commands and tests call `use` before they touch the record."""

import secrets
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings as django_settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.utils import timezone

from ellwand.engine.errors import DataError
from ellwand.office import home as homes
from ellwand.office import settings
from ellwand.office.home import Home

_used: list[Home] = []


def prepare() -> None:
    """Load the models, before any office is in use; they belong to a database in memory until then."""
    if not django_settings.configured:
        nothing = {DEFAULT_DB_ALIAS: settings.sqlite(":memory:")}
        django_settings.configure(**settings.common(), SECRET_KEY=secrets.token_hex(32), DATABASES=nothing)
    if not apps.ready:
        django.setup()


def use(home: Home) -> Home:
    """Set Django up for an office. A second office in one process takes the place of the first."""
    prepare()
    given = settings.of(home)
    for name in given.keys() - settings.common().keys():
        setattr(django_settings, name, given[name])
    # Django keeps the zone that it was asked for first, which may be that of no office or of another one.
    timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]
    connect(DEFAULT_DB_ALIAS, given["DATABASES"][DEFAULT_DB_ALIAS])
    _used[:] = [home]
    return home


def connect(alias: str, database: dict[str, Any]) -> None:
    """Point a name of a connection to a database; an open connection of that name is closed."""
    disconnect(alias)
    connections.settings[alias] = connections.configure_settings({DEFAULT_DB_ALIAS: {}, alias: dict(database)})[alias]


def disconnect(alias: str) -> None:
    """Close the connection of a name and forget it."""
    if alias in connections.settings:
        connections[alias].close()
        del connections[alias]
        if alias != DEFAULT_DB_ALIAS:
            del connections.settings[alias]


def has_office() -> bool:
    """Whether an office is in use."""
    return bool(_used)


def current() -> Home:
    """The office in use."""
    return _used[-1]


def office(path: str | Path | None = None) -> Home:
    """The office of a folder (or of ELLWAND_DIR), ready for use. DataError for a record of another version."""
    home = use(homes.find(path))
    if home.is_sqlite and not home.record.is_file():
        raise DataError(f"{home.record}: not there; restore it from a backup, or make a new office with `ellwand init`")
    try:
        missing = pending()
    except DatabaseError as error:
        raise DataError(f"the record of {home.path} can't be read: {' '.join(str(error).split())}") from error
    if missing:
        raise DataError(
            f"the record of {home.path} lacks {', '.join(missing)}: it was made by another version, or is no record; "
            "run `ellwand init --upgrade` with this folder"
        )
    return home


def pending(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Migrations that the record has not seen."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    return [f"{m.app_label}.{m.name}" for m, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def migrate(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Bring the tables of a record up to this version."""
    from django.core.management import call_command

    call_command("migrate", database=alias, verbosity=0, interactive=False)


def vendor() -> str:
    """The database in use: sqlite or postgresql."""
    return connection.vendor
