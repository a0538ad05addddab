"""Are all nouns frozen, closed, documented, and the same wherever their digest is made?"""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import assay.schema
from assay.schema._base import Noun, ShortNoun, canonical_bytes, digest_of, field_docs, rounded
from assay.schema.suite import Candidate, Case, ConditionSpec, Plan, ScorerSpec, Suite, SuiteSpec
from assay.suite import load_plan, read_yaml
from assay.workflow.formats import schema_of
from tests.record.evidence_files import PLAN, RUN, SUITE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
CASES = [*ROOT.glob("goldensets/*/cases.jsonl"), *ROOT.glob("templates/init/goldensets/*/cases.jsonl")]


def _nouns() -> Iterator[type[Noun]]:
    for module in pkgutil.walk_packages(assay.schema.__path__, "assay.schema."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Noun) and value.__module__ == module.name:
                yield value


NOUNS = [noun for noun in _nouns() if noun not in {Noun, ShortNoun}]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_noun_keeps_the_rules(noun: type[Noun]) -> None:
    """Every noun is frozen, closed to unknown keys, and documents itself and each of its fields."""
    assert noun.model_config["frozen"] is True
    assert noun.model_config["extra"] == "forbid"
    assert noun.__doc__
    docs = field_docs(noun)
    assert [name for name in noun.model_fields if not docs.get(name, "").strip()] == []
    assert [name for name in noun.model_fields if hasattr(Noun, name)] == []


def test_all_nouns_are_looked_at() -> None:
    """The rules above are put to the nouns of every file."""
    assert {"Plan", "Case", "Trial", "Score", "BenchCell", "Fact", "Finding", "Verdict", "Record"} <= {
        noun.__name__ for noun in NOUNS
    }


def test_noun_cannot_be_changed() -> None:
    """A value of a noun stays as it is, and an unknown key is an error."""
    with pytest.raises(ValidationError, match="frozen"):
        RUN.id = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="extra_forbidden"):
        type(RUN).model_validate({**RUN.model_dump(), "more": 1})


# --- digests ------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reversed(item) for key, item in reversed(value.items())}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


@given(JSON)
def test_canonical_form_is_json(value: object) -> None:
    """The canonical form is JSON of the same value, and its own canonical form."""
    text = canonical_bytes(value)  # type: ignore[arg-type]
    again = json.loads(text, parse_int=float)
    assert again == value
    assert canonical_bytes(again) == text


@given(JSON)
def test_digest_does_not_know_the_order_of_keys(value: object) -> None:
    """Values that differ in the order of keys alone have one digest."""
    assert digest_of(_reversed(value)) == digest_of(value)  # type: ignore[arg-type]


def test_digest_is_that_of_the_standard() -> None:
    """The canonical form of the example in RFC 8785, section 3.2.2, is that of the RFC."""
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_bytes(value) == expected.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60])
def test_what_json_cannot_keep_has_no_digest(value: float) -> None:
    """A number that no JSON reader keeps has no digest."""
    with pytest.raises(ValueError, match=r"JSON|JCS"):
        digest_of([value])


CASE = Case.model_validate({"id": "a", "input": "x"})
OTHER = {
    "id": "b",
    "input": "y",
    "expected": "z",
    "scorers": ["exact"],
    "schema": {"type": "object"},
    "context": "passage",
    "tags": ["t"],
    "severity": "blocker",
    "min_pass_rate": 0.5,
    "metadata": {"k": 1},
    "source": "handbook.pdf",
    "blind": "5b" * 16,
    "withheld": "0" * 64,
}


@pytest.mark.parametrize("field", sorted(field.alias or name for name, field in Case.model_fields.items()))
def test_every_field_of_a_case_counts(field: str) -> None:
    """A case that differs in one field is another case, for its digest and for its suite's."""
    changed = Case.model_validate({**CASE.model_dump(by_alias=True), field: OTHER[field]})
    assert changed.digest() != CASE.digest()
    assert Suite(id="s", cases=(changed,)).digest() != Suite(id="s", cases=(CASE,)).digest()


def test_a_case_without_its_texts_keeps_its_digest() -> None:
    """What stands for a text that is left out is the digest of the case as it was asked, and so for a suite."""
    bare = Case(id="a", input="[left out]", withheld=CASE.digest())
    assert bare.digest() == CASE.digest()
    suite = Suite(id="s", system="Be brief.", cases=(CASE,))
    assert Suite(id="s", cases=(bare,)).digest() == Suite(id="s", cases=(CASE,)).digest()
    assert Suite(id="s", cases=(bare,), withheld=suite.digest()).digest() == suite.digest()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_bytes_are_those_of_the_standard(value: object) -> None:
    """The quick way writes the very bytes of RFC 8785, and refuses what it refuses."""
    try:
        expected = rfc8785.dumps(value)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            canonical_bytes(value)
    else:
        assert canonical_bytes(value) == expected


