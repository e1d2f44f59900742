"""The log: readable lines, tracebacks only there, never a secret."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

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


def test_each_event_is_a_json_object_too(tmp_path: Path) -> None:
    path = logs.start(tmp_path)
    logs.event(
        "export", mart="costs", rows=2, seconds=0.25, reason='two "words"\nand a line', is_first=True, nothing=None
    )
    logs.failure("run", ValueError("gone"))
    first, second = (json.loads(line) for line in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines())
    assert {name: first[name] for name in first if name not in ("time", "pid")} == {
        "level": "INFO",
        "step": "export",
        "mart": "costs",
        "rows": 2,
        "seconds": 0.25,
        "reason": 'two "words"\nand a line',
        "is_first": True,
    }
    assert datetime.fromisoformat(first["time"]).tzinfo is not None
    assert (second["step"], second["error"], second["error_type"]) == ("run", "gone", "ValueError")
    assert "ValueError: gone" in second["traceback"]


SLACK = "https://hooks.slack.com/services/T1/B1/abcdefghijklmnop"
TEAMS = "teams+https://a.logic.azure.com/w/1?sig=abcdefghijklmnop"
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n"
AWKWARD = 'p"ss\\w/rd ü&x'


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("TIEOUT_SNOWFLAKE_PRIVATE_KEY", KEY, "cannot read MIIEvQIBADANBgkqhkiG9w0B here"),
        ("TIEOUT_SNOWFLAKE_PRIVATE_KEY", KEY, f"cannot read {KEY}"),
        ("TIEOUT_SNOWFLAKE_PRIVATE_KEY", KEY, f"cannot read {KEY!r}"),
        ("TIEOUT_SQLSERVER_PASSWORD", AWKWARD, f"login failed: {AWKWARD}"),
        ("TIEOUT_SQLSERVER_PASSWORD", AWKWARD, f"login failed: {AWKWARD!r}"),
        ("TIEOUT_SQLSERVER_PASSWORD", AWKWARD, f"no such address: sql://u:{quote(AWKWARD, safe='')}@host"),
        ("TIEOUT_SQLSERVER_PASSWORD", AWKWARD, f"body was {json.dumps({'password': AWKWARD})}"),
        ("TIEOUT_CHANNEL_OPS_URL", SLACK, "url: /services/T1/B1/abcdefghijklmnop (x)"),
        ("TIEOUT_CHANNEL_OPS_URL", TEAMS, f"Max retries: {TEAMS[6:]}"),
        ("TIEOUT_CHANNEL_OPS_URL", TEAMS, "sig abcdefghijklmnop is wrong"),
        ("TIEOUT_CHANNEL_MAIL_URL", "smtp://u:abc%40defgh@mail?from=a@b.c&to=d@e.f", "535 login u abc@defgh refused"),
        ("AZURE_CLIENT_SECRET", "abcdefghijklmnop", "abcdefghijklmnop"),
        ("TIEOUT_DB_CREDENTIALS", "abcdefghijklmnop", "abcdefghijklmnop"),
    ],
)
def test_a_secret_is_masked_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, shown: str
) -> None:
    monkeypatch.setenv(name, value)
    path = logs.start(tmp_path)
    logs.event("login", message=shown)
    with pytest.raises(ValueError, match=r".") as refused:
        int_of(shown)
    logs.failure("run", refused.value)
    logs.stop()
    text = path.read_text(encoding="utf-8") + path.with_suffix(".jsonl").read_text(encoding="utf-8")
    assert "*****" in text
    lines_of_key = ("MIIEvQIBADANBgkqhkiG9w0B", "AQEFAASCBKcwggSjAgEAAoIB")
    for part in (*lines_of_key, AWKWARD, quote(AWKWARD, safe=""), "w/rd", "abcdefgh", "abc@defgh", "abc%40defgh"):
        assert part not in text


def test_what_is_no_secret_stays_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.setenv("TIEOUT_SNOWFLAKE_PRIVATE_KEY_PATH", "/etc/tieout/key.p8")
    monkeypatch.setenv("TIEOUT_CHANNEL_OPS_URL", "https://hooks.slack.com/services/T1/B1/abcdefghijklmnop")
    sentence = "full_refresh=false, services in /etc/tieout/key.p8"
    assert logs.mask(sentence) == sentence


def test_the_log_is_rotated(tmp_path: Path) -> None:
    path = logs.start(tmp_path)
    for _ in range(3):
        logs.event("fill", text="x" * 2_600_000)
    assert path.with_name("tieout.log.1").exists()
    assert path.with_name("tieout.jsonl.1").exists()


def test_a_folder_that_cannot_be_written_does_not_stop_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    logs.start(tmp_path / "file" / "logs")
    logs.event("run")
