"""Which facts does a GGUF header show about the model in it?"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, Literal

from assay.provenance.quantization import dominant_type, file_type_label
from assay.provenance.weights.files import clean
from assay.schema.provenance import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.provenance.gguf import GgufHeader
    from assay.schema.provenance import FactName

__all__ = ["gguf_facts", "gguf_statements"]

_MOST_TYPES: Final = 16
# The canonical JSON of the record holds no larger integer (RFC 8785 section 3.2.2.3).
_LARGEST_WHOLE: Final = 2**53 - 1

_ADDRESS_KEYS: Final = ("general.source.url", "general.source.repo_url", "general.url", "general.repo_url")
_COMMIT: Final = re.compile(r"/(?:tree|blob|resolve|commit)/([0-9a-f]{40})(?![0-9a-f])")


def gguf_facts(header: GgufHeader, *, parts: int = 1) -> tuple[Fact, ...]:
    """Return what a GGUF header shows; a fact that it does not show is there as unknown, with the reason.

    Args:
        header: the head of the file, or that of all parts together.
        parts: number of files that the model is split into.
    """
    whole = "the file" if parts == 1 else f"all {parts} parts"
    size = Fact(name="weights_bytes", value=header.file_bytes, grade="observed", source=f"size of {whole}")
    return (size, *(find(header) for find in _FINDERS.values()))


def gguf_statements(header: GgufHeader) -> tuple[tuple[str, str], ...]:
    """Return what the header states about the licence, and about those of the models that it was made from."""
    own = [(key, _text(header.metadata, key)) for key in ("general.license", "general.license.name")]
    stated = [(f"GGUF {key}", text) for key, text in own if text is not None]
    named = any(place.endswith(".name") for place, _ in stated)
    # `other` only says that the name stands beside it.
    return tuple((place, text) for place, text in stated if not (named and text.casefold() == "other"))


def _quantization(header: GgufHeader) -> Fact:
    number = _whole(header.metadata, "general.file_type")
    label = None if number is None else file_type_label(number)
    dominant = dominant_type(header.tensor_types)
    words = "no general.file_type" if number is None else f"label general.file_type {number}"
    words += f" = {label[0]}" if label else ""
    if dominant is None:
        source = f"the GGUF file has no tensors; {words}"
        if label is None:
            return _unknown("quantization", source)
        return Fact(name="quantization", value=label[0], grade="declared", source=source)
    # The tensors of Q4_K_S and Q4_K_M differ by share only, so the label names the mixture and the tensors confirm it.
    # MXFP4_MOE rounds the experts alone, which may be the smaller number of tensors.
    confirmed = label is not None and (label[1] == dominant or (label[1] == "MXFP4" and "MXFP4" in header.tensor_types))
    if label and not confirmed:
        words += ", which the tensors do not confirm"
    value = label[0] if label and confirmed else dominant
    return Fact(
        name="quantization", value=value, grade="observed", source=f"GGUF tensor types {_histogram(header)}; {words}"
    )


def _tensor_types(header: GgufHeader) -> Fact:
    if not header.tensor_types:
        return _unknown("tensor_types", "the GGUF file has no tensors")
    return Fact(name="tensor_types", value=_histogram(header), grade="observed", source="GGUF tensor table, by count")


def _parameters(header: GgufHeader) -> Fact:
    if not header.parameters:
        return _from_text(header, "parameters", "general.size_label", grade="declared")
    label = _text(header.metadata, "general.size_label")
    tensors = sum(header.tensor_types.values())
    source = f"counted from the dimensions of {tensors} GGUF tensors"
    if label is not None:
        source += f"; label general.size_label {label}"
    return Fact(name="parameters", value=header.parameters, grade="observed", source=source)


def _license(header: GgufHeader) -> Fact:
    stated = _text(header.metadata, "general.license")
    # Model hubs write `other` when the licence stands in the name beside it.
    named = stated is None or stated.casefold() in {"other", "unknown"}
    if named and _text(header.metadata, "general.license.name") is not None:
        return _from_text(header, "license", "general.license.name")
    return _from_text(header, "license", "general.license")


def _context_trained(header: GgufHeader) -> Fact:
    key = f"{_text(header.metadata, 'general.architecture')}.context_length"
    value = _whole(header.metadata, key)
    if value is None:
        return _unknown("context_trained", f"the GGUF file has no {key}")
    return Fact(name="context_trained", value=value, grade="observed", source=f"GGUF {key}")


def _chat_template(header: GgufHeader) -> Fact:
    template = header.metadata.get("tokenizer.chat_template")
    if not isinstance(template, str):
        return _unknown("chat_template_sha256", "the GGUF file has no tokenizer.chat_template")
    digest = hashlib.sha256(template.encode()).hexdigest()
    source = "SHA-256 of GGUF tokenizer.chat_template"
    return Fact(name="chat_template_sha256", value=digest, grade="observed", source=source)


def _model_id(header: GgufHeader) -> Fact:
    """Put the labels together; they are titles that anybody can write, so they declare and do not show."""
    name = _text(header.metadata, "general.name")
    source = "GGUF general.name"
    if name is None:
        keys = [f"general.{key}" for key in ("basename", "size_label", "finetune", "version")]
        texts = {key: text for key in keys if (text := _text(header.metadata, key)) is not None}
        if "general.basename" not in texts:
            return _unknown("model_id", "the GGUF file has neither general.name nor general.basename")
        name, source = "-".join(texts.values()), f"GGUF {', '.join(texts)}"
    organization = _text(header.metadata, "general.organization")
    if organization is not None:
        name, source = f"{organization}/{name}", f"{source} and general.organization"
    return Fact(name="model_id", value="-".join(name.split()), grade="declared", source=f"{source}: labels in the file")


def _revision(header: GgufHeader) -> Fact:
    for key in _ADDRESS_KEYS:
        found = _COMMIT.search(_text(header.metadata, key) or "")
        if found:
            return Fact(name="revision", value=found[1], grade="declared", source=f"GGUF {key}: a label in the file")
    return _unknown("revision", "no address in the GGUF file names a commit; weights_sha256 identifies the file")


def _sampling(header: GgufHeader) -> Fact:
    prefix = "general.sampling."
    keys = sorted(key for key in header.metadata if key.startswith(prefix))
    values = [(key.removeprefix(prefix), header.metadata[key]) for key in keys]
    if not values:
        return _unknown("sampling_defaults", f"the GGUF file has no {prefix}* key")
    text = ", ".join(f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}" for key, value in values)
    return Fact(name="sampling_defaults", value=clean(text), grade="observed", source=f"GGUF {prefix}*")


_FINDERS: Final[dict[FactName, Callable[[GgufHeader], Fact]]] = {
    "quantization": _quantization,
    "tensor_types": _tensor_types,
    "architecture": lambda header: _from_text(header, "architecture", "general.architecture"),
    "parameters": _parameters,
    "license": _license,
    "context_trained": _context_trained,
    "chat_template_sha256": _chat_template,
    "model_id": _model_id,
    "revision": _revision,
    "sampling_defaults": _sampling,
}
"""What a GGUF header can show, each with the function that finds it."""


def _from_text(
    header: GgufHeader, name: FactName, key: str, *, grade: Literal["observed", "declared"] = "observed"
) -> Fact:
    value = _text(header.metadata, key)
    if value is None:
        return _unknown(name, f"the GGUF file has no {key}")
    return Fact(name=name, value=value, grade=grade, source=f"GGUF {key}")


def _unknown(name: FactName, reason: str) -> Fact:
    return Fact(name=name, value=None, grade="unknown", source=reason)


def _histogram(header: GgufHeader) -> str:
    words = [f"{count} {name}" for name, count in header.tensor_types.items()]
    more = len(words) - _MOST_TYPES
    return ", ".join(words if more <= 0 else [*words[:_MOST_TYPES], f"{more} more types"])


def _text(metadata: Mapping[str, object], key: str) -> str | None:
    value = metadata.get(key)
    return (clean(value) or None) if isinstance(value, str) else None


def _whole(metadata: Mapping[str, object], key: str) -> int | None:
    value = metadata.get(key)
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_WHOLE
    return value if usable and isinstance(value, int) else None
