"""Are cases paired by what they are, and are pairs counted at worst and at best?"""

from __future__ import annotations

from assay.gate.paired import PairedTable
from assay.gate.pairing import pair, shifted
from assay.gate.scope import Scope
from tests.gate.build import tried

WHOLE = Scope("qa", None, None)


def test_order_and_position_do_not_matter() -> None:
    """The same case is found wherever the other side has it."""
    own, other = tried(*"110", names="abc"), tried(*"011", names="cab")
    found = pair(own, other)
    assert [case.case for case in found.other] == ["a", "b", "c"]
    assert found.tables(WHOLE) == (PairedTable(2, 0, 0, 1), PairedTable(2, 0, 0, 1))
    assert (found.own_alone, found.other_alone, found.said) == (0, 0, "3 pairs of cases")


def test_a_case_without_a_partner_is_in_no_pair() -> None:
    """It is counted and said, on both sides."""
    found = pair(tried(*"1" * 4, names="abcd"), tried(*"1" * 2, names="xa"))
    assert found.said == "1 pair of cases (without a partner: 3 of the candidate's, 1 of the baseline's)"
    assert found.needed == 4


def test_cases_that_were_not_asked_are_said_of_each_side() -> None:
    """A run that stopped early is a poor baseline, and a reader must see it."""
    found = pair(tried(*"11--", names="abcd"), tried(*"1---", names="abcx"))
    assert found.said == (
        "3 pairs of cases (without a partner: 1 of the candidate's, 1 of the baseline's; "
        "not asked: 1 of the candidate's, 2 of the baseline's)"
    )


def test_a_case_that_stands_twice_is_in_no_pair() -> None:
    """Which of the two it would be paired with nobody can say."""
    found = pair(tried(*"111", names="aab"), tried(*"111", names="abb"))
    assert (len(found.own), found.own_alone, found.other_alone) == (0, 3, 3)


def test_unscored_trials_are_against_the_candidate_at_worst_and_for_it_at_best() -> None:
    """At worst its own failed and the baseline's passed; at best it is the other way round."""
    found = pair(tried(*"1?1?0-"), tried(*"11?0??"))
    assert found.tables(WHOLE) == (PairedTable(2, 0, 3, 1), PairedTable(2, 3, 0, 1))
    assert found.unscored(WHOLE) == 5
    assert found.asked == [True, True, True, True, True, False]


def test_losses_are_undone_and_made_first() -> None:
    """One more pass turns a lost case, and then one that neither got; one more failure a case that both got."""
    table = PairedTable(both=2, gained=1, lost=1, neither=1)
    assert shifted(table, 1) == PairedTable(3, 1, 0, 1)
    assert shifted(table, 2) == PairedTable(3, 2, 0, 0)
    assert shifted(table, -2) == PairedTable(0, 1, 3, 1)
    assert shifted(table, -3) == PairedTable(0, 0, 3, 2)
