"""Do server, weights file and plan come together with nothing lost, doubled or smoothed over?"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from assay.errors import InputError
from assay.provenance import collect, read_weights
from assay.schema.provenance import Fact, FactName
from assay.schema.suite import Candidate, Pins
from tests.provenance.gguf_file import LLAMA, write_gguf
from tests.provenance.safetensors_file import safetensors_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from assay.schema.provenance import CandidateFacts


def _candidate(pins: Pins | None = None) -> Candidate:
    return Candidate(id="c1", runtime="llama.cpp", base_url="http://127.0.0.1:1/v1", pins=pins or Pins())


def _seen(name: FactName, value: str | int, source: str) -> Fact:
    return Fact(name=name, value=value, grade="observed", source=source)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Return a small Q4_1 file under Apache-2.0."""
    metadata = {**LLAMA, "general.file_type": 3, "general.license": "apache-2.0", "tokenizer.chat_template": "{{ x }}"}
    return write_gguf(tmp_path / "m.gguf", metadata)


def _collect(facts: list[Fact], weights: Path | None, pins: Pins | None = None) -> CandidateFacts:
    read = None if weights is None else read_weights(weights)
    return collect(_candidate(pins), facts, read, server_pid=7)


def test_every_fact_is_there_once_and_in_order(weights: Path) -> None:
    """Whatever was seen, the list is that of FactName, and an unknown says why and where else to look."""
    for given in (None, weights):
        facts = _collect([_seen("slots", 4, "GET /props")], given).facts
        assert tuple(fact.name for fact in facts) == get_args(FactName)
        for fact in facts:
            assert (fact.value is None) == (fact.grade == "unknown")
            assert fact.grade != "unknown" or "; " in fact.source


def test_nothing_seen_is_all_unknown() -> None:
    """Without server and file nothing is known, nothing is allowed and nothing is counted."""
    known = _collect([], None, Pins(quantization="Q4_1"))
    assert {fact.grade for fact in known.facts} == {"unknown"}
    assert known.licence.commercial == "unknown"
    assert known.capacity.kv_bytes_per_token is None
    assert [check.status for check in known.pins] == ["unknown"]


def test_the_tensors_outrank_the_servers_label_and_both_are_visible(weights: Path) -> None:
    """A server that calls a Q4_1 file Q8_0 does not win, and its word is kept in the source."""
    label = Fact(name="quantization", value="Q8_0", grade="declared", source="GET /props model_ftype")
    fact = _collect([label], weights).fact("quantization")
    assert (fact.value, fact.grade) == ("Q4_1", "observed")
    assert fact.source.endswith("label general.file_type 3 = Q4_1; but GET /props model_ftype says Q8_0")


def test_agreement_is_visible_too(weights: Path) -> None:
    """Two places that say the same in other words agree."""
    fact = _collect([_seen("license", "Apache License 2.0", "GET /api/show license")], weights).fact("license")
    assert fact.source == "GGUF general.license; GET /api/show license agrees"


def test_what_is_in_force_comes_from_the_server(weights: Path) -> None:
    """The template that the server shows is the one that answered, not the default in the file."""
    fact = _collect([_seen("chat_template_sha256", "f" * 64, "GET /props")], weights).fact("chat_template_sha256")
    assert fact.value == "f" * 64
    assert "but SHA-256 of GGUF tokenizer.chat_template says " in fact.source


def test_the_servers_reason_is_kept_for_an_unknown(weights: Path) -> None:
    """An adapter that says why it could not see a fact is quoted."""
    reason = Fact(name="cors", value=None, grade="unknown", source="OPTIONS was refused")
    assert _collect([reason], weights).fact("cors").source == "OPTIONS was refused; ask the server's operator"


def test_an_observed_fact_outranks_the_labels_of_the_file(tmp_path: Path) -> None:
    """What the server shows as the model beats the title in the file."""
    path = write_gguf(tmp_path / "n.gguf", {**LLAMA, "general.name": "Some Title"})
    fact = _collect([_seen("model_id", "acme/tiny", "GET /info")], path).fact("model_id")
    assert (fact.value, fact.grade) == ("acme/tiny", "observed")
    assert "Some-Title" in fact.source


def test_capacity_joins_file_and_server(weights: Path) -> None:
    """Layers come from the file, context and slots from the server."""
    known = _collect([_seen("context_in_force", 512, "GET /props"), _seen("slots", 4, "GET /props")], weights)
    assert known.capacity.kv_bytes_per_token == 256
    assert known.capacity.kv_bytes_in_force == 256 * 512 * 4
    assert known.capacity.weights_bytes == weights.stat().st_size


def test_a_licence_is_read_from_every_place(weights: Path) -> None:
    """Server, file and plan state it; one that differs leaves the terms unknown."""
    server = [_seen("license", "mit", "GET /api/show")]
    assert _collect([], weights, Pins(license="Apache-2.0")).licence.commercial == "yes"
    licence = _collect(server, weights, Pins(license="Apache-2.0")).licence
    assert (licence.agreed, licence.commercial) == (False, "unknown")
    assert [(own.place, own.says, own.identifier) for own in licence.statements] == [
        ("GGUF general.license", "apache-2.0", "Apache-2.0"),
        ("GET /api/show", "mit", "MIT"),
        ("plan pins.license", "Apache-2.0", "Apache-2.0"),
    ]


def test_a_licence_that_only_the_plan_states_says_so() -> None:
    """Terms that rest on the plan alone carry that as their first condition."""
    licence = _collect([], None, Pins(license="mit")).licence
    assert licence.conditions[0].startswith("Only the plan states this licence")


def test_pins_are_checked_against_the_merged_facts(weights: Path) -> None:
    """A pin of the plan meets what the file shows."""
    known = _collect([], weights, Pins(quantization="q4-1", license="mit"))
    assert [(check.pin, check.status) for check in known.pins] == [("license", "not_met"), ("quantization", "met")]
    assert (known.candidate, known.server_pid) == ("c1", 7)


def test_bad_weights_stop_the_work(tmp_path: Path) -> None:
    """A file that is no model is the user's to mend."""
    path = tmp_path / "w.gguf"
    path.write_bytes(b"not a model")
    with pytest.raises(InputError, match="bad-weights"):
        _collect([], path)


def test_licence_of_a_card_meets_a_pin(tmp_path: Path) -> None:
    """A folder whose card names a licence shows it, so that a pin can be met or not."""
    (tmp_path / "model.safetensors").write_bytes(safetensors_bytes({"a": ("F32", [1])}))
    (tmp_path / "README.md").write_text("---\nlicense: gemma\n---\n", encoding="utf-8")
    known = _collect([], tmp_path, Pins(license="gemma"))
    assert [(check.observed, check.status) for check in known.pins] == [("gemma", "met")]
    assert known.fact("license").source == "model card license"
    assert _collect([], tmp_path, Pins(license="mit")).pins[0].status == "not_met"
