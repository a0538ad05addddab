"""Which values of the environment must not travel, and is a run without its patterns refused?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.record.run_folder import RunFolder
from assay.schema.suite import Plan
from assay.workflow.hiding import hiding_of, keys_of
from tests.record.evidence_files import PLAN

if TYPE_CHECKING:
    from pathlib import Path


def _plan(**record: object) -> Plan:
    plain = PLAN.model_dump(mode="json", by_alias=True)
    candidates = [{**own, "api_key_env": f"KEY_{n}"} for n, own in enumerate(plain["candidates"])]
    return Plan.model_validate({**plain, "candidates": candidates, "record": record})


def test_keys_are_those_that_the_plan_names() -> None:
    """Other variables are none of our business, and one that is not set has no value."""
    assert keys_of(_plan(), {"KEY_0": "a-real-key", "KEY_7": "another", "KEY_1": ""}) == ("a-real-key",)


def test_the_key_of_a_second_tenant_is_one_too() -> None:
    """It stands elsewhere in the plan, and must travel as little."""
    plan = Plan.model_validate({**_plan().model_dump(mode="json", by_alias=True), "probes": {"other_key_env": "TWO"}})
    assert keys_of(plan, {"TWO": "a-second-key", "KEY_0": "a-real-key"}) == ("a-real-key", "a-second-key")


@pytest.mark.parametrize("word", ["lm-studio", "LM-Studio", "sk-no-key-required", "not-needed"])
def test_placeholders_are_words(word: str) -> None:
    """What guides write where a server wants no key is not taken out of plans and answers."""
    assert keys_of(_plan(), {"KEY_0": word}) == ()


def test_a_run_without_the_patterns_of_its_plan_is_refused(tmp_path: Path) -> None:
    """Where the plan lists what must not travel, nothing leaves without the list; going on with the run reads it."""
    folder = RunFolder.create(tmp_path / "run")
    folder.write_noun("plan.json", _plan(redact="redact.yaml"))
    with pytest.raises(InputError, match="the run does not have the patterns") as error:
        hiding_of(folder, {}, transcripts=True)
    assert error.value.problems[0].slug == "bad-pattern"


def test_the_key_of_left_out_answers_is_made_once_and_only_when_wanted(tmp_path: Path) -> None:
    """The same run digests an answer alike every time; a run that leaves nothing out has no key."""
    folder = RunFolder.create(tmp_path / "run")
    folder.write_noun("plan.json", _plan())
    hiding = hiding_of(folder, {}, transcripts=True)
    assert not (folder.path / "withheld.key").exists()
    first = hiding.mark_key()
    assert hiding_of(folder, {}, transcripts=False).mark_key() == first
    assert len(first) == 32
    assert (folder.path / "withheld.key").stat().st_mode & 0o077 == 0
