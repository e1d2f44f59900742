"""A delivery killed at any moment: the next one loses nothing, and what it tells twice it marks as a repeat."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alert_standins import AS_OF, Company, alert, standins, tell_in_child

ROUNDS = int(os.environ.get("TIEOUT_TEST_KILLS", "30"))
DOMAINS = ("msp", "support")
SEVERITIES = {"critical": "slack", "warning": "teams", "info": "mail"}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs fork")


def test_killed_at_random_moments_nothing_is_lost_and_only_marked_repeats_come_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    # The server that forks the children finds modules by the environment only.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [
            "alert_standins",
            "runner.alerts.channels.slack",
            "runner.alerts.channels.teams",
            "runner.alerts.channels.mail",
        ]
    )
    # In memory where that can be: what is killed is a process, not the machine, and waiting for a disk proves nothing.
    memory = Path("/dev/shm")  # noqa: S108 (a folder of its own in it)
    folder = Path(tempfile.mkdtemp(dir=memory)) if memory.is_dir() else tmp_path
    request.addfinalizer(lambda: shutil.rmtree(folder, ignore_errors=True))
    company = Company(folder / "company")
    company.routes(*(f"{d},,{severity},{channel},," for d in DOMAINS for severity, channel in SEVERITIES.items()))
    chance = random.Random(7)  # noqa: S311 (moments, not secrets)
    statistics: Counter[str] = Counter()
    with standins() as (inbox, environment):
        inbox.delay = 0.002
        # The sockets of this process must not be what keeps a connection open.
        company.put([])

        def delivery() -> multiprocessing.process.BaseProcess:
            child = context.Process(
                target=tell_in_child, args=(company, {**company.environment, **environment}), daemon=True
            )
            child.start()
            return child

        lasts = 0.3
        standing: list[str] = []
        for turn in range(-3, ROUNDS):
            # The first deliveries measure how long one lasts when nobody kills it.
            subjects = [
                f"T{turn + 10}-{domain}-{severity}-{n}" for domain in DOMAINS for severity in SEVERITIES for n in (1, 2)
            ]
            rows = [
                alert(subject, domain=subject.split("-")[1], severity=subject.split("-")[2], observed=Decimal(5000))
                for subject in subjects
            ]
            company.put(rows, AS_OF + timedelta(hours=turn + 10))
            inbox.received.clear()
            killed = delivery()
            started = time.perf_counter()
            if turn < 0:
                killed.join()
                assert killed.exitcode == 0
                lasts = time.perf_counter() - started
                standing = subjects
                continue
            killed.join(chance.uniform(0, lasts))
            died = killed.is_alive()
            killed.kill()
            killed.join()
            before = len(inbox.received)
            healing = delivery()
            healing.join()
            assert healing.exitcode == 0
            statistics["killed"] += died
            statistics["killed after something was sent"] += died and before > 0
            expected = {(subject, "new") for subject in subjects} | {(subject, "resolved") for subject in standing}
            news: Counter[tuple[str, str]] = Counter()
            unmarked: Counter[tuple[str, str]] = Counter()
            for got in inbox.received:
                statistics["messages"] += 1
                statistics["marked as a repeat"] += got.is_repeat
                told = {
                    (subject, "resolved" if over else "new")
                    for over, subject in re.findall(r"(No longer so: )?(T\d+-[a-z]+-[a-z]+-\d) differs", got.text)
                }
                assert len(told) == len(got.items)
                news.update(told)
                unmarked.update(told if not got.is_repeat else ())
            assert set(news) == expected
            assert max(unmarked.values()) == 1
            statistics["told twice"] += sum(count - 1 for count in news.values())
            standing = subjects
    with sqlite3.connect(company.ledger) as ledger:
        assert ledger.execute("select count(*) from message where sent_at is null").fetchone() == (0,)
        assert ledger.execute("pragma integrity_check").fetchone() == ("ok",)
    print(dict(statistics), f"a delivery lasts {lasts:.3f} s")  # noqa: T201 (shown with -s)
    assert statistics["killed"] >= ROUNDS * 0.6
