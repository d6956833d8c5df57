"""Watching the record: an approval falls at once when what it signs is changed, whoever changed it and by what way.

Every act writes an entry of the audit trail. After each, the rounds that wait between an approval and their instant are
looked at; it costs two counts where nothing of theirs was touched.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from ellwand.office import plain
from ellwand.office.accounts.models import User
from ellwand.office.approvals import standing
from ellwand.office.audit.models import Entry
from ellwand.office.rounds import work

OWN = ("approve.", "approval.", "preview.", "release.", "round.", "early.", "user.", "interests.", "alerts.")
"""Acts that change nothing of what is signed."""
RUNNING = 12

logger = logging.getLogger(__name__)


def look(sender: object, instance: Entry, **_: Any) -> None:
    """Called with every entry of the trail."""
    if instance.act.startswith(OWN):
        return
    actor = instance.actor
    transaction.on_commit(lambda: check_all(actor), robust=True)


def check_all(actor: int) -> list[str]:
    """Check the approvals of all rounds that are not public; why some fell."""
    # After every act of everybody, and mostly there is none: the plain statement is made sooner than a query set.
    rows = plain.select(
        "SELECT round_id FROM approvals_approval a WHERE a.correction_id IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM approvals_void v WHERE v.approval_id = a.id)"
    )
    waiting = {pk for (pk,) in rows}
    if not waiting:
        return []
    by = User.objects.filter(pk=actor).first()
    out = []
    for found in work.running(RUNNING):
        if found.pk in waiting and found.state in standing.APPROVED and (why := standing.check(found, by)):
            logger.warning("%s: approval void: %s", found.code, why)
            out.append(why)
    return out


def begin() -> None:
    """Watch from now on."""
    post_save.connect(look, sender=Entry, dispatch_uid="approvals.watch")
