"""Is a text only called the licence that it is, however it is wrapped, and never a more permissive one?"""

from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.provenance.licences import licence_of, load_table
from assay.provenance.licences.classify import Reading, read_text
from assay.provenance.licences.words import sentences
from tests.provenance.licence_stand_ins import STAND_INS, permissive, stand_in

PERMISSIVE = ["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "CC-BY-4.0"]
THRESHOLD = (
    "If the Software is used in a product with more than 100 million monthly active users or 20 million US dollars of "
    "revenue a month, its name shall be shown prominently on the user interface of that product."
)
FREEDOM = {"no": 0, "unknown": 0, "silent": 0, "conditional": 1, "yes": 2}


def freedom(text: str) -> tuple[int, int]:
    """Return how much a text is taken to allow, a higher number for more."""
    licence = licence_of([("LICENSE", text)], None)
    return FREEDOM[licence.commercial], FREEDOM[licence.internal_evaluation]


@pytest.mark.parametrize("name", PERMISSIVE)
def test_a_permissive_text_is_identified(name: str) -> None:
    """A permissive licence is known by its whole text."""
    assert read_text(permissive(name)) == Reading(name, "text")


@pytest.mark.parametrize("name", PERMISSIVE)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text.upper(),
        lambda text: "\n\n".join(textwrap.fill(part, 47, break_long_words=False) for part in text.split("\n\n")),
        lambda text: "\n".join(f"> **{line}**" if line.strip() else ">" for line in text.splitlines()),
        lambda text: "\n".join(f" * {line}" for line in text.splitlines()),
        lambda text: text.replace('"', "\N{LEFT DOUBLE QUOTATION MARK}").replace(
            "'", "\N{RIGHT SINGLE QUOTATION MARK}"
        ),
        lambda text: "Copyright (c) 2019-2025 Ana Müller <ana@example.org>. All rights reserved.\n" * 3 + text,
        lambda text: "Copyright 2024 The Example developers\n\n" + text,
        lambda text: text + "\n\nCopyright © 2025 Example AI Research\n",
        lambda text: "Example is pleased to support the open source community by making Example available.\n" + text,
    ],
    ids=["CRLF", "capitals", "wrapped", "markdown", "comment", "quotes", "holders", "developers", "end", "preamble"],
)
def test_form_does_not_matter(name: str, change: object) -> None:
    """Line ends, letter case, marks, the lines of holders and a plain word before or behind change nothing."""
    assert read_text(change(permissive(name))).identifier == name  # type: ignore[operator]  # the functions above


@pytest.mark.parametrize("name", PERMISSIVE)
@pytest.mark.parametrize(
    "added",
    [
        THRESHOLD,
        "You must not use it for military purposes.",
        "Research only.",
        "NON-COMMERCIAL",
        "Nur für Forschungszwecke.",
        "仅限研究使用",
        "See the acceptable use policy.",
        "Copyright (c) 2024 Example. Commercial use needs a licence of Example.",
        "Copyright (c) 2024 Example, nicht für kommerzielle zwecke",
        "It is licensed under the Llama 3 license as well.",
        "lorem ipsum dolor",
        "Example and friends have made this. " * 8,
    ],
    ids=str,
)
@pytest.mark.parametrize("where", ["before", "behind"])
def test_what_is_added_may_matter(name: str, added: str, where: str) -> None:
    """A permissive text with a word beside it that could matter, or with many, is not identified; the word is shown."""
    text = f"{added}\n\n{permissive(name)}" if where == "before" else f"{permissive(name)}\n\n{added}\n"
    reading = read_text(text)
    assert reading.identifier is None
    assert any(added.split(maxsplit=1)[0].strip(".,") in sentence for sentence in reading.residue)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("MIT", "is hereby granted", "is hereby not granted"),
        ("MIT", "to any person", "to any natural person"),
        ("MIT", "The above copyright notice and this permission notice shall be included in all\ncopies", "All copies"),
        ("Apache-2.0", "worldwide, non-exclusive, no-charge", "non-commercial, non-exclusive, no-charge"),
        ("BSD-3-Clause", "the copyright holder", "the copyright holder nor any user who pays less than others"),
        ("ISC", "for any purpose", "for any lawful purpose"),
        ("ISC", "provided that the above copyright notice and this permission notice\nappear in all copies", ""),
        ("CC-BY-4.0", "terminate automatically", "remain"),
    ],
)
def test_a_changed_word_matters(name: str, old: str, new: str) -> None:
    """A word that is put in, left out or changed inside a permissive text makes another text of it."""
    text = permissive(name)
    assert text.count(old) >= 1
    reading = read_text(text.replace(old, new))
    assert reading.identifier is None
    assert f"of {name} stands in it" in reading.why


