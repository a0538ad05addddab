"""Are several records verified in one call, each once, and does the worst of them decide?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.workflow.decide_on import decide_on
from assay.workflow.may_decide import Wish
from assay.workflow.verify import TEMPLATE_MEMBER
from tests.record.evidence_files import small_evidence, write_record
from tests.record.several import one_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

RECORDS = Path(__file__).resolve().parents[2] / "records"


def test_files_of_one_record_are_one_record(assay: Assay, place: Workplace) -> None:
    """Whoever names all three files, as a commit does, sees it verified once."""
    files = write_record(place.folder / "records", small_evidence())
    said = assay("verify", files.json, files.markdown, files.evidence)
    assert said.code == 0
    assert [line for line in said.out.splitlines() if line.endswith(": verified")] == [f"{files.json}: verified"]


def test_the_worst_record_decides(assay: Assay, place: Workplace) -> None:
    """A record that does not hold ends with 1, wherever it stands among others, and each is told."""
    good = write_record(place.folder / "good", small_evidence())
    bad = write_record(place.folder / "bad", small_evidence())
    bad.markdown.write_text(bad.markdown.read_text("utf-8").replace("NO-GO", "GO"), "utf-8")
    said = assay("verify", bad.markdown, good.markdown)
    assert said.code == 1
    assert said.out.count(": does not verify") == said.out.count(": verified") == 1


def test_json_of_several_records(assay: Assay, place: Workplace) -> None:
    """One JSON text behind the other, in the order of the names."""
    paths = [write_record(place.folder / name, small_evidence()).markdown for name in "ab"]
    decoder, text, found = json.JSONDecoder(), assay("verify", *paths, "--json").out, []
    while text:
        own, end = decoder.raw_decode(text)
        found.append(own)
        text = text[end:].lstrip()
    gone = {"transcripts": False, "cases": 0, "trials": 0, "judgements": 0, "redactions": {}, "patterns_sha256": None}
    told = {"format": "assay/record/v2", "own_template": False, "withheld": gone}
    assert found == [{"verified": True, "differences": [], **told}] * 2


def test_json_says_what_is_taken_on_trust(assay: Assay, place: Workplace) -> None:
    """A program reads what a person does: that the template is the team's own; of what fails, nothing."""
    files = write_record(place.folder, {**small_evidence(), TEMPLATE_MEMBER: b"{{ record.title }}\n"})
    assert json.loads(assay("verify", files.markdown, "--json").out)["own_template"] is True
    files.markdown.write_text("GO\n", "utf-8")
    assert "own_template" not in json.loads(assay("verify", files.markdown, "--json").out)


def test_a_record_that_is_not_there(assay: Assay, place: Workplace) -> None:
    """It ends with 2, and the others are verified all the same."""
    good = write_record(place.folder / "good", small_evidence())
    said = assay("verify", "none.md", good.markdown)
    assert said.code == 2
    assert f"{good.markdown}: verified" in said.out.splitlines()
    (told,) = said.errors
    assert told.startswith("error[no-such-file]: none.md: there is no record here. ")


def test_folders_of_pictures_are_passed_over(assay: Assay, place: Workplace) -> None:
    """All of a folder of records can be named at once; a folder of pictures whose record is gone is told."""
    files = write_record(place.folder / "records", small_evidence())
    files.plots.mkdir(exist_ok=True)
    assert assay("verify", *sorted((place.folder / "records").iterdir())).code == 0
    alone = place.folder / "records" / "0009-gone.plots"
    alone.mkdir()
    said = assay("verify", *sorted((place.folder / "records").iterdir()))
    assert said.code == 2
    (told,) = said.errors
    assert told.startswith(f"error[no-such-file]: {alone}: there is no record here. ")


def test_numbers_are_listed_with_their_evidence(assay: Assay, place: Workplace) -> None:
    """Each number has its line, its place in the record and the files behind it, on 80 columns or as JSON."""
    files = write_record(place.folder / "records", small_evidence())
    said = assay("verify", files.markdown, "--numbers")
    lines = said.out.splitlines()
    assert said.code == 0
    assert max(map(len, lines[1:])) <= 80
    row = next(line for line in lines if "metrics[0].rate_scored" in line)
    assert row.split()[1:] == ["metrics[0].rate_scored", "50.0", "%"]
    assert "  several numbers, and […] stands for a part of a list" in lines
    assert "  metrics: suites/sums.json, trials.jsonl" in lines
    listed = json.loads(assay("verify", files.markdown, "--numbers", "--json").out)
    own = next(number for number in listed["numbers"] if number["path"] == "metrics[0].rate_scored")
    page = files.markdown.read_text("utf-8").splitlines()
    assert own["shown"] in page[own["line"] - 1]
    assert own["evidence"] == ["suites/sums.json", "trials.jsonl"]


