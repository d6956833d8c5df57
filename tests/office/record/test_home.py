"""The folder of an office, its settings, and the connection that they give."""

from pathlib import Path
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office import home as homes
from ellwand.office.rounds.instants import last_day


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> homes.Home:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return homes.create(tmp_path / "o")


def test_a_new_office(new: homes.Home, tmp_path: Path) -> None:
    assert (new.path / homes.SETTINGS).stat().st_mode & 0o777 == 0o600
    assert new.path.stat().st_mode & 0o777 == 0o700
    assert {p.name for p in new.path.iterdir()} == {"settings.toml", "keys", "archive"}
    assert (new.keys / "signing-key.pem").stat().st_mode & 0o777 == 0o600
    assert homes.create(tmp_path / "p").secret_key != new.secret_key
    assert new.secret_key not in repr(new)
    with pytest.raises(DataError, match="not empty"):
        homes.create(new.path)


@pytest.mark.parametrize(
    ("old", "fresh", "told"),
    [
        ('"Asia/Shanghai" ', '"Asia/Shaoxing" ', "'Asia/Shaoxing' is no time zone"),
        ('languages = ["zh", "en"]', 'languages = ["fr"]', "allowed are zh and en"),
        ("response_target = 0.8", "response_target = 80", "a share from 0 to 1"),
        ("response_target = 0.8", 'response_target = "much"', "it must be a float"),
        ('at = "17:00"', 'at = "5 pm"', "calendar.cutoff: at is '5 pm'"),
        ("days = 1,", 'days = "one",', "days: is 'one'"),
        ("secret_key =", "secret_keys =", "secret_keys: no such setting"),
        ("[calendar]", "[calendar", "no TOML"),
    ],
)
def test_a_wrong_setting(new: homes.Home, old: str, fresh: str, told: str) -> None:
    path = new.path / homes.SETTINGS
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, fresh))
    with pytest.raises(DataError) as caught:
        homes.read(new.path)
    assert told in str(caught.value)


def test_settings_that_others_may_read(new: homes.Home) -> None:
    (new.path / homes.SETTINGS).chmod(0o644)
    with pytest.raises(DataError, match="others may read it"):
        homes.read(new.path)


def test_finding_an_office(new: homes.Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ELLWAND_DIR", raising=False)
    with pytest.raises(DataError, match="give --dir DIR, or set ELLWAND_DIR"):
        homes.find()
    monkeypatch.setenv("ELLWAND_DIR", str(new.path))
    assert homes.find().path == new.path
    with pytest.raises(DataError, match="it is no office"):
        homes.find(tmp_path)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p%40ss@db:5433/office", ("office", "u", "p@ss", "db", "5433")),
        ("postgresql:///office?host=/run/pg", ("office", "", "", "/run/pg", "")),
    ],
)
def test_database_urls(url: str, expected: tuple[str, ...]) -> None:
    found = homes.postgres(url)
    assert tuple(found[k] for k in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected


@pytest.mark.parametrize("url", ["mysql://u@h/n", "postgres://u@h", "office.sqlite3"])
def test_wrong_database_urls(url: str) -> None:
    with pytest.raises(DataError, match="write postgres://"):
        homes.postgres(url)


@pytest.mark.parametrize(
    ("period", "cutoff", "release"),
    [
        # Friday 17:00 and the next Monday 12:00 in Shanghai, eight hours before UTC.
        ("2022-W01", "2022-01-07T09:00:00+00:00", "2022-01-10T04:00:00+00:00"),
        ("2020-W53", "2021-01-01T09:00:00+00:00", "2021-01-04T04:00:00+00:00"),
        ("2024-02", "2024-02-27T09:00:00+00:00", "2024-03-01T04:00:00+00:00"),
        ("2024-Q4", "2024-12-29T09:00:00+00:00", "2025-01-01T04:00:00+00:00"),
    ],
)
def test_instants(new: homes.Home, period: str, cutoff: str, release: str) -> None:
    assert [i.isoformat() for i in new.calendar.instants(period)] == [cutoff, release]


@pytest.mark.parametrize("period", ["2021-W53", "2022-13", "2022-W00", "2022-Q5", "2022", "W01", "", "2022-W1"])
def test_no_period(period: str) -> None:
    with pytest.raises(DataError, match="period"):
        last_day(period)


def test_the_connection(sqlite_office: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for pragma, value in (("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 5000), ("synchronous", 2)):
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone()[0] == value
    assert connection.transaction_mode == "IMMEDIATE"  # type: ignore[attr-defined]


def test_instants_are_kept_in_utc(office: Any) -> None:
    from datetime import timedelta

    from ellwand.office.rounds import work

    found = work.plan("2022-W01", office.user("cai"))
    assert found.issue is not None
    assert found.issue.cutoff_at.utcoffset() == timedelta(0)
    assert found.issue.cutoff_at.isoformat() == "2022-01-07T09:00:00+00:00"
