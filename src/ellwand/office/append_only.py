"""Rows that are added and never changed: refused in the models, and by triggers of the database against everybody else.

Each append-only table has triggers against UPDATE and DELETE; on SQLite also against an INSERT that would replace a
row, on PostgreSQL also against TRUNCATE. A migration of each app makes them with `protect`.
"""

from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps

from ellwand.engine.errors import DataError

M = TypeVar("M", bound=models.Model)


class ImmutableError(DataError):
    """Somebody tried to change or delete a row that is only ever added."""


def _refuse(model: type[models.Model], what: str) -> NoReturn:
    raise ImmutableError(f"{model._meta.label}: rows are added and never {what}; add a new version of the row")


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Rows that can be read and added."""

    def update(self, **kwargs: Any) -> int:
        """Refused."""
        _refuse(self.model, "changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        _refuse(self.model, "deleted")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """Refused."""
        _refuse(self.model, "changed")

    def update_or_create(self, *args: Any, **kwargs: Any) -> tuple[M, bool]:
        """Refused."""
        _refuse(self.model, "changed")

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Add many rows; never in place of others."""
        if kwargs.get("update_conflicts"):
            _refuse(self.model, "changed")
        return super().bulk_create(objs, *args, **kwargs)

    def _update(self, values: Any) -> int:
        # What Model.save calls where it would change a row.
        _refuse(self.model, "changed")

    def _raw_delete(self, using: str | None) -> int:
        _refuse(self.model, "deleted")


class AppendOnly(models.Model):
    """A row that is added and never changed."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row; ImmutableError for one that is there already."""
        if not self._state.adding:
            _refuse(type(self), "changed")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused."""
        _refuse(type(self), "deleted")


FUNCTION = """
CREATE OR REPLACE FUNCTION ellwand_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION '%: rows are added and never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
$$ LANGUAGE plpgsql;
"""  # noqa: E501


def protect(editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    """Make the triggers of a model's table."""
    for statement in statements(editor.connection.vendor, model):
        # Without parameters a per cent sign stands for itself.
        editor.execute(statement, params=None)


def statements(vendor: str, model: type[models.Model]) -> list[str]:
    """The SQL that protects a model's table. DataError for a database that has no such triggers here."""
    table = model._meta.db_table
    if vendor == "postgresql":
        return [
            FUNCTION,
            f'CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION ellwand_append_only()",
            f'CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION ellwand_append_only()",
        ]
    if vendor == "sqlite":
        said = f"RAISE(ABORT, '{table}: rows are added and never changed or deleted')"
        out = [
            f'CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON "{table}" BEGIN SELECT {said}; END'
            for act in ("UPDATE", "DELETE")
        ]
        same = " OR ".join(
            "(" + " AND ".join(f'"{c}" = NEW."{c}"' for c in columns) + ")" for columns in _unique(model)
        )
        out.append(
            f'CREATE TRIGGER {table}_no_replace BEFORE INSERT ON "{table}" '
            f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {same}) BEGIN '
            f"SELECT RAISE(ABORT, 'UNIQUE constraint failed: {table}: such a row is there already'); END"
        )
        return out
    raise DataError(f"{vendor}: the record is kept on SQLite or PostgreSQL")


def _unique(model: type[models.Model]) -> list[list[str]]:
    """The sets of columns that no two rows share."""
    meta = model._meta
    out = [[f.column] for f in meta.local_fields if f.unique and f.column]
    for rule in meta.constraints:
        if isinstance(rule, models.UniqueConstraint) and rule.condition is None:
            out.append([str(meta.get_field(name).column) for name in rule.fields])  # type: ignore[union-attr]
    return out


def protection(app: str, *names: str) -> RunPython:
    """The operation of a migration that protects the tables of models."""

    def make(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for name in names:
            protect(editor, apps.get_model(app, name))

    return RunPython(make, RunPython.noop)


def protection_again(app: str, *names: str) -> RunPython:
    """The operation of a migration that changed columns of protected tables.

    SQLite changes a column by making the table anew, and the triggers do not come along.
    """

    def make(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            for name in names:
                protect(editor, apps.get_model(app, name))

    return RunPython(make, RunPython.noop)
