"""What must not leave with a record, and where does a run or a plan hold something that cannot be taken out of it?"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, get_args

from assay.errors import InputError, Problem
from assay.record.redact import ENVIRONMENT_KEY, SECRETS, Pattern, Redactor, literal
from assay.record.withhold import NAMES, whole_names
from assay.schema.suite import Plan, RuntimeName
from assay.schema.withheld import Redactions
from assay.scoring.patterns import PatternError, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assay.record.run_folder import RunFolder
    from assay.schema._base import JsonValue
    from assay.schema.suite import Suite

__all__ = [
    "PATTERNS_FILE",
    "Hiding",
    "bound_problems",
    "hiding_of",
    "keys_of",
    "name_problems",
    "why_unusable",
]

PATTERNS_FILE: Final = "redact.json"
"""Where the organization's patterns lie in a run's folder; they never go into the evidence."""
_KEY_FILE: Final = "withheld.key"
_PLACEHOLDERS: Final = frozenset(
    {
        *get_args(RuntimeName),
        *("not-needed", "not-required", "no-key-required", "sk-no-key-required", "no-api-key", "your-api-key"),
        *("placeholder", "dummy-key", "dummy-api-key", "anything", "local-key"),
    }
)
"""Keys of 8 characters and more that are none, lower case."""
_LONGEST_S: Final = 0.05
_MOST_LONG: Final = 10


@dataclass(frozen=True)
class Hiding:
    """What is left out of the evidence of a record."""

    transcripts: bool = True
    """Whether prompts and answers go in."""
    listed: Redactions | None = None
    """The organization's patterns, or None where it lists none."""
    keys: tuple[str, ...] = ()
    """Values of the environment's keys; looked for, and kept nowhere."""
    mark_key: Callable[[], bytes] = field(default=lambda: secrets.token_bytes(32))
    """Gives the key under which answers that are left out are digested; whoever has it can show later that an answer is
    the one. Random, and nothing that a result hangs on."""

    def redactor(self) -> Redactor:
        """Return what takes out of texts what must not travel.

        It raises InputError (`pattern-too-slow`) once searches of the organization's patterns took too long too often.
        """
        own = [found for key in self.keys if (found := literal(ENVIRONMENT_KEY, key)) is not None]
        budget = _Budget()
        listed = self.listed.patterns if self.listed is not None else {}
        return Redactor([*own, *SECRETS, *(_listed(name, form, budget) for name, form in listed.items())])


def hiding_of(folder: RunFolder, environment: Mapping[str, str], *, transcripts: bool) -> Hiding:
    """Return what is left out of the evidence of a run.

    Args:
        folder: the run.
        environment: environment variables, for the values of keys.
        transcripts: whether prompts and answers go in, where the plan does not leave them out.

    Raises:
        InputError: the plan lists patterns, and the run does not have them.
    """
    plan = Plan.model_validate_json((folder.path / "plan.json").read_bytes())
    path = folder.path / PATTERNS_FILE
    if plan.record.redact is not None and not path.is_file():
        message = f"the plan lists what must not travel in {plan.record.redact}, and the run does not have the patterns"
        raise InputError(Problem("bad-pattern", message, "Go on with the run: --resume.", str(path)))

    def mark_key() -> bytes:
        own = folder.path / _KEY_FILE
        if not own.exists():
            folder.write(_KEY_FILE, secrets.token_hex(32) + "\n")
            own.chmod(0o600)
        return bytes.fromhex(own.read_text("utf-8"))

    return Hiding(
        transcripts=transcripts and plan.record.transcripts,
        listed=Redactions.model_validate_json(path.read_bytes()) if plan.record.redact is not None else None,
        keys=keys_of(plan, environment),
        mark_key=mark_key,
    )


