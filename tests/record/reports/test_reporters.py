"""Is there one list of formats, and does the command's help name all of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.record.reports import REPORTERS
from tests.record.reports.verdicts import BAD, GOOD, MIXED, PLACES

if TYPE_CHECKING:
    from assay.schema.record import Record


@pytest.mark.parametrize("name", REPORTERS)
@pytest.mark.parametrize("record", [MIXED, GOOD, BAD], ids=["mixed", "good", "hostile"])
def test_a_report_depends_on_the_record_alone(name: str, record: Record) -> None:
    """Written twice it is the same text, in UTF-8, and ends its last line."""
    text = REPORTERS[name].write(record, PLACES)
    assert text.encode().endswith(b"\n")
    assert REPORTERS[name].write(record, PLACES) == text


def test_the_help_names_every_format() -> None:
    """Whoever asks for help sees what there is."""
    from assay.cli.reports import Reports

    (option,) = Reports.__metadata__
    assert [name for name in REPORTERS if name not in option.help] == []
