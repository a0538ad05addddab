"""Is only that allowed which a licence plainly allows, and is what it rules out beyond any waiver?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gate.build import answer, ask, facts, licence, statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.schema.provenance import Licence

NAME = "The licence apache-2.0 (Apache License 2.0)"


@pytest.mark.parametrize(
    ("terms", "status", "reason"),
    [
        (licence("yes"), "met", "The licence apache-2.0 (Apache License 2.0) allows commercial use."),
        (licence("no"), "not_met", "The licence apache-2.0 (Apache License 2.0) does not allow commercial use."),
        (
            licence("conditional", "Show the name.", "At most 700 million users."),
            "unknown",
            (
                "The licence apache-2.0 (Apache License 2.0) allows commercial use on conditions that a person must "
                "weigh. Conditions: Show the name; At most 700 million users."
            ),
        ),
        (
            licence("conditional", "At most 700 million users.", missing=("monthly_active_users",)),
            "unknown",
            (
                "The licence apache-2.0 (Apache License 2.0) allows commercial use on conditions that a person must "
                "weigh. Conditions: At most 700 million users. The plan's organization does not say: "
                "monthly_active_users."
            ),
        ),
        *(
            (
                licence(commercial, outcome="prohibited"),
                "not_met",
                "The licence apache-2.0 (Apache License 2.0) prohibits the use: commercial_use is true.",
            )
            for commercial in ("yes", "conditional", "no", "unknown")
        ),
        (
            licence("unknown", identifier=None),
            "unknown",
            "It is not known whether commercial use is allowed: no statement was found.",
        ),
    ],
)
def test_commercial_use(terms: Licence, status: str, reason: str) -> None:
    """Only a plain yes is met, what is prohibited is not, and conditions are for a person to weigh."""
    result = ask(facts(terms=terms), "licence allows commercial use")
    assert (result.status, result.reason) == (status, reason)


@pytest.mark.parametrize(
    ("text", "use", "terms"),
    [
        ("licence allows commercial use", "commercial use", licence),
        (
            "licence allows internal evaluation",
            "internal evaluation",
            lambda said: licence("conditional", internal_evaluation=said),
        ),
        ("licence allows training on outputs", "training on outputs", lambda said: licence("yes", outputs_train=said)),
    ],
)
def test_truth_table_of_a_use(text: str, use: str, terms: Callable[[str], Licence]) -> None:
    """Yes is met and no is not; conditions, silence and what nobody knows are unknown, whichever use is asked about."""
    told = {said: ask(facts(terms=terms(said)), text) for said in ("yes", "no", "conditional", "silent", "unknown")}
    assert {said: (own.status, own.reason) for said, own in told.items()} == {
        "yes": ("met", f"{NAME} allows {use}."),
        "no": ("not_met", f"{NAME} does not allow {use}."),
        "conditional": ("unknown", f"{NAME} allows {use} on conditions that a person must weigh."),
        "silent": ("unknown", f"{NAME} does not speak of {use}."),
        "unknown": ("unknown", f"It is not known whether {use} is allowed: no statement was found."),
    }


@pytest.mark.parametrize(
    ("outcome", "missing", "status", "reason"),
    [
        ("allowed", (), "met", f"{NAME} allows this organization the use: commercial_use is true."),
        ("prohibited", (), "not_met", f"{NAME} prohibits the use: commercial_use is true."),
        (
            "conditional",
            (),
            "unknown",
            f"{NAME} allows the use on conditions that a person must weigh. Obligations: Keep the notice.",
        ),
        (
            "needs_person",
            (),
            "unknown",
            (
                f"{NAME} leaves open whether this organization may: commercial_use is true. "
                "Obligations: Keep the notice."
            ),
        ),
        (
            "unknown",
            ("regions", "users"),
            "unknown",
            (
                f"{NAME} leaves open whether this organization may: commercial_use is true. "
                "Obligations: Keep the notice. The plan's organization does not say: regions, users."
            ),
        ),
    ],
)
def test_this_organization(outcome: str, missing: tuple[str, ...], status: str, reason: str) -> None:
    """Only what is allowed without anything in return is met; what is missing is named."""
    obligations = () if outcome in {"allowed", "prohibited"} else ("Keep the notice.",)
    allowance = {
        "outcome": outcome,
        "reasons": ("commercial_use is true",),
        "obligations": obligations,
        "missing": missing,
    }
    result = ask(facts(terms=licence("yes", allowance=allowance)), "licence allows this organization")
    assert (result.status, result.reason) == (status, reason)


@pytest.mark.parametrize(
    ("terms", "status", "reason"),
    [
        (licence("yes", agreed=True), "met", f"{NAME} is what all statements (2) say."),
        (
            licence("yes", agreed=False),
            "not_met",
            "The statements of the licence disagree: LICENSE says apache-2.0; card says mit.",
        ),
        (
            licence("unknown", agreed=True, family="unidentified"),
            "unknown",
            "The licence is not identified: no statement was found.",
        ),
        (
            licence("unknown", identifier=None),
            "unknown",
            "The licence is not identified: no statement was found.",
        ),
    ],
)
def test_identified(terms: Licence, status: str, reason: str) -> None:
    """A known licence on which all places agree is met, a contradiction is not met, and an unknown name is unknown."""
    stated = terms.model_copy(update={"statements": (statement("LICENSE", "apache-2.0"), statement("card", "mit"))})
    result = ask(facts(terms=stated), "licence identified")
    assert (result.status, result.reason, result.n) == (status, reason, 2)


def test_evaluation_may_be_allowed_where_production_is_not() -> None:
    """A licence without commercial use may allow to evaluate; where something else is ruled out, nobody knows."""
    text = "licence allows internal evaluation"
    assert ask(facts(terms=licence("no", outcome="prohibited")), text).status == "met"
    elsewhere = ask(facts(terms=licence("conditional", outcome="prohibited")), text)
    assert elsewhere.status == "unknown"
    assert elsewhere.reason == (
        f"{NAME} prohibits the use (commercial_use is true), and a person must say whether internal evaluation too."
    )


def test_what_a_licence_rules_out_cannot_be_waived() -> None:
    """A prohibition and a plain no are nobody's here to waive; a contradiction of its statements is."""
    uses = ("commercial use", "training on outputs", "this organization")
    for use in uses:
        ruled_out = answer(
            facts(terms=licence("yes", outcome="prohibited", outputs_train="yes")), f"licence allows {use}"
        )
        assert (ruled_out.status, ruled_out.waivable) == ("not_met", False)
    refused = licence("no", internal_evaluation="no", outputs_train="no")
    for use in ("commercial use", "internal evaluation", "training on outputs"):
        said_no = answer(facts(terms=refused), f"licence allows {use}")
        assert (said_no.status, said_no.waivable) == ("not_met", False)
    assert answer(facts(terms=licence("yes", agreed=False)), "licence identified").waivable