def test_suite_digest_counts_order_and_settings() -> None:
    """Cases in another order, or another setting, make another suite."""
    turned = SUITE.model_copy(update={"cases": SUITE.cases[::-1]})
    other = SUITE.model_copy(update={"system": "Be brief."})
    assert len({suite.digest() for suite in (SUITE, turned, other)}) == 3


@pytest.mark.parametrize("noun", [PLAN, SUITE, RUN], ids=["plan", "suite", "run"])
def test_noun_survives_its_file(noun: Noun) -> None:
    """A noun that was written as JSON is read as the same noun, with the same digest."""
    again = type(noun).model_validate_json(noun.model_dump_json(by_alias=True))
    assert again == noun
    assert digest_of(again.model_dump(mode="json")) == digest_of(noun.model_dump(mode="json"))


@pytest.mark.parametrize(("value", "text"), [(1 / 3, "0.333333"), (123456789.0, "123457000.0"), (0.0, "0.0")])
def test_rounded(value: float, text: str) -> None:
    """A stored figure has six significant digits."""
    assert str(rounded(value)) == text


# --- short forms --------------------------------------------------------------------------------------------


def test_short_forms() -> None:
    """What may be written as one text is read as the whole noun."""
    assert ScorerSpec.model_validate("exact") == ScorerSpec(name="exact")
    assert ScorerSpec.model_validate({"exact": None}) == ScorerSpec(name="exact")
    assert ScorerSpec.model_validate({"fuzzy": {"min_ratio": 90}}).options == {"min_ratio": 90}
    assert SuiteSpec.model_validate("a/b") == SuiteSpec(path="a/b")
    assert ConditionSpec.model_validate("x") == ConditionSpec(condition="x")


@pytest.mark.parametrize(
    ("noun", "value"),
    [
        (SuiteSpec, {}),
        (SuiteSpec, {"path": "a", "cases": "b"}),
        (Candidate, {"id": "a", "runtime": "vllm"}),
        (Candidate, {"id": "a", "runtime": "vllm", "base_url": "http://h", "embedded": "m"}),
        (Candidate, {"id": "../a", "runtime": "vllm", "base_url": "http://h"}),
        (Candidate, {"id": "a\n", "runtime": "vllm", "base_url": "http://h"}),
        (Candidate, {"id": "a", "runtime": "vllm", "base_url": "http://h", "roles": ["boss"]}),
        (ScorerSpec, {"fuzzy": 5}),
        (ConditionSpec, ""),
        (Case, {"id": "a", "input": ""}),
        (Case, {"id": "a", "input": []}),
        (Case, {"id": "a", "input": [{"role": "tool", "content": "x"}]}),
    ],
)
def test_what_makes_no_sense_is_refused(noun: type[Noun], value: object) -> None:
    """A noun that could not be acted on is refused when it is read."""
    with pytest.raises(ValidationError):
        noun.model_validate(value)


# --- JSON Schemas -------------------------------------------------------------------------------------------


def _validator(noun: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(schema_of(noun))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", ["templates/demo/plan.yaml", "templates/init/plan.yaml"])
def test_plan_schema_accepts_shipped_plans(name: str) -> None:
    """The JSON Schema of plans accepts the files that people start from, as they are written."""
    data = read_yaml(ROOT / name, name).data
    assert isinstance(data, dict)
    assert list(_validator("plan").iter_errors(data)) == []
    assert load_plan(ROOT / name, shipped=ROOT, environment={}).plan.schema_name == data["schema"]


def test_plan_schema_refuses_what_the_plan_refuses() -> None:
    """The JSON Schema knows unknown keys, missing keys and wrong values."""
    validator = _validator("plan")
    whole = PLAN.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert list(validator.iter_errors(whole)) == []
    for wrong in ({**whole, "more": 1}, {**whole, "trials": 0}, {k: v for k, v in whole.items() if k != "use_case"}):
        assert list(validator.iter_errors(wrong))
        with pytest.raises(ValidationError):
            Plan.model_validate(wrong)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_case_schema_accepts_shipped_cases(path: Path) -> None:
    """The JSON Schema of cases accepts every shipped case, as it is written."""
    validator = _validator("case")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines
    assert [error.message for line in lines for error in validator.iter_errors(json.loads(line))] == []
