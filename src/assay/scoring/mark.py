"""What does a scorer say of one answer, and what does it need to say it?"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from assay.schema.score import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from assay.schema._base import Noun
    from assay.schema.suite import Case

__all__ = [
    "Flaw",
    "Mark",
    "Need",
    "Scorer",
    "UnsoundMarkError",
    "failed",
    "passed",
    "readable",
    "shortened",
    "shown",
    "sound",
    "unscored",
]

Need = Literal["expected", "schema", "rubric"]
"""What a scorer cannot do without: `expected` or `schema` of the case, or its own option `rubric`."""

# A fixed list, because `str.isprintable` follows the Unicode tables of the running Python, and a reason must be the
# same wherever a stored answer is scored again: controls, invisible and direction marks, tags, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


@dataclass(frozen=True)
class Mark:
    """What a scorer says of one answer."""

    value: float | None
    """Grade from 0 to 1, or None when unscored."""
    outcome: Outcome
    """`unscored` when nothing can be said: neither a pass nor a zero."""
    reason: str
    """Why, in words that help to mend the case."""


class Flaw(NamedTuple):
    """One thing in a case or suite that keeps a scorer from working."""

    slug: str
    """Short name of the kind of flaw."""
    message: str
    """What is wrong, without a final full stop."""
    remedy: str
    """What to do about it, a sentence with its full stop."""


def _no_flaws(_case: Case, _options: Mapping[str, JsonValue]) -> list[Flaw]:
    return []


@dataclass(frozen=True)
class Scorer:
    """An entry of the registry."""

    name: str
    """Name in plans and cases."""
    summary: str
    """One sentence: when an answer passes."""
    options: type[Noun]
    """Its options: each field with type, default, limits and description."""
    score: Callable[[Case, str, Mapping[str, JsonValue]], Mark] | None
    """Judges one answer under the given options; None when a model is asked, see `assay.scoring.judge`."""
    needs: frozenset[Need] = frozenset()
    """What it cannot do without, whatever its options."""
    flaws: Callable[[Case, Mapping[str, JsonValue]], list[Flaw]] = _no_flaws
    """What else is wrong with a case for it; called with valid options only."""


def passed(reason: str, value: float = 1.0) -> Mark:
    """Return the mark of an answer that is good enough."""
    return Mark(value, "passed", reason)


def failed(reason: str, value: float = 0.0) -> Mark:
    """Return the mark of an answer that is not good enough."""
    return Mark(value, "failed", reason)


def unscored(reason: str) -> Mark:
    """Return the mark of an answer of which nothing can be said."""
    return Mark(None, "unscored", reason)


class UnsoundMarkError(ValueError):
    """A scorer returned what is no mark; the message completes "it …"."""


def sound(mark: object) -> Mark:
    """Return what a scorer returned, once it is known to be a mark: scorers of other packages may return anything.

    Raises:
        UnsoundMarkError: it is none, or its parts do not go together.
    """
    if not isinstance(mark, Mark):
        raise UnsoundMarkError(f"returned {type(mark).__name__}, not a mark")
    if mark.outcome not in get_args(Outcome):
        raise UnsoundMarkError(f"returned the outcome {shown(str(mark.outcome))}")
    if not isinstance(mark.reason, str):
        raise UnsoundMarkError("returned no reason")
    value: object = mark.value
    if mark.outcome == "unscored":
        if value is not None:
            raise UnsoundMarkError("returned a grade for an answer that it leaves unscored")
        return mark
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value) or not 0 <= value <= 1:
        raise UnsoundMarkError(f"returned the grade {readable(shortened(repr(value)))}, which is no share from 0 to 1")
    return Mark(float(value), mark.outcome, mark.reason)


def readable(text: str) -> str:
    r"""Return a text on one line, with control and invisible characters written as `\n`, `\x1b`, `\u202e`."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def shortened(text: str, limit: int = 80) -> str:
    """Return the first `limit` characters of a text, with a sign that there was more."""
    return text if len(text) <= limit else text[:limit] + "…"


def shown(text: str, limit: int = 80) -> str:
    """Return hostile text as it may stand in a reason: quoted, readable, its first `limit` characters."""
    text_in_quotes = readable(shortened(text, limit).replace("\\", "\\\\"))
    return f"'{text_in_quotes}'"
