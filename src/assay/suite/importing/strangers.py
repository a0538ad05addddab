"""What is a mapping that was taken for promptfoo's and is another tool's, and what should be named instead?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.suite.importing.sources import as_map

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["stranger"]


def stranger(content: dict[str, JsonValue]) -> tuple[str, str] | None:
    """Return what a file of another tool is and what to name instead of it, or None where it shows no other tool."""
    if content.keys() & {"prompts", "tests"}:
        return None
    if {"results", "configs"} <= content.keys():
        message = "it is the result file of an lm-eval run, and the answers stand beside it"
        return message, "Name the run's folder, or its `samples_….jsonl` (written with `--log_samples`)."
    if "task" in content and any(key.startswith("doc_to_") or key == "output_type" for key in content):
        message = "it is a task of lm-eval, which holds no cases"
        return message, "Name the folder of a run (`--log_samples`), or its `samples_….jsonl`."
    if any("class" in as_map(entry) for entry in content.values()):
        message = "it is a registry of OpenAI evals, which holds no cases"
        return message, "Name the samples of an eval, and this file with `--registry`."
    return None
