"""Does each rule find what it is for, and leave good cases alone?"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.schema.suite import Case, Suite
from assay.scoring.lint import LintFinding, lint_suite
from assay.scoring.lint.answers import ideal_answers, passes
from assay.scoring.lint.duplicates import without_template
from assay.scoring.lint.encoding import misread
from tests.scoring.building import suite_of

NOTES = {"few-cases", "answer-in-input", "uneven-tags"}


def _case(name: str, asked: object, expected: object = None, **more: object) -> Case:
    return Case.model_validate({"id": name, "input": asked, "expected": expected, **more})


def _kinds(suite: Suite) -> list[tuple[str, str | None]]:
    return [(found.kind, found.case) for found in lint_suite(suite)]


def _one(*scorers: object, asked: str = "What is it?", expected: object = None, **more: object) -> list[LintFinding]:
    return list(lint_suite(suite_of(_case("c", asked, expected, scorers=list(scorers), **more))))


# --- duplicates -------------------------------------------------------------------------------------------

NEAR = ("near-duplicate", "b")
LONG = "Which department of the city hands out the permit for a market stall on the main square"


@pytest.mark.parametrize(
    ("one", "two", "kinds"),
    [
        (("What is  the capital?", "Oslo"), ("what is the CAPITAL?", "Oslo"), [("duplicate", "b")]),
        (("Where is the café?", "here"), ("Where is the cafe\u0301?", "here"), [("duplicate", "b")]),
        (("What is the capital?", "Oslo"), ("What is the capital?", "Rome"), [("contradiction", "b")]),
        (("What is the capital?", "Oslo"), ("What is the capital?", ["Rome", "Oslo"]), [("duplicate", "b")]),
        ((f"{LONG}?", "trade"), (f"{LONG}s?", "trade"), [("near-duplicate", "b")]),
        ((f"{LONG}?", "trade"), (f"{LONG}!", "roads"), [("near-duplicate", "b")]),
        ((f"{LONG} 2?", "trade"), (f"{LONG} 3?", "roads"), []),
        ((f"{LONG} 2?", None), (f"{LONG} 3?", None), []),
        (("What is the capital of France?", "Paris"), ("What is the capital city of France?", "Paris"), [NEAR]),
        (("What is the capital of France?", "Paris"), ("Tell me, what is the capital of France?", "Paris"), [NEAR]),
        (("Is the shop open on Sunday?", "yes"), ("Is the shop open early on Sunday?", "yes"), []),
        (("What is the sum of 2 and 2?", "4.0"), ("What is the sum of 2 and 2 and 0?", "4.0"), []),
        (("What is the sum of 1 and 3?", "four"), ("What is the sum of 2 and 2?", "four"), []),
        (("What is the capital of Iran?", "Tehran"), ("What is the capital of Iraq?", "Baghdad"), []),
        (("What is 2 + 2?", "4"), ("What is 2 + 3?", "5"), []),
    ],
)
def test_two_cases_that_ask_the_same(one: tuple, two: tuple, kinds: list) -> None:
    """Equal and nearly equal questions are told at the later case; what asks for something else is not."""
    scorers = ("exact",) if one[1] is not None else ({"judge": {"rubric": "r"}},)
    suite = suite_of(_case("a", *one), _case("b", *two), scorers=scorers)
    assert [found for found in _kinds(suite) if found[0] not in NOTES | {"decomposed-text"}] == kinds


def test_the_same_question_of_another_passage_is_another_question() -> None:
    """Context counts: only where question and passages are alike is a case nearly the same."""
    passages = "The clerk keeps the stamps in the small drawer beside the door of the office on the first floor."
    cases = [
        _case("a", "Where are the stamps?", "drawer", context=passages),
        _case("b", "Where are the stamps?", "drawer", context="In this house nobody has stamps, ask the neighbours."),
        _case("c", "Where are the stamps?", "drawer", context=passages.replace("clerk", "clark")),
    ]
    assert [found for found in _kinds(suite_of(*cases)) if found[0] not in NOTES] == [("near-duplicate", "c")]


def test_a_shared_instruction_makes_no_near_duplicates() -> None:
    """What four cases begin with is a template, however long it is."""
    words = ("apple", "stone", "river", "cloud", "bread")
    cases = [_case(word, f"{LONG * 4}: {word}", word[::-1]) for word in words]
    assert [found for found in _kinds(suite_of(*cases)) if found[0] not in NOTES] == []


def test_a_large_suite_says_that_it_was_bounded() -> None:
    """Beyond 3,000 inputs a note says how far near-duplicates were looked for, and neighbours are still found."""
    cases = [_case(str(n), f"{n * 7919 % 10007:x}{n * 104729 % 10007:x} {'ab' * (n % 7)}", str(n)) for n in range(3001)]
    found = _kinds(suite_of(*cases))
    assert ("bounded", None) in found


@given(st.lists(st.text("ab c", max_size=12), max_size=8))
def test_a_template_is_cut_from_both_ends_only(texts: list[str]) -> None:
    """What is left of a text stands in it as one piece, and fewer than four texts lose nothing."""
    bare = without_template(texts)
    assert all(part in text for part, text in zip(bare, texts, strict=True))
    assert bare == texts or len(texts) >= 4


# --- answers ----------------------------------------------------------------------------------------------

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        (_one({"json_schema": {"compare": True}}, expected={"n": "x"}, schema=SCHEMA), ["unreachable"]),
        (_one("json_schema", expected={"m": 1}, schema=SCHEMA), ["unreachable"]),
        (_one("json_schema", expected={"n": 1}, schema=SCHEMA), []),
        (_one("json_schema", {"judge": {"rubric": "r"}}, expected="a text for the judge", schema=SCHEMA), []),
        (_one({"contains_all": {"expected": ["red", "blue"]}}), []),
        (_one({"number": {"units": ["kg"]}}, expected=3.5), []),
        (_one({"number": {"decimal": ","}}, expected=3.5), []),
        (_one("number", expected=1e20), []),
        (_one({"choice": {"options": ["red", "blue"]}}, expected="B"), []),
        (_one({"any": [{"exact": {"expected": "Oslo"}}, {"contains": {"expected": "Oslo"}}]}), []),
        (_one({"regex": {"expected": "^(A|B)$"}}), []),
        (_one({"regex": {"expected": ".*"}}), ["anything-passes"]),
        (_one({"none": [{"contains": {"expected": "secret"}}]}), ["anything-passes"]),
        (_one({"none": [{"contains": {"expected": "secret"}}]}, {"length": {"min_words": 1}}), []),
        (_one({"contains": {"expected": "no"}}), ["anything-passes"]),
        (_one({"contains": {"expected": "no", "whole_words": True}}), []),
        (_one({"fuzzy": {"min_ratio": 60}}, expected="I do not know"), []),
        (_one("refusal"), []),
        (_one({"judge": {"rubric": "r"}}), []),
    ],
)
def test_expectations_can_be_met_and_missed(found: list[LintFinding], kinds: list[str]) -> None:
    """What not even the expected answer passes, and what an answer without content passes, is an error."""
    assert [each.kind for each in found if each.kind not in NOTES] == kinds
    assert {each.level for each in found if each.kind in kinds} <= {"error"}


ANSWERS = {"refusal": {"expect": "answer", "label": "answers"}}


@pytest.mark.parametrize(
    ("scorers", "expected", "kinds"),
    [
        (["exact", {"length": {"min_words": 5}}], "x", ["unreachable"]),
        (["exact", {"none": ["exact"]}], "x", ["unreachable"]),
        (["exact", {"contains": {"expected": "no"}}], "yes", ["unreachable"]),
        (["refusal", ANSWERS], None, ["unreachable"]),
        (["exact", {"contains": {"expected": "Paris", "absent": True}}], "Paris", ["unreachable"]),
        (["contains_all", {"length": {"max_characters": 1}}], ["A", "B"], ["unreachable"]),
        ([{"length": {"min_words": 9}}, {"length": {"max_characters": 5, "label": "short"}}], None, ["unreachable"]),
        ([{"all": ["exact", {"regex": {"expected": "^z"}}]}], "x", ["unreachable"]),
        (["contains_all", {"length": {"max_characters": 9}}], ["A", "B"], []),
        (["exact", {"length": {"min_words": 2}}], ["one", "one two"], []),
        ([{"exact": {"ignore_case": True}}, {"regex": {"expected": "^OSLO$"}}], "Oslo", []),
        (["refusal", {"contains": {"expected": "the police"}}], None, []),
        (["contains", {"length": {"min_words": 5, "max_words": 6}}], "Paris", []),
        (["contains", {"length": {"min_sentences": 3, "max_sentences": 3}}], "Paris", []),
        (["number", {"contains": {"expected": "days"}}, {"length": {"max_words": 3}}], 12, []),
        (["exact", {"judge": {"rubric": "r"}}], "x", []),
        (["contains", {"regex": {"expected": "^nobody writes this for us$"}}], "x", []),
    ],
)
def test_scorers_that_contradict_each_other(scorers: list, expected: object, kinds: list[str]) -> None:
    """Scorers that each answer of the case fails together are told once; those that one answer passes are not."""
    assert [each.kind for each in _one(*scorers, expected=expected) if each.kind == "unreachable"] == kinds


@pytest.mark.parametrize(
    ("pattern", "nothing"),
    [
        ("^$a", True),
        (r"a\Bb(?!.)c", True),
        (r"\d(?=x)y", True),
        (r"a\B\b", True),
        (r"\Za", True),
        (r"(?m)a$\nb", False),
        (r"\bno\b", False),
        (r"\Bb", False),
        ("^(A|B)$", False),
        (r"^(?=.*\d)(?=.*[a-z]).+$", False),
        (r"(?<=a)b(?!c)", False),
    ],
)
def test_a_pattern_that_matches_nothing(pattern: str, nothing: bool) -> None:
    """A regular expression whose edges and looks contradict each other is told; any other is left alone."""
    found = [each.kind for each in _one({"regex": {"expected": pattern}})]
    assert ("unreachable" in found) is nothing


def test_an_answer_that_max_tokens_cannot_hold_is_unreachable() -> None:
    """An expected text of more than eight characters a token cannot be given; one that fits may be."""
    for words, kinds in ((9, ["unreachable"]), (3, [])):
        suite = suite_of(_case("c", "Recite it.", "syllables " * words))
        suite = suite.model_copy(update={"request": suite.request.model_copy(update={"max_tokens": 10})})
        assert [found.kind for found in lint_suite(suite)] == kinds


@given(st.lists(st.text(max_size=20).filter(str.strip), min_size=1, max_size=3))
def test_an_expected_text_is_reachable(texts: list[str]) -> None:
    """Whatever texts a case accepts by `exact`, each of them passes, and nothing unreachable is told."""
    case = _case("c", "Say it.", texts)
    suite = suite_of(case)
    assert set(texts) <= {answer for answer in ideal_answers(suite, case) if passes(suite, case, answer)}
    assert "unreachable" not in {found.kind for found in lint_suite(suite)}


# --- leaks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected", "leaks"),
    [
        ("What is the capital of Norway? The answer is Oslo.", "Oslo", True),
        ("Q: Capital of Norway? A: Oslo", "Oslo", True),
        ("Wie heißt die Stadt? Antwort: Oslo", "Oslo", True),
        ("In which country does the city of Oslo lie?", "Oslo", True),
        ("What is the capital of France? (Paris)", "Paris", True),
        ("What is the capital of France (Paris)?", "Paris", True),
        ("Reply with 'Berlin'. Capital of Germany?", "Berlin", True),
        ("Capital of Italy? Hint: Rome", "Rome", True),
        ("Thủ đô của Ý? Gợi ý: Rome", "Rome", True),
        ("What is 6*7? 42", "42", True),
        ("What is 6*7? The answer is 42.", "42", True),
        ("Reply with 'ready'.", "ready", False),
        ("Who was it? Reply with 'nobody' when the text does not say.", "nobody", False),
        ("Is it open? Reply with yes or no.", "yes", False),
        ("Which one is a metal? Iron Cotton", "Iron", False),
        ("Q: 2 + 2? A: 4 Q: 3 + 1? A:", "4", False),
        ("Does the 3 of us need 42 more?", "42", False),
        ("Which city (or town) has (Oslo) or (Rome)?", "Oslo", False),
        ("Who approves it? If the text does not say, answer: not stated.", "not stated", False),
        ("Which is larger, Jupiter or Mars?", "Jupiter", False),
        ("Which one is a fruit: hammer, pineapple, carpet?", "pineapple", False),
        ("Is the sky blue or green?", "blue", False),
        ('Read: "Maria wrote it." Who wrote "Maria wrote it"?', "Maria", False),
        ("The meeting moved from Monday to Thursday. When is it?", "Thursday", False),
        ("Answer: good, fair or poor. How is it?", "good", False),
        ("Is 7 a number?", "7", False),
        ("Does the Oslofjord reach the sea?", "Oslo", False),
    ],
)
def test_answers_in_the_question(asked: str, expected: str, leaks: bool) -> None:
    """An answer that is marked as such, or stands in the very question, is told; passages and choices are not."""
    found = [each.kind for each in _one("exact", asked=asked, expected=expected)]
    assert ("leaked-answer" in found) is leaks


def test_answers_before_the_question() -> None:
    """In passages and earlier messages only what is marked as the answer is told; that they hold it is their use."""
    talk = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "The answer is Hanoi"}]
    named = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "I was in Hanoi once."}]
    asked = [{"role": "user", "content": "What is the capital of Vietnam?"}]
    for case, told in (
        (_case("c", [*talk, *asked], "Hanoi"), True),
        (_case("c", [*named, *asked], "Hanoi"), False),
        (_case("c", "Thành phố nào?", "Đà Nẵng", context="Đáp án: Đà Nẵng"), True),
        (_case("c", "Thành phố nào?", "Đà Nẵng", context="Hội nghị họp ở Đà Nẵng."), False),
        (_case("c", "Who signs?", 'the "clerk"', context='The "clerk" signs.'), False),
    ):
        assert ("leaked-answer" in dict(_kinds(suite_of(case)))) is told


def test_answers_in_the_system_prompt() -> None:
    """One answer in the system prompt is a leak; the labels to choose from, or a word for the unknown, are not."""
    cases = [_case(name, f"Case {len(name)}?", name) for name in ("billing", "faults", "access")]
    for system, expected in (
        ("Our house deals with billing mostly.", ["billing"]),
        ("Answer billing, faults or access.", []),
        ("Say one word.\nbilling\nfaults\naccess", []),
        ("If nothing fits, say billing.", []),
    ):
        suite = suite_of(*cases).model_copy(update={"system": system})
        assert [case for kind, case in _kinds(suite) if kind == "leaked-answer"] == expected


# --- balance ----------------------------------------------------------------------------------------------


def test_one_answer_for_most_cases() -> None:
    """An answer that is right in more than 60 % of ten closed cases or more is told; in nine it is not."""
    for same, others, told in ((7, 3, True), (6, 4, False), (9, 0, False)):
        answers = ["yes"] * same + [f"no {n}" for n in range(others)]
        suite = suite_of(*(_case(str(n), f"{n:b} {n}?", answer) for n, answer in enumerate(answers)))
        assert ("one-answer" in dict(_kinds(suite))) is told


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ([["vi"]] * 18 + [["en"]] * 2, "vi 18, en 2"),
        ([["vi", "hard"]] * 10 + [["vi"]] * 8 + [["en"]] * 2, "vi 18, en 2"),
        ([["vi"]] * 12 + [["en"]] * 8, None),
        ([["vi"]] * 18 + [["en"]] * 2 + [[]], None),
        ([["vi"]] * 18 + [["vi", "en"]] * 2, None),
        ([["vi"]] * 4 + [["en"]], None),
    ],
)
def test_tags_that_divide_a_suite_unevenly(tags: list[list[str]], told: str | None) -> None:
    """Tags of which each case has one are told where one has four times the cases of another; others are not."""
    suite = suite_of(*(_case(str(n), f"{n:b} {n}?", f"w{n}", tags=own) for n, own in enumerate(tags)))
    found = [each.message for each in lint_suite(suite) if each.kind == "uneven-tags"]
    assert found == ([f"its tags divide the suite unevenly: {told}"] if told else [])


def test_labels_make_no_near_duplicates() -> None:
    """Where few answers serve many cases they are labels, and a word more is another thing to judge."""
    cases = [_case(str(n), f"Judge this: film {'very ' * (n % 2)}{n // 2:b} good", "positive") for n in range(12)]
    assert "near-duplicate" not in dict(_kinds(suite_of(*cases)))


def test_a_letter_too_often_right() -> None:
    """A letter that is right far more often than chance allows is told; an even spread is not."""
    for letters, told in (("ABCD" * 6, False), ("B" * 15 + "ACD" * 4, True)):
        scorers = ({"choice": {"options": ["one", "two", "three", "four"]}},)
        suite = suite_of(*(_case(str(n), f"{n:b} {n}?", letter) for n, letter in enumerate(letters)), scorers=scorers)
        assert ("letter-bias" in dict(_kinds(suite))) is told


# --- encoding ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("caf\ufffd", "replacement-character"),
        ("cafÃ© au lait", "mojibake"),
        ("tiáº¿ng", "mojibake"),
        ("itâ€™s", "mojibake"),
        ("a\0b", "control-character"),
        ("\x1b[2J", "control-character"),
        ("in\ufeffside", "invisible-character"),
        ("pass\u200bword", "invisible-character"),
        ("\u202etxt", "invisible-character"),
        ("Vie\u0323\u0302t", "decomposed-text"),
        ("\u0420\u0430ris", "mixed-scripts"),
        ("m\u043eney", "mixed-scripts"),
        ("пpив\u0435т", "mixed-scripts"),
        ("USBшный", None),
        ("Δt, 5 kΩ, Москва, Ωmega", None),
        ("tabs\tand\nlines", None),
        ("tiếng Việt, naïve, 東京, 👩\u200d💻", None),
        ("می\u200cخواهم \u200fالسلام", None),  # noqa: RUF001 - joiners and marks that these scripts need
        ("UN CAFÉ… «L'ÉTÉ» „Ä“ MAÇÃ…", None),
        ("15 °C, 3 µm, ½ Ångström, £5", None),
    ],
)
def test_characters(text: str, kind: str | None) -> None:
    """Lost, misread, hidden and control characters are told; honest text of any language is not."""
    found = [each.kind for each in _one("exact", asked=f"Copy: {text}", expected="text")]
    assert [each for each in found if each not in NOTES] == ([] if kind is None else [kind])


@given(st.text("aeéèñüçßåøếộạừ中文привет", min_size=1, max_size=12).filter(lambda text: not text.isascii()))  # noqa: RUF001 - letters that look like Latin ones
def test_misread_text_is_found_and_its_source_is_not(text: str) -> None:
    """Text read as Latin-1 is known as such; the same text, composed, is left alone."""
    assert misread(text.encode().decode("latin-1")) is not None
    assert misread(unicodedata.normalize("NFC", text)) is None


def test_an_empty_and_a_hostile_suite_are_looked_at() -> None:
    """A suite without cases has no findings, and one of strange texts raises nothing."""
    assert lint_suite(Suite(id="s")) == ()
    cases = [_case(f"c{n}", "(" * n + "\u202e[" * n + "?", "(" * 5 + ".*") for n in range(1, 40)]
    assert lint_suite(suite_of(*cases).model_copy(update={"system": "((((( or .*?" * 100}))


@pytest.mark.parametrize(
    ("scorer", "pattern", "told"),
    [
        ("regex", "^(a|aa)+$", True),
        ("json_schema", "^(a|aa)+$", True),
        ("regex", r"^\d{4}-\d{2}$", False),
        ("json_schema", r"^[A-Z][a-z]+( [A-Z][a-z]+)*$", False),
        ("regex", r"\s+$", False),
    ],
)
def test_a_pattern_whose_search_is_stopped_is_told(scorer: str, pattern: str, told: bool) -> None:
    """What a run would give up is warned of; an ordinary pattern is left alone."""
    schema = {"type": "object", "properties": {"pattern": {"type": "string", "pattern": pattern}}}
    more = {"schema": schema} if scorer == "json_schema" else {"expected": pattern}
    assert [found.level for found in _one(scorer, **more) if found.kind == "slow-pattern"] == ["warning"] * told


def test_nearly_the_same_question_with_another_answer_is_told_so() -> None:
    """Two spellings of one question whose expectations exclude each other are told to contradict."""
    suite = suite_of(_case("a", "What is 2+3?", "5"), _case("b", "What  is 2+3 ?", "6"), scorers=("exact",))
    (found,) = [own for own in lint_suite(suite) if own.kind == "near-duplicate"]
    assert "the two contradict each other: no expected answer of either passes both" in found.message
