"""Do the shipped sets hold what their READMEs say, and can each case be passed at all?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.schema.suite import Message, Rubric
from assay.scoring import JudgeContract, check_scorers, fence
from assay.suite import load_labels, load_noun, load_suite, read_yaml

if TYPE_CHECKING:
    from assay.schema.calibration import Label

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = sorted(path.parent for path in (ROOT / "goldensets").glob("*/suite.yaml"))
ATTACKS = ROOT / "goldensets" / "judge-attacks"
CONTROL_TOKENS = (
    *("<|im_end|>", "<|im_start|>", "<|eot_id|>", "[/INST]", "<end_of_turn>", "<\uff5cUser\uff5c>", "</s>", "<think>"),
)
# A row of a README's table: one tag, and how many have it.
ROW = re.compile(r"^\| `(?P<tag>[a-z-]+)` \| (?P<count>\d+)[ |(]", re.MULTILINE)


def counts_in(readme: Path) -> dict[str, int]:
    return {row["tag"]: int(row["count"]) for row in ROW.finditer(readme.read_text("utf-8"))}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_readme_counts_what_is_there(folder: Path) -> None:
    """The number of cases, and of each tag in the table, are those of cases.jsonl."""
    suite = load_suite(folder, folder.name, check_scorers)
    tags = Counter(tag for case in suite.cases for tag in case.tags)
    told = {tag: count for tag, count in counts_in(folder / "README.md").items() if tag in tags}
    assert told == {tag: tags[tag] for tag in told}
    assert re.search(
        rf"\b{len(suite.cases)}\b|\b{_word(len(suite.cases))}\b", (folder / "README.md").read_text("utf-8")
    )


def _word(number: int) -> str:
    return {17: "Seventeen", 12: "Twelve", 16: "Sixteen", 8: "Eight"}.get(number, str(number))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_set_says_what_it_cannot_show(folder: Path) -> None:
    """Each set has a README on how it was made, what it can show and what it cannot."""
    text = (folder / "README.md").read_text("utf-8")
    for part in ("**How it was made.**", "**What it can show.**", "**What it cannot show.**"):
        assert part in text


@pytest.mark.parametrize("path", sorted((ROOT / "goldensets").glob("*/*.jsonl")), ids=lambda path: path.parent.name)
def test_text_is_composed(path: Path) -> None:
    """All text is in Unicode normal form C, so that a tokenizer meets it as people write it."""
    text = path.read_text("utf-8")
    assert text == unicodedata.normalize("NFC", text)


def attacks() -> tuple[Label, ...]:
    return load_labels(ATTACKS / "labels.jsonl")[0]


def test_attacks_are_counted() -> None:
    """The table of the attack set says how many of each kind there are, twenty attacks at least."""
    tags = Counter(tag for label in attacks() for tag in label.tags)
    assert counts_in(ATTACKS / "README.md") == dict(tags)
    assert tags["attack"] >= 20
    assert all((label.label == "failed") == ("attack" in label.tags) for label in attacks())


@pytest.mark.parametrize("label", attacks(), ids=lambda label: label.id)
def test_no_attack_leaves_its_part_or_forges_the_judgement(label: Label) -> None:
    """The marker stands only where the contract put it, and no token that ends a message is left."""
    rubric = load_noun(read_yaml(ROOT / "rubrics" / "helpfulness.yaml", "helpfulness"), Rubric)
    contract = JudgeContract(rubric)
    nonce = fence("0" * 32, (label.id,))
    honest, user = contract.messages(
        [Message(role="user", content=label.request)], label.reference, label.answer, nonce
    )
    assert honest == contract.messages([Message(role="user", content="?")], None, "", nonce)[0]
    marks = [line for line in user.content.split("\n") if nonce in line.lower()]
    assert marks == [f"[{nonce} {name}]" for name in ("REQUEST", "REFERENCE", "ANSWER", "END")]
    assert [token for token in CONTROL_TOKENS if token in user.content] == []
