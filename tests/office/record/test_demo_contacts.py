"""The contacts of the demo's units: varied, the same on every run, and nobody's."""

import csv
from pathlib import Path

import pytest

pytest.importorskip("django", reason="the office's packages are not installed")

from ellwand.office.demo import contacts


@pytest.fixture
def units(tmp_path: Path) -> list[dict[str, str]]:
    """A thousand units, half of them from the beginning."""
    path = tmp_path / "units.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("unit", "source", "valid_from", "simulated"))
        writer.writerows((f"U{k:04d}", "S01", "" if k % 2 else "2024-W47", "true") for k in range(1000))
    assert contacts.give(tmp_path) == 1000
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_they_are_nobodys_and_say_so(units: list[dict[str, str]]) -> None:
    for row in units:
        if row["email"]:
            # RFC 2606: no name under this one ever exists.
            assert row["email"].endswith(".example.invalid")
        if row["phone"]:
            assert row["phone"].startswith("000 ") and "模拟" in row["phone"] and "simulated" in row["phone"]
        assert "simulated" in row["contact"]
        assert not row["consent"] or "simulated" in row["consent"]
    assert {row["simulated"] for row in units} == {"true"}


def test_they_are_varied(units: list[dict[str, str]]) -> None:
    shares = {name: sum(bool(row[name]) for row in units) / len(units) for name in contacts.COLUMNS}
    wanted = {
        "consent": contacts.NAMED, "conduct_signed": contacts.SIGNED, "phone": contacts.CALLED,
        "email": contacts.WRITTEN, "contact": 1.0,
    }  # fmt: skip
    assert shares == pytest.approx(wanted, abs=0.06)
    assert len({row["phone"] for row in units}) > 700
    # A unit that came later signed then.
    assert {row["conduct_signed"] for row in units if row["valid_from"]} - {""} == {"2024-11-18"}


def test_reminders_and_links_find_them(units: list[dict[str, str]]) -> None:
    from types import SimpleNamespace

    from ellwand.office.collection import links, senders

    row = next(r for r in units if r["phone"] and r["email"])
    unit = SimpleNamespace(more=row)
    mail = senders.Email(SimpleNamespace(outgoing=SimpleNamespace(mail=None)))
    assert mail.reaches(unit) == row["email"]
    assert links.digits_of(unit) == "".join(c for c in row["phone"] if c.isdecimal())[-4:]
