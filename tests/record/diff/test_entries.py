"""Does the kernel of every comparison find what is new, gone, changed and reworded, and nothing else?"""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from assay.record.diff.entries import Entry, entries_differ, flat, members

TEXTS = st.none() | st.text(max_size=5)
ENTRIES = st.dictionaries(st.text(max_size=3), st.builds(Entry, TEXTS, TEXTS), max_size=6)


@given(ENTRIES, ENTRIES)
def test_changes_lead_from_one_to_the_other(a: dict[str, Entry], b: dict[str, Entry]) -> None:
    """Whoever takes what is gone out of A and puts what is new or changed in holds what B says."""
    made = {name: own.says for name, own in a.items()}
    for change in entries_differ("fact", None, a, b):
        if change.change == "gone":
            assert made.pop(change.subject) == change.a
        else:
            made[change.subject] = change.b
    assert made == {name: own.says for name, own in b.items()}


@given(ENTRIES, ENTRIES)
def test_the_other_way_round_is_the_mirror(a: dict[str, Entry], b: dict[str, Entry]) -> None:
    """What is new one way is gone the other way, and what is the same on both sides is never named."""
    turned = {"new": "gone", "gone": "new", "changed": "changed", "reworded": "reworded"}
    forth = {(own.subject, own.change, own.a, own.b) for own in entries_differ("fact", None, a, b)}
    back = {(own.subject, turned[own.change], own.b, own.a) for own in entries_differ("fact", None, b, a)}
    assert forth == back
    assert {subject for subject, *_ in forth}.isdisjoint(name for name in a if a[name] == b.get(name))


def test_another_reason_alone_is_reworded() -> None:
    """The same outcome for another reason is told apart from another outcome."""
    a = {"same": Entry("MET", "94 of 100"), "turned": Entry("MET", "94 of 100")}
    b = {"same": Entry("MET", "95 of 100"), "turned": Entry("NOT MET", "12 of 100")}
    found = [(own.subject, own.change, own.why) for own in entries_differ("finding", "one", a, b)]
    assert found == [("same", "reworded", "95 of 100"), ("turned", "changed", "12 of 100")]


def test_flat_names_each_value_by_its_path() -> None:
    """Nothing that was left open is there; a list is one value; texts stand as they are."""
    value = {"a": {"b": 1, "c": None}, "d": ["x", {"y": 2}], "e": [], "f": "text", "g": True}
    assert {name: own.says for name, own in flat(value).items()} == {
        "a.b": "1",
        "d": 'x, {"y": 2}',
        "f": "text",
        "g": "true",
    }
    assert json.dumps([*members("risk", ["one"])]) == '["risk: one"]'
