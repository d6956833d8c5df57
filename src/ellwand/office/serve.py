"""Serving an office: processes answer browsers, another one works through the tasks; this one watches over them.

What the processes that answer must agree on is in the record, or in files beside it (`shared`). What each keeps for
itself (pages, figures that were read) is named by the state of the record that it came from.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.office import setup
from ellwand.office.home import FOLDER
from ellwand.office.settings import COLLECTED

PATIENCE = 10.0
"""Seconds that a process has to end by itself."""
THREADS = 4
"""Requests that a process answers at once."""
MOST = 4
"""Processes that answer where nobody says how many."""


def collect_static() -> None:
    """Put the style sheets, scripts and pictures of all rooms into the office's folder, named by their content."""
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


APPLICATION = "ellwand.office.wsgi:application"


def cores() -> int:
    """The cores that this process may use, at most `MOST`: so many processes answer where nobody says how many."""
    return max(1, min(MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


def server(port: int, host: str, application: str = APPLICATION, processes: int = 1) -> list[str]:
    """The command of what answers: one process that watches over so many that answer."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(processes), "--respawn-failed-workers", "--respawn-interval", "0.5",
        "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning", application,
    ]  # fmt: skip


def worker() -> list[str]:
    """The command of the process that works."""
    return [sys.executable, "-m", "ellwand.office.work_tasks"]


def serve(
    directory: str | None, port: int, *, host: str = "127.0.0.1", application: str = APPLICATION,
    processes: int | None = None, say: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """Serve an office until it is interrupted. A process that dies is started again; DataError if it can't live.

    application : what answers, as MODULE:NAME; with the site of the floor above it is that floor's. processes : that
    answer; one for each core, if it is left out.
    """
    os.environ[COLLECTED] = "yes"
    home = setup.office(directory)
    collect_static()
    environment = {**os.environ, FOLDER: str(home.path)}
    commands = {"server": server(port, host, application, processes or cores()), "worker": worker()}
    running: dict[str, subprocess.Popen[bytes]] = {}
    deaths: dict[str, list[float]] = {name: [] for name in commands}
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        for name, command in commands.items():
            running[name] = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603
        say(f"The office of {Path(home.path).name} answers at http://{host}:{port}/  (stop it with Ctrl-C)")
        while not stopped:
            time.sleep(0.2)
            for name, process in list(running.items()):
                if process.poll() is None:
                    continue
                now = time.monotonic()
                deaths[name] = [t for t in deaths[name] if now - t < 60] + [now]
                if len(deaths[name]) > 5:
                    raise DataError(f"the {name} ended {len(deaths[name])} times within a minute; see its words above")
                say(f"the {name} ended with {process.returncode}; it is started again")
                with contextlib.suppress(ProcessLookupError):
                    # What it watched over ends with it.
                    os.killpg(process.pid, signal.SIGKILL)
                running[name] = subprocess.Popen(commands[name], env=environment, start_new_session=True)  # noqa: S603
    finally:
        _end(running)


def _end(running: dict[str, "subprocess.Popen[bytes]"]) -> None:
    for process in running.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    for process in running.values():
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
