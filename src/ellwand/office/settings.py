"""Settings of Django, made from the folder of an office. Nothing secret stands in the program."""

from typing import Any

from ellwand.office.home import Home, postgres

APPS = ("accounts", "audit", "registry", "rounds", "quotes", "record")
"""The apps of the record, in the order in which each builds on those before it."""

INSTALLED = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *(f"ellwand.office.{name}" for name in APPS),
)

SQLITE = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA foreign_keys=ON;
PRAGMA recursive_triggers=ON;
"""
"""Every committed act is on the disk; a row that INSERT OR REPLACE would remove meets the triggers too."""

BUSY = 5
"""Seconds that a writer waits for another one on SQLite."""


def common() -> dict[str, Any]:
    """Settings that no office changes."""
    return {
        "INSTALLED_APPS": list(INSTALLED),
        "AUTH_USER_MODEL": "accounts.User",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "USE_I18N": True,
        "LANGUAGE_CODE": "zh-hans",
        "LANGUAGES": [("zh-hans", "中文"), ("en", "English")],
        "MIDDLEWARE": [],
        "TEMPLATES": [],
        # The commands say on their own what went wrong.
        "LOGGING_CONFIG": None,
    }


def database(home: Home) -> dict[str, Any]:
    """The connection to an office's record."""
    if home.is_sqlite:
        return sqlite(str(home.record))
    return {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 60, **postgres(home.database)}


def sqlite(path: str) -> dict[str, Any]:
    """A connection to an SQLite file: write-ahead log, immediate transactions, foreign keys."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {"timeout": BUSY, "transaction_mode": "IMMEDIATE", "init_command": SQLITE},
    }


def of(home: Home) -> dict[str, Any]:
    """All settings of an office."""
    return {
        **common(),
        "SECRET_KEY": home.secret_key,
        "TIME_ZONE": str(home.time_zone),
        "DATABASES": {"default": database(home)},
    }
