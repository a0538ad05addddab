"""Does an organization get an answer only from what is known of it, and never a freer one from a stricter licence?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.provenance.licences import licence_of, load_table
from assay.provenance.licences.allowance import allowance_of
from assay.provenance.licences.table import Duty, Limit, Place, Predicate
from assay.schema.suite import Organization
from tests.provenance.test_licence_table import OPEN

if TYPE_CHECKING:
    from assay.provenance.licences.table import Terms
    from assay.schema.provenance import Allowance

TABLE = load_table()
GRAVITY = ["allowed", "conditional", "needs_person", "unknown", "prohibited"]


def allowed(tag: str, **fields: object) -> Allowance:
    """Return what a licence allows an organization that is harmless but for some fields."""
    profile = Organization.model_validate(OPEN.model_dump() | fields)
    return licence_of([("card", tag)], profile).allowance


@pytest.mark.parametrize(
    ("tag", "fields", "outcome"),
    [
        ("apache-2.0", {}, "allowed"),
        ("apache-2.0", {"military": True, "headquarters": "DE", "distributes_weights": None}, "conditional"),
        ("mit", {"distributes_weights": True}, "conditional"),
        ("llama3.1", {}, "conditional"),
        ("llama3.1", {"monthly_active_users": 700_000_000}, "conditional"),
        ("llama3.1", {"monthly_active_users": 700_000_001}, "prohibited"),
        ("llama3.1", {"monthly_active_users": None}, "unknown"),
        ("llama3.1", {"headquarters": "DE"}, "conditional"),
        ("llama3.1", {"military": True}, "needs_person"),
        ("llama3", {"trains_on_outputs": True}, "prohibited"),
        ("llama3.1", {"trains_on_outputs": True}, "conditional"),
        ("llama3.2", {"headquarters": "DE"}, "needs_person"),
        ("llama3.2", {"headquarters": "EU"}, "needs_person"),
        ("llama3.2", {"headquarters": None}, "unknown"),
        ("llama3.2", {"users_in": ["DE"]}, "conditional"),
        ("llama4", {"headquarters": "FR"}, "prohibited"),
        ("llama4", {"headquarters": "GB"}, "conditional"),
        ("tencent-hunyuan-community", {}, "conditional"),
        ("tencent-hunyuan-community", {"users_in": ["US", "UK"]}, "prohibited"),
        ("tencent-hunyuan-community", {"deployed_in": ["KR"]}, "prohibited"),
        ("tencent-hunyuan-community", {"deployed_in": []}, "unknown"),
        ("tencent-hunyuan-community", {"headquarters": "UK"}, "needs_person"),
        ("tencent-hunyuan-community", {"military": True}, "prohibited"),
        ("tencent-hunyuan-community", {"automated_decisions": None}, "unknown"),
        ("deepseek", {"automated_decisions": True}, "prohibited"),
        ("qwen", {"product_monthly_active_users": 100_000_001}, "prohibited"),
        ("qwen", {"monthly_active_users": 900_000_000}, "allowed"),
        ("cc-by-nc-4.0", {}, "prohibited"),
        ("cc-by-nc-4.0", {"commercial_use": None}, "unknown"),
        ("cc-by-nc-4.0", {"commercial_use": False}, "needs_person"),
        ("tongyi-qianwen-research", {"commercial_use": False}, "conditional"),
        ("mrl", {"commercial_use": False}, "needs_person"),
        ("lfm1.0", {"annual_revenue_usd": 9_999_999}, "allowed"),
        ("lfm1.0", {"annual_revenue_usd": 10_000_000}, "prohibited"),
        ("lfm1.0", {"annual_revenue_usd": 10_000_000, "commercial_use": False}, "allowed"),
        ("lfm1.0", {"annual_revenue_usd": 10_000_000, "commercial_use": False, "nonprofit": False}, "needs_person"),
        ("lfm1.0", {"annual_revenue_usd": None, "commercial_use": False}, "allowed"),
        ("lfm1.0", {"annual_revenue_usd": None, "nonprofit": None, "commercial_use": False}, "unknown"),
        ("stabilityai-ai-community", {"annual_revenue_usd": 1_000_001}, "prohibited"),
        ("kimi-k3", {"model_as_a_service": True, "annual_revenue_usd": 20_000_001}, "prohibited"),
        ("kimi-k3", {"annual_revenue_usd": 20_000_001}, "allowed"),
        ("kimi-k3", {"model_as_a_service": None, "annual_revenue_usd": 5}, "allowed"),
        ("kimi-k3", {"product_monthly_active_users": 100_000_001}, "conditional"),
        ("hyperclovax-seed", {}, "needs_person"),
        ("gemma", {"hosts_for_others": True}, "conditional"),
        ("modified-mit", {}, "needs_person"),
    ],
)
def test_terms_decide(tag: str, fields: dict[str, object], outcome: str) -> None:
    """Users, revenue, country, purpose and use decide as the licence says; what is not given and decides is unknown."""
    allowance = allowed(tag, **fields)
    assert allowance.outcome == outcome
    assert allowance.reasons
    missing = {name for name, value in fields.items() if value in (None, [])} if outcome == "unknown" else set()
    assert set(allowance.missing) == missing
    assert bool(allowance.obligations) or outcome != "conditional"


def test_duties_come_with_what_is_done() -> None:
    """What is owed for passing weights on is owed unless the profile says that none are, and hosting may count."""
    owed = "Where weights are given to others: pass on the terms and a notice, and mark changed files."
    assert owed not in allowed("gemma").obligations
    for fields in ({"hosts_for_others": True}, {"distributes_weights": True}, {"distributes_weights": None}):
        assert owed in allowed("gemma", **fields).obligations
    assert allowed("mit", hosts_for_others=True).obligations == ()


def test_nothing_known_is_everything_missing() -> None:
    """Without an organization every field that decides is missing."""
    allowance = licence_of([("card", "llama3.2")], None).allowance
    assert allowance.outcome == "unknown"
    assert set(allowance.missing) == {
        *("monthly_active_users", "headquarters", "military", "automated_decisions", "trains_on_outputs")
    }


def test_a_reason_names_the_field() -> None:
    """A reason tells the term and the field of the profile that it was held against."""
    assert allowed("llama3.1", monthly_active_users=800_000_000).reasons == (
        (
            "Whoever had more than 700 million monthly active users in the month before 2024-07-23 needs Meta's grant "
            "(monthly_active_users is 800,000,000)"
        ),
    )
    assert allowed("mrl").reasons == ("mrl allows no commercial use, and commercial_use is true",)


COUNTRIES = st.sampled_from(["DE", "EU", "GB", "UK", "KR", "US", "CH"])
NUMBERS = st.sampled_from([0, 999_999, 1_000_001, 10_000_000, 20_000_001, 100_000_001, 700_000_001, 10**11])
VALUES: dict[str, st.SearchStrategy[object]] = {
    name: st.lists(COUNTRIES, min_size=1, max_size=3).map(tuple)
    if name in {"deployed_in", "users_in"}
    else COUNTRIES
    if name == "headquarters"
    else NUMBERS
    if name.endswith(("users", "usd"))
    else st.booleans()
    for name in Organization.model_fields
}
PROFILES = st.fixed_dictionaries({}, optional=VALUES).map(Organization.model_validate)
LICENCES = st.sampled_from(TABLE.licence)


@given(LICENCES, PROFILES)
def test_missing_is_unknown(terms: Terms, profile: Organization) -> None:
    """The answer is unknown exactly where a field is missing, and then each missing field is one that is not given."""
    allowance = allowance_of(terms, profile, (), "")
    assert (allowance.outcome == "unknown") == bool(allowance.missing)
    assert all(not getattr(profile, name) for name in allowance.missing)


@given(LICENCES, PROFILES, st.data())
def test_one_answer_of_several_missing(terms: Terms, profile: Organization, data: st.DataObject) -> None:
    """While a field is missing, giving another leaves the answer unknown, or settles that it is prohibited."""
    before = allowance_of(terms, profile, (), "")
    if not before.missing:
        return
    given_now = data.draw(st.sampled_from(before.missing))
    after = allowance_of(terms, profile.model_copy(update={given_now: data.draw(VALUES[given_now])}), (), "")
    assert given_now not in after.missing
    if after.missing:
        assert after.outcome == "unknown"
        assert set(after.missing) <= {*before.missing, *_appearing(terms)}


def _appearing(terms: Terms) -> set[str]:
    """Return the fields of limits of several: one may only come to decide once another is given."""
    return {predicate.field for limit in terms.limits for predicate in (*limit.all, *limit.unless)}


PREDICATES = st.builds(Predicate, field=st.sampled_from(["annual_revenue_usd", "monthly_active_users"]), above=NUMBERS)
EFFECTS = st.sampled_from(["grant", "duty", "person"])
RESTRICTIONS = st.one_of(
    st.builds(Limit, says=st.just("A limit."), all=st.tuples(PREDICATES), effect=EFFECTS).map(
        lambda limit: ("limits", limit)
    ),
    st.builds(
        Place,
        says=st.just("A place."),
        excluded=st.tuples(COUNTRIES),
        fields=st.sampled_from([("headquarters",), ("users_in", "deployed_in")]),
        effect=EFFECTS,
    ).map(lambda place: ("places", place)),
    st.sampled_from(["military", "automated_decisions"]).map(lambda use: ("forbids", use)),
    st.builds(Duty, when=st.sampled_from(["always", "passed-on"]), says=st.just("Do it.")).map(
        lambda duty: ("duties", duty)
    ),
)


@given(LICENCES, PROFILES, RESTRICTIONS)
def test_a_restriction_never_allows_more(terms: Terms, profile: Organization, restriction: tuple[str, object]) -> None:
    """A further term makes the answer graver or leaves it."""
    name, term = restriction
    stricter = terms.model_copy(update={name: (*getattr(terms, name), term)})
    before, after = allowance_of(terms, profile, (), ""), allowance_of(stricter, profile, (), "")
    assert GRAVITY.index(after.outcome) >= GRAVITY.index(before.outcome)


@given(LICENCES, PROFILES)
def test_strictest_answers_never_allow_more(terms: Terms, profile: Organization) -> None:
    """A licence that forbids commercial use and training on outputs allows no more than before."""
    stricter = terms.model_copy(update={"commercial": "no", "internal_evaluation": "no", "outputs_train": "no"})
    before, after = allowance_of(terms, profile, (), ""), allowance_of(stricter, profile, (), "")
    assert GRAVITY.index(after.outcome) >= GRAVITY.index(before.outcome)
