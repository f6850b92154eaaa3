"""The dispatch report as PDF, tagged to PDF/UA-1, with the letter's fonts."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import typst

from undersigned.errors import PermanentFailure
from undersigned.writing import fonts


def as_pdf(
    data: Mapping[str, object],
    template: Path,
    *,
    made_at: datetime,
    font_folders: Iterable[Path] = (),
) -> bytes:
    """Give the report that a `report.typ` makes of its data; `PermanentFailure` where it cannot."""
    try:
        pdf = typst.compile(
            str(template),
            root=str(template.parent),
            sys_inputs={"report": json.dumps(data, ensure_ascii=False)},
            font_paths=[str(folder) for folder in fonts.folders(font_folders)],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="ua-1",
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as problem:
        raise PermanentFailure(f"The report cannot be set: {problem}.") from problem
    return bytes(pdf)
