"""Telling: at the instant and not before, once, tried again, and the correction to whoever was told the first value."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest


def published(code: str = "0", period: str = "2022-W01") -> Any:
    from ellwand.office.record import reading

    return next(f.observation for f in reading.figures(periods=[period]) if f.observation.code == code)


def after(code: str) -> list[str]:
    from ellwand.office.approvals import aftermath
    from ellwand.office.record.models import Release

    return aftermath.follow(Release.objects.get(code=code))


def work() -> list[str]:
    """Do what the worker has waiting of this room; what became of each message."""
    from ellwand.office.alerts import tasks
    from ellwand.office.alerts.models import Delivery

    return [tasks.deliver.call(pk) for pk in Delivery.objects.filter(state="waiting").values_list("pk", flat=True)]


def test_a_release_is_told_of_at_its_instant_once(week: Any, subscribed: Any, in_files: Any) -> None:
    from ellwand.office.alerts.models import Delivery
    from ellwand.office.approvals import tasks
    from ellwand.office.approvals.models import Told
    from ellwand.office.record.models import Release

    zh = subscribed("zh@example.org", ("release", "0"))
    en = subscribed("en@example.org", ("release", "1"), language="en")
    subscribed("only-corrections@example.org", ("correction",))
    found = week.scheduled()
    (release,) = Release.objects.all()
    in_files()
    # Before the instant the task finds nothing to do.
    assert tasks.due.call(release.pk) == [] and not Delivery.objects.exists() and not Told.objects.exists()
    instant = found.issue.release_at
    week.at(instant.year, instant.month, instant.day, instant.hour, instant.minute)
    assert tasks.due.call(release.pk) == []
    assert work() == ["sent", "sent"]
    first, second = sorted(in_files(), key=lambda text: "en@" in text)
    total, one = published(), published("1")
    assert "To: zh@example.org" in first and total.published in first.split("\n")[1] and "2022年第1周" in first
    assert "List-Unsubscribe: <http" in first and "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in first
    assert "/comments/price/price-2022-W01-1/" in first and "模拟市场" in first
    assert "To: en@example.org" in second and one.published in second and "week 1 of 2022" in second
    rows = {t.address: json.loads(t.what) for t in Told.objects.filter(channel="email")}
    assert set(rows) == {f"subscriber/{zh.pk}", f"subscriber/{en.pk}"}
    assert rows[f"subscriber/{zh.pk}"]["0@2022-W01:value"] == total.published
    # Again, nobody is told twice.
    assert after(release.code) == [] and work() == [] and Delivery.objects.count() == 2
    assert len(in_files()) == 2 and Told.objects.count() == 2


def test_who_asks_after_the_instant_is_told_of_the_next_one(sqlite_week: Any, subscribed: Any) -> None:
    from ellwand.office import clock
    from ellwand.office.alerts.models import Delivery, Subscriber

    one = subscribed("late@example.org", ("release", "0"))
    sqlite_week.public()
    Subscriber.objects.filter(pk=one.pk).update(confirmed_at=clock.now().replace(hour=23))
    assert after("price-2022-W01-1") == [] and not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("measure", "way", "step", "told"),
    [
        ("value", "above", "0", True), ("value", "above", "0.01", False), ("value", "below", "0", True),
        ("value", "below", "-0.01", False), ("change_previous", "above", "0", True),
        ("change_previous", "below", "-0.01", False),
    ],
)  # fmt: skip
def test_thresholds_are_met_by_the_published_figure(
    sqlite_week: Any, subscribed: Any, measure: str, way: str, step: str, told: bool
) -> None:
    from ellwand.office.alerts import channel, composing
    from ellwand.office.alerts.models import Subscription
    from ellwand.office.record.models import Release

    sqlite_week.public()
    sqlite_week.at(2022, 1, 16, 3)
    sqlite_week.public("2022-W02")
    row = published(period="2022-W02")
    figure = Decimal(row.published if measure == "value" else row.published_change_previous)
    one = subscribed("t@example.org", ("threshold", "0", measure, way, figure + Decimal(step)))
    issue = channel.issue_of(Release.objects.get(code="price-2022-W02-1"))
    wishes = list(Subscription.objects.filter(subscriber=one))
    message = composing.compose(issue, one, wishes, [])
    earlier = Decimal(published(period="2022-W01").published)
    level = figure + Decimal(step)
    # A level that held in the issue before already is no news; a change is news in every issue.
    news = measure != "value" or not (earlier >= level if way == "above" else earlier <= level)
    assert (message is not None) == (told and news)
    if message is not None:
        assert message.event == "threshold" and message.payload["thresholds"][0]["value"] == str(figure)


def test_whoever_was_told_the_first_value_is_told_of_the_correction(
    corrected: Any, subscribed: Any, in_files: Any
) -> None:
    """Feature 19 of governance.md."""
    from ellwand.office.alerts.models import Delivery
    from ellwand.office.approvals.models import Told

    row, week = corrected
    told = subscribed("told@example.org", ("release", "0"), language="en")
    asks = subscribed("asks@example.org", ("correction",))
    other = subscribed("other@example.org", ("threshold", "0", "value", "above", Decimal(900)))
    in_files()
    for code in ("price-2022-W01-1", "price-2022-W02-1", "price-2022-W03-1"):
        assert after(code) == []
    assert work() == ["sent"] * 3 and not Delivery.objects.filter(subscriber__in=[asks, other]).exists()
    week.at(2022, 1, 24, 7)
    assert after("price-2022-W03-2") == [] and sorted(work()) == ["sent", "sent"]
    new = published(period="2022-W02").published
    assert new != row.first_value
    texts = {text.split("\n")[0]: text for text in in_files()}
    mail = texts["To: told@example.org"]
    assert f"{row.first_value} → {new}" in mail and "We had sent you the first value" in mail and row.cause_en in mail
    assert row.cause_zh in texts["To: asks@example.org"] and "/corrections/" in texts["To: asks@example.org"]
    assert not Delivery.objects.filter(subscriber=other).exists()
    payload = Delivery.objects.get(subscriber=told, event="correction").payload
    assert {"series": "0", "period": "2022-W02", "figure": "value", "first_value": row.first_value, "new_value": new,
            "you_were_told": True} in payload["figures"]  # fmt: skip
    (kept,) = Told.objects.filter(release__code="price-2022-W03-2", address=f"subscriber/{told.pk}")
    assert json.loads(kept.what)["0@2022-W02:value"] == new


def test_a_webhook_gets_figures_that_it_can_check(sqlite_week: Any, subscribed: Any, hook: Any) -> None:
    from ellwand.office.alerts import targets

    one = subscribed(hook.address, ("release", "0"), kind="webhook")
    sqlite_week.public()
    assert after("price-2022-W01-1") == [] and work() == ["sent"]
    ((head, body),) = hook.got
    said = json.loads(body)
    assert said["event"] == "release" and said["release"] == "price-2022-W01-1" and said["simulated"] is True
    assert said["figures"][0]["value"] == published().published and said["id"] == head["webhook-id"]
    stamp = int(head["webhook-timestamp"])
    assert head["webhook-signature"] == targets.signature(one.secret, head["webhook-id"], stamp, body)


def test_a_message_is_tried_again_with_longer_pauses_and_given_up(
    week: Any, subscribed: Any, hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from ellwand.office.alerts import tasks
    from ellwand.office.alerts.models import Delivery, Subscriber

    one = subscribed(hook.address, ("release", "0"), kind="webhook")
    week.public()
    assert after("price-2022-W01-1") == []
    (row,) = Delivery.objects.all()
    pauses = []
    for k in range(len(tasks.BACKOFF)):
        hook.answers.append((503, b""))
        before = timezone.now()
        assert tasks.deliver.call(row.pk) == "waiting"
        row.refresh_from_db()
        assert row.attempts == k + 1 and "answered 503" in row.why
        planned = DBTaskResult.objects.filter(task_path=tasks.deliver.module_path).order_by(
            "-enqueued_at", "-run_after"
        )
        pauses.append(max((p.run_after - before).total_seconds() for p in planned if p.run_after.year < 9000))
    assert [round(p, -1) for p in pauses] == [round(b, -1) for b in tasks.BACKOFF]
    ids = {head["webhook-id"] for head, _ in hook.got}
    assert ids == {f"msg-{row.pk}"}
    hook.answers.append((503, b""))
    assert tasks.deliver.call(row.pk) == "failed"
    row.refresh_from_db()
    assert row.state == "failed" and Subscriber.objects.get(pk=one.pk).failed == 1
    assert tasks.deliver.call(row.pk) == ""
    # One that took it in the end counts anew; one that is gone is forgotten.
    Delivery.objects.filter(pk=row.pk).update(state="waiting", attempts=0)
    assert tasks.deliver.call(row.pk) == "sent" and Subscriber.objects.get(pk=one.pk).failed == 0
    Delivery.objects.filter(pk=row.pk).update(state="waiting", attempts=0)
    hook.answers.append((410, b""))
    assert tasks.deliver.call(row.pk) == "gone" and not Subscriber.objects.exists() and not Delivery.objects.exists()


def test_the_worker_does_it_all(week: Any, in_files: Any) -> None:
    """From the request to the message, by the process that works through the tasks."""
    from django.core.management import call_command

    from ellwand.office.alerts import subscribing, tasks
    from ellwand.office.approvals import tasks as releases
    from ellwand.office.record.models import Release

    in_files()
    week.public()
    one = subscribing.ask("email", "a@example.org", "zh", [subscribing.wish("release", "0")])
    tasks.ask.enqueue(one.pk)
    call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False)
    assert any("/me/confirm/" in text for text in in_files())
    subscribing.confirm(one)
    week.at(2022, 1, 16, 3)
    week.public("2022-W02")
    releases.after.enqueue(Release.objects.get(code="price-2022-W02-1").pk)
    call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False)
    assert [t for t in in_files() if published(period="2022-W02").published in t and "2022年第2周" in t]


def test_after_a_fall_of_the_worker_what_waits_is_taken_up(sqlite_week: Any, subscribed: Any, in_files: Any) -> None:
    from ellwand.office.alerts import tasks
    from ellwand.office.alerts.models import Delivery

    subscribed("a@example.org", ("release", "0"))
    sqlite_week.public()
    assert after("price-2022-W01-1") == [] and tasks.take_up() == 1
    Delivery.objects.update(next_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert tasks.take_up() == 0


def test_a_mail_server_that_fails_is_told_of_and_tried_again(
    sqlite_week: Any, subscribed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ellwand.office.alerts.models import Delivery
    from ellwand.office.collection import senders

    def refuse(*_: Any) -> None:
        raise senders.SendingError("mail.example: refused")

    monkeypatch.setattr(senders.Email, "deliver", refuse)
    subscribed("a@example.org", ("release", "0"))
    sqlite_week.public()
    assert after("price-2022-W01-1") == [] and work() == ["waiting"]
    assert Delivery.objects.get().why == "mail.example: refused"
