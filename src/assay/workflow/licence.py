"""What is the licence of a text, of some weights, or behind a tag, and what does it allow an organization?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import InputError, Problem
from assay.provenance.licences import is_known, licence_of
from assay.schema.suite import Organization
from assay.suite import load_noun, read_yaml

if TYPE_CHECKING:
    from assay.schema.provenance import Licence

__all__ = ["read_licence"]

_MOST_BYTES: Final = 1 << 20
_MOST_FILES: Final = 8
_GGUF_MAGIC: Final = b"GGUF"


def read_licence(named: str, organization: Path | None) -> Licence:
    """Collect every statement about a licence and hold what they come to against an organization.

    Args:
        named: a licence text, a GGUF file, a model folder, a manifest of Ollama's store, or a tag.
        organization: YAML file of the profile, or None when nothing is known of it.

    Raises:
        InputError: a file is missing, unreadable or no text, or there is neither a file nor a licence of that name.
    """
    profile = load_noun(read_yaml(organization, str(organization)), Organization) if organization is not None else None
    return licence_of(_statements(named), profile)


def _statements(named: str) -> tuple[tuple[str, str], ...]:
    path = Path(named)
    try:
        found = path.exists()
    except (OSError, ValueError):
        found = False  # no file system takes such a name
    if not found:
        return (("named", _tag(named)),)
    if path.is_dir():
        return _folder(path)
    if _are_weights(path):
        from assay.provenance.weights import read_weights

        return read_weights(path, hashed=False).statements
    return ((path.name, _text(path)),)


def _folder(path: Path) -> tuple[tuple[str, str], ...]:
    """Return what a folder states: its card, its texts, and the GGUF files in it; other weights say nothing."""
    from assay.provenance.weights import read_weights
    from assay.provenance.weights.model_folder import folder_statements

    if (path / "manifests").is_dir() and (path / "blobs").is_dir():
        return read_weights(path, hashed=False).statements
    files = sorted(path.glob("*.gguf"))[:_MOST_FILES]
    stated = [statement for file in files for statement in read_weights(file, hashed=False).statements]
    found = tuple(dict.fromkeys([*stated, *folder_statements(path)]))
    if not found:
        raise _wrong(path, "the folder states no licence")
    return found


def _tag(named: str) -> str:
    if is_known(named):
        return named
    message = f"{named[:100]!r} is neither a file nor a licence of the table or of SPDX"
    raise InputError(Problem("unknown-licence", message, "Name a file, a folder, or a tag such as apache-2.0."))


def _are_weights(path: Path) -> bool:
    """Tell weights from a text: by the mark of GGUF, or by the place that manifests have in Ollama's store."""
    if path.suffix == ".gguf" or any(parent.name == "manifests" for parent in path.absolute().parents):
        return True
    with path.open("rb") as file:
        return file.read(len(_GGUF_MAGIC)) == _GGUF_MAGIC


def _text(path: Path) -> str:
    """Return a text as it stands, line ends too: its digest is the file's."""
    with path.open("rb") as file:
        raw = file.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise _wrong(path, "the file is larger than 1 MiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _wrong(path, "the file is not UTF-8") from None
    if not text.strip() or "\0" in text:
        raise _wrong(path, "the file holds no text")
    return text


def _wrong(path: Path, reason: str) -> InputError:
    remedy = "Name the file of the licence text, or the weights that it came with."
    return InputError(Problem("bad-licence", reason, remedy, str(path)))
