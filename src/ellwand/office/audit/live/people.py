"""Checks on people and conduct: early access, complaints, declarations, second factors, drills."""

from ellwand.office import clock
from ellwand.office.accounts import second_factor
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import AUDITOR, STAT_APPROVER, TEXT_APPROVER
from ellwand.office.approvals import previews
from ellwand.office.approvals.models import EarlyAccess, Notice, PreviewView
from ellwand.office.audit.selftest import Found, check
from ellwand.office.cases import complaints, declarations, drills

BY_OFFICE = (STAT_APPROVER, TEXT_APPROVER, AUDITOR)
YEAR = 366
"""Days within which the emergency stop is tried."""


@check(11)
def early_access() -> Found:
    """Only approvers, auditors and people on the list ever looked at a release before its instant."""
    may = set(EarlyAccess.objects.values_list("person", flat=True))
    may |= set(User.objects.filter(grants__role__in=BY_OFFICE, grants__held=True).values_list("pk", flat=True))
    views = PreviewView.objects.count()
    odd = PreviewView.objects.exclude(by__in=may).count()
    listed = len(previews.listed())
    return Found(
        not odd, f"名单上{listed}人；记录的预览{views}次，名单与职责之外的{odd}次。",
        f"{listed} people are on the list; {views} looks are logged, {odd} by somebody who may not.",
    )  # fmt: skip


@check(35)
def complaints_in_time() -> Found:
    """No step of a complaint is overdue."""
    waiting = complaints.waiting()
    overdue = sum(1 for _, standing in waiting if standing.overdue)
    received = complaints.yearly(clock.now().year)["received"]
    return Found(
        not overdue, f"本年收到{received}件，待办{len(waiting)}件，逾期{overdue}件。",
        f"{received} complaints came this year; {len(waiting)} wait for a step of the office, {overdue} are overdue.",
    )  # fmt: skip


@check(36)
def interests() -> Found:
    """Who can approve has a declaration of interest in force, or can't approve until he makes one."""
    approvers = [u for u in User.objects.filter(is_active=True) if u.roles & {STAT_APPROVER, TEXT_APPROVER}]
    if not approvers:
        return Found(None, "还没有批准人。", "Nobody can approve yet.")
    without = sum(1 for u in approvers if not declarations.in_force(u))
    return Found(
        without < len(approvers), f"批准人{len(approvers)}名，声明无效的{without}名（不能批准）。",
        f"{len(approvers)} people may approve; {without} have no declaration in force and can't until they make one.",
    )  # fmt: skip


@check(41)
def second_factors() -> Found:
    """Who can review or approve has a second factor, or comes no further than its set-up."""
    people = [u for u in User.objects.filter(is_active=True) if second_factor.is_needed(u.roles)]
    if not people:
        return Found(None, "还没有审核人或批准人。", "Nobody can review or approve yet.")
    without = sum(1 for u in people if not second_factor.count(u))
    return Found(
        without < len(people), f"须用双重验证的{len(people)}人，尚未设置的{without}人（设置之前不能工作）。",
        f"{len(people)} people need a second factor; {without} have none yet and can do nothing until they do.",
    )  # fmt: skip


@check(42)
def stop_drill() -> Found:
    """The emergency stop was tried within a year."""
    last = Notice.objects.filter(kind=Notice.DRILL).order_by("-pk").values_list("at", flat=True).first()
    held = Notice.objects.filter(kind=Notice.POSTPONED).count()
    if last is None:
        return Found(
            None, f"紧急停止尚未演练；推迟发布{held}次。", f"The stop was never tried; {held} releases were held."
        )
    days = (clock.now() - last).days
    return Found(
        days <= YEAR, f"紧急停止上次演练在{days}天前；推迟发布{held}次。",
        f"The emergency stop was tried {days} days ago; {held} releases were held.",
    )  # fmt: skip


@check(50)
def restore_drill() -> Found:
    """A backup was restored within the time that the office sets itself."""
    age = drills.age()
    if age is None:
        return Found(None, "尚未做过恢复演练。", "No restore drill was made yet.")
    return Found(
        age <= drills.DUE, f"上次成功的恢复演练在{age.days}天前，每{drills.DUE.days}天一次。",
        f"The last restore drill that passed was {age.days} days ago; one is due every {drills.DUE.days} days.",
    )  # fmt: skip