@pytest.mark.parametrize("number", range(1, 10))
def test_a_missing_clause_matters(number: int) -> None:
    """Apache-2.0 without one of its nine clauses is not it."""
    text = permissive("Apache-2.0")
    following = f"   {number + 1}. " if number < 9 else "   END OF TERMS"
    start = text.index(f"   {number}. ")
    assert read_text(text[:start] + text[text.index(following, start) :]).identifier is None


def test_the_appendix_may_be_missing() -> None:
    """Apache-2.0 without its appendix, or with its fields filled in, is still it."""
    text = permissive("Apache-2.0")
    assert read_text(text[: text.index("   END OF TERMS")]).identifier == "Apache-2.0"
    filled = text.replace("[yyyy] [name of copyright owner]", "2023 Example Authors")
    assert filled != text
    assert read_text(filled).identifier == "Apache-2.0"


@pytest.mark.parametrize("name", STAND_INS)
def test_title_and_version_tell(name: str) -> None:
    """Licences whose texts are nearly alike are told apart by title and version; nobody vouches for the wording."""
    assert read_text(STAND_INS[name]) == Reading(name, "title")
    licence = licence_of([("LICENSE", STAND_INS[name])], None)
    assert (licence.identifier, licence.agreed) == (name, True)
    assert licence.commercial != "yes"
    assert any("not compared word by word" in condition for condition in licence.conditions)


def test_every_title_has_a_stand_in() -> None:
    """No title of the table goes untested."""
    assert {terms.id for terms in load_table().licence if terms.titles} == {
        *PERMISSIVE,
        *STAND_INS,
        "llama1-research",
        "hyperclovax-seed",
    }


