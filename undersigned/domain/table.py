"""A CSV file of a campaign's folder: its rows, and the faults found in them."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from undersigned.domain.fault import Fault


@dataclass(kw_only=True)
class Table:
    """One CSV file: its rows, and the faults found in them."""

    file: str
    source: str
    faults: list[Fault] = field(default_factory=list)

    def rows(self, required: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """Give each row that is not empty with its line; says so where a column is missing."""
        reader = csv.DictReader(self.source.removeprefix("\ufeff").splitlines(keepends=True))
        columns = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        for name in required:
            if name not in columns:
                self.say(1, f"The column {name!r} is missing.", "Add it to the first line.")
        if self.faults:
            return
        for row in reader:
            if None in row:
                self.say(
                    reader.line_num,
                    "The line has more fields than the first line names.",
                    "Put fields that hold a comma in double quotes.",
                )
                continue
            values = {
                key: unicodedata.normalize("NFC", value or "").strip() for key, value in row.items()
            }
            if any(values.values()):
                yield reader.line_num, values

    def say(self, line: int, problem: str, remedy: str) -> None:
        """Note a fault of a line."""
        self.faults.append(Fault(file=self.file, line=line, problem=problem, remedy=remedy))

    def warn(self, line: int, problem: str, remedy: str) -> None:
        """Note what may be meant."""
        self.faults.append(
            Fault(file=self.file, line=line, problem=problem, remedy=remedy, is_warning=True)
        )
