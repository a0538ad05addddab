"""Does the front matter of a model card state what a record measured, and nothing that it does not know?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from assay.errors import InputError
from assay.gate.statistics import wilson
from assay.record.sheets import SHEETS, Wishes
from assay.schema.score import Correction
from tests.record.diff.two_records import two_records

if TYPE_CHECKING:
    from assay.schema.record import Record

PAGE = Path(__file__).resolve().parents[3] / "docs" / "exports.md"
WRITE = SHEETS["model-index"].write


def with_licence(record: Record, **changes: object) -> Record:
    """Return the record with another licence of its first candidate."""
    first, *rest = record.candidates
    licence = first.facts.licence.model_copy(update=changes)
    facts = first.facts.model_copy(update={"licence": licence})
    return record.model_copy(update={"candidates": (first.model_copy(update={"facts": facts}), *rest)})


def front_of(record: Record, **wishes: str) -> dict:
    text = WRITE(record, Wishes(wilson, **wishes))
    assert text.startswith("---\n")
    assert text.endswith("---\n")
    return yaml.safe_load(text.strip("-\n"))


def test_the_whole_front_matter() -> None:
    """One result for each suite, its revision the digest of the suite, its rate with n and limits."""
    old, _ = two_records()
    assert front_of(old, source="https://example.org/records/0001") == {
        "license": "mit",
        "model-index": [
            {
                "name": "one",
                "results": [
                    {
                        "task": {"type": "text-generation", "name": "Text Generation"},
                        "dataset": {
                            "name": f"sums {old.suites[0].version}",
                            "type": "sums",
                            "revision": old.suites[0].digest,
                        },
                        "metrics": [
                            {
                                "type": "pass_rate",
                                "value": 0.333333,
                                "name": "Pass rate",
                                "args": {"n": 3, "confidence": 0.95, "low": 0.0614919, "high": 0.79234},
                            }
                        ],
                        "source": {"name": "Assay record 0001-small", "url": "https://example.org/records/0001"},
                    }
                ],
            }
        ],
    }


def test_the_example_of_the_documents_is_true() -> None:
    """docs/exports.md shows what is written of this very record."""
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert WRITE(two_records()[0], Wishes(wilson, source="https://wiki.example/records/0001")) == f"---\n{shown}---\n"


@pytest.mark.parametrize(
    ("verdict", "status", "by", "line"),
    [
        ("GO", "accepted", None, None),
        ("GO", "proposed", None, None),
        ("HOLD", "accepted", None, "# verdict: HOLD, status: accepted (Assay record 0001-small)"),
        ("GO", "rejected", None, "# verdict: GO, status: rejected (Assay record 0001-small)"),
        (
            "GO",
            "superseded",
            "0002\n\u2028x: 1",
            "# verdict: GO, status: superseded by 0002\\u000a\\u2028x: 1 (Assay record 0001-small)",
        ),
    ],
)
def test_what_was_not_let_through_says_so(verdict: str, status: str, by: str | None, line: str | None) -> None:
    """A comment on one line tells another verdict than GO, and what people decided against or replaced."""
    old, _ = two_records()
    own = old.verdict.candidates[0].model_copy(update={"verdict": verdict})
    changed = {"verdict": old.verdict.model_copy(update={"candidates": (own,)}), "status": status}
    standing = old.standing.model_copy(update={"superseded_by": by})
    record = old.model_copy(update={**changed, "standing": standing})
    comments = [own for own in WRITE(record, Wishes(wilson)).splitlines() if own.startswith("#")]
    assert comments == ([line] if line is not None else [])
    assert set(front_of(record)) == {"license", "model-index"}


def test_nobody_is_given_an_address() -> None:
    """Without one there is no source: the hub takes no name alone."""
    (index,) = front_of(two_records()[0])["model-index"]
    assert "source" not in index["results"][0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"license": "mit"}),
        ({"agreed": False}, {}),
        ({"agreed": None, "statements": ()}, {}),
    ],
    ids=["one statement", "they disagree", "none"],
)
def test_a_licence_is_stated_where_it_is_known(changes: dict, expected: dict) -> None:
    """What is unknown or in dispute has no key."""
    front = front_of(with_licence(two_records()[0], **changes))
    assert {key: front[key] for key in front if key.startswith("license")} == expected


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("Apache-2.0", {"license": "apache-2.0"}),
        ("LicenseRef-Acme Research: v2", {"license": "other", "license_name": "licenseref-acme-research-v2"}),
    ],
)
def test_what_the_hub_has_no_tag_for_is_another_licence(identifier: str, expected: dict) -> None:
    """It is named, and no link is made up."""
    old, _ = two_records()
    (text,) = old.candidates[0].facts.licence.statements
    front = front_of(with_licence(old, statements=(text.model_copy(update={"identifier": identifier}),)))
    assert {key: front[key] for key in front if key.startswith("license")} == expected


def test_a_judge_without_trust_states_nothing() -> None:
    """An untrusted rate is left out; without any other there is nothing to write."""
    old, _ = two_records()
    doubted = tuple(own.model_copy(update={"trusted": False}) for own in old.metrics)
    with pytest.raises(InputError, match="has no pass rate that is trusted"):
        WRITE(old.model_copy(update={"metrics": doubted}), Wishes(wilson))


def test_what_people_judge_stands_for_a_judged_rate() -> None:
    """Where a judge is corrected by labels, the rate is that of people, and says so."""
    old, _ = two_records()
    given = Correction(
        judged_passed=5, judged_n=10, pass_labels=5, pass_labels_passed=4, fail_labels=5, fail_labels_passed=1,
        value=0.5, low=0.2, high=0.8, worth=None,
    )  # fmt: skip
    judged = tuple(own.model_copy(update={"correction": given}) for own in old.metrics)
    (index,) = front_of(old.model_copy(update={"metrics": judged}))["model-index"]
    assert index["results"][0]["metrics"] == [
        {
            "type": "pass_rate",
            "value": 0.5,
            "name": "Pass rate as people judge it",
            "args": {"n": 10, "confidence": 0.95, "low": 0.2, "high": 0.8},
        }
    ]


def test_the_candidate_can_be_named() -> None:
    """Another than the one that is decided on, where it is there."""
    old, _ = two_records()
    (index,) = front_of(old, candidate="two")["model-index"]
    assert index["name"] == "two"
    with pytest.raises(InputError, match=r"there is no candidate 'three'.*one, two"):
        WRITE(old, Wishes(wilson, candidate="three"))
    several = old.verdict.model_copy(update={"candidates": old.verdict.candidates * 2})
    with pytest.raises(InputError, match="several candidates are decided on"):
        WRITE(old.model_copy(update={"verdict": several}), Wishes(wilson))
