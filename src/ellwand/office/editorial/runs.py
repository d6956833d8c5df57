"""Compiling from the screen: a run is started by somebody, done by the worker, and tells how far it has come."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from django.db import transaction
from django_tasks import task

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.editorial.models import Run, Step
from ellwand.office.record.models import Compilation
from ellwand.office.rounds import states, work
from ellwand.office.rounds.compiling import compile_round
from ellwand.office.rounds.models import Round

RUNNING, DONE, REFUSED, BROKEN = "running", "done", "refused", "broken"
PACE = 0.25
"""Seconds between two steps that are noted."""
SILENT = timedelta(minutes=5)
"""A run that tells nothing for so long was broken off; the next may start."""


@dataclass(frozen=True)
class Progress:
    """How far a run has come. state : running, done, refused or broken. words : of the work, or of what stood in the
    way. at : of the last step.
    """

    run: Run
    state: str
    done: int
    total: int
    words: str
    at: datetime


def last(found: Round) -> Progress | None:
    """The last run of a round; None where nobody started one."""
    run = found.runs.select_related("by").order_by("-pk").first()
    return None if run is None else progress_of(run)


def progress_of(run: Run) -> Progress:
    """How far a run has come."""
    step = run.steps.order_by("-number").first()
    if step is None:
        state = BROKEN if clock.now() - run.at > SILENT else RUNNING
        return Progress(run, state, 0, 0, "", run.at)
    state = BROKEN if step.state == RUNNING and clock.now() - step.at > SILENT else step.state
    return Progress(run, state, step.done, step.total, step.words, step.at)


def start(found: Round, by: User, sign: str = "") -> Run:
    """Start a run. sign : the reason with which the user signs the exceptions that he may sign.

    DataError for a round that is not in review, and while somebody else's run is under way.
    """
    role = people.require(by, "round.compile")
    work.settle(found)
    with transaction.atomic():
        work.lock(found)
        there = last(found)
        if there is not None and there.state == RUNNING:
            far = f", {there.done} of {there.total} periods done" if there.total else ""
            raise DataError(
                f"round {found.code}: {there.run.by.username} is compiling it since {there.run.at:%H:%M} UTC{far}; "
                "wait for the result, nothing else has to be started"
            )
        if found.state != states.REVIEWING:
            raise DataError(f"round {found.code} is {found.state}; it is compiled while it is reviewing")
        run = Run(round=found, by=by, at=clock.now(), sign=sign.strip())
        run.save()
        trail.append(by, "compile.start", f"round/{found.code}", role=role, after={"run": run.pk}, reason=sign.strip())
    compile_run.enqueue(run.pk)
    return run


@task()
def compile_run(pk: int) -> str:
    """Do a run; its last state. A run that was done already, or of a worker that was killed, is not done twice."""
    run = Run.objects.select_related("round", "by").get(pk=pk)
    if progress_of(run).state in (DONE, REFUSED):
        return progress_of(run).state
    teller = Teller(run)
    try:
        made = compile_round(
            run.round.code, run.by, sign=run.sign, version=version("ellwand"), progress=teller.progress
        )
    except DataError as error:
        if (there := _made(run)) is None:
            teller.tell(REFUSED, str(error))
            return REFUSED
        teller.tell(DONE, str(there.number))
        return DONE
    teller.tell(DONE, str(made.compilation.number))
    return DONE


def _made(run: Run) -> Compilation | None:
    """What a run compiled before its worker was killed, which could no longer say so."""
    if run.round.state != states.COMPILED:
        return None
    found = run.round.compilations.order_by("-number").first()
    return found if found is not None and found.by == run.by and found.at >= run.at else None


class Teller:
    """Notes the steps of a run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.number = run.steps.count()
        self.done = self.total = 0
        self.noted = -PACE

    def progress(self, done: int, total: int, words: str) -> None:
        """Note a step, unless one was noted just now."""
        self.done, self.total = done, total
        if time.monotonic() - self.noted >= PACE:
            self.tell(RUNNING, words)

    def tell(self, state: str, words: str) -> None:
        """Note a step."""
        self.number += 1
        self.noted = time.monotonic()
        Step(
            run=self.run, number=self.number, state=state, done=self.done, total=self.total, words=words,
            at=clock.now(),
        ).save()  # fmt: skip


def obstacles(message: str) -> list[tuple[str, str]]:
    """The guards in a refusal, each with what it says; "" for a refusal that is of no guard."""
    _, colon, rest = message.partition(f" to {states.COMPILED}: ")
    if not colon:
        return [("", message)]
    out: list[tuple[str, str]] = []
    for part in rest.split("; "):
        name, mark, why = part.partition(": ")
        if mark and name in states.GUARDS:
            out.append((name, why.split(" (a ")[0] if name in states.SIGNS else why))
        elif out and not part.startswith("needs the role"):
            out[-1] = (out[-1][0], f"{out[-1][1]}; {part}")
        else:
            out.append(("", part))
    return out


def sign(found: Round, guard: str, by: User, reason: str) -> None:
    """Sign an exception from a guard that kept the last run from compiling. DataError for another one."""
    from ellwand.office.rounds.models import SignedException

    role = states.SIGNS.get(guard)
    if role is None or role not in by.roles:
        raise people.RefusedError(
            f"{by.username} may not sign an exception from {guard}: "
            + (f"it needs the role {role}" if role else "there is none from it")
        )
    if not reason.strip():
        raise DataError("reason: empty; say why the round may be compiled although the guard does not hold")
    there = last(found)
    told = dict(obstacles(there.words)) if there is not None and there.state == REFUSED else {}
    if guard not in told:
        raise DataError(f"round {found.code}: the last run was not kept back by {guard}; nothing is to be signed")
    with transaction.atomic():
        work.lock(found)
        SignedException(round=found, guard=guard, what=told[guard], by=by, at=clock.now(), reason=reason.strip()).save()
        trail.append(
            by, "exception.sign", f"round/{found.code}", role=role, after={"guard": guard, "what": told[guard]},
            reason=reason.strip(),
        )  # fmt: skip
