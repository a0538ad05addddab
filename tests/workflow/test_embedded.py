"""Does the way from `init` to a record that verifies hold with a real model?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psutil
import pytest

from assay.schema.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


@pytest.mark.embedded
def test_from_nothing_to_a_record(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """`init`, then `run` on the embedded model: an honest verdict, observed facts, a record that verifies."""
    monkeypatch.setattr("assay.workflow.start._ollama_model", lambda: None)
    assert assay("init").code == 0
    plan = place.plan.read_text("utf-8")
    smaller = re.sub(r"requests: \{.*\}", "requests: {short: 2, long: 1}", plan)
    smaller = smaller.replace("max_tokens: 64", "max_tokens: 8").replace("concurrency: [1, 2]", "concurrency: [2]")
    smaller = smaller.replace("bench:\n", "bench:\n  warmup: 0\n")
    assert smaller != plan
    place.plan.write_text(smaller, encoding="utf-8")

    said = assay("run", "plan.yaml", "--out", "out")

    assert said.code in {1, 3}, said.err
    assert psutil.Process().children(recursive=True) == []
    assert assay("verify", place.record).code == 0
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    facts = record.candidates[0].facts
    version = facts.fact("runtime_version")
    assert (version.grade, version.source) == ("observed", "package that serves it")
    assert str(version.value).startswith("xllamacpp ")
    assert (facts.fact("quantization").value, facts.fact("quantization").grade) == ("Q4_1", "observed")
    page = place.record.read_text("utf-8")
    assert "Q4_1" in page
    assert "apache-2.0" in page.lower()
    assert record.bench[0].memory is not None