def test_a_page_of_the_first_format_names_no_numbers(assay: Assay) -> None:
    """The kept record says that its numbers are not listed, and why."""
    said = assay("verify", RECORDS / "0001-policy-assistant.md", "--numbers")
    assert said.code == 0
    assert said.out.endswith("  no number of its page names its evidence: it is of the first format, or shows none\n")
    assert "the first format do not promise that" in said.out
    assert "  template:" not in said.out


def test_an_old_record_verifies_for_ever(assay: Assay, place: Workplace) -> None:
    """Until when an acceptance holds is told; that it has passed, or was replaced, ends with 1 only where asked."""
    folder = place.folder / "records"
    one_record(folder, 1)
    one_record(folder, 2)
    one_record(folder, 3, use_case="other")
    one_record(folder, 4, use_case="another")
    decide_on(folder / "0001-small", Wish("accepted", "A", valid_until="2026-02-01"), "2026-01-03")
    told = {folder / "0001-small": "  standing:  expired on 2026-02-01"}
    decide_on(folder / "0004-another", Wish("deferred", "A"), "2026-01-03")
    told[folder / "0003-other"] = "  standing:  not accepted: nobody has decided on it"
    told[folder / "0004-another"] = "  standing:  not accepted: it is deferred"
    for path, line in told.items():
        said = assay("verify", path)
        assert (said.code, line in said.out.splitlines()) == (0, path.name != "0003-other")
        said = assay("verify", path, "--fresh")
        assert (said.code, said.out.splitlines()[-1]) == (1, line)
    later = Wish("accepted", "B", valid_until="2126-02-01", supersedes=(folder / "0001-small",))
    decide_on(folder / "0002-small", later, "2026-01-04")
    said = assay("verify", folder / "0001-small", "--fresh", "--json")
    freshness = json.loads(said.out)["freshness"]
    assert (said.code, freshness) == (1, {"fresh": False, "told": "superseded by 0002-small"})
    said = assay("verify", folder / "0002-small", "--fresh")
    assert (said.code, said.out.splitlines()[-1]) == (0, "  standing:  valid until 2126-02-01")
    (folder / "0002-small.md").write_text("", "utf-8")
    assert json.loads(assay("verify", folder / "0002-small", "--fresh", "--json").out)["freshness"] is None


def test_a_copy_from_before_it_was_replaced_is_not_fresh(assay: Assay, place: Workplace) -> None:
    """It verifies, and `--fresh` ends with 1 for what its neighbour says."""
    folder = place.folder / "records"
    one_record(folder, 1)
    one_record(folder, 2)
    decide_on(folder / "0001-small", Wish("accepted", "A"), "2026-01-03")
    before = {path: path.read_bytes() for path in folder.glob("0001-small.*") if path.is_file()}
    decide_on(folder / "0002-small", Wish("accepted", "B", supersedes=(folder / "0001-small",)), "2026-01-04")
    for path, content in before.items():
        path.write_bytes(content)
    assert assay("verify", folder / "0001-small").code == 0
    said = assay("verify", folder / "0001-small", "--fresh", "--json")
    freshness = json.loads(said.out)["freshness"]
    told = "superseded, as 0002-small says, though its own status does not: it is an old copy"
    assert (said.code, freshness) == (1, {"fresh": False, "told": told})


@pytest.mark.parametrize("which", ["signatures", "keyless"])
def test_a_folder_in_place_of_signatures_is_a_difference(which: str, assay: Assay, place: Workplace) -> None:
    """Such a record does not verify; nobody is told to mend the system."""
    files = write_record(place.folder / "records", small_evidence())
    folder: Path = getattr(files, which)
    folder.mkdir()
    said = assay("verify", files.markdown, "--json")
    assert said.code == 1
    assert json.loads(said.out)["differences"] == [
        {"file": folder.name, "where": "the signatures", "message": "they cannot be read: it is no regular file"}
    ]
