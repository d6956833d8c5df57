"""Contacts of the demo's units: nobody's, and seen to be so.

E-mail goes to names that can't exist (RFC 2606), telephone numbers begin with zeros, as none in China does, and each
entry says that it is simulated. Most units have signed the code of conduct; some agreed to be named; some have no
telephone or no e-mail, as in a real panel.
"""

import csv
import hashlib
from datetime import date
from pathlib import Path

COLUMNS = ("consent", "conduct_signed", "contact", "phone", "email")
NAMED, SIGNED, CALLED, WRITTEN = 0.4, 0.85, 0.8, 0.6
"""Shares of the units that agreed to be named, signed the code, have a telephone, and have an e-mail address."""
FIRST_WEEK = "2000-W01"


def give(market: Path) -> int:
    """Add contacts to the units of a simulated market's folder; how many units there are."""
    path = market / "units.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        heads, rows = list(reader.fieldnames or ()), list(reader)
    for row in rows:
        row.update(of(row["unit"], row["valid_from"]))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*heads, *(c for c in COLUMNS if c not in heads)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def of(unit: str, since: str) -> dict[str, str]:
    """The contacts of a unit; the same for the same code. since : the week in which it came into the panel."""
    drawn = hashlib.sha256(f"ellwand.demo|{unit}".encode()).digest()
    named, signed, called, written = (byte / 256 < share for byte, share in zip(drawn, SHARES, strict=False))
    day = _monday(since or FIRST_WEEK).isoformat()
    number = f"{int.from_bytes(drawn[4:8]) % 10**8:08d}"
    return {
        "consent": f"{day} 书面（模拟） / in writing (simulated)" if named else "",
        "conduct_signed": day if signed else "",
        "contact": "模拟联系人 / simulated",
        "phone": f"000 {number[:4]} {number[4:]}（模拟 / simulated）" if called else "",
        "email": f"{unit.lower()}@simulated.example.invalid" if written else "",
    }


SHARES = (NAMED, SIGNED, CALLED, WRITTEN)


def _monday(week: str) -> date:
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)
