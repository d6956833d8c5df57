"""Rows that are only added: the models refuse a change, the bulk methods do, and so does the database itself."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.db.models.deletion import Collector

from ellwand.office.append_only import AppendOnly, ImmutableError

NAMES = [
    "accounts.Grant", "audit.Entry", "audit.SelfTest", "registry.Change", "registry.Classification", "registry.Class",
    "registry.Correspondence", "registry.Basket", "registry.Weight", "registry.MethodVersion", "registry.Issue",
    "registry.Holiday", "registry.Rotation", "registry.BasketDraft", "registry.BasketEffect", "registry.BasketDecision",
    "registry.MethodProposal", "registry.MethodComment", "registry.ParallelRun", "registry.MethodDecision",
    "registry.MethodReview", "registry.Cessation",
    "rounds.Round", "rounds.Move", "rounds.SignedException", "quotes.Import", "quotes.Quote", "record.Compilation",
    "record.Observation", "record.Release", "record.Revision", "record.Broken", "record.Withdrawal",
]  # fmt: skip


ROOMS = {name.partition(".")[0] for name in NAMES}
"""Rooms whose tables are tried row by row here."""


def _append_only() -> list[type[Model]]:
    return [m for m in apps.get_models() if issubclass(m, AppendOnly)]


def test_every_append_only_model_of_these_rooms_is_tried() -> None:
    assert sorted(NAMES) == sorted(m._meta.label for m in _append_only() if m._meta.app_label in ROOMS)


def test_every_append_only_table_has_its_triggers(office: Any) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
            wanted = {"_no_update", "_no_delete", "_no_replace"}
        else:
            cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
            wanted = {"_no_change", "_no_truncate"}
        there: dict[str, set[str]] = {}
        for table, trigger in cursor.fetchall():
            there.setdefault(table, set()).add(trigger.removeprefix(table))
    bare = [m._meta.db_table for m in _append_only() if not wanted <= there.get(m._meta.db_table, set())]
    assert not bare


def _fill(office: Any) -> None:
    """A row in every table."""
    from datetime import UTC, datetime

    from ellwand.office.audit.models import SelfTest
    from ellwand.office.record.models import Broken, Compilation, Observation, Release, Revision, Withdrawal
    from ellwand.office.registry.models import Classification, Correspondence, MethodVersion
    from ellwand.office.rounds.models import SignedException

    found = office.collect("2022-W01")
    now, by = datetime.now(UTC), office.user("max")
    Correspondence(classification=Classification.objects.get(), old="9", new="1").save()
    _decide(by, now)
    SignedException(round=found, guard="late", what="x", by=by, at=now, reason="x").save()
    made = Compilation(
        round=found, number=1, method=MethodVersion.objects.get(), method_digest="0" * 64, inputs="0" * 64,
        versions={}, quality="{}", by=by, at=now,
    )  # fmt: skip
    made.save()
    counts = dict.fromkeys(
        ("matched", "units", "due", "quotes", "observed", "corrected", "replaced", "imputed", "carried",
         "not_collected", "excluded", "queried"), 1
    )  # fmt: skip
    Observation(
        compilation=made, series="price/total", code="0", level=0, period="2022-W01", index=100.5, grade="A",
        status="observed", simulated=True, published="100.50", **counts,
    ).save()  # fmt: skip
    sealed = Release(
        code="price-2022-W01.1", compilation=made, family="price", period="2022-W01", number=1, release_at=now,
        stat_hash="0" * 64, text_hash="0" * 64, manifest="0" * 64, folder="x", sealed_at=now,
    )  # fmt: skip
    sealed.save()
    Revision(release=sealed, period="2022-W01", compilation=made).save()
    Broken(release=sealed, reason="x", by=by, at=now).save()
    SelfTest(at=now, version="1", passed=1, failed=0, lines=[]).save()
    Withdrawal(release=sealed, zh="x", en="x", reason="x", by=by, at=now).save()


def _decide(by: Any, now: Any) -> None:
    """A row in every table of what is decided about the registers."""
    from ellwand.office.registry import models as m

    method, unit = m.MethodVersion.objects.get(), m.Unit.objects.first()
    m.Holiday(period="2022-W05", number=1, reason_zh="x", reason_en="x", by=by, at=now).save()
    m.Rotation(kind="exit", unit=unit, item="x", by=by, at=now, reason="x").save()
    draft = m.BasketDraft(valid_from="2023-W01", rows=[], digest="0" * 64, by=by, at=now, reason="x")
    draft.save()
    effect = m.BasketEffect(draft=draft, figures={}, by=by, at=now)
    effect.save()
    m.BasketDecision(draft=draft, effect=effect, accepted=False, by=by, at=now, reason="x").save()
    proposal = m.MethodProposal(
        name="x", version="2", text="x", digest="1" * 64, summary_zh="x", summary_en="x", comments_until=now.date(),
        effective_from="2023-W01", by=by, at=now,
    )  # fmt: skip
    proposal.save()
    m.MethodComment(proposal=proposal, author="x", text="x", by=by, at=now).save()
    m.ParallelRun(proposal=proposal, method=method, figures={}, by=by, at=now).save()
    m.MethodDecision(proposal=proposal, accepted=False, by=by, at=now, reason="x").save()
    m.MethodReview(method=method, findings="x", by=by, at=now).save()
    m.Cessation(family="price", zh="x", en="x", by=by, at=now).save()


@pytest.fixture
def filled(office: Any) -> Iterator[Any]:
    _fill(office)
    yield office


def _rows(model: type[Model]) -> list[tuple[Any, ...]]:
    return list(model._base_manager.order_by("pk").values_list())


def _texts(model: type[Model]) -> str:
    """A column of the model that is not part of a key."""
    skip = {"sequence", "hash", "previous_hash"}
    return next(
        f.column for f in model._meta.local_fields
        if f.get_internal_type() in ("CharField", "TextField") and f.name not in skip
    )  # fmt: skip


def test_no_way_leads_to_a_change(filled: Any) -> None:
    for name in NAMES:
        model = apps.get_model(name)
        before = _rows(model)
        assert before, f"{name} has no row to try"
        row = model._base_manager.order_by("pk").first()
        assert row is not None
        column = _texts(model)
        field = next(f.name for f in model._meta.local_fields if f.column == column)
        objects: Any = model._base_manager
        setattr(row, field, "x")
        tries: list[Any] = [
            lambda r=row: r.save(),
            lambda r=row: r.save(force_update=True),
            lambda r=row: Model.save_base(r, force_update=True),
            lambda r=row: r.delete(),
            lambda o=objects, f=field: o.update(**{f: "x"}),
            lambda o=objects, f=field: o.filter(pk=0).update(**{f: "x"}),
            lambda o=objects: o.all().delete(),
            lambda o=objects, r=row, f=field: o.bulk_update([r], [f]),
            lambda o=objects, r=row, f=field: o.update_or_create(pk=r.pk, defaults={f: "x"}),
            lambda o=objects, r=row, f=field: o.bulk_create(
                [r], update_conflicts=True, update_fields=[f], unique_fields=["pk"]
            ),
            lambda o=objects: o.all()._raw_delete("default"),
        ]
        for number, attempt in enumerate(tries):
            with pytest.raises(ImmutableError):
                attempt()
                pytest.fail(f"{name}, way {number}")
        deep: list[Any] = [
            # Around the models, through what Django itself uses.
            lambda r=row: Model.delete(r),
            lambda r=row, c=Collector: _collect(c, r),
            *_statements(model, column),
        ]
        for number, attempt in enumerate(deep):
            with pytest.raises((IntegrityError, ImmutableError)), transaction.atomic():
                if isinstance(attempt, str):
                    with connection.cursor() as cursor:
                        cursor.execute(attempt)
                    pytest.fail(f"{name}: {attempt}")
                attempt()
                pytest.fail(f"{name}, deep way {number}")
        assert _rows(model) == before


def _collect(kind: type[Collector], row: Model) -> None:
    """A deletion that forgets who refers to the row."""
    collector = kind(using="default", origin=row)
    collector.add([row])
    collector.delete()


def _statements(model: type[Model], column: str) -> list[str]:
    table = model._meta.db_table
    out = [f'UPDATE "{table}" SET "{column}" = \'x\'', f'DELETE FROM "{table}"']
    if connection.vendor == "sqlite":
        out.append(f'REPLACE INTO "{table}" SELECT * FROM "{table}"')
        out.append(f'UPDATE OR REPLACE "{table}" SET "{column}" = \'x\'')
    else:
        out.append(f'TRUNCATE "{table}" CASCADE')
        key = model._meta.pk.column  # type: ignore[union-attr]
        out.append(
            f'INSERT INTO "{table}" SELECT * FROM "{table}" ON CONFLICT ("{key}") DO UPDATE SET "{column}" = \'x\''
        )
    return out


def test_another_program_meets_the_triggers(sqlite_office: Any) -> None:
    """A connection without any of our settings, as the shell of SQLite would open it."""
    sqlite_office.collect("2022-W01")
    with sqlite3.connect(sqlite_office.home.record, isolation_level=None) as other:
        for statement in (
            "UPDATE quotes_quote SET price = 1",
            "DELETE FROM quotes_quote",
            "REPLACE INTO quotes_quote SELECT * FROM quotes_quote",
            "DELETE FROM audit_entry WHERE sequence = (SELECT max(sequence) FROM audit_entry)",
        ):
            with pytest.raises(sqlite3.IntegrityError, match=r"rows are added|there already"):
                other.execute(statement)


def test_rows_that_may_change_are_kept_as_changes(office: Any) -> None:
    """Registers change, and what they were is kept."""
    from ellwand.office.registry.models import Change, Item

    assert Change.objects.filter(register="items").count() == Item.objects.count()
