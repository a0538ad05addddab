"""Do a Hugging Face folder and Ollama's store show what lies in them, and nothing that they only claim?"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.provenance.weights import read_weights, weights_size
from tests.provenance.gguf_file import LLAMA, write_gguf
from tests.provenance.safetensors_file import safetensors_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from assay.provenance.weights import Weights

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "max_position_embeddings": 8192}
CARD = "---\nlicense: other\nlicense_name: llama3.1\nbase_model: org/base\n---\n# A model\n"


def folder_at(path: Path, tensors: dict, config: dict | None = None) -> Path:
    """Write a model folder with one shard."""
    path.mkdir(parents=True)
    (path / "model.safetensors").write_bytes(safetensors_bytes(tensors))
    (path / "config.json").write_text(json.dumps({**CONFIG, **(config or {})}), encoding="utf-8")
    return path


def values(weights: Weights) -> dict[str, object]:
    return {fact.name: fact.value for fact in weights.facts if fact.value is not None}


def test_folder_in_a_download_cache_tells_everything(tmp_path: Path) -> None:
    """Commit and name come from the layout, quantization and size from the tensors, the rest from the files."""
    snapshot = tmp_path / "models--org--small" / "snapshots" / COMMIT
    folder = folder_at(snapshot, {"a.weight": ("BF16", [4, 8]), "b.weight": ("BF16", [2])})
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    (folder / "LICENSE").write_text("Terms\nof use\n", encoding="utf-8")
    (folder / "chat_template.jinja").write_text("{{ x }}", encoding="utf-8")
    settings = {"temperature": 0.6, "top_p": 0.9, "do_sample": True}
    (folder / "generation_config.json").write_text(json.dumps(settings), encoding="utf-8")
    weights = read_weights(folder)
    shard = (folder / "model.safetensors").read_bytes()
    assert values(weights) == {
        "weights_sha256": hashlib.sha256(shard).hexdigest(),
        "weights_bytes": len(shard),
        "quantization": "BF16",
        "tensor_types": "2 BF16",
        "architecture": "LlamaForCausalLM",
        "parameters": 34,
        "context_trained": 8192,
        "chat_template_sha256": hashlib.sha256(b"{{ x }}").hexdigest(),
        "sampling_defaults": "temperature=0.6 top_p=0.9",
        "revision": COMMIT,
        "model_id": "org/small",
    }
    assert weights.statements == (("model card license_name", "llama3.1"), ("LICENSE", "Terms\nof use\n"))
    assert weights.config is not None
    assert next(fact for fact in weights.facts if fact.name == "model_id").source.endswith("made from org/base")
    assert weights_size(folder) == weights.bytes == len(shard)


def test_folder_elsewhere_has_no_commit(tmp_path: Path) -> None:
    """A folder that was copied out of the cache shows neither commit nor name."""
    known = values(read_weights(folder_at(tmp_path / "m", {"a": ("F32", [1])})))
    assert "revision" not in known
    assert "model_id" not in known


@pytest.mark.parametrize(
    ("tensors", "told", "value", "grade"),
    [
        ({"a.weight": ("F8_E4M3", [64])}, {"quant_method": "fp8"}, "FP8", "observed"),
        (
            {"a.qweight": ("I32", [64]), "a.scales": ("F16", [2])},
            {"quant_method": "awq", "bits": 4},
            "AWQ 4-bit",
            "observed",
        ),
        ({"a.weight": ("BF16", [64])}, {"quant_method": "gptq", "bits": 4}, "GPTQ 4-bit", "declared"),
        ({"a.weight": ("F16", [64])}, None, "F16", "observed"),
        ({"a.qweight": ("I32", [64])}, None, None, "unknown"),
    ],
)
def test_quantization_of_a_folder(
    tensors: dict, told: dict | None, value: str | None, grade: str, tmp_path: Path
) -> None:
    """What most values are, and how they are packed, shows the quantization; a label alone only declares it."""
    folder = folder_at(tmp_path / "m", tensors, {"quantization_config": told} if told else None)
    fact = next(fact for fact in read_weights(folder).facts if fact.name == "quantization")
    assert (fact.value, fact.grade) == (value, grade)


def test_shards_have_one_digest_over_theirs(tmp_path: Path) -> None:
    """The digest of several shards is that of the lines that sha256sum prints, and progress adds up to their size."""
    folder = folder_at(tmp_path / "m", {"a": ("F32", [8])})
    (folder / "model-2.safetensors").write_bytes(safetensors_bytes({"b": ("F32", [4])}))
    told: list[int] = []
    known = values(read_weights(folder, advance=told.append))
    names = ("model-2.safetensors", "model.safetensors")
    lines = "".join(f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
    assert known["weights_sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    assert sum(told) == known["weights_bytes"]


def test_adapter_is_no_model(tmp_path: Path) -> None:
    """A folder with nothing but an adapter says that it lacks the model."""
    (tmp_path / "adapter_config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "adapter_model.safetensors").write_bytes(safetensors_bytes({"a": ("F32", [1])}))
    with pytest.raises(InputError, match="is an adapter"):
        read_weights(tmp_path)


def test_folder_with_one_gguf_model_is_that_model(tmp_path: Path) -> None:
    """A folder that holds one GGUF model, whole or in parts, stands for it; two leave a choice and are refused."""
    path = write_gguf(tmp_path / "m-00001-of-00002.gguf", {**LLAMA, "split.count": 2})
    write_gguf(tmp_path / "m-00002-of-00002.gguf", {**LLAMA, "split.count": 2})
    assert read_weights(tmp_path).facts == read_weights(path).facts
    assert weights_size(tmp_path) == read_weights(path).bytes
    write_gguf(tmp_path / "other.gguf", LLAMA)
    with pytest.raises(InputError, match="folder with no safetensors files") as caught:
        read_weights(tmp_path)
    assert caught.value.problems[0].remedy == "Name the folder that holds the safetensors files, or a GGUF file."


# --- Ollama's store -------------------------------------------------------------------------------------------


def store_at(root: Path, *, forged: bool = False, remote: bool = False) -> Path:
    """Write a store with the model `tiny:latest`; return its manifest."""
    (root / "blobs").mkdir(parents=True)

    def blob(content: bytes, name: str | None = None) -> str:
        digest = name or hashlib.sha256(content).hexdigest()
        (root / "blobs" / f"sha256-{digest}").write_bytes(content)
        return f"sha256:{digest}"

    weights = write_gguf(root / "w.gguf", {**LLAMA, "general.license": "apache-2.0"}).read_bytes()
    image = "application/vnd.ollama.image."
    layers = [
        {"mediaType": f"{image}model", "digest": blob(weights, "ab" * 32 if forged else None), "size": len(weights)},
        {"mediaType": f"{image}license", "digest": blob(b"First\nlicence\n"), "size": 1},
        {"mediaType": f"{image}license", "digest": blob(b"Second\nlicence\n"), "size": 1},
        {"mediaType": f"{image}params", "digest": blob(b'{"temperature": 0.6, "stop": ["x"]}'), "size": 1},
    ]
    config = {"model_format": "gguf", **({"remote_host": "https://far.example"} if remote else {})}
    manifest = root / "manifests" / "registry.example" / "library" / "tiny" / "latest"
    manifest.parent.mkdir(parents=True)
    content = {"schemaVersion": 2, "config": {"digest": blob(json.dumps(config).encode())}, "layers": layers}
    manifest.write_text(json.dumps(content), encoding="utf-8")
    return manifest


@pytest.mark.parametrize("model", ["tiny", "tiny:latest", "library/tiny"])
def test_model_of_the_store(model: str, tmp_path: Path) -> None:
    """A store and a name lead to manifest, weights, settings, and each licence layer by itself."""
    manifest = store_at(tmp_path / "s")
    weights = read_weights(tmp_path / "s", model=model)
    known = values(weights)
    assert known["revision"] == hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert known["weights_sha256"] == hashlib.sha256((tmp_path / "s" / "w.gguf").read_bytes()).hexdigest()
    assert (known["sampling_defaults"], weights.kind) == ("temperature=0.6", "ollama")
    assert weights.statements == (
        ("GGUF general.license", "apache-2.0"),
        ("Ollama licence layer 1", "First\nlicence\n"),
        ("Ollama licence layer 2", "Second\nlicence\n"),
    )
    assert values(read_weights(manifest)) == known


def test_forged_blob_does_not_pass(tmp_path: Path) -> None:
    """A blob whose content is not what its name says is refused."""
    store_at(tmp_path / "s", forged=True)
    with pytest.raises(InputError, match="not the one in its name"):
        read_weights(tmp_path / "s", model="tiny")


def test_remote_model_of_the_store_runs_elsewhere(tmp_path: Path) -> None:
    """A manifest that hands the model on says where to."""
    store_at(tmp_path / "s", remote=True)
    assert values(read_weights(tmp_path / "s", model="tiny"))["executed_at"] == "elsewhere: https://far.example"


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (None, "no model is named"),
        ("other", "has no model 'other'"),
        ("../tiny", "has no model"),
        ("tiny:../../x", "has no model"),
        ("*", "has no model"),
    ],
)
def test_names_that_lead_nowhere(model: str | None, what: str, tmp_path: Path) -> None:
    """A name that the store does not have, or that leads out of it, is told."""
    store_at(tmp_path / "s")
    with pytest.raises(InputError, match=what):
        read_weights(tmp_path / "s", model=model)


def test_two_hosts_with_one_name_are_not_guessed_between(tmp_path: Path) -> None:
    """A name that two hosts have needs the manifest itself."""
    manifest = store_at(tmp_path / "s")
    other = tmp_path / "s" / "manifests" / "other.example" / "library" / "tiny" / "latest"
    other.parent.mkdir(parents=True)
    other.write_bytes(manifest.read_bytes())
    with pytest.raises(InputError, match="several models 'tiny'"):
        read_weights(tmp_path / "s", model="tiny")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"layers": 3}', '{"layers": [1, {"digest": "x"}]}', "{" * 9999])
def test_broken_manifest_is_refused(content: str, tmp_path: Path) -> None:
    """A manifest that is none is told as such."""
    manifest = store_at(tmp_path / "s")
    manifest.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest|names no model layer"):
        read_weights(manifest)
