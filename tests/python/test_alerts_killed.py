"""A delivery killed at any moment: the next one loses nothing, and what it tells twice it marks as a repeat."""

from __future__ import annotations

import multiprocessing
import multiprocessing.process
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alert_standins import AS_OF, Company, Inbox, alert, standins, tell_in_child

# TIEOUT_TEST_KILLS=100 python -m pytest -s tests/python/test_alerts_killed.py tries harder and shows what came of it.
ROUNDS = int(os.environ.get("TIEOUT_TEST_KILLS", "30"))
DOMAINS = ("msp", "support")
SEVERITIES = {"critical": "slack", "warning": "teams", "info": "mail"}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs fork")


class Deliveries:
    """A company whose alerts change every turn, and deliveries of them in processes of their own."""

    def __init__(self, folder: Path, inbox: Inbox, environment: dict[str, str]) -> None:
        self.company = Company(folder)
        self.company.routes(
            *(f"{d},,{severity},{channel},," for d in DOMAINS for severity, channel in SEVERITIES.items())
        )
        self.inbox = inbox
        self._environment = {**self.company.environment, **environment}
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(
            ["alert_standins", *(f"runner.alerts.channels.{name}" for name in ("slack", "teams", "mail"))]
        )
        self._turn = 0
        self._standing: set[str] = set()
        self.expected: set[tuple[str, str]] = set()
        """What is to be told in this turn: subject, and new or resolved."""

    def next_turn(self) -> None:
        """Everything that was wrong is over, and as much else is wrong."""
        self._turn += 1
        subjects = {
            f"T{self._turn}-{domain}-{severity}-{n}" for domain in DOMAINS for severity in SEVERITIES for n in (1, 2)
        }
        rows = [
            alert(subject, domain=subject.split("-")[1], severity=subject.split("-")[2], observed=Decimal(5000))
            for subject in sorted(subjects)
        ]
        self.company.put(rows, AS_OF + timedelta(hours=self._turn))
        self.expected = {(subject, "new") for subject in subjects} | {
            (subject, "resolved") for subject in self._standing
        }
        self._standing = subjects
        self.inbox.received.clear()

    def start(self) -> multiprocessing.process.BaseProcess:
        child = self._context.Process(target=tell_in_child, args=(self.company, self._environment), daemon=True)
        child.start()
        return child

    def finish(self) -> float:
        """A delivery that nobody kills; gives the seconds it took."""
        started = time.perf_counter()
        child = self.start()
        child.join()
        assert child.exitcode == 0
        return time.perf_counter() - started

    def told(self, *, unmarked_only: bool = False) -> Counter[tuple[str, str]]:
        """How often each thing was told in this turn."""
        counts: Counter[tuple[str, str]] = Counter()
        for got in self.inbox.received:
            found = re.findall(r"(No longer so: )?(T\d+-[a-z]+-[a-z]+-\d) differs", got.text)
            items = {(subject, "resolved" if over else "new") for over, subject in found}
            assert len(items) == len(got.items)
            counts.update(items if not (unmarked_only and got.is_repeat) else ())
        return counts


@pytest.fixture
def deliveries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deliveries]:
    # The server that forks the children finds modules by the environment only.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    # In memory where that can be: what is killed is a process, not the machine, and waiting for a disk proves nothing.
    memory = Path("/dev/shm")  # noqa: S108 (a folder of its own in it)
    folder = Path(tempfile.mkdtemp(dir=memory)) if memory.is_dir() else tmp_path
    with standins() as (inbox, environment):
        yield Deliveries(folder / "company", inbox, environment)
    shutil.rmtree(folder, ignore_errors=True)


def test_killed_at_random_moments_nothing_is_lost_and_only_marked_repeats_come_twice(deliveries: Deliveries) -> None:
    chance = random.Random(7)  # noqa: S311 (moments, not secrets)
    statistics: Counter[str] = Counter()
    inbox = deliveries.inbox
    inbox.delay = 0.02
    for _ in range(2):
        deliveries.next_turn()
        lasts = deliveries.finish()
    for _ in range(ROUNDS):
        deliveries.next_turn()
        killed = deliveries.start()
        killed.join(chance.uniform(0, lasts))
        statistics["killed"] += killed.is_alive()
        killed.kill()
        killed.join()
        statistics["killed after something was sent"] += bool(inbox.received)
        # The machine may be busier or idler than a moment ago.
        lasts = deliveries.finish()
        told = deliveries.told()
        assert set(told) == deliveries.expected
        assert max(deliveries.told(unmarked_only=True).values()) == 1
        statistics["messages"] += len(inbox.received)
        statistics["marked as a repeat"] += sum(got.is_repeat for got in inbox.received)
        statistics["news told twice"] += sum(told.values()) - len(told)
    with sqlite3.connect(deliveries.company.ledger) as ledger:
        assert ledger.execute("select count(*) from message where sent_at is null").fetchone() == (0,)
        assert ledger.execute("pragma integrity_check").fetchone() == ("ok",)
    print(dict(statistics), f"a delivery lasts {lasts:.3f} s")  # noqa: T201 (shown with -s)
    assert statistics["killed"] >= ROUNDS * 0.4


@pytest.mark.parametrize("place", range(6))
def test_killed_between_the_arrival_of_a_message_and_its_receipt_that_one_is_repeated_and_marked(
    deliveries: Deliveries, place: int
) -> None:
    inbox = deliveries.inbox
    deliveries.next_turn()
    known = threading.Event()
    victims: list[multiprocessing.process.BaseProcess] = []

    def kill() -> None:
        if len(inbox.received) == place + 1:
            known.wait(10)
            victims[0].kill()

    inbox.before_answer = kill
    victims.append(deliveries.start())
    known.set()
    victims[0].join()
    assert len(inbox.received) == place + 1
    inbox.before_answer = lambda: None
    deliveries.finish()
    broken_off, repeats = inbox.received[place], [got for got in inbox.received if got.is_repeat]
    assert [got.items for got in repeats] == [broken_off.items]
    assert deliveries.told(unmarked_only=True) == Counter(deliveries.expected)
