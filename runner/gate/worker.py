"""The process that runs Great Expectations: one request on its input, one answer on its output.

It is a process of its own because importing the library takes seconds, which pass while dbt builds, and because its
memory is given back when it ends.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from runner.gate.files import ROWS_AT_ONCE, UnreadableError, frames, shape
from runner.gate.suites import Expectation

_MOST_NAMED = 3
_PHRASES = {
    "expect_column_values_to_not_be_null": "is empty",
    "expect_column_values_to_be_in_set": "holds a value that is not allowed",
    "expect_column_values_to_be_between": "is out of its range",
    "expect_column_values_to_match_regex": "is not written as it must be",
    "expect_column_values_to_be_unique": "repeats",
    "expect_compound_columns_to_be_unique": "repeat",
    "expect_table_columns_to_match_ordered_list": "the columns are not those of the contract",
    "expect_table_row_count_to_equal": "the number of rows is not what it must be",
    "expect_table_row_count_to_be_between": "the number of rows is not what it must be",
}


class MartFiles(BaseModel):
    """Files of one mart, each holding the same rows, and what is expected of them."""

    mart: str
    paths: list[Path]
    """The Parquet file first: the others are read with its types."""
    expectations: list[Expectation]


class Request(BaseModel):
    """What to check, and the folder its documentation goes to."""

    marts: list[MartFiles]
    docs: Path | None = None


class Answer(BaseModel):
    """Each mart that failed, with the reason."""

    failed: dict[str, str]


def main() -> None:
    """Import the library, read the request, answer it."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.simplefilter("ignore")
    # Whatever a library prints must not end up in the answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        checks = Checks()
        request = sys.stdin.buffer.read()
        if request:
            answers.write(checks.answer(Request.model_validate_json(request)).model_dump_json())


class Checks:
    """Great Expectations with nothing kept between requests."""

    def __init__(self) -> None:
        import great_expectations as gx

        self._gx = gx
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        self._source = self._context.data_sources.add_pandas("exports")

    def answer(self, request: Request) -> Answer:
        """Check every mart, write the documentation, and say which failed and why."""
        failed = {}
        for files in request.marts:
            try:
                reason = next(self._problems(files), "")
            except UnreadableError as error:
                reason = f"a file cannot be read back ({error})"
            if reason:
                failed[files.mart] = f"its new file failed a check: {reason}"
        if request.docs:
            try:
                self._write_docs(request.docs)
            except OSError as error:
                # The documentation of the run before stays: no reason to keep files back.
                sys.stderr.write(f"{error}\n")
        return Answer(failed=failed)

    def _problems(self, files: MartFiles) -> Iterator[str]:
        reference = files.paths[0]
        schema, expected_rows = shape(reference)
        rows_only = [one for one in files.expectations if not one["type"].startswith("expect_table_")]
        for path in files.paths:
            kind = path.suffixes[-2]
            name = f"{files.mart}-{kind[1:]}"
            first = self._suite(name, files.expectations)
            later = self._suite(f"{name}-continued", rows_only) if expected_rows > ROWS_AT_ONCE else first
            rows = 0
            for number, frame in enumerate(frames(path, schema)):
                # Every piece but the first begins with the last row of the one before.
                rows += len(frame) - bool(number)
                outcome = (later if number else first).run(batch_parameters={"dataframe": frame})
                found = [_sentence(result) for result in outcome.results if not result.success]
                if found:
                    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
                    yield f"{'; '.join(found[:_MOST_NAMED])}{more} (in the {kind} file)"
            if rows != expected_rows:
                yield f"the {kind} file holds {rows} rows and the Parquet file {expected_rows}"

    def _suite(self, name: str, expectations: list[Expectation]) -> Any:
        configurations = [
            self._gx.expectations.core.__dict__[_class_name(one["type"])](
                **{key: value for key, value in one.items() if key != "type"}
            )
            for one in expectations
        ]
        batches = self._source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("file")
        suite = self._context.suites.add(self._gx.ExpectationSuite(name=name, expectations=configurations))
        return self._context.validation_definitions.add(
            self._gx.ValidationDefinition(name=name, data=batches, suite=suite)
        )

    def _write_docs(self, folder: Path) -> None:
        unfinished = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(unfinished)}
        self._context.add_data_docs_site(
            "exports",
            {
                "class_name": "SiteBuilder",
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                "store_backend": store,
            },
        )
        self._context.build_data_docs()
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.replace(folder)


def _class_name(expectation_type: str) -> str:
    return "".join(word.capitalize() for word in expectation_type.split("_"))


def _sentence(result: Any) -> str:
    """What is wrong, for people who have never heard of the library."""
    arguments: Mapping[str, Any] = result.expectation_config.kwargs
    kind = result.expectation_config.type
    column = arguments.get("column") or ", ".join(arguments.get("column_list") or [])
    if result.exception_info and result.exception_info.get("raised_exception"):
        return f"{kind} of {column} could not be judged"
    counted: Mapping[str, Any] = result.result
    if kind not in _PHRASES or not counted.get("unexpected_count"):
        return _PHRASES.get(kind, f"{kind} of {column}")
    values = list(dict.fromkeys(str(value) for value in counted.get("partial_unexpected_list", [])))
    such = f", such as {', '.join(values[:_MOST_NAMED])}" if values and "null" not in kind else ""
    return f"{column} {_PHRASES[kind]} in {counted['unexpected_count']} rows{such}"


if __name__ == "__main__":
    main()
