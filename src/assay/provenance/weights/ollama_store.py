"""What does Ollama's store hold of a model: manifest, layers, licences?

`manifests/<host>/<namespace>/<model>/<tag>` names layers by digest; they lie in `blobs/sha256-<digest>`. The digest of
the model layer identifies the weights, that of the manifest file also template, parameters and licence.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.errors import InputError, Problem
from assay.provenance.weights.files import clean, json_of, text_of, wrong

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

__all__ = ["OllamaModel", "find_manifest", "read_manifest"]

_LAYER: Final = "application/vnd.ollama.image."
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")
_MOST_LAYERS: Final = 64


@dataclass(frozen=True)
class OllamaModel:
    """One model of the store."""

    manifest_sha256: str
    """Digest of the manifest file, which `/api/tags` shows."""
    weights: Path
    """The blob of the model layer."""
    weights_sha256: str
    """Its digest by the manifest."""
    licences: tuple[str, ...]
    """Texts of the licence layers."""
    settings: dict[str, JsonValue]
    """Sampling settings of the params layer."""
    remote_host: str | None
    """Where the model is run instead, or None."""


def find_manifest(store: Path, model: str | None) -> Path:
    """Return the manifest of a model in a store; a name without a tag means `latest`.

    Raises:
        InputError: the plan names no model, or none or several manifests fit (`bad-weights`).
    """
    if model is None:
        raise wrong(store, "is an Ollama store, and no model is named that could be looked up in it")
    name, _, tag = model.partition(":")
    parts = [part for part in name.split("/") if part]
    if not parts or any(part in {".", ".."} for part in [*parts, tag]):
        raise wrong(store, f"has no model {clean(model)!r}")
    fitting = sorted(
        path
        for path in (store / "manifests").glob("/".join(["**", *map(_literal, parts), _literal(tag or "latest")]))
        if path.is_file()
    )
    if len(fitting) == 1:
        return fitting[0]
    found = ", ".join(str(path.relative_to(store)) for path in fitting[:5])
    what = f"has several models {clean(model)!r}: {found}" if fitting else f"has no model {clean(model)!r}"
    raise InputError(Problem("bad-weights", f"the Ollama store {what}", "Name the manifest file itself.", str(store)))


def read_manifest(path: Path) -> OllamaModel:
    """Read a manifest and what it names, all but the weights themselves.

    Raises:
        InputError: it is no manifest, or names no weights (`bad-weights`).
    """
    manifest = json_of(path)
    layers = manifest.get("layers") if manifest is not None else None
    store = next((parent.parent for parent in path.parents if parent.name == "manifests"), None)
    if manifest is None or not isinstance(layers, list) or store is None or len(layers) > _MOST_LAYERS:
        raise wrong(path, "is no manifest of an Ollama store")
    by_kind: dict[str, list[str]] = {}
    for layer in layers:
        kind, digest = (layer.get("mediaType"), layer.get("digest")) if isinstance(layer, dict) else (None, None)
        found = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
        if isinstance(kind, str) and kind.startswith(_LAYER) and found:
            by_kind.setdefault(kind.removeprefix(_LAYER), []).append(found[1])
    if not by_kind.get("model"):
        raise wrong(path, "names no model layer")
    blobs = store / "blobs"
    texts = (text_of(blobs / f"sha256-{digest}") for digest in by_kind.get("license", []))
    params = by_kind.get("params", [])
    return OllamaModel(
        manifest_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        weights=blobs / f"sha256-{by_kind['model'][0]}",
        weights_sha256=by_kind["model"][0],
        licences=tuple(text for text in texts if text is not None),
        settings=(json_of(blobs / f"sha256-{params[0]}") if params else None) or {},
        remote_host=_remote_host(manifest, blobs),
    )


def _remote_host(manifest: dict[str, JsonValue], blobs: Path) -> str | None:
    config = manifest.get("config")
    digest = config.get("digest") if isinstance(config, dict) else None
    found = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
    host = (json_of(blobs / f"sha256-{found[1]}") or {}).get("remote_host") if found else None
    return clean(host) if isinstance(host, str) and host else None


def _literal(part: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", part)
