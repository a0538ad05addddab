"""Is evidence refused that is of another run, of a candidate that nobody decides on, or there twice?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.errors import MismatchError
from assay.record.bundle import read_zip, unpack
from assay.record.journal import CANARIES_FILE
from assay.record.run_folder import PROBES_FILE
from assay.schema.run import Run
from assay.schema.suite import Plan
from assay.workflow.evidence import read_inputs
from tests.readiness.builders import canary, probe_of

if TYPE_CHECKING:
    from assay.schema._base import Noun

ZIP = Path(__file__).resolve().parents[2] / "records" / "0002-policy-assistant.evidence.zip"
FILES = unpack(read_zip(ZIP), ZIP.name)
RUN = Run.model_validate_json(FILES["run.json"])
DECIDED = Plan.model_validate_json(FILES["plan.json"]).decided_on()[0].id
PROBED = probe_of("cors").model_copy(update={"candidate": DECIDED})
SEARCHED = canary(candidate=DECIDED, mark=f"cnry-{RUN.nonce}-")


def _with(name: str, *nouns: Noun) -> dict[str, bytes]:
    return {**FILES, name: "".join(f"{own.model_dump_json(by_alias=True)}\n" for own in nouns).encode()}


def test_what_a_run_probed_and_searched_is_read() -> None:
    """One probe and one search of the server that is decided on belong to the run."""
    assert read_inputs(_with(PROBES_FILE, PROBED)).probes == (PROBED,)
    assert read_inputs(_with(CANARIES_FILE, SEARCHED)).canaries == (SEARCHED,)


@pytest.mark.parametrize(
    ("name", "nouns", "why"),
    [
        (PROBES_FILE, (PROBED, PROBED), "stands twice"),
        (PROBES_FILE, (PROBED.model_copy(update={"candidate": "other"}),), "that the plan does not decide on"),
        (CANARIES_FILE, (SEARCHED, SEARCHED), "stands twice"),
        (CANARIES_FILE, (SEARCHED.model_copy(update={"candidate": "other"}),), "that the plan does not decide on"),
        (CANARIES_FILE, (SEARCHED.model_copy(update={"mark": "cnry-0a1b2c-"}),), "marks that this run did not send"),
    ],
)
def test_what_is_not_of_the_run_is_refused(name: str, nouns: tuple[Noun, ...], why: str) -> None:
    """Twice, of another server, or of another run: a reader could take it for what was seen here."""
    with pytest.raises(MismatchError, match=why):
        read_inputs(_with(name, *nouns))
