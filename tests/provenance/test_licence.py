"""Is a licence named only where it is stated, and its terms only where they are known and undisputed?"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.provenance.licences import is_known, licence_identifier, licence_of, load_table
from tests.provenance.licence_stand_ins import STAND_INS, permissive, stand_in

GGUF = "GGUF general.license"
PLAN = "plan pins.license"
BASE = "base model Example/base"
STRANGE = stand_in("Example License", "Do as we say.")
TAGS = sorted({terms.id for terms in load_table().licence})


@pytest.mark.parametrize(
    ("stated", "identifier", "commercial", "internal_evaluation"),
    [
        ("apache-2.0", "Apache-2.0", "yes", "yes"),
        ("Apache License 2.0", "Apache-2.0", "yes", "yes"),
        ("apache 2.0", "Apache-2.0", "yes", "yes"),
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0", "yes", "yes"),
        ("MIT", "MIT", "yes", "yes"),
        ("isc", "ISC", "yes", "yes"),
        ("cc-by-4.0", "CC-BY-4.0", "yes", "yes"),
        ("https://creativecommons.org/licenses/by-nc/4.0/legalcode", "CC-BY-NC-4.0", "no", "conditional"),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0", "no", "conditional"),
        ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0", "no", "conditional"),
        ("llama2", "llama2", "conditional", "yes"),
        ("llama3.2", "llama3.2", "conditional", "yes"),
        ("LicenseRef-scancode-llama-3.2-license-2024", "llama3.2", "conditional", "yes"),
        ("gemma", "gemma", "conditional", "yes"),
        ("qwen", "qwen", "conditional", "yes"),
        ("qwen-research", "qwen-research", "no", "unknown"),
        ("deepseek-license", "deepseek", "conditional", "yes"),
        ("https://mistral.ai/licenses/MRL-0.1.md", "mrl", "no", "no"),
        ("mnpl", "mnpl", "no", "unknown"),
        ("openrail++", "creativeml-openrail-m", "conditional", "yes"),
        ("openmdw-1.0", "openmdw", "unknown", "unknown"),
        ("grok2-community", "grok2-community", "unknown", "unknown"),
    ],
)
def test_a_known_licence_has_terms(stated: str, identifier: str, commercial: str, internal_evaluation: str) -> None:
    """An SPDX identifier, a hub's tag or a known address finds the terms, whatever its letter case and blanks."""
    licence = licence_of([(GGUF, stated)], None)
    assert licence.identifier == identifier == licence_identifier(stated)
    assert (licence.commercial, licence.internal_evaluation) == (commercial, internal_evaluation)
    assert licence.conditions
    assert licence.agreed is True
    assert [statement.identified_by for statement in licence.statements] == ["tag"]
    assert is_known(stated)


@pytest.mark.parametrize(
    ("stated", "identifier", "known"),
    [
        ("gpl-3.0", "GPL-3.0-only", True),
        ("mit OR apache-2.0", "MIT OR Apache-2.0", True),
        ("modified-mit", "modified-mit", True),
        ("exaone", "exaone", True),
        ("openrail", "openrail", True),
        ("bsd", "bsd", True),
        ("yi-34b", "yi-34b", True),
        ("other", "other", True),
        ("unknown", "unknown", True),
        ("MIT License", "MIT License", True),
        ("https://example.org/LICENSE", "https://example.org/LICENSE", False),
        ("apache-2.0,mit", "apache-2.0,mit", False),
        ("llama3.9", "llama3.9", False),
        ("Licensed by AMZ Corp", "Licensed by AMZ Corp", False),
        ("", "", True),
    ],
)
def test_any_other_name_has_no_terms(stated: str, identifier: str, known: bool) -> None:
    """What names no single licence of the table keeps its name, and nothing is allowed or forbidden in its name."""
    licence = licence_of([(GGUF, stated)], None)
    assert (licence.identifier, licence.family) == (identifier, "unidentified")
    assert (licence.commercial, licence.internal_evaluation, licence.outputs_train) == ("unknown",) * 3
    assert licence.allowance.outcome == "needs_person"
    assert is_known(stated) is known


