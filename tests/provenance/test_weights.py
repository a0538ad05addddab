"""Does each fact of a weights file say what was seen, and unknown where nothing was?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.provenance.gguf import read_gguf
from assay.provenance.weights import read_weights
from assay.provenance.weights.files import sha256_of
from assay.provenance.weights.gguf_file import gguf_facts
from assay.schema._base import canonical_bytes
from tests.provenance.gguf_file import ARRAY, LLAMA, TENSORS, TEXT, U64, head, key, write_gguf

if TYPE_CHECKING:
    from pathlib import Path

    from assay.schema.provenance import Fact
    from tests.provenance.gguf_file import Tensor


def _facts(tmp_path: Path, metadata: dict[str, object], tensors: list[Tensor] | None = None) -> dict[str, Fact]:
    path = write_gguf(tmp_path / "m.gguf", {**LLAMA, **metadata}, TENSORS if tensors is None else tensors)
    return {fact.name: fact for fact in gguf_facts(read_gguf(path))}


def test_digest_is_sha256_and_tells_its_progress(tmp_path: Path) -> None:
    """The digest is that of the whole file, and the bytes that are told add up to it."""
    path = tmp_path / "w"
    path.write_bytes(b"assay" * 600_000)
    told: list[int] = []
    assert sha256_of(path, told.append) == hashlib.sha256(b"assay" * 600_000).hexdigest()
    assert sum(told) == 3_000_000
    assert len(told) > 1


def test_digest_of_nothing_is_bad_input(tmp_path: Path) -> None:
    """A file that cannot be read is bad input."""
    with pytest.raises(InputError, match="cannot be read"):
        sha256_of(tmp_path / "missing")


@pytest.mark.parametrize(
    ("tensors", "file_type", "value", "words"),
    [
        ([("a", (256,), 12, 0), ("b", (16,), 0, 144)], 15, "Q4_K_M", "1 Q4_K, 1 F32; label general.file_type 15 = "),
        ([("a", (256,), 12, 0)], 14, "Q4_K_S", "= Q4_K_S"),
        ([("a", (256,), 12, 0)], 7, "Q4_K", "label general.file_type 7 = Q8_0, which the tensors do not confirm"),
        ([("a", (256,), 12, 0)], None, "Q4_K", "no general.file_type"),
        ([("a", (256,), 12, 0)], 4, "Q4_K", "label general.file_type 4"),
        ([("a", (32,), 8, 0), ("b", (32,), 8, 34), ("c", (32,), 39, 68)], 38, "MXFP4_MOE", "1 MXFP4"),
    ],
)
def test_quantization_is_what_the_tensors_show(
    tmp_path: Path, tensors: list[Tensor], file_type: int | None, value: str, words: str
) -> None:
    """The file's label counts only where the tensors confirm it, and the source shows both."""
    fact = _facts(tmp_path, {} if file_type is None else {"general.file_type": file_type}, tensors)["quantization"]
    assert (fact.value, fact.grade) == (value, "observed")
    assert words in fact.source


def test_without_tensors_a_label_only_declares(tmp_path: Path) -> None:
    """A file without tensors shows no quantization and no size: its labels are declarations."""
    facts = _facts(tmp_path, {"general.file_type": 15, "general.size_label": "7B"}, [])
    assert (facts["quantization"].value, facts["quantization"].grade) == ("Q4_K_M", "declared")
    assert (facts["parameters"].value, facts["parameters"].grade) == ("7B", "declared")
    assert facts["tensor_types"].grade == "unknown"


def test_what_is_absent_is_unknown_with_a_reason(tmp_path: Path) -> None:
    """A bare file gives no licence, no template, no revision, no sampling: each is unknown and says why."""
    facts = _facts(tmp_path, {})
    for name in ("license", "chat_template_sha256", "revision", "sampling_defaults", "model_id"):
        assert (facts[name].value, facts[name].grade) == (None, "unknown")
        assert "GGUF" in facts[name].source


def test_labels_of_the_file(tmp_path: Path) -> None:
    """Name, commit, licence, context, template and sampling come from their keys."""
    facts = _facts(
        tmp_path,
        {
            "general.name": "Tiny One",
            "general.organization": "Acme",
            "general.license": "mit",
            "general.source.url": f"https://hub.invalid/acme/tiny/tree/{'ab' * 20}",
            "general.sampling.temp": 0.6,
            "general.sampling.top_k": 20,
            "tokenizer.chat_template": "{{ x }}",
        },
    )
    assert (facts["model_id"].value, facts["model_id"].grade) == ("Acme/Tiny-One", "declared")
    assert (facts["revision"].value, facts["revision"].grade) == ("ab" * 20, "declared")
    assert facts["license"].value == "mit"
    assert facts["context_trained"].value == 4096
    assert facts["chat_template_sha256"].value == hashlib.sha256(b"{{ x }}").hexdigest()
    assert facts["sampling_defaults"].value == "temp=0.6, top_k=20"


def test_model_id_from_the_parts_of_a_name(tmp_path: Path) -> None:
    """Without a name the base name and what follows it make one."""
    facts = _facts(tmp_path, {"general.basename": "tiny", "general.size_label": "1B", "general.finetune": "chat"})
    assert facts["model_id"].value == "tiny-1B-chat"


