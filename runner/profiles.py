"""Which warehouse a target is: profiles.yml of the project, or the example as it is shipped where there is none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jinja2
import yaml

from runner import logs
from runner.errors import SettingError
from runner.settings import DUCKDB_PATH, TargetSettings


def profiles_file(project_dir: Path) -> Path:
    """File the targets are read from: profiles.yml, else profiles.yml.example."""
    own = project_dir / "profiles.yml"
    return own if own.is_file() else project_dir / "profiles.yml.example"


@contextmanager
def profiles_folder(project_dir: Path) -> Iterator[Path]:
    """Give a folder that holds profiles.yml: the project's, or for a while a private one with the example in it."""
    source = profiles_file(project_dir)
    if source.name == "profiles.yml":
        yield project_dir
        return
    with tempfile.TemporaryDirectory(prefix="tieout-profiles-") as folder:
        shutil.copyfile(source, Path(folder) / "profiles.yml")
        yield Path(folder)


def target_output(settings: TargetSettings) -> dict[str, Any]:
    """Settings of a target with its environment variables filled in; its secrets are masked in the log from now on.

    Raises:
        SettingError: the file cannot be read, has no such target, or the target needs a variable that is not set.
    """
    path = profiles_file(settings.project_dir)
    target = settings.target
    variables = {**os.environ, DUCKDB_PATH: settings.warehouse_path.as_posix()}
    try:
        outputs = yaml.safe_load(path.read_text(encoding="utf-8"))["tieout"]["outputs"]
        known = ", ".join(outputs)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise SettingError(
            f"{path.name} cannot be read ({type(error).__name__}): copy profiles.yml.example over it."
        ) from error
    if target not in outputs:
        raise SettingError(
            f"Target '{target}' (--target, TIEOUT_TARGET) is not in {path.name}: give one of {known}, or add it there."
        )
    output = {name: _rendered(value, target, path, variables) for name, value in outputs[target].items()}
    for name, value in output.items():
        if isinstance(value, str) and logs.is_secret_name(name):
            logs.keep_secret(value)
    return output


def place_of(output: Mapping[str, Any]) -> str:
    """Say where a target keeps its tables, the same for two names of one place."""
    if output["type"] == "duckdb":
        return str(Path(output["path"]).resolve())
    where = (output.get(name, "") for name in ("type", "account", "host", "port", "database", "schema"))
    return "/".join(str(part).lower() for part in where)


def _rendered(value: Any, target: str, path: Path, variables: Mapping[str, str]) -> Any:
    if not isinstance(value, str) or "{{" not in value:
        return value

    def env_var(name: str, default: str | None = None) -> str:
        found = variables.get(name, default)
        if found is None:
            raise SettingError(f"Target '{target}' in {path.name} needs the environment variable {name}: set it.")
        return found

    environment = jinja2.Environment(autoescape=False)  # noqa: S701 (renders settings, not HTML)
    # dbt's own filters; every rendered value stays text here.
    environment.filters.update(as_number=str, as_bool=str, as_native=str)
    return environment.from_string(value).render(env_var=env_var)
