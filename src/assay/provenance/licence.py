"""Which licence do the statements about some weights name, do they agree, and what does it allow?"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from assay.provenance.licence_terms import ALIASES, TERMS
from assay.schema.provenance import Licence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from license_expression import Licensing

    from assay.provenance.licence_terms import Terms

__all__ = ["licence_identifier", "licence_of"]

_LONGEST_LINE: Final = 100
_LONGEST_READ: Final = 4096


def licence_of(statements: Sequence[tuple[str, str]]) -> Licence:
    """Find the licence that all statements name, and its terms.

    A licence that is not in the table stays `unidentified` and its terms `unknown`, and so do the terms where two
    statements disagree: a likeness of names or texts is never taken for a licence.

    Args:
        statements: pairs of a place and what stands there, for example `("GGUF general.license", "apache-2.0")`.
    """
    told = tuple(f"{place}: {_first_line(value)}" for place, value in statements)
    names = list(dict.fromkeys(licence_identifier(value) for _, value in statements))
    if not names:
        return _unidentified(None, told, "no statement of a licence was found", agreed=None)
    identifier = " / ".join(names)
    if len(names) > 1:
        source = f"the statements disagree ({'; '.join(told)}): a person must read the licence that came with it"
        return _unidentified(identifier, told, source, agreed=False)
    terms = _terms(identifier)
    if terms is None:
        source = f"{identifier} is not in the table of licences: a person must read the licence text"
        return _unidentified(identifier, told, source, agreed=True)
    return Licence(
        identifier=identifier,
        family=terms.family,
        commercial=terms.commercial,
        internal_evaluation=terms.internal_evaluation,
        conditions=terms.conditions,
        statements=told,
        agreed=True,
        source=f"table of licences, from: {terms.source}",
    )


def licence_identifier(stated: str) -> str:
    """Return one spelling of a stated licence: SPDX where it is one, else the hub's tag, else what is stated.

    A text of several lines is never taken for the licence that it is titled after: other terms may follow.
    """
    line = _first_line(stated)
    if len(stated.strip().splitlines()) > 1:
        return f"text that begins: {line}"
    terms = _terms(line)
    return terms.identifier if terms is not None else _spdx(line) or line


def _unidentified(identifier: str | None, told: tuple[str, ...], source: str, *, agreed: bool | None) -> Licence:
    return Licence(
        identifier=identifier,
        family="unidentified",
        commercial="unknown",
        internal_evaluation="unknown",
        conditions=(),
        statements=told,
        agreed=agreed,
        source=source,
    )


def _terms(name: str) -> Terms | None:
    """Return the terms of an SPDX identifier or a hub's tag: blanks and hyphens are one."""
    tag = "-".join(name.casefold().split())
    return TERMS.get(ALIASES.get(tag, tag))


def _spdx(line: str) -> str | None:
    try:
        expression = _licensing().parse(line, validate=True)
    except Exception:  # noqa: BLE001  # on hostile text the parser raises IndexError and AssertionError as well
        return None
    return None if expression is None else str(expression)


@functools.cache
def _licensing() -> Licensing:
    """Return the parser of SPDX expressions, built once: its index holds thousands of names."""
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def _first_line(text: str) -> str:
    """Return the first line of a statement, short and printable: some places state the whole licence text."""
    lines = [line.strip() for line in text[:_LONGEST_READ].splitlines() if line.strip()]
    line = "".join(letter for letter in (lines[0] if lines else "") if letter.isprintable())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"
