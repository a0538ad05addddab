"""What does the environment add to a plan: `${NAME}` in its texts, and the field's own variables for a candidate?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.errors import Problem
    from assay.suite.documents import Document

__all__ = ["candidate_from", "expand", "missing_keys"]

_REFERENCE = re.compile(r"\$(\$)?\{([A-Za-z_][A-Za-z0-9_]*)\}")
_KEY = "LOCAL_LLM_API_KEY"
_REQUEST = {
    "LOCAL_LLM_TIMEOUT_S": "timeout_s",
    "LOCAL_LLM_MAX_RETRIES": "max_retries",
    "LOCAL_LLM_MAX_TOKENS": "max_tokens",
    "LOCAL_LLM_TEMPERATURE": "temperature",
}
_PINS = {
    "MODEL_ID": "model_id",
    "MODEL_REVISION": "revision",
    "MODEL_LICENSE": "license",
    "RUNTIME_VERSION": "runtime_version",
    "QUANTIZATION": "quantization",
    "MAX_CONTEXT_TOKENS": "max_context_tokens",
}


def candidate_from(environment: Mapping[str, str]) -> dict[str, JsonValue] | None:
    """Return the candidate that the field's own variables describe, or None without `LOCAL_LLM_BASE_URL`."""
    if not environment.get("LOCAL_LLM_BASE_URL"):
        return None
    candidate: dict[str, JsonValue] = {
        "id": "local",
        "runtime": environment.get("LOCAL_LLM_RUNTIME") or "gateway",
        "base_url": environment["LOCAL_LLM_BASE_URL"],
        "roles": ["production"],
        "request": {field: environment[name] for name, field in _REQUEST.items() if environment.get(name)},
        "pins": {field: environment[name] for name, field in _PINS.items() if environment.get(name)},
    }
    if environment.get("LOCAL_LLM_MODEL"):
        candidate["model"] = environment["LOCAL_LLM_MODEL"]
    if environment.get(_KEY):
        candidate["api_key_env"] = _KEY
    return candidate


def expand(document: Document, environment: Mapping[str, str]) -> list[Problem]:
    """Replace each `${NAME}` in the texts of a document; `$${NAME}` stands for itself.

    A variable that holds a key (`LOCAL_LLM_API_KEY`, or named by an `api_key_env` or by `other_key_env`) is not
    expanded: its value would reach the disk.

    Returns:
        One problem for each variable that is missing or secret.
    """
    expander = _Expander(document, environment, _secret_names(document.data, environment))
    document.data = expander.walk(document.data, ())
    return expander.problems


class _Expander:
    def __init__(self, document: Document, environment: Mapping[str, str], secret: set[str]) -> None:
        self._document = document
        self._environment = environment
        self._secret = secret
        self.problems: list[Problem] = []

    def walk(self, value: JsonValue, loc: tuple[str | int, ...]) -> JsonValue:
        """Return a value with all its texts expanded."""
        if isinstance(value, str):
            return _REFERENCE.sub(lambda match: self._one(match, loc), value)
        if isinstance(value, list):
            return [self.walk(item, (*loc, index)) for index, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self.walk(item, (*loc, key)) for key, item in value.items()}
        return value

    def _one(self, match: re.Match[str], loc: tuple[str | int, ...]) -> str:
        name = match[2]
        if match[1]:
            return "${" + name + "}"
        if name in self._secret:
            message = f"${{{name}}} would write a key into the plan"
            self.problems.append(self._document.problem("secret-in-plan", message, "Use api_key_env alone.", loc))
            return ""
        if name not in self._environment:
            message = f"the environment variable {name} is not set"
            self.problems.append(self._document.problem("missing-variable", message, f"Set it: export {name}=…", loc))
        return self._environment.get(name, "")


def missing_keys(document: Document, environment: Mapping[str, str]) -> list[Problem]:
    """Return one problem for each `api_key_env`, and for `other_key_env`, whose variable is not set."""
    problems = []
    for name, loc in _named_keys(document.data):
        if not environment.get(name):
            message = f"the environment variable {name} ({loc[-1]}) is not set"
            problems.append(document.problem("missing-variable", message, f"Set it: export {name}=…", loc))
    return problems


def _named_keys(data: JsonValue) -> list[tuple[str, tuple[str | int, ...]]]:
    """Return the names of variables that hold keys, each with where it stands."""
    plan = data if isinstance(data, dict) else {}
    candidates, probes = plan.get("candidates"), plan.get("probes")
    places: list[tuple[JsonValue, tuple[str | int, ...]]] = [
        (own.get("api_key_env"), ("candidates", index, "api_key_env"))
        for index, own in enumerate(candidates if isinstance(candidates, list) else [])
        if isinstance(own, dict)
    ]
    if isinstance(probes, dict):
        places.append((probes.get("other_key_env"), ("probes", "other_key_env")))
    return [(name, loc) for name, loc in places if isinstance(name, str)]


def _secret_names(data: JsonValue, environment: Mapping[str, str]) -> set[str]:
    # The name of a variable may itself come from a variable.
    texts = [name for name, _ in _named_keys(data)]
    return {_KEY, *(_REFERENCE.sub(lambda match: environment.get(match[2], ""), name) for name in texts)}
