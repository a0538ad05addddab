"""How does somebody begin: the demo's plan, or a plan, a suite and a policy of their own?"""

from __future__ import annotations

import json
import shutil
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["write_demo", "write_start"]

_OLLAMA = "http://127.0.0.1:11434"
_WAIT_S = 0.5
_MOST_BYTES = 1 << 20
_EMBEDDED_LINE = "    embedded: smollm2-135m-instruct # a small model that Assay starts itself\n"


def write_demo(out: Path) -> Path:
    """Put the demo's plan into a folder and return its path; the one of an earlier demo is replaced.

    Raises:
        InputError: the folder cannot be made or written to.
    """
    with _writing_into(out):
        out.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(shipped_folder() / "templates" / "demo" / "plan.yaml", out / "plan.yaml"))


def write_start(folder: Path) -> Sequence[Path]:
    """Write the files to start from into a folder and return their paths.

    The plan speaks to Ollama when it answers at its usual address, else to the embedded model.

    Raises:
        InputError: one of the files is there already, and nothing is written then; or the folder cannot be made
            or written to.
    """
    source = shipped_folder() / "templates" / "init"
    names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    present = [name for name in names if (folder / name).exists()]
    if present:
        remedy = "Choose another folder, or move it away."
        raise InputError(
            *(Problem("file-exists", "the file is there already", remedy, str(folder / n)) for n in present)
        )
    model = _ollama_model()
    for name in names:
        text = (source / name).read_text(encoding="utf-8")
        if model is not None and name.name == "plan.yaml":
            served = f"    runtime: ollama\n    base_url: {_OLLAMA}/v1\n    model: {json.dumps(model)}\n"
            text = text.replace(_EMBEDDED_LINE, served)
        with _writing_into(folder):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in names]


@contextmanager
def _writing_into(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"cannot write into the folder: {error.strerror}"
        raise InputError(Problem("no-folder", message, "Choose another folder.", str(folder))) from None


def _ollama_model() -> str | None:
    """Return the first model of an Ollama at its usual address on this machine, or None when none answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{_OLLAMA}/api/tags", timeout=_WAIT_S) as answer:
            models = json.loads(answer.read(_MOST_BYTES)).get("models") or []
            return str(models[0]["name"]) if models else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
