"""A seed as a file: its encoding, separator, header and the shape of its rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runner.seed_repairs import INVISIBLE

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_OTHER_ENCODINGS = {"utf-16": "UTF-16", "cp1252": "not UTF-8 but Windows-1252"}


class UnreadableSeedError(Exception):
    """The file as a whole cannot be read; `row` is 1 where its header is at fault, else 0."""

    def __init__(self, row: int, value: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.row = row
        self.value = value
        self.problem = problem
        self.remedy = remedy


@dataclass
class SeedFile:
    """The header and rows of a seed, as a spreadsheet numbers them: the header is row 1."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    repairs: list[tuple[int, str, str]] = field(default_factory=list)
    """What was read otherwise than it is written: row (0: the file), what it was, how it was read."""
    misfits: list[tuple[int, str, str]] = field(default_factory=list)
    """Rows that do not fit under the header: row, its cells, what is wrong."""


def read_seed(path: Path, columns: Sequence[str]) -> SeedFile:
    """Read a seed of these columns.

    Raises:
        UnreadableSeedError: nothing of the file can be used.
    """
    text, encoding = _decoded(path.read_bytes())
    repairs = [(0, _OTHER_ENCODINGS[encoding], "read as such")] if encoding in _OTHER_ENCODINGS else []
    text, has_hint = _without_hint(text)
    if has_hint:
        repairs.append((0, "a first line 'sep='", "left out"))
    lines, separator = _separated(text, columns)
    if separator != ",":
        repairs.append((0, f"cells separated by {_SEPARATORS[separator]}", "separated there"))
    seed = SeedFile(_heading(lines[0]), [], repairs)
    width = len(seed.header)
    beyond = max((len(cells) for cells in lines), default=width) - width
    if beyond and all(not cell.strip() for cells in lines for cell in cells[width:]):
        seed.repairs.append((0, f"{beyond} empty column{'s' if beyond > 1 else ''} at the right", "left out"))
    empty = 0
    for row, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            empty += 1
        elif any(cell.strip() for cell in cells[width:]):
            seed.misfits.append((row, ",".join(cells), f"{len(cells)} cells under {width} columns"))
        else:
            if len(cells) < width:
                seed.repairs.append((row, f"{len(cells)} cells under {width} columns", "empty cells at the end"))
            seed.rows.append((row, [cell.translate(INVISIBLE).strip() for cell in _padded(cells, width)]))
            if any(ord(character) in INVISIBLE for cell in cells for character in cell):
                seed.repairs.append((row, "spaces or characters that cannot be seen", "plain spaces or none"))
    if empty:
        seed.repairs.append((0, f"{empty} empty row{'s' if empty > 1 else ''}", "left out"))
    return seed


def with_row(content: bytes, columns: Sequence[str], cells: Mapping[str, str]) -> bytes:
    """Give the bytes of a seed of these columns with one row more at its end.

    The row is in the file's own encoding, separator, order of columns and line ends; every byte before it stays.

    Raises:
        UnreadableSeedError: nothing of the file can be used, or its encoding lacks a letter of the row.
    """
    text, encoding = _decoded(content)
    lines, separator = _separated(_without_hint(text)[0], columns)
    names = _heading(lines[0])
    end_of_line = next(iter(re.findall(r"\r\n|\n|\r", text)), "\n")
    added = io.StringIO()
    writer = csv.writer(added, delimiter=separator, lineterminator=end_of_line)
    writer.writerow(_padded([cells[name] for name in names], len(lines[0])))
    missing_end = "" if text.endswith(("\n", "\r")) else end_of_line
    if encoding == "utf-16":
        encoding += "-le" if content.startswith(codecs.BOM_UTF16_LE) else "-be"
    try:
        return content + (missing_end + added.getvalue()).encode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeEncodeError as error:
        lost = error.object[error.start : error.end]
        remedy = "in Excel save it as 'CSV UTF-8'"
        raise UnreadableSeedError(0, lost, f"the file is Windows-1252, which has no '{lost}'", remedy) from None


def as_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A seed as the build reads it best."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header, *rows])
    return text.getvalue()


def _decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and the encoding that it is read by."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in content:
        raise UnreadableSeedError(0, "", "the file is no text", "in Excel save it as 'CSV UTF-8'")
    else:
        encoding = "utf-8-sig"
    for tried in (encoding, "cp1252"):
        try:
            return content.decode(tried), tried
        except UnicodeDecodeError:
            continue
    remedy = "in Excel save it as 'CSV UTF-8'"
    raise UnreadableSeedError(0, "", "the file is neither UTF-8 nor Windows-1252", remedy)


def _without_hint(text: str) -> tuple[str, bool]:
    """The text without the line that tells a spreadsheet the separator, and whether there was one: none shows it."""
    has_hint = text.lower().startswith("sep=")
    return (text.partition("\n")[2] if has_hint else text), has_hint


def _separated(text: str, columns: Sequence[str]) -> tuple[list[list[str]], str]:
    expected = sorted(columns)
    first: list[list[str]] = []
    for separator in _SEPARATORS:
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
        except csv.Error as error:
            if separator == ",":
                remedy = "save it from Excel as 'CSV UTF-8'"
                raise UnreadableSeedError(0, "", f"the file is no CSV ({error})", remedy) from None
            continue
        if lines and sorted(_heading(lines[0])) == expected:
            return lines, separator
        first = first or lines
    header = ",".join(first[0]) if first else ""
    raise UnreadableSeedError(1, header, "the header is not as described", f"restore the header: {','.join(columns)}")


def _heading(cells: Sequence[str]) -> list[str]:
    names = [cell.translate(INVISIBLE).strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]
