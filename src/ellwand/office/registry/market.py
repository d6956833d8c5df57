"""Taking in the registers of a market's folder: new and changed rows, with who, when and why."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.registry import rotation
from ellwand.office.registry.folder import Row, read_registers
from ellwand.office.registry.models import (
    Assignment,
    Basket,
    Change,
    Class,
    Classification,
    Closure,
    Correspondence,
    Item,
    Market,
    MethodVersion,
    Source,
    Unit,
    Weight,
    texts,
)
from ellwand.office.registry.problems import Problem
from ellwand.production.method import MethodFile, read_method

BATCH = 500


@dataclass
class Taken:
    """What an import did. counts : by register, of rows added, changed, unchanged and refused."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether the record changed."""
        return any(c["added"] or c["changed"] for c in self.counts.values())


@dataclass(frozen=True)
class Act:
    """Who changes the registers, when and why."""

    by: User
    at: datetime
    reason: str


def import_market(directory: str | Path, by: User, *, method: str | None = None, reason: str = "") -> Taken:
    """Take in the registers, the baskets and the method of a folder; the same folder twice changes nothing.

    method : a method file or the name of one that ships; else the folder's method.toml, else the default. Rows with
    problems are left out and listed; everything else is taken in, in one transaction. Rows that the folder does not
    hold stay as they are. RefusedError for somebody who may not change registers.
    """
    role = people.require(by, "registers.change")
    given = read_registers(directory)
    own = Path(directory) / "method.toml"
    chosen = read_method(method if method is not None else own if own.is_file() else None)
    out = Taken(problems=given.problems)
    with transaction.atomic():
        act = Act(by, clock.now(), reason)
        _market(given.market, act, out)
        _classification(given.rows["classification.csv"], given.rows["correspondence.csv"], act, out)
        rows = given.rows
        upsert(Source, "sources", "source", rows["sources.csv"], act, out)
        sources = dict(Source.objects.values_list("code", "pk"))
        upsert(Unit, "units", "unit", rows["units.csv"], act, out, {"source": sources})
        upsert(Item, "items", "item", rows["items.csv"], act, out)
        ids = {
            "unit": dict(Unit.objects.values_list("code", "pk")),
            "item": dict(Item.objects.values_list("code", "pk")),
        }
        first = not Assignment.objects.exists()
        changes = upsert(Assignment, "assignments", "", rows["assignments.csv"], act, out, ids)
        if not first:
            rotation.note(changes, act.by, act.at, act.reason or "taken in with the market's folder")
        upsert(Closure, "closures", "", rows["closures.csv"], act, out, {"unit": ids["unit"]})
        _baskets(rows["basket.csv"], act, out)
        _method(chosen, act, out)
        for name, refused in given.refused.items():
            register = {"basket": "weights"}.get(name.removesuffix(".csv"), name.removesuffix(".csv"))
            if register in out.counts:
                out.counts[register]["refused"] = refused
        if out.changed:
            trail.append(by, "registers.import", "registers", role=role, after=out.counts, reason=reason)
    return out


def _count(added: int = 0, changed: int = 0, unchanged: int = 0) -> dict[str, int]:
    return {"added": added, "changed": changed, "unchanged": unchanged, "refused": 0}


