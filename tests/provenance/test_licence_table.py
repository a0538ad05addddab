"""Is the table of licences sound, are its page and the fingerprints fresh, and does hearsay never say yes?"""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from assay.provenance.licences import licence_of, load_table
from assay.provenance.licences.references import references
from assay.provenance.licences.table import Place, Predicate, Terms
from assay.schema.suite import Organization
from docs import licences as document
from tools.licence_fingerprints import FINGERPRINTS, fingerprints

TABLE = load_table()
OPEN = Organization(
    commercial_use=True,
    monthly_active_users=0,
    product_monthly_active_users=0,
    annual_revenue_usd=0,
    product_monthly_revenue_usd=0,
    nonprofit=True,
    headquarters="CH",
    deployed_in=("CH",),
    users_in=("CH",),
    distributes_weights=False,
    hosts_for_others=False,
    model_as_a_service=False,
    trains_on_outputs=False,
    military=False,
    automated_decisions=False,
)


def test_fingerprints_are_fresh() -> None:
    """The fingerprints are those of the reference texts; else run `python tools/licence_fingerprints.py`."""
    assert FINGERPRINTS.read_text("utf-8") == fingerprints()


def test_the_page_is_fresh() -> None:
    """docs/licences.md says what the table says; else run `python docs/licences.py`."""
    assert document.PAGE.read_text("utf-8") == document.page()


def test_names_and_titles_are_sound() -> None:
    """No identifier stands twice, a name leads to one licence unless it is said to lead to several."""
    names = [terms.id for terms in TABLE.licence]
    assert len(names) == len(set(names)) >= 57
    ambiguous = {entry.tag for entry in TABLE.ambiguous}
    assert {name for name, known in TABLE.by_name.items() if len(known) > 1} == ambiguous
    assert all(known in TABLE.by_id for entry in TABLE.ambiguous for known in entry.may_be)
    assert {terms.id for terms in TABLE.licence if terms.whole_text} == set(references())
    assert {terms.contains for terms in TABLE.licence} - {None} <= set(references())


@pytest.mark.parametrize("terms", TABLE.licence, ids=lambda terms: terms.id)
def test_terms_are_sound(terms: Terms) -> None:
    """Each licence says where it was read, every term is a sentence, and a term on outputs is spelled out."""
    assert terms.sources
    assert all(condition.endswith(".") for condition in terms.conditions)
    if terms.outputs_train == "conditional":
        assert terms.outputs_says is not None
    places = {name for place in terms.places for name in place.excluded}
    assert all(name in TABLE.place or len(name) == 2 for name in places)
    assert not any(name != name.casefold() or "://" in name for name in terms.links)


def test_the_union_has_its_members() -> None:
    """The European Union has 27 members, and the United Kingdom is none of them."""
    assert len(set(TABLE.place["EU"])) == 27
    assert not {"GB", "UK", "CH", "NO"} & set(TABLE.place["EU"])


@pytest.mark.parametrize(
    "terms",
    [terms for terms in TABLE.licence if terms.verified in {"secondary", "tag-only"}],
    ids=lambda terms: terms.id,
)
def test_hearsay_never_says_yes(terms: Terms) -> None:
    """A licence that nobody read allows nothing by itself, to no organization, and says why."""
    licence = licence_of([("card", terms.id)], OPEN)
    answers = {licence.commercial, licence.internal_evaluation, licence.outputs_train}
    assert not answers & {"yes", "silent"}
    assert licence.allowance.outcome in {"needs_person", "prohibited"}
    assert licence.conditions[0].endswith("a person must read the text.")


@pytest.mark.parametrize("terms", TABLE.licence, ids=lambda terms: terms.id)
def test_yes_is_for_notices_only(terms: Terms) -> None:
    """Where the table says yes to commercial use, no field of any profile changes that."""
    if terms.commercial == "yes":
        assert (terms.limits, terms.places, terms.forbids, terms.policy) == ((), (), (), False)


@pytest.mark.parametrize(
    "wrong", [{"field": "users", "above": 1}, {"field": "military"}, {"field": "military", "is": True, "above": 1}]
)
def test_a_wrong_predicate_is_refused(wrong: dict[str, object]) -> None:
    """A predicate names a field of the profile and exactly one comparison."""
    with pytest.raises(ValidationError):
        Predicate.model_validate(wrong)


def test_a_place_is_held_against_countries_only() -> None:
    """A place names fields that hold countries."""
    with pytest.raises(ValidationError):
        Place.model_validate({"says": "No.", "excluded": ["EU"], "fields": ["military"], "effect": "grant"})
