"""Checks on the record itself: triggers, the trail, instants, the calendar, the method."""

from django.apps import apps
from django.conf import settings
from django.db import connection

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.append_only import AppendOnly
from ellwand.office.audit import search, trail
from ellwand.office.audit.models import Entry
from ellwand.office.audit.selftest import Found, check
from ellwand.office.record.models import Compilation
from ellwand.office.registry import calendar
from ellwand.office.registry.models import Issue, MethodVersion
from ellwand.production.method import parse_method

TRIGGERS = {"sqlite": ("_no_update", "_no_delete", "_no_replace"), "postgresql": ("_no_change", "_no_truncate")}
THERE = {
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


@check(8)
def calendar_ahead() -> Found:
    """Every week of the next twelve months has its instant or its reason."""
    gaps, planned = calendar.gaps(), calendar.issues()
    now = clock.now()
    ahead = [p for p in planned.values() if p.issue.release_at > now]
    late = sum(1 for p in ahead if p.late)
    return Found(
        not gaps, f"未来十二个月排定{len(ahead)}期，缺{len(gaps)}期；不足四周才公布的{late}期。",
        f"{len(ahead)} issues lie ahead, {len(gaps)} weeks of twelve months lack one; {late} were announced less than "
        "four weeks ahead.",
    )  # fmt: skip


@check(9)
def changed_dates() -> Found:
    """Every change of a date has its reason, and the date before it is kept."""
    changed = list(Issue.objects.filter(number__gt=1).values_list("family", "period", "number", "reason"))
    there = set(Issue.objects.values_list("family", "period", "number"))
    odd = sum(1 for f, p, n, reason in changed if not reason.strip() or (f, p, n - 1) not in there)
    return Found(
        not odd, f"日期变更{len(changed)}次，缺原因或原日期的{odd}次。",
        f"{len(changed)} dates were changed; {odd} of them lack the reason or the old date.",
    )  # fmt: skip


@check(12)
def immutable() -> Found:
    """Every table of rows that never change has its triggers, and they are on."""
    with connection.cursor() as cursor:
        cursor.execute(THERE[connection.vendor])
        there: dict[str, set[str]] = {}
        for table, trigger in cursor.fetchall():
            there.setdefault(table.strip('"'), set()).add(trigger.removeprefix(table.strip('"')))
    tables = [m._meta.db_table for m in apps.get_models() if issubclass(m, AppendOnly)]
    bare = [t for t in tables if not there.get(t, set()).issuperset(TRIGGERS[connection.vendor])]
    return Found(
        not bare, f"{len(tables)}张只增不改的表，触发器不全的{len(bare)}张。",
        f"Of {len(tables)} tables that are only added to, {len(bare)} lack a trigger.",
    )  # fmt: skip


@check(21)
def method_documents() -> Found:
    """Every version of the method is what its hash says, titled in both languages; every compilation names one."""
    rows, odd = list(MethodVersion.objects.order_by("pk")), 0
    for row in rows:
        try:
            parsed = parse_method(row.text, f"{row.name} {row.version}")
        except DataError:
            odd += 1
            continue
        odd += parsed.digest != row.digest or not (parsed.method.title_zh and parsed.method.title_en)
    known = {(r.pk, r.digest) for r in rows}
    loose = len(set(Compilation.objects.values_list("method", "method_digest")) - known)
    if not rows:
        return Found(None, "还没有方法。", "There is no method yet.")
    return Found(
        not odd and not loose, f"方法{len(rows)}个版本，不符{odd}个；指向不明版本的编制{loose}种。",
        f"{len(rows)} versions of the method, {odd} not as their hash or titles say; compilations name {loose} unknown "
        "ones.",
    )  # fmt: skip


@check(34)
def trail_verifies() -> Found:
    """The chain of the trail verifies from its first entry on."""
    count, head, fault = trail.verify()
    first = search.oldest()
    since = str(first["at"])[:10] if first else "–"
    return Found(
        fault is None and first is not None and first["sequence"] == 1,
        f"审计记录{count}条，自{since}起，链条{'完整' if fault is None else '有误'}；末端{head[:16]}。",
        f"{count} entries since {since}; the chain {'verifies' if fault is None else 'is broken'}; head {head[:16]}.",
    )  # fmt: skip


@check(40)
def auditors() -> Found:
    """Who is an auditor and nothing else wrote nothing but that he looked, signed in or declared his interests."""
    from ellwand.office.accounts.models import User
    from ellwand.office.accounts.roles import AUDITOR

    only = [u.pk for u in User.objects.all() if {AUDITOR} == {g.role for g in u.grants.all()}]
    acts = Entry.objects.filter(actor__in=only)
    for own in ("preview.", "account.", "interests."):
        acts = acts.exclude(act__startswith=own)
    wrote = acts.count()
    return Found(
        not wrote, f"审计员{len(only)}人，写入记录{wrote}条。",
        f"{len(only)} people are auditors only; they wrote {wrote} entries besides those of looking and of themselves.",
    )  # fmt: skip


@check(49)
def clock_and_zone() -> Found:
    """Instants are kept in UTC, and shown in the zone of the market."""
    zone = setup.current().time_zone
    last = list(Entry.objects.order_by("-sequence").values_list("at", flat=True)[:1000])
    odd = sum(1 for at in last if not at.endswith("+00:00"))
    offset = clock.now().astimezone(zone).strftime("%z")
    shown = f"UTC{offset[:3]}:{offset[3:]}"
    return Found(
        not odd and settings.USE_TZ and str(zone) == settings.TIME_ZONE,
        f"时刻以UTC保存（最近{len(last)}条中{odd}条不是），按{zone}（{shown}）显示。",
        f"Instants are kept in UTC ({odd} of the last {len(last)} are not) and shown in {zone} ({shown}).",
    )