def digest(rows: Any) -> str:
    """SHA-256 of rows in the order of their texts."""
    text = json.dumps(sorted(json.dumps(r, ensure_ascii=False, sort_keys=True) for r in rows), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _change(act: Act, register: str, code: str, before: Any, after: Any) -> Change:
    return Change(register=register, code=code, before=before, after=after, by=act.by, at=act.at, reason=act.reason)


def _market(given: dict[str, Any], act: Act, out: Taken) -> None:
    fields = {k: given[k] for k in ("name_zh", "name_en", "currency", "simulated")}
    fields["more"] = {k: given[k] for k in ("marker_zh", "marker_en") if k in given}
    there = Market.objects.first()
    if there is None:
        Market.objects.create(**fields)
        before = None
    else:
        before = {k: getattr(there, k) for k in fields}
        for name in ("currency", "simulated"):
            if before[name] != fields[name]:
                raise DataError(
                    f"market.json: {name} is {fields[name]!r}, and the office's is {before[name]!r}; "
                    "another market needs an office of its own"
                )
        if before == fields:
            out.counts["market"] = _count(unchanged=1)
            return
        for name, value in fields.items():
            setattr(there, name, value)
        there.save()
    _change(act, "market", "market", before, fields).save()
    out.counts["market"] = _count(changed=1) if before else _count(added=1)


def _split(row: Row, columns: Sequence[str]) -> tuple[Row, Row]:
    return {c: row.get(c, "") for c in columns}, {k: v for k, v in row.items() if k not in columns and v}


def _classification(rows: list[Row], links: list[Row], act: Act, out: Taken) -> None:
    """A new version where a class or a correspondence differs from the version in force."""
    found = digest([rows, links])
    last = Classification.objects.order_by("-number").first()
    if last is not None and last.digest == found:
        out.counts["classification"] = _count(unchanged=len(rows))
        return
    if last is not None:
        became = {r["code"] for r in rows} | {r["old"] for r in links}
        if orphans := sorted(set(last.classes.values_list("code", flat=True)) - became, key=natural_key):
            raise DataError(
                f"classification.csv: class {orphans[0]} of version {last.number} is in no row, and no row of "
                "correspondence.csv says what it became; keep it, or say so (rule 44)"
            )
    version = Classification(
        number=last.number + 1 if last else 1, digest=found, by=act.by, at=act.at, reason=act.reason
    )
    version.save()
    new = []
    for position, row in enumerate(rows):
        own, more = _split(row, Class.COLUMNS)
        new.append(Class(classification=version, position=position, more=more, **own))
    Class.objects.bulk_create(new, batch_size=BATCH)
    pairs = []
    for row in links:
        own, more = _split(row, Correspondence.COLUMNS)
        pairs.append(Correspondence(classification=version, more=more, **{**own, "kind": own["kind"] or "rename"}))
    Correspondence.objects.bulk_create(pairs, batch_size=BATCH)
    out.counts["classification"] = _count(added=len(rows))


def upsert(
    model: type[Any], register: str, key: str, rows: list[Row], act: Act, out: Taken,
    ids: dict[str, dict[str, int]] | None = None,
) -> list[Change]:  # fmt: skip
    """Add new rows and change those that differ; what changed. key : column of the row's own code, ids : of others."""
    columns: tuple[str, ...] = model.COLUMNS
    refer = ids or {}
    names = [key] if key else list(columns[: 3 if model is Assignment else 2])
    there = {}
    for old in model.objects.select_related(*refer):
        told = texts(old, columns, key) if not refer or key else texts(old, columns)
        there["/".join(told[n] for n in names)] = (old, told)
    new, changed, changes = [], [], []
    for row in rows:
        own, more = _split(row, columns)
        code = "/".join(own[n] for n in names)
        fields: dict[str, Any] = {"more": more}
        for name in columns:
            if name in refer:
                fields[f"{name}_id"] = refer[name][own[name]] if own[name] else None
            else:
                fields["code" if name == key else name] = own[name]
        after = {**own, **more}
        if code not in there:
            new.append(model(**fields))
            changes.append(_change(act, register, code, None, after))
            continue
        old, before = there[code]
        if before != after:
            for name, value in fields.items():
                setattr(old, name, value)
            changed.append(old)
            changes.append(_change(act, register, code, before, after))
    model.objects.bulk_create(new, batch_size=BATCH)
    if changed:
        fields_of = [f.name for f in model._meta.local_fields if not f.primary_key]
        model.objects.bulk_update(changed, fields_of, batch_size=100)
    Change.objects.bulk_create(changes, batch_size=BATCH)
    out.counts[register] = _count(len(new), len(changed), len(rows) - len(new) - len(changed))
    return changes


def _baskets(rows: list[Row], act: Act, out: Taken) -> None:
    from ellwand.office.record.models import Release

    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["valid_from"], []).append(row)
    counts = _count()
    for start, group in groups.items():
        found = digest(group)
        last = Basket.objects.filter(valid_from=start).order_by("-number").first()
        if last is not None and last.digest == found:
            counts["unchanged"] += len(group)
            continue
        if Release.objects.exists():
            raise DataError(
                f"basket.csv, basket of {start}: figures are released by the baskets in force; another one is prepared "
                "as a draft, with its effect on the index and the decision of somebody else"
            )
        basket = Basket(
            valid_from=start, number=last.number + 1 if last else 1, digest=found, by=act.by, at=act.at,
            reason=act.reason,
        )  # fmt: skip
        basket.save()
        weights = []
        for row in group:
            own, more = _split(row, ("valid_from", *Weight.COLUMNS))
            del own["valid_from"]
            weights.append(Weight(basket=basket, more=more, **own))
        Weight.objects.bulk_create(weights, batch_size=BATCH)
        counts["changed" if last else "added"] += len(group)
    out.counts["weights"] = counts


def _method(chosen: MethodFile, act: Act, out: Taken) -> None:
    name, version = chosen.method.name, chosen.method.version
    there = MethodVersion.objects.filter(name=name, version=version).first()
    if there is not None:
        if there.digest != chosen.digest:
            raise DataError(
                f"method {name} {version}: the office holds another file under this version "
                f"(SHA-256 {there.digest[:16]}, not {chosen.digest[:16]}); give the changed method a new version"
            )
        out.counts["methods"] = _count(unchanged=1)
        return
    from ellwand.office.record.models import Release

    if Release.objects.exists():
        raise DataError(
            f"method {name} {version}: figures are released by the method in force; another one takes the way of a "
            "proposal, with comments and a decision (rule 22)"
        )
    MethodVersion(
        name=name, version=version, text=chosen.text, digest=chosen.digest, by=act.by, at=act.at, reason=act.reason
    ).save()
    out.counts["methods"] = _count(added=1)
