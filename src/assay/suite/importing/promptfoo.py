"""What does a promptfoo config, table or result file ask, and which answers must pass?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.suite.documents import read_yaml
from assay.suite.importing.ledger import Ledger
from assay.suite.importing.promptfoo_results import read_results
from assay.suite.importing.promptfoo_tests import add_tests, test_of_row
from assay.suite.importing.sources import as_list, as_map, as_text, read_bytes, read_json, read_lines, read_rows, unfit
from assay.suite.importing.strangers import stranger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.importing.imported import Imported, Options

__all__ = ["read"]

_READ = frozenset({"prompts", "tests", "defaultTest", "description", "$schema"})
_MOST_PROMPT_BYTES = 4 << 20
_PATH = re.compile(r"[^\s{}]*(?:/[^\s{}]*|\.(?:txt|md|jsonl?|j2|ya?ml|csv|[cm]?[jt]s|py|rb|sh|exe)(?::\w+)?)")
"""What promptfoo looks up as a file although no `file://` stands before it."""


def read(path: Path, options: Options) -> Imported:
    """Return the suite of a config (YAML or JSON), of a table with `__expected`, or of a result file (`-o x.json`).

    Raises:
        InputError: the file cannot be read or is none of these.
    """
    ledger = Ledger(options, path.stem)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        if options.prompt is None:
            raise unfit(
                str(path),
                "a table of tests has no prompt",
                remedy="Name one with `--prompt`, such as `--prompt '{{question}}'`.",
            )
        ledger.description = "Imported from a promptfoo table."
        tests: list[JsonValue] = [test_of_row(row) for _, row in read_rows(path)]
        add_tests(ledger, [options.prompt], tests, {})
        return ledger.close()
    content = read_yaml(path, str(path)).data if suffix in {".yaml", ".yml"} else read_json(path)
    if not isinstance(content, dict):
        raise unfit(str(path), "the file is no mapping", remedy="Name a promptfoo config or result file.")
    other = stranger(content)
    if other is not None:
        raise unfit(str(path), other[0], remedy=other[1])
    if "results" in content:
        read_results(ledger, content, str(path))
    else:
        _read_config(ledger, content, path)
    return ledger.close()


def _read_config(ledger: Ledger, config: dict[str, JsonValue], path: Path) -> None:
    if "tests" not in config and "prompts" not in config:
        raise unfit(str(path), "the file has neither `prompts` nor `tests`", remedy="Name a promptfoo config.")
    ledger.description = as_text(config.get("description")) or "Imported from promptfoo."
    for key in sorted(config.keys() - _READ):
        ledger.lose(key[:60], _why(key))
    prompts = [
        raw for index, item in enumerate(_items(config.get("prompts"))) for raw in _prompt(ledger, index, item, path)
    ]
    tests = [
        test for index, item in enumerate(_items(config.get("tests"))) for test in _test(ledger, index, item, path)
    ]
    add_tests(ledger, prompts, tests, _default(ledger, config.get("defaultTest")))


def _why(key: str) -> str:
    if key in {"providers", "targets"}:
        return "providers are not part of a suite: name them as candidates in the plan"
    return f"the key {key[:60]!r} is not carried over"


def _items(value: JsonValue) -> list[JsonValue]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _default(ledger: Ledger, value: JsonValue) -> dict[str, JsonValue]:
    if isinstance(value, str):
        # Its assertions would hold for every test: without them each case would pass too easily.
        ledger.lose(
            "defaultTest", "the defaults stand in another file and are not carried over, with all assertions in it"
        )
    return as_map(value)


def _prompt(ledger: Ledger, index: int, item: JsonValue, path: Path) -> Iterator[str]:
    where = f"prompts[{index}]"
    fields = as_map(item)
    raw = item if isinstance(item, str) else as_text(fields.get("raw") or fields.get("id"))
    if fields.get("function") or fields.get("config"):
        ledger.lose(where, "a prompt with a function or a config of its own is not carried over whole")
    if not raw.startswith("file://") and (raw.strip() or not isinstance(item, dict)):
        if not _PATH.fullmatch(raw.strip()):
            yield raw
            return
        if not _lies_beside(path, raw):
            # promptfoo takes such a text for the prompt itself, too.
            ledger.lose(
                where, f"{raw[:60]!r} looks like a path, and no such file is there: it is taken as the question"
            )
            yield raw
            return
    file = _beside(path, raw.strip(), {".txt", ".md", ".json", ".j2"})
    if file is None:
        ledger.lose(where, "the prompt is no text and no text file in the config's folder; its cases are left out")
        return
    text = read_bytes(file, _MOST_PROMPT_BYTES).decode("utf-8", "replace")
    parts = text.split("\n---\n") if file.suffix == ".txt" else [text]
    yield from (part.strip() for part in parts if part.strip())


def _test(ledger: Ledger, index: int, item: JsonValue, path: Path) -> Iterator[JsonValue]:
    if isinstance(item, dict) and "path" not in item:
        yield item
        return
    file = _beside(path, as_text(item), {".csv", ".json", ".jsonl", ".yaml", ".yml"}) if isinstance(item, str) else None
    if file is None:
        ledger.lose(
            f"tests[{index}]", "the tests come from outside of the config's folder or from code; they are left out"
        )
    elif file.suffix == ".csv":
        yield from (test_of_row(row) for _, row in read_rows(file))
    elif file.suffix == ".jsonl":
        yield from (test for _, test in read_lines(file))
    else:
        yield from as_list(read_json(file) if file.suffix == ".json" else read_yaml(file, str(file)).data)


def _lies_beside(config: Path, name: str) -> bool:
    """Return whether a name without `file://` is one of a file, as promptfoo finds it; a pattern is taken for one."""
    try:
        return "*" in name or (config.parent / name.strip().partition(":")[0]).exists()
    except (OSError, ValueError):
        return False


def _beside(config: Path, name: str, suffixes: set[str]) -> Path | None:
    """Return a file that a config names, when it lies in the config's folder and is of a kind that is only read."""
    folder = config.parent.resolve()
    try:
        file = (folder / name.removeprefix("file://")).resolve()
        is_ours = file.is_relative_to(folder) and file.suffix in suffixes and file.is_file()
    except (OSError, ValueError, RuntimeError):
        return None
    return file if is_ours else None
