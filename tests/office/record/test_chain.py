"""The audit trail: whatever is changed, taken out or cut off shows."""

from dataclasses import asdict, replace
from typing import Any

import pytest
from django.db import connection, transaction

from ellwand.engine.errors import DataError
from ellwand.office.audit import chain, trail

Link = tuple[chain.Entry, str, str]


def links(n: int) -> list[Link]:
    out, previous = [], chain.START
    for k in range(1, n + 1):
        entry = chain.Entry(
            k,
            f"2026-01-01T00:00:{k:02d}.000000+00:00",
            k,
            "clerk",
            "act",
            f"round/{k}",
            None,
            {"n": k, "名": "值"},
            "",
            "",
        )
        own = chain.hash_of(previous, entry)
        out.append((entry, previous, own))
        previous = own
    return out


def test_a_whole_chain() -> None:
    made = links(5)
    assert chain.fault(made) is None
    assert chain.fault([]) is None
    assert chain.fault(made, (5, made[4][2])) is None
    assert chain.fault(made, (3, made[2][2])) is None


@pytest.mark.parametrize("field", list(asdict(links(1)[0][0])))
def test_a_changed_field(field: str) -> None:
    made = links(5)
    entry, previous, own = made[2]
    value: Any = {"sequence": 9, "actor": 9, "before": {"a": "1"}, "after": {"n": 4}}.get(field, "x")
    made[2] = (replace(entry, **{field: value}), previous, own)
    assert "entry 3" in str(chain.fault(made))


def test_a_rewritten_entry_breaks_the_next_one() -> None:
    made = links(5)
    forged = replace(made[2][0], reason="forged")
    made[2] = (forged, made[2][1], chain.hash_of(made[2][1], forged))
    assert "entry 4: follows hash" in str(chain.fault(made))


def test_what_is_gone() -> None:
    made = links(5)
    assert "entry 3 is missing" in str(chain.fault([*made[:2], *made[3:]]))
    assert "entry 1 is missing" in str(chain.fault(made[1:]))
    # Without the head a cut trail looks whole; with it, not.
    assert chain.fault(made[:4]) is None
    assert "entry 5 is missing" in str(chain.fault(made[:4], (5, made[4][2])))
    assert "the head known" in str(chain.fault(made, (5, "f" * 64)))


def test_figures_are_texts() -> None:
    with pytest.raises(DataError, match="float"):
        chain.hash_of(chain.START, replace(links(1)[0][0], after={"index": 1.5}))


def test_the_record_is_a_chain(office: Any) -> None:
    count, head, fault = trail.verify()
    assert (fault, count) == (None, 11)
    with transaction.atomic():
        entry = trail.append(
            office.user("cai"), "test", "thing/1", after={"价": "1.50", "a": [1, None, True]}, reason="因"
        )
    assert trail.verify() == (count + 1, entry.hash, None)
    assert entry.previous_hash == head
    assert trail.verify((count, head))[2] is None
    with pytest.raises(transaction.TransactionManagementError):
        trail.append(office.user("cai"), "test", "thing/2")


def test_tampering_below_the_triggers_shows(office: Any) -> None:
    """Whoever takes the triggers away can change rows, but not unseen."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_entry_no_update")
        else:
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET reason = 'nothing happened' WHERE sequence = 3")
    assert "entry 3: was changed" in str(trail.verify()[2])