def keys_of(plan: Plan, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of the keys that a plan names, as far as they are set and are no placeholders.

    Guides write such as `lm-studio` where a server wants no key: that is a word, and plans and answers may hold it.
    """
    names = {*(candidate.api_key_env for candidate in plan.candidates), plan.probes.other_key_env}
    values = {environment[name] for name in names if name is not None and environment.get(name)}
    return tuple(sorted(value for value in values if value.lower() not in _PLACEHOLDERS))


def why_unusable(form: str) -> str | None:
    """Return why a regular expression cannot be looked for, as the end of a sentence, or None when it can."""
    try:
        empty = compiled(form).search("", timeout=_LONGEST_S)
    except PatternError as error:
        return str(error)
    except TimeoutError:
        return "it takes too long"
    return "it matches where there is nothing" if empty is not None else None


def bound_problems(name: str, value: JsonValue, redactor: Redactor, *, named: bool = False) -> Iterator[Problem]:
    """Yield a problem for each text of a file that holds what must not travel and that digests are made of.

    Args:
        name: how to call the file.
        value: its content.
        redactor: what is looked for.
        named: whether all its texts are names and times, in which only secrets are looked for.
    """
    for loc, found in _found_in(value, redactor, named=named):
        where = ".".join(map(str, loc)) or "it"
        message = f"{where} holds what must not travel in a record ({found}), and digests are made of it"
        yield Problem("cannot-redact", message, _REMEDY, name)


def name_problems(name: str, suite: Suite, redactor: Redactor) -> Iterator[Problem]:
    """Yield a problem for each name in a suite that holds what must not travel: metrics are named and grouped by them.

    Args:
        name: how to call the file.
        suite: the suite.
        redactor: what is looked for.
    """
    names = [*whole_names(suite)]
    # All at once first: there may be a hundred thousand of them, and seldom is anything found.
    if not redactor.names_in("\n".join(names), named=True):
        return
    for found in sorted({found for own in set(names) for found in redactor.names_in(own, named=True)}):
        message = f"the name of a case, a tag, a source or a scorer holds what must not travel in a record ({found})"
        yield Problem("cannot-redact", message, "Give it another name: what is counted is named by it.", name)


def _found_in(
    value: JsonValue, redactor: Redactor, loc: tuple[str | int, ...] = (), *, named: bool = False
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where in a JSON value something stands that must not travel, with the pattern's name."""
    if isinstance(value, str):
        as_name = named or (bool(loc) and loc[-1] in NAMES)
        yield from ((loc, name) for name in redactor.names_in(value, named=as_name))
    elif isinstance(value, dict):
        for key, own in value.items():
            yield from _found_in(own, redactor, (*loc, key), named=named)
    elif isinstance(value, list):
        for index, own in enumerate(value):
            yield from _found_in(own, redactor, (*loc, index), named=named)


_REMEDY: Final = "Take it out: keys come from the environment, and what a pattern lists has no place here."


class _Budget:
    """How often a search may take too long, over all of a record's texts."""

    def __init__(self) -> None:
        self.left = _MOST_LONG

    def spend(self, name: str) -> None:
        """Count one search that was stopped.

        Raises:
            InputError: there were too many.
        """
        self.left -= 1
        if self.left < 0:
            message = f"the pattern {name} takes too long to look for, on {_MOST_LONG + 1} texts"
            remedy = "Make it simpler, without a repeat in a repeat, and go on with the run: --resume."
            raise InputError(Problem("pattern-too-slow", message, remedy))


def _listed(name: str, form: str, budget: _Budget) -> Pattern:
    """Return a pattern of the organization; a text in which it cannot be looked for in time is taken out whole."""
    ready = compiled(form)

    def find(text: str) -> list[tuple[int, int]]:
        whole = [(0, len(text))]
        try:
            found = [match.span() for match in ready.finditer(text, timeout=_LONGEST_S)]
            if found or unicodedata.is_normalized("NFC", text):
                return found
            # Letters and accents that stand apart are the same text to whoever reads it.
            composed = unicodedata.normalize("NFC", text)
            return whole if ready.search(composed, timeout=_LONGEST_S) else []
        except TimeoutError:
            budget.spend(name)
            return whole

    return Pattern(name, find, everywhere=False)
