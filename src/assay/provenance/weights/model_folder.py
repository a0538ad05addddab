"""What does a Hugging Face folder show: configuration, card, shards, and the commit that it was downloaded at?"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from assay.provenance.weights.card import base_models, licence_files, read_card, statements_of_card
from assay.provenance.weights.files import clean, json_of, sha256_of, text_of, wrong
from assay.provenance.weights.safetensors import read_safetensors
from assay.schema.provenance import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pydantic import JsonValue

    from assay.provenance.weights.safetensors import SafetensorsHeader
    from assay.schema.provenance import FactName

__all__ = ["folder_facts", "folder_statements", "shards_of"]

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_MOST_SHARDS: Final = 1000
_SAMPLED: Final = ("temperature", "top_k", "top_p", "min_p", "typical_p", "repetition_penalty")
_FULL: Final[dict[str, str]] = {"BF16": "BF16", "F16": "F16", "F32": "F32", "F8_E4M3": "FP8", "F8_E5M2": "FP8"}


def shards_of(folder: Path) -> tuple[Path, ...]:
    """Return the safetensors files of a folder, in the order of their names.

    Raises:
        InputError: there are none, or absurdly many (`bad-weights`).
    """
    shards = tuple(sorted(folder.glob("*.safetensors")))
    if not shards or len(shards) > _MOST_SHARDS:
        what = f"is a folder with {len(shards) or 'no'} safetensors files; a model has 1 to {_MOST_SHARDS}"
        raise wrong(folder, what, "Name the folder that holds the safetensors files, or a GGUF file.")
    return shards


def folder_facts(
    folder: Path, config: Mapping[str, JsonValue] | None, *, hashed: bool, advance: Callable[[int], None] | None
) -> tuple[Fact, ...]:
    """Return what a folder shows.

    Raises:
        InputError: a shard is unreadable, truncated or forged (`bad-weights`).
    """
    shards = shards_of(folder)
    headers = [read_safetensors(path) for path in shards]
    inner = config.get("text_config") if config is not None else None
    own: Mapping[str, JsonValue] = inner if isinstance(inner, dict) else config or {}
    types = sum((Counter(dict(header.tensor_types)) for header in headers), Counter())
    return (
        _digest(shards, hashed=hashed, advance=advance),
        _seen(
            "weights_bytes", sum(header.file_bytes for header in headers), f"sizes of {len(shards)} safetensors files"
        ),
        _quantization(headers, config or {}),
        _seen(
            "tensor_types", ", ".join(f"{n} {name}" for name, n in types.most_common(16)), "safetensors heads, by count"
        ),
        _text("architecture", _first(config, "architectures"), "config.json architectures"),
        _parameters(headers),
        _number("context_trained", own.get("max_position_embeddings"), "config.json max_position_embeddings"),
        _template(folder),
        _sampling(folder),
        *_origin(folder),
    )


def folder_statements(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return every statement about the licence in a folder: its card's and its texts."""
    card = read_card(folder)
    return (*statements_of_card(card), *licence_files(folder))


def _digest(shards: tuple[Path, ...], *, hashed: bool, advance: Callable[[int], None] | None) -> Fact:
    if not hashed:
        return _unknown("weights_sha256", "the weights were not hashed; `assay probe --deep` does it")
    if len(shards) == 1:
        return _seen("weights_sha256", sha256_of(shards[0], advance), f"SHA-256 of {clean(shards[0].name)}")
    lines = "".join(f"{sha256_of(path, advance)}  {path.name}\n" for path in shards)
    source = f"SHA-256 over the {len(shards)} lines that sha256sum prints for the safetensors files"
    return _seen("weights_sha256", hashlib.sha256(lines.encode()).hexdigest(), source)


