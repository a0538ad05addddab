"""Which facts do weights show: a GGUF file, whole or split, a Hugging Face folder, a model in Ollama's store?"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from assay.errors import InputError
from assay.provenance.gguf import read_gguf
from assay.provenance.weights.card import licence_files, read_card, statements_of_card
from assay.provenance.weights.files import clean, json_of, sha256_of, wrong
from assay.provenance.weights.gguf_file import gguf_facts, gguf_statements
from assay.provenance.weights.model_folder import folder_facts, folder_statements, shards_of
from assay.provenance.weights.ollama_store import find_manifest, read_manifest
from assay.schema.provenance import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pydantic import JsonValue

    from assay.provenance.gguf import GgufHeader
    from assay.schema.provenance import FactName

__all__ = ["Weights", "read_weights", "sha256_of", "weights_size"]

_PART: Final = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_MOST_PARTS: Final = 1000
_NOT_HASHED: Final = "the weights were not hashed; `assay probe --deep` does it"
_GGUF_MAGIC: Final = b"GGUF"


@dataclass(frozen=True)
class Weights:
    """What some weights show."""

    kind: Literal["gguf", "folder", "ollama"]
    """What they lie in."""
    facts: tuple[Fact, ...]
    """The facts; one that they do not show is there as unknown, with the reason."""
    metadata: Mapping[str, JsonValue] | None
    """Keys of the GGUF header, or None."""
    config: Mapping[str, JsonValue] | None
    """config.json of a folder, or None."""
    statements: tuple[tuple[str, str], ...]
    """Each place that states a licence, with the tag or the whole text."""
    bytes: int
    """Size of all files of weights."""


def read_weights(
    path: Path, *, model: str | None = None, advance: Callable[[int], None] | None = None, hashed: bool = True
) -> Weights:
    """Read what weights show.

    Args:
        path: a GGUF file (one part of a split model stands for all), a Hugging Face folder, a manifest in Ollama's
            store, or the store itself.
        model: name of the model, to look it up in a store.
        advance: called with the number of bytes after each chunk that is hashed.
        hashed: whether to compute the digest.

    Raises:
        InputError: something is unreadable, truncated or forged (`bad-weights`).
    """
    if path.is_dir():
        if (path / "manifests").is_dir() and (path / "blobs").is_dir():
            return _ollama(find_manifest(path, model), advance, hashed=hashed)
        alone = _only_gguf(path)
        return _gguf(alone, advance, hashed=hashed) if alone is not None else _folder(path, advance, hashed=hashed)
    if any(parent.name == "manifests" for parent in path.parents) and not _is_gguf(path):
        return _ollama(path, advance, hashed=hashed)
    return _gguf(path, advance, hashed=hashed)


def weights_size(path: Path, model: str | None = None) -> int:
    """Return how many bytes there are to hash; 0 where that cannot be told."""
    try:
        if path.is_dir() and (path / "manifests").is_dir():
            return read_manifest(find_manifest(path, model)).weights.stat().st_size
        if path.is_dir() and (alone := _only_gguf(path)) is not None:
            return sum(part.stat().st_size for part in _parts(alone))
        if path.is_dir():
            return sum(shard.stat().st_size for shard in shards_of(path))
        if any(parent.name == "manifests" for parent in path.parents) and not _is_gguf(path):
            return read_manifest(path).weights.stat().st_size
        return sum(part.stat().st_size for part in _parts(path))
    except (OSError, InputError):
        return 0  # reading them says what is wrong


def _only_gguf(folder: Path) -> Path | None:
    """Return the one GGUF model of a folder without safetensors, by its first part; None when there is a choice."""
    found = sorted(folder.glob("*.gguf"))
    if not found or any(folder.glob("*.safetensors")):
        return None
    return found[0] if len(found) == 1 or set(found) == set(_parts(found[0])) else None


def _is_gguf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_GGUF_MAGIC)) == _GGUF_MAGIC
    except OSError:
        return False


def _gguf(path: Path, advance: Callable[[int], None] | None, *, hashed: bool) -> Weights:
    parts = _parts(path)
    headers = [read_gguf(part) for part in parts]
    whole = _joined(headers)
    facts = gguf_facts(whole, parts=len(parts))
    digest = _unknown("weights_sha256", _NOT_HASHED)
    if hashed and len(parts) == 1:
        digest = _seen("weights_sha256", sha256_of(path, advance), f"SHA-256 of {clean(path.name)}")
    elif hashed:
        lines = "".join(f"{sha256_of(part, advance)}  {part.name}\n" for part in parts)
        source = f"SHA-256 over the {len(parts)} lines that sha256sum prints for the parts"
        digest = _seen("weights_sha256", hashlib.sha256(lines.encode()).hexdigest(), source)
    beside = [*statements_of_card(read_card(path.parent)), *licence_files(path.parent)]
    return Weights(
        kind="gguf",
        facts=(digest, *facts),
        metadata=whole.metadata,
        config=None,
        statements=(*gguf_statements(whole), *beside),
        bytes=whole.file_bytes,
    )


def _parts(path: Path) -> tuple[Path, ...]:
    """Return all parts of a split model, of which one was named.

    Raises:
        InputError: a part is missing (`bad-weights`).
    """
    found = _PART.fullmatch(path.name)
    count = int(found["count"]) if found else 1
    if found is None or not 1 < count <= _MOST_PARTS:
        return (path,)
    parts = tuple(path.with_name(f"{found['stem']}-{n:05d}-of-{count:05d}.gguf") for n in range(1, count + 1))
    missing = [part.name for part in parts if not part.is_file()]
    if missing:
        raise wrong(path, f"is one of {count} parts, and {', '.join(map(clean, missing[:3]))} is not beside it")
    return parts


def _joined(headers: list[GgufHeader]) -> GgufHeader:
    """Return the header of the whole: the keys of the first part, the tensors of all."""
    if len(headers) == 1:
        return headers[0]
    types = sum((Counter(dict(header.tensor_types)) for header in headers), Counter())
    return replace(
        headers[0],
        tensor_types=dict(types.most_common()),
        parameters=sum(header.parameters or 0 for header in headers),
        file_bytes=sum(header.file_bytes for header in headers),
    )


def _folder(path: Path, advance: Callable[[int], None] | None, *, hashed: bool) -> Weights:
    config = json_of(path / "config.json")
    if (path / "adapter_config.json").exists() and config is None:
        raise wrong(path, "is an adapter, which is no model without the one that it was made for")
    facts = folder_facts(path, config, hashed=hashed, advance=advance)
    size = next(fact.value for fact in facts if fact.name == "weights_bytes")
    return Weights("folder", facts, None, config, folder_statements(path), int(str(size)))


def _ollama(manifest: Path, advance: Callable[[int], None] | None, *, hashed: bool) -> Weights:
    """Read a model of the store; a blob that is not what its name says is an error, and never passes.

    Raises:
        InputError: the blob is missing, or its content has another digest (`bad-weights`).
    """
    model = read_manifest(manifest)
    if model.remote_host is not None:
        facts = [_seen("executed_at", f"elsewhere: {model.remote_host}", "remote_host in the manifest's config")]
    else:
        facts = []
    inner = _gguf(model.weights, advance, hashed=hashed)
    digest = next(fact for fact in inner.facts if fact.name == "weights_sha256")
    if hashed and digest.value != model.weights_sha256:
        raise wrong(model.weights, f"has the digest {digest.value}, not the one in its name")
    settings = " ".join(f"{k}={v:g}" for k, v in model.settings.items() if type(v) in {int, float} and k.isidentifier())
    if settings:
        facts.append(_seen("sampling_defaults", clean(settings), "params layer of the manifest"))
    facts.append(_seen("revision", model.manifest_sha256, "SHA-256 of the manifest file"))
    replaced = {fact.name for fact in facts}
    licences = [(f"Ollama licence layer {n}", text) for n, text in enumerate(model.licences, 1)]
    return replace(
        inner,
        kind="ollama",
        facts=(*facts, *(fact for fact in inner.facts if fact.name not in replaced)),
        # What lies beside the blob are blobs of other models.
        statements=(*gguf_statements(read_gguf(model.weights)), *licences),
    )


def _seen(name: FactName, value: str | int, source: str) -> Fact:
    return Fact(name=name, value=value, grade="observed", source=source)


def _unknown(name: FactName, reason: str) -> Fact:
    return Fact(name=name, value=None, grade="unknown", source=reason)