def test_no_statement_is_unknown() -> None:
    """Without a statement there is no identifier, no agreement and no permission."""
    licence = licence_of([], None)
    assert (licence.identifier, licence.agreed, licence.commercial) == (None, None, "unknown")
    assert licence.allowance.outcome == "needs_person"
    assert licence.allowance.reasons == ("no statement of a licence was found",)


def test_each_statement_is_kept() -> None:
    """Statements stand side by side, each with what it says and what it was identified as; a text has its digest."""
    text = permissive("Apache-2.0")
    licence = licence_of([(GGUF, "apache-2.0"), ("LICENSE", text), (PLAN, "Apache-2.0"), ("card", "other")], None)
    assert (licence.identifier, licence.agreed, licence.commercial) == ("Apache-2.0", True, "yes")
    told = [
        (statement.place, statement.says, statement.identifier, statement.identified_by, statement.sha256)
        for statement in licence.statements
    ]
    assert told == [
        (GGUF, "apache-2.0", "Apache-2.0", "tag", None),
        ("LICENSE", "Apache License", "Apache-2.0", "text", hashlib.sha256(text.encode()).hexdigest()),
        (PLAN, "Apache-2.0", "Apache-2.0", "tag", None),
        ("card", "other", None, "nothing", None),
    ]


@pytest.mark.parametrize(
    "statements",
    [
        [("card", "other"), ("LICENSE", STAND_INS["gemma"])],
        [("card", "unknown"), ("LICENSE", STAND_INS["gemma"])],
        [("card", "gemma"), ("LICENSE", STAND_INS["gemma"]), ("link", "https://example.org/terms.html")],
        [("GET /api/show license (first line)", "# Gemma Terms of Use"), ("LICENSE", STAND_INS["gemma"])],
        [("GET /api/show license (first line)", "Gemma Terms of Use"), ("card", "gemma")],
    ],
)
def test_what_says_nothing_does_not_disagree(statements: list[tuple[str, str]]) -> None:
    """`other`, an unread address and the first line of a text do not disagree with the licence that is identified."""
    licence = licence_of(statements, None)
    assert (licence.identifier, licence.agreed) == ("gemma", True)


@pytest.mark.parametrize(("name", "tag"), [("kimi-modified-mit", "modified-mit"), ("exaone-1.2-nc", "exaone")])
def test_a_name_of_several_licences_agrees_with_each(name: str, tag: str) -> None:
    """A name that several licences go by is decided by the text beside it."""
    assert licence_of([("card", tag), ("LICENSE", STAND_INS[name])], None).identifier == name
    assert licence_of([("card", tag), ("LICENSE", STAND_INS["gemma"])], None).agreed is False


@pytest.mark.parametrize(
    "statements",
    [
        [(GGUF, "apache-2.0"), (PLAN, "mit")],
        [("card", "mit"), ("LICENSE", STAND_INS["minimax-m2-modified-mit"])],
        [("card", "apache-2.0"), ("LICENSE", STRANGE)],
        [("card", "apache-2.0"), ("LICENSE", "Example License")],
        [("LICENSE", permissive("MIT")), ("LICENSE.txt", STRANGE)],
        [("card", "apache-2.0"), ("GET /api/show license (first line)", "Gemma Terms of Use")],
        [("LICENSE", STRANGE), ("LICENSE.txt", STRANGE + "And pay us.")],
        [("card", "gemma"), (BASE, "llama3.1")],
        [("card", "apache-2.0"), (BASE, "llama3.1")],
        [("card", "apache-2.0"), (BASE, "cc-by-nc-4.0")],
        [("card", "apache-2.0"), (BASE, "cc-by-sa-4.0")],
        [("card", "apache-2.0"), (BASE, "other")],
        [("card", "apache-2.0"), (BASE, STRANGE)],
        [("card", "gpl-3.0"), (BASE, "mit")],
        [("card", "cc-by-nc-4.0"), (BASE, "gemma")],
    ],
)
def test_disagreement_is_unknown(statements: list[tuple[str, str]]) -> None:
    """Where two places could mean two licences, or a base model's is stricter, no terms are taken."""
    licence = licence_of(statements, None)
    assert licence.agreed is False
    assert (licence.commercial, licence.internal_evaluation, licence.family) == ("unknown", "unknown", "unidentified")
    assert licence.allowance.outcome == "needs_person"