@pytest.mark.parametrize(
    "text",
    [
        stand_in("LLAMA 5 COMMUNITY LICENSE AGREEMENT"),
        stand_in("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT ADDENDUM FOR BANKS"),
        stand_in("Gemma Terms of Use", "Last modified: January 1, 2031"),
        stand_in("DEEPSEEK LICENSE AGREEMENT", "Version 2.0, 1 January 2027"),
        stand_in("Modified MIT License", "Our only modification part is that Kimi K2 is shown."),
        stand_in("Attribution-ShareAlike 4.0 International", "For NonCommercial purposes."),
        stand_in("Attribution-NonCommercial 4.0 International", "With Acceptable Use Addendum."),
        stand_in("Attribution-NonCommercial 3.0 Unported"),
        stand_in("Attribution 4.0 International"),
        stand_in("MIT License"),
        stand_in("Apache License", "Version 2.0, January 2004"),
        stand_in("Example License", "It is compatible with the Apache License 2.0."),
        stand_in("Example License", "It is derived from the Llama 3.1 Community License Agreement and adds to it."),
        stand_in(*(f"line {number}" for number in range(20)), "Gemma Terms of Use", "Last modified: March 24, 2025"),
        STAND_INS["llama3.2"] + STAND_INS["gemma"],
        STAND_INS["qwen"].replace("LICENSE", "LICENCE"),
        STAND_INS["kimi-modified-mit"] + THRESHOLD * 3,
        STAND_INS["minimax-m2-modified-mit"].replace("without restriction", "with restriction"),
        permissive("MIT") + permissive("Apache-2.0"),
        permissive("MIT") * 2,
        permissive("MIT") + STAND_INS["deepseek"],
        "words " * 50_000,
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    """Another version, a mention, a title without its text, two licences in one file: unidentified, with why."""
    reading = read_text(text)
    assert (reading.identifier, reading.by) == (None, "nothing")
    assert reading.why


def test_another_version_is_named() -> None:
    """A title that is known but for its version says so."""
    why = read_text(stand_in("LLAMA 5 COMMUNITY LICENSE AGREEMENT")).why
    assert why == "it is titled like llama4 but for the version"


def test_the_residue_is_short() -> None:
    """Of a long strange text a few short sentences are shown, those that weigh first, and how many more there are."""
    strange = "\n\n".join(f"The sky over town {number} is blue." for number in range(200))
    text = f"{permissive('MIT')}\n\n{strange}\n\nNobody may sell it {'ever ' * 200}.\n"
    residue = read_text(text).residue
    assert len(residue) == 9
    assert residue[-1] == "and 193 more sentences"
    assert any(sentence.startswith("Nobody may sell it") for sentence in residue)
    assert max(map(len, residue)) <= 300


INSERTS = [
    THRESHOLD,
    "You may do with it whatever you like, free of charge.",
    "Commercial use is prohibited.",
    "All rights reserved.",
    "MIT License",
    "Apache License",
    "This is licensed under the Apache License, Version 2.0.",
    "Attribution 4.0 International",
]
BASES = {**{name: permissive(name) for name in PERMISSIVE}, **STAND_INS}
# Where a permissive text with a paragraph behind it loses that paragraph, it is the permissive text.
REDUCIBLE = sorted(set(BASES) - {"minimax-m2-modified-mit"})


@given(st.sampled_from(sorted(BASES)), st.sampled_from(INSERTS), st.floats(0, 1))
def test_inserting_never_allows_more(name: str, inserted: str, place: float) -> None:
    """Whatever is put anywhere into a text, the text is not taken to allow more than it did."""
    parts = BASES[name].split("\n\n")
    at = int(place * len(parts))
    text = "\n\n".join([*parts[:at], inserted, *parts[at:]])
    assert all(now <= then for now, then in zip(freedom(text), freedom(BASES[name]), strict=True))


@given(st.sampled_from(REDUCIBLE), st.data())
def test_removing_never_allows_more(name: str, data: st.DataObject) -> None:
    """Whatever sentences are taken out of a text, the text is not taken to allow more than it did."""
    told = list(sentences(BASES[name]))
    gone = data.draw(st.sets(st.integers(0, len(told) - 1), min_size=1, max_size=3))
    text = "\n\n".join(sentence for number, sentence in enumerate(told) if number not in gone)
    assert all(now <= then for now, then in zip(freedom(text), freedom(BASES[name]), strict=True))


BODIES = {"Apache-2.0": ("Definitions.", "END OF TERMS"), "CC-BY-4.0": ("Definitions.", "Creative Commons is not a")}


@given(st.sampled_from(PERMISSIVE), st.data())
def test_no_word_can_be_exchanged(name: str, data: st.DataObject) -> None:
    """A permissive text in whose body one word became another is not it any more."""
    text = permissive(name)
    first, last = BODIES.get(name, ("Corporation", "SUCH DAMAGE"))
    body = text[text.index(first) + len(first) : text.index(last) if last in text else len(text)]
    kept = {"copyright", "holder", "holders"}  # a name may take the place of these
    found = [word for word in re.finditer(r"[A-Za-z]{4,}", body) if word[0].casefold() not in kept]
    word = data.draw(st.sampled_from(found))
    changed = f"{body[: word.start()]}Elsewhere{body[word.end() :]}"
    assert read_text(text.replace(body, changed)).identifier is None


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    """No text breaks the reading, and no short text is a licence."""
    assert read_text(text).identifier is None