def _quantization(headers: list[SafetensorsHeader], config: Mapping[str, JsonValue]) -> Fact:
    """Return how the weights are held: by what most values are, and by the packing that its tensors show."""
    values = sum((Counter(dict(header.values)) for header in headers), Counter())
    names = frozenset().union(*(header.names for header in headers))
    told = config.get("quantization_config")
    method, bits = (told.get("quant_method"), told.get("bits")) if isinstance(told, dict) else (None, None)
    label = f"{clean(str(method)).upper()}{f' {bits}-bit' if isinstance(bits, int) else ''}" if method else None
    common = values.most_common(1)
    most = common[0][0] if common else None
    packed = most in {"I32", "U8", "I8"} and bool(names & {"qweight", "weight_packed", "absmax", "SCB", "qzeros"})
    said = f"config.json says {label}" if label else "config.json names no quantization"
    source = f"safetensors values are mostly {most}; {said}"
    if packed and label is not None:
        return _seen("quantization", label, source)
    if most in _FULL and (label is None or _FULL[most] == "FP8"):
        return _seen("quantization", _FULL[most], source)
    if label is not None:
        return Fact(name="quantization", value=label, grade="declared", source=source)
    return _unknown("quantization", source)


def _parameters(headers: list[SafetensorsHeader]) -> Fact:
    values = sum((Counter(dict(header.values)) for header in headers), Counter())
    packed = sum(values[kind] for kind in ("I32", "U8", "I8"))
    if packed:
        return _unknown("parameters", "the tensors are packed, so that their values are not the parameters")
    return _number("parameters", sum(values.values()), "counted from the shapes in the safetensors heads")


def _template(folder: Path) -> Fact:
    text = text_of(folder / "chat_template.jinja")
    source = "SHA-256 of chat_template.jinja"
    if text is None:
        written = (json_of(folder / "tokenizer_config.json") or {}).get("chat_template")
        text, source = (written if isinstance(written, str) else None), "SHA-256 of tokenizer_config.json chat_template"
    if text is None:
        return _unknown("chat_template_sha256", "the folder has no chat template")
    return _seen("chat_template_sha256", hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(), source)


def _sampling(folder: Path) -> Fact:
    settings = json_of(folder / "generation_config.json") or {}
    found = [
        f"{name}={settings[name]:g}"
        for name in _SAMPLED
        if isinstance(settings.get(name), int | float) and not isinstance(settings.get(name), bool)
    ]
    if not found:
        return _unknown("sampling_defaults", "the folder has no generation_config.json with sampling settings")
    return _seen("sampling_defaults", " ".join(found), "generation_config.json")


def _origin(folder: Path) -> tuple[Fact, ...]:
    """Return name and commit from the layout of the download cache: models--org--name/snapshots/<commit>."""
    bases = ", ".join(base_models(read_card(folder)))
    beside = f"; made from {bases}" if bases else ""
    commit = folder.name if _COMMIT.fullmatch(folder.name) and folder.parent.name == "snapshots" else None
    name = folder.parent.parent.name if commit is not None else ""
    if commit is None or not name.startswith("models--"):
        reason = "the folder does not lie in a download cache, whose layout names the commit"
        return _unknown("revision", reason), _unknown("model_id", reason + beside)
    source = "layout of the download cache"
    model = clean(name.removeprefix("models--").replace("--", "/"))
    return (
        Fact(name="revision", value=commit, grade="observed", source=source),
        Fact(name="model_id", value=model, grade="observed", source=source + beside),
    )


def _first(config: Mapping[str, JsonValue] | None, key: str) -> JsonValue:
    value = (config or {}).get(key)
    return value[0] if isinstance(value, list) and value else None


def _seen(name: FactName, value: str | int, source: str) -> Fact:
    return Fact(name=name, value=value, grade="observed", source=source)


def _text(name: FactName, value: JsonValue, source: str) -> Fact:
    return _seen(name, clean(value), source) if isinstance(value, str) and value else _unknown(name, f"no {source}")


def _number(name: FactName, value: JsonValue, source: str) -> Fact:
    usable = type(value) is int and 0 < value < 1 << 53
    return _seen(name, value, source) if usable and isinstance(value, int) else _unknown(name, f"no usable {source}")


def _unknown(name: FactName, reason: str) -> Fact:
    return Fact(name=name, value=None, grade="unknown", source=reason)