def test_a_disagreement_names_both_sides() -> None:
    """Whichever stands first, the source names the licence that was found and all that is at odds with it."""
    licence = licence_of([("card", "modified-mit"), ("LICENSE", permissive("MIT")), (BASE, "gemma")], None)
    assert licence.identifier == "MIT / modified-mit / gemma"
    assert licence.source == (
        "the statements disagree (LICENSE: MIT; card: modified-mit; base model Example/base: gemma): "
        "a person must read the licence"
    )


@pytest.mark.parametrize(
    ("own", "base"), [("llama3.1", "llama3.1"), ("apache-2.0", "mit"), ("gemma", "apache-2.0"), ("cc-by-nc-4.0", "mit")]
)
def test_a_freer_base_does_not_disagree(own: str, base: str) -> None:
    """A model may be under the licence of what it was made from, or under a stricter one."""
    licence = licence_of([("card", own), (BASE, base)], None)
    assert (licence.identifier, licence.agreed) == (licence_identifier(own), True)


def test_a_base_alone_is_no_licence() -> None:
    """What a model was made from does not say what it is under."""
    licence = licence_of([(BASE, "apache-2.0")], None)
    assert (licence.identifier, licence.commercial) == ("Apache-2.0", "unknown")
    assert licence.source == "only a base model states a licence"


def test_the_plan_alone_is_doubted() -> None:
    """A licence that only the plan states counts, with the duty to read what came with the weights."""
    doubt = "Only the plan states this licence: read the licence that came with the weights."
    alone = licence_of([(PLAN, "mit"), ("card", "other")], None)
    assert (alone.commercial, alone.conditions[0]) == ("yes", doubt)
    assert doubt in alone.allowance.obligations
    assert doubt not in licence_of([(PLAN, "mit"), (GGUF, "mit")], None).conditions


def test_an_unread_address_is_to_be_read() -> None:
    """An address beside a tag is a duty to read it."""
    licence = licence_of([("card", "mit"), ("license_link", "https://example.org/terms.html")], None)
    assert "Read https://example.org/terms.html: license_link points there, and it was not read." in licence.conditions


@given(st.permutations(TAGS).map(lambda tags: tags[:2]))
def test_two_licences_never_permit(tags: list[str]) -> None:
    """Two licences for one file: neither the stricter nor the freer one is taken."""
    licence = licence_of([(GGUF, tags[0]), (PLAN, tags[1])], None)
    assert licence.agreed is False
    assert (licence.commercial, licence.internal_evaluation, licence.family) == ("unknown", "unknown", "unidentified")
    assert all(tag in licence.source for tag in tags)


@given(st.lists(st.sampled_from([*TAGS, "other", "modified-mit", STRANGE, *STAND_INS.values()]), max_size=4), st.data())
def test_a_further_statement_never_permits_more(values: list[str], data: st.DataObject) -> None:
    """Beside a licence nothing that is stated makes the answer freer: it stays, or becomes unknown."""
    before = licence_of([("card", "gemma")], None)
    after = licence_of(
        [("card", "gemma"), *((data.draw(st.sampled_from([PLAN, BASE, "LICENSE"])), v) for v in values)], None
    )
    assert after.commercial in {before.commercial, "unknown"}
    assert after.allowance.outcome in {before.allowance.outcome, "needs_person"}


@given(st.text(max_size=300) | st.text(alphabet="()MITANDORWH +,-.", max_size=60))
def test_any_text_is_a_statement(stated: str) -> None:
    """No text breaks the reading of a licence, and one text agrees with itself."""
    licence = licence_of([(GGUF, stated), (PLAN, stated)], None)
    assert licence.agreed is True
    assert len(licence_identifier(stated)) < 500
    assert all(statement.says.isprintable() for statement in licence.statements)
