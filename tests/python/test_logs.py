"""The log: readable lines, tracebacks only there, never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import logs


def int_of(message: str) -> int:
    raise ValueError(message)


def test_an_event_is_one_line_of_pairs(tmp_path: Path) -> None:
    path = logs.start(tmp_path)
    logs.event("export", mart="costs", rows=2, seconds=0.25, reason="two words", nothing=None)
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert line.endswith('step=export mart=costs rows=2 seconds=0.250 reason="two words"')
    assert line[10] == "T"
    assert line[19] == "Z"


def test_secrets_of_the_environment_and_of_profiles_are_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_SNOWFLAKE_PASSWORD", "hunter22")
    logs.keep_secret("from-the-profile")
    path = logs.start(tmp_path)
    with pytest.raises(ValueError, match="cannot connect") as refused:
        int_of("cannot connect with hunter22 or from-the-profile")
    logs.failure("run", refused.value)
    text = path.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "hunter22" not in text
    assert "from-the-profile" not in text
    assert logs.mask("pw=hunter22") == "pw=*****"


def test_the_log_is_rotated(tmp_path: Path) -> None:
    path = logs.start(tmp_path)
    for _ in range(3):
        logs.event("fill", text="x" * 600_000)
    assert path.with_name("tieout.log.1").exists()


def test_a_folder_that_cannot_be_written_does_not_stop_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    logs.start(tmp_path / "file" / "logs")
    logs.event("run")
