"""Does the index show where each record stands, and keep what stands around it?"""

from __future__ import annotations

import pytest

from assay.errors import InputError
from assay.record.index import Index, IndexEntry, index_of, page_of, parse_index
from assay.record.run_folder import to_json
from assay.record.standing import sealed
from assay.record.truth import body_sha256
from assay.schema.record import Record
from assay.schema.standing import Decision, Standing
from tests.record.evidence_files import HOSTILE
from tests.record.several import one_record

INDEX = Index(
    records=(
        IndexEntry(
            id="0001-small",
            title="May it add?",
            use_case="small",
            verdict="GO",
            status="superseded",
            decided_by="Ann | Example",
            decided_on="2026-01-02",
            valid_until="2026-06-30",
            superseded_by="0002-small",
            body_sha256="0" * 64,
        ),
        IndexEntry(id="0002-small", title=HOSTILE, use_case="small", verdict="NO-GO", status="proposed"),
    )
)
TABLE = r"""<!-- assay:index -->
| record | title | verdict | status | decided | valid until | superseded by |
| --- | --- | --- | --- | --- | --- | --- |
| [`0001-small`](0001-small.md) | May it add? | GO | superseded | Ann \| Example, 2026-01-02 | 2026-06-30 | [`0002-small`](0002-small.md) |
| [`0002-small`](0002-small.md) | &lt;img src=x onerror=alert(1)&gt; \| \[click\](javascript:1) \`x\` `@all` https&#58;//evil.example \# \\u001b\[31mred\\u202e | NO-GO | proposed | - | - | - |
<!-- /assay:index -->"""  # noqa: E501 - a row is one line


def test_a_new_page() -> None:
    """A folder without a page gets one, whole."""
    assert page_of(INDEX, None, "index.md") == f"# Decision records\n\n{TABLE}\n"


def test_text_around_the_table_stays() -> None:
    """What people wrote above and below the markers is kept to the byte, and made anew the page is the same."""
    page = "# Ours\r\n\nRead this.\n<!-- assay:index -->\nold\n<!-- /assay:index -->\n\nAnd this."
    made = page_of(INDEX, page, "index.md")
    assert made == f"# Ours\r\n\nRead this.\n{TABLE}\n\nAnd this."
    assert page_of(INDEX, made, "index.md") == made


def test_a_page_without_markers() -> None:
    """The table goes to the end of a page that has none."""
    assert page_of(INDEX, "# Ours\n", "index.md") == f"# Ours\n\n{TABLE}\n"
    assert page_of(INDEX, "", "index.md") == f"{TABLE}\n"


@pytest.mark.parametrize(
    "page",
    [
        "<!-- assay:index -->\n",
        "<!-- /assay:index -->\n",
        "<!-- /assay:index -->\n<!-- assay:index -->\n",
        "<!-- assay:index -->\n<!-- assay:index -->\n<!-- /assay:index -->\n",
        "<!-- assay:index -->\n<!-- /assay:index -->\n<!-- /assay:index -->\n",
    ],
)
def test_broken_markers_are_refused(page: str) -> None:
    """A page with one marker, or one twice, is not written over."""
    with pytest.raises(InputError, match="Mend the markers"):
        page_of(INDEX, page, "index.md")


def test_what_is_no_index() -> None:
    """An index reads back as it was written; another file of that name is refused."""
    assert parse_index(to_json(INDEX).encode(), "index.json") == INDEX
    for content in (b"{}x", b'{"schema": "other", "records": []}', b"\xff"):
        with pytest.raises(InputError, match="no index that Assay wrote"):
            parse_index(content, "index.json")


def test_a_body_once_decided_on_stays(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Made anew, the index keeps the body that was decided on, even where decision and record name another by now."""
    folder = tmp_path_factory.mktemp("records")
    record = Record.model_validate_json(one_record(folder).json.read_bytes())
    assert index_of([record], Index()).records[0].body_sha256 is None
    first = _accepted(record)
    index = index_of([first], Index())
    assert index.records[0].body_sha256 == body_sha256(record)
    forged = _accepted(record.model_copy(update={"title": "Another"}))
    assert forged.standing.decisions[0].body_sha256 != body_sha256(record)
    assert index_of([forged], index).records[0].body_sha256 == body_sha256(record)


def _accepted(record: Record) -> Record:
    body = body_sha256(record)
    decision = Decision(outcome="accepted", by="Ann", on="2026-01-03", verdict="GO", body_sha256=body)
    standing = sealed("accepted", Standing(decisions=(decision,)))
    return record.model_copy(update={"status": "accepted", "standing": standing})


def test_records_are_listed_by_number(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The order is that of the numbers, whichever way they come."""
    folder = tmp_path_factory.mktemp("records")
    one = Record.model_validate_json(one_record(folder).json.read_bytes())
    ids = ["10000-a", "0002-b", "0002-a", "0001-z"]
    index = index_of([one.model_copy(update={"id": own}) for own in ids], Index())
    assert [own.id for own in index.records] == ["0001-z", "0002-a", "0002-b", "10000-a"]