def test_licence_name_counts_where_the_licence_is_other(tmp_path: Path) -> None:
    """A hub's `other` is no licence: the name beside it is."""
    facts = _facts(tmp_path, {"general.license": "other", "general.license.name": "qwen-research"})
    assert (facts["license"].value, facts["license"].source) == ("qwen-research", "GGUF general.license.name")


def test_parts_of_a_model_speak_for_the_whole_together(tmp_path: Path) -> None:
    """One part of a split model finds the others: sizes, tensors and digests are those of all."""
    names = [f"m-0000{n}-of-00002.gguf" for n in (1, 2)]
    for name in names:
        write_gguf(tmp_path / name, {**LLAMA, "split.count": 2, "general.file_type": 3})
    whole = {fact.name: fact for fact in read_weights(tmp_path / names[1]).facts}
    lines = "".join(f"{sha256_of(tmp_path / name)}  {name}\n" for name in names)
    assert whole["weights_sha256"].value == hashlib.sha256(lines.encode()).hexdigest()
    assert whole["tensor_types"].value == "2 F32, 2 Q4_1"
    assert whole["weights_bytes"].value == sum((tmp_path / name).stat().st_size for name in names)
    (tmp_path / names[0]).unlink()
    with pytest.raises(InputError, match=r"one of 2 parts, and m-00001-of-00002\.gguf is not beside it"):
        read_weights(tmp_path / names[1])


def test_licences_beside_a_file_are_statements(tmp_path: Path) -> None:
    """A card and a licence text in the folder of a GGUF file speak of it; a licence of code does not."""
    path = write_gguf(tmp_path / "m.gguf", {**LLAMA, "general.license": "apache-2.0"})
    (tmp_path / "README.md").write_text("---\nlicense: other\nlicense_name: qwen\n---\n# Card\n", encoding="utf-8")
    (tmp_path / "LICENSE").write_text("Some\nterms.\n", encoding="utf-8")
    (tmp_path / "LICENSE-CODE").write_text("Other\nterms.\n", encoding="utf-8")
    assert read_weights(path).statements == (
        ("GGUF general.license", "apache-2.0"),
        ("model card license_name", "qwen"),
        ("LICENSE", "Some\nterms.\n"),
    )


def test_weights_that_are_not_hashed_say_so(tmp_path: Path) -> None:
    """Without hashing the digest is unknown, and everything else is as before."""
    path = write_gguf(tmp_path / "m.gguf", LLAMA)
    facts = {fact.name: fact for fact in read_weights(path, hashed=False).facts}
    assert (facts["weights_sha256"].grade, facts["weights_bytes"].value) == ("unknown", path.stat().st_size)


def test_hostile_values_become_facts_that_can_be_stored(tmp_path: Path) -> None:
    """Control characters, long texts, wrong types and giant numbers end as short text or unknown."""
    keys = [
        key("general.architecture", TEXT, "llama"),
        key("general.license", TEXT, "mit\x1b[2J\n| evil |" + "x" * 5000),
        key("llama.context_length", U64, 2**64 - 1),
        key("general.name", ARRAY, (TEXT, ["a"])),
        key("split.count", TEXT, "many"),
        key("tokenizer.chat_template", U64, 1),
    ]
    path = tmp_path / "m.gguf"
    path.write_bytes(head(keys))
    facts = {fact.name: fact for fact in gguf_facts(read_gguf(path))}
    stated = facts["license"].value
    assert isinstance(stated, str)
    assert stated.isprintable()
    assert len(stated) <= 200
    assert facts["context_trained"].grade == "unknown"
    assert facts["model_id"].grade == "unknown"
    for fact in facts.values():
        assert canonical_bytes(fact.model_dump(mode="json"))


def test_a_crowd_of_tensor_types_stays_short(tmp_path: Path) -> None:
    """A forged table of a thousand types makes no fact of a thousand words."""
    value = _facts(tmp_path, {}, [("t", (1,), 100 + number, 0) for number in range(1000)])["tensor_types"].value
    assert isinstance(value, str)
    assert value.startswith("1 type 100, 1 type 101, ")
    assert value.endswith("984 more types")


@pytest.mark.embedded
def test_facts_of_a_real_model(smollm2: Path) -> None:
    """SmolLM2's file shows its quantization, size and licence; its labels only declare its name."""
    facts = {fact.name: fact for fact in read_weights(smollm2).facts}
    assert facts["weights_sha256"].value == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    assert facts["weights_bytes"].value == 98_362_432
    assert facts["quantization"].value == "Q4_1"
    assert facts["quantization"].source == (
        "GGUF tensor types 210 Q4_1, 61 F32, 1 Q8_0; label general.file_type 3 = Q4_1"
    )
    assert facts["parameters"].value == 134_515_008
    assert facts["architecture"].value == "llama"
    assert facts["license"].value == "apache-2.0"
    assert facts["context_trained"].value == 8192
    assert facts["model_id"].grade == "declared"
    assert facts["revision"].grade == "unknown"
