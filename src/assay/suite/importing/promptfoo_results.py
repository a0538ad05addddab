"""What was asked in a promptfoo run, and what did promptfoo say of each answer?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assay.suite.importing.promptfoo_tests import metadata_of, scorers_of_test
from assay.suite.importing.sources import as_list, as_map, as_text, sound_yaml, unfit

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.suite.importing.ledger import Ledger

__all__ = ["read_results"]


def read_results(ledger: Ledger, content: dict[str, JsonValue], name: str) -> None:
    """Add the cases and answers of a result file; the same question under the same assertions is one case.

    Raises:
        InputError: the file has no rows.
    """
    results = content["results"]
    rows = [as_map(row) for row in as_list(as_map(results).get("results"))]
    if not rows:
        raise unfit(name, "the result file has no rows", remedy="Write it with `promptfoo eval -o FILE.json`.")
    ledger.description = as_text(as_map(content.get("config")).get("description")) or "Imported from promptfoo."
    places = {place: number for number, place in enumerate(dict.fromkeys(map(_prompt_of, _in_order(rows))), start=1)}
    names: dict[str, str] = {}
    for row in _in_order(rows):
        test = as_map(row.get("testCase"))
        raw = as_text(as_map(row.get("prompt")).get("raw"))
        key = json.dumps([raw, test], sort_keys=True)
        if key not in names:
            names[key] = _add_case(ledger, row, test, places if len(places) > 1 else {})
        _add_answer(ledger, row, names[key])


def _in_order(rows: list[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    """Return the rows by test and prompt: they stand in the order in which they were answered."""
    return sorted(rows, key=lambda row: (_index(row, "testIdx"), _index(row, "promptIdx")))


def _index(row: dict[str, JsonValue], key: str) -> int:
    value = row.get(key)
    return value if isinstance(value, int) else 0


def _prompt_of(row: dict[str, JsonValue]) -> str:
    return as_text(row.get("promptId")) or as_text(as_map(row.get("prompt")).get("label"))


def _add_case(ledger: Ledger, row: dict[str, JsonValue], test: dict[str, JsonValue], places: dict[str, int]) -> str:
    number = _index(row, "testIdx")
    where = f"results[{number}]"
    suffix = f".prompt-{places[_prompt_of(row)]}" if places else ""
    # The options' prefix and suffix stand in the prompt already.
    asked = {**test, "vars": {**as_map(test.get("vars")), **as_map(row.get("vars"))}}
    return ledger.add(
        where,
        {
            "id": f"test-{number + 1}{suffix}",
            "input": _asked(as_text(as_map(row.get("prompt")).get("raw"))),
            "scorers": scorers_of_test(ledger, where, asked),
            "metadata": metadata_of(test),
        },
    )


def _asked(raw: str) -> JsonValue:
    """Return the messages of a chat, or the text that was asked."""
    chat = sound_yaml(raw) if raw.lstrip().startswith(("[", "- role:")) else None
    is_chat = isinstance(chat, list) and bool(chat) and all({"role", "content"} == as_map(item).keys() for item in chat)
    return chat if is_chat else raw


def _add_answer(ledger: Ledger, row: dict[str, JsonValue], name: str) -> None:
    provider = as_map(row.get("provider"))
    output = as_map(row.get("response")).get("output")
    success, error = row.get("success"), as_text(row.get("error"))
    # 2 is an error of the provider or of a grader: there is no verdict on the answer.
    is_error = row.get("failureReason") == 2  # noqa: PLR2004 - promptfoo's own number
    score = row.get("score")
    ledger.answer(
        name,
        as_text(provider.get("label")) or as_text(provider.get("id")) or "unknown",
        None if output is None else as_text(output),
        passed=success if isinstance(success, bool) and not is_error else None,
        note=(error or f"score {as_text(score)}")[:500],
    )
