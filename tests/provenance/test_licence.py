"""Is a licence named only where it is stated, and its terms only where they are known and undisputed?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.provenance import licence_identifier, licence_of
from assay.provenance.licence_terms import ALIASES, TERMS

GGUF = "GGUF general.license"
PLAN = "plan pins.license"


@pytest.mark.parametrize(
    ("stated", "identifier", "commercial", "internal_evaluation"),
    [
        ("apache-2.0", "Apache-2.0", "yes", "yes"),
        ("Apache License 2.0", "Apache-2.0", "yes", "yes"),
        ("apache 2.0", "Apache-2.0", "yes", "yes"),
        ("MIT", "MIT", "yes", "yes"),
        ("cc-by-4.0", "CC-BY-4.0", "yes", "yes"),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0", "no", "conditional"),
        ("llama2", "llama2", "conditional", "yes"),
        ("llama3.2", "llama3.2", "conditional", "yes"),
        ("gemma", "gemma", "conditional", "yes"),
        ("qwen", "qwen", "conditional", "yes"),
        ("qwen-research", "qwen-research", "no", "yes"),
        ("deepseek-license", "deepseek", "conditional", "yes"),
        ("mrl", "mrl", "no", "no"),
        ("mnpl", "mnpl", "no", "yes"),
        ("openrail++", "creativeml-openrail-m", "conditional", "yes"),
    ],
)
def test_a_known_licence_has_terms(stated: str, identifier: str, commercial: str, internal_evaluation: str) -> None:
    """An SPDX identifier or a hub's tag finds the terms, whatever its letter case and blanks."""
    licence = licence_of([(GGUF, stated)])
    assert licence.identifier == identifier
    assert (licence.commercial, licence.internal_evaluation) == (commercial, internal_evaluation)
    assert licence.conditions
    assert licence.agreed is True


@pytest.mark.parametrize(
    ("stated", "identifier"),
    [
        ("gpl-3.0", "GPL-3.0-only"),
        ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0"),
        ("mit OR apache-2.0", "MIT OR Apache-2.0"),
        ("other", "other"),
        ("unknown", "unknown"),
        ("apache-2.0,mit", "apache-2.0,mit"),
        ("modified-mit", "modified-mit"),
        ("llama3.9", "llama3.9"),
        ("Licensed by AMZ Corp", "Licensed by AMZ Corp"),
        ("MIT License", "MIT License"),
        ("", ""),
    ],
)
def test_any_other_licence_is_unidentified(stated: str, identifier: str) -> None:
    """What the table does not hold keeps its name, and nothing is allowed or forbidden in its name."""
    licence = licence_of([(GGUF, stated)])
    assert (licence.identifier, licence.family) == (identifier, "unidentified")
    assert (licence.commercial, licence.internal_evaluation) == ("unknown", "unknown")


def test_no_statement_is_unknown() -> None:
    """Without a statement there is no identifier, no agreement and no permission."""
    licence = licence_of([])
    assert (licence.identifier, licence.agreed, licence.commercial) == (None, None, "unknown")


def test_spellings_of_one_licence_agree() -> None:
    """A tag and its SPDX identifier say the same."""
    licence = licence_of([(GGUF, "apache-2.0"), (PLAN, "Apache-2.0")])
    assert (licence.agreed, licence.commercial) == (True, "yes")
    assert licence.statements == ("GGUF general.license: apache-2.0", "plan pins.license: Apache-2.0")


@given(st.permutations(sorted(TERMS)).map(lambda tags: tags[:2]))
def test_disagreement_never_permits(tags: list[str]) -> None:
    """Two licences for one file: neither the stricter nor the freer one is taken."""
    licence = licence_of([(GGUF, tags[0]), (PLAN, tags[1])])
    assert licence.agreed is False
    assert (licence.commercial, licence.internal_evaluation, licence.family) == ("unknown", "unknown", "unidentified")
    assert all(tag in licence.source for tag in tags)


@given(st.text(max_size=300) | st.text(alphabet="()MITANDORWH +,-.", max_size=60))
def test_any_text_is_a_statement(stated: str) -> None:
    """No text breaks the reading of a licence, and one text agrees with itself."""
    licence = licence_of([(GGUF, stated), (PLAN, stated)])
    assert licence.agreed is True
    assert len(licence_identifier(stated)) < 500
    assert all(statement.isprintable() for statement in licence.statements)


@pytest.mark.parametrize("title", ["MIT", "MIT License", "Modified MIT License", "Apache-2.0"])
def test_a_whole_licence_text_is_not_guessed(title: str) -> None:
    """A text that is titled like a known licence is not taken for it: other terms may follow."""
    licence = licence_of([("GET /api/show license", f"{title}\n\nPermission is hereby granted, unless\n" * 900)])
    assert (licence.identifier, licence.commercial) == (f"text that begins: {title}", "unknown")
    assert licence_of([(GGUF, title), ("LICENSE", f"{title}\nand more")]).agreed is False


def test_the_table_is_sound() -> None:
    """Each entry stands under its own identifier, and each alias leads to one."""
    assert {terms.identifier.casefold() for terms in TERMS.values()} == set(TERMS)
    assert set(ALIASES.values()) <= set(TERMS)
    assert set(ALIASES) & set(TERMS) == set()
    for terms in TERMS.values():
        assert terms.source
        assert all(condition.endswith(".") for condition in terms.conditions)
