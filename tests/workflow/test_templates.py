"""Do the shipped templates keep the rule of numbers, and is a team's own held to it before anything is asked?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from markdown_it import MarkdownIt

from assay.errors import InputError
from assay.record.bundle import unpack
from assay.record.render import page_of
from assay.record.standing import sealed
from assay.record.truth import body_sha256
from assay.schema.record import BlockerFailure, EvidenceFile, Record, Untested, Withheld
from assay.schema.standing import Decision, Standing
from assay.workflow.shipped import PAGES, shipped_folder
from assay.workflow.templates import checked_template, shipped_template
from tests.fakes import plan_of, serving
from tests.record.evidence_files import STEM, small_evidence, write_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [name for name in PAGES if shipped_template(name) is not None]
OWN = "# {{ record.title }}\n\n{{ record.metrics | length }} metrics, {{ method.confidence | share }} intervals\n"
LONG = "A reason that says in some words and at some length why this came out as it did, and what would change it."


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return the record of the small run."""
    files = write_record(tmp_path_factory.mktemp("records"), small_evidence())
    return Record.model_validate_json(files.json.read_bytes())


@pytest.fixture(scope="module")
def kept() -> Record:
    """Return the kept record of a whole run, as a record of the second format."""
    text = (ROOT / "records" / "0001-policy-assistant.json").read_bytes()
    return Record.model_validate_json(text).model_copy(update={"schema_name": "assay/record/v2"})


def _text(name: str) -> str:
    path = shipped_template(name)
    assert path is not None
    return path.read_text("utf-8")


def _decided(record: Record) -> Record:
    """Return the record after three decisions, valid for a while, in the place of two and replaced by one."""
    shared = {"verdict": record.verdict.verdict, "body_sha256": body_sha256(record)}
    decisions = (
        Decision(outcome="deferred", by="An Example", on="2026-01-03", **shared),
        Decision(outcome="accepted", by="Bo <b>Example</b>", on="2026-01-04", reason="For 5 people alone.", **shared),
    )
    standing = Standing(
        decisions=decisions, valid_until="2026-07-03", supersedes=("0000-old", "0000-older"), superseded_by="0002-new"
    )
    return record.model_copy(update={"status": "superseded", "standing": sealed("superseded", standing)})


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_templates_keep_the_rule(name: str, record: Record, kept: Record) -> None:
    """No shipped template shows a number of its own, on the records of a small and a whole run, decided on or not."""
    checked_template(shipped_folder() / PAGES[name], name)
    for own in (record, kept, _decided(record), _decided(kept)):
        page = page_of(own, _text(name), name)
        assert page.loose == ()
        assert page.orphans([file.path for file in own.evidence.files]) == ()
        assert "<b>" not in page.text


@pytest.mark.parametrize("name", SHIPPED)
def test_front_matter_is_yaml(name: str, record: Record) -> None:
    """What stands before a page can be read by machines, with and without a decision."""
    for own in (record, _decided(record)):
        page = page_of(own, _text(name), name).text
        if name == "one-page":
            assert page.startswith("# ")
            continue
        front = yaml.safe_load(page.split("---\n")[1])
        assert {"status", "date", "decision-makers"} <= front.keys()


@pytest.mark.parametrize("name", [name for name in SHIPPED if name in {"en", "vi"}])
def test_no_word_of_the_status_block_changes_unseen(name: str, record: Record) -> None:
    """Each field of the status block stands on the page: another value is another page."""
    own = _decided(record)
    page = page_of(own, _text(name), name).text
    standing = own.standing
    first, last = standing.decisions
    changed = [
        own.model_copy(update={"status": "rejected"}),
        *(
            own.model_copy(update={"standing": standing.model_copy(update=update)})
            for update in (
                {"valid_until": None},
                {"supersedes": ("0000-old",)},
                {"superseded_by": None},
                {"sha256": "0" * 64},
                {"decisions": (last,)},
                *(
                    {"decisions": (first.model_copy(update={field: value}), last)}
                    for field, value in {
                        "outcome": "rejected",
                        "by": "Cy Example",
                        "on": "2026-01-02",
                        "verdict": "GO",
                        "reason": "None was given.",
                        "body_sha256": "1" * 64,
                    }.items()
                ),
            )
        ),
    ]
    pages = {page_of(other, _text(name), name).text for other in changed}
    assert len(pages) == len(changed)
    assert page not in pages


def test_madr_says_superseded_as_madr_does(record: Record) -> None:
    """The status of MADR names the record that replaces this one; what was decided stands as its outcome."""
    page = page_of(_decided(record), _text("madr"), "madr").text
    assert yaml.safe_load(page.split("---\n")[1]) == {
        "status": "superseded by ADR-0002",
        "date": "2026-01-04",
        "decision-makers": [],
    }
    headings = re.findall(r"^#{2,3} (?!`)(.+)$", page, re.MULTILINE)
    assert headings == [
        "Context and Problem Statement",
        "Decision Drivers",
        "Considered Options",
        "Decision Outcome",
        "Consequences",
        "Confirmation",
        "Pros and Cons of the Options",
        "More Information",
    ]
    assert "Chosen option: `one`, because Bo &lt;b&gt;Example&lt;/b&gt; accepted it on 2026-01-04" in page
    assert "- Superseded by ADR-0002 ([0002-new](0002-new.md))\n" in page


def test_the_page_says_what_is_withheld(record: Record) -> None:
    """What the evidence does not hold in clear is said where the page says how to verify, each number of it."""
    assert "Nothing of the evidence is left out or redacted." in page_of(record, _text("en"), "en").text
    left = Withheld(
        transcripts=True, cases=11, trials=12, judgements=13, redactions={"staff-id": 14}, patterns_sha256="ab" * 32
    )
    page = page_of(record.model_copy(update={"withheld": left}), _text("en"), "en").text
    part = page.partition("## How to verify")[2]
    assert "left out altogether; the text of 11 cases, the scores of 12 trials, and what judges said in 13 judg" in part
    assert f"14 (staff-id). The organization's patterns: SHA-256 `{'ab' * 32}`." in part


def _large(record: Record, text: str) -> Record:
    """Return a record with thousands of rows in every table, and a text wherever one stands."""
    own = record.verdict.candidates[0]
    condition = own.conditions[0].model_copy(update={"reason": text, "flip": text, "method": "exact binomial"})
    candidates = tuple(
        own.model_copy(update={"candidate": f"c{n}", "conditions": (condition,) * 150, "reason": text, "flip": text})
        for n in range(20)
    )
    finding = record.findings[0].model_copy(update={"candidate": "c0", "reason": text, "remedy": text})
    blocker = BlockerFailure(candidate="one", suite="sums", case="x" * 60, outcome="failed", reason=text, output=text)
    update = {
        "verdict": record.verdict.model_copy(update={"candidates": candidates, "reason": text}),
        "candidates": record.candidates * 20,
        "metrics": tuple(metric for metric in record.metrics for _ in range(150)),
        "blockers": (blocker,) * 2_000,
        "findings": (finding,) * 300,
        "bench": record.bench * 100,
        "untested": (Untested(what=text, why=text, how=text),) * 300,
        "suites": record.suites * 300,
        "evidence": record.evidence.model_copy(
            update={
                "files": tuple(
                    EvidenceFile(path=f"suites/{n:05}.json", bytes=n, sha256="ab" * 32) for n in range(4_000)
                )
            }
        ),
    }
    return record.model_copy(update=update)


@pytest.mark.parametrize("times", [1, 30])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_large_record_has_a_page_that_can_be_shown(name: str, times: int, record: Record) -> None:
    """A page stays below the 1 MiB that code hosts render; what is cut is counted, and the JSON has it."""
    page = page_of(_large(record, LONG * times), _text(name), name)
    assert len(page.text.encode()) < 1 << 20
    assert page.loose == ()
    if (name, times) == ("en", 1):
        assert "\n1900 more of 2000 are left out here; they stand in the JSON beside this page.\n" in page.text
        assert "\n3900 more of 4000 are left out here" in page.text


def test_the_summary_fits_a_page(kept: Record) -> None:
    """The summary of a whole run has no more lines than a sheet of paper."""
    page = page_of(kept, _text("one-page"), "one-page").text
    html = MarkdownIt("commonmark").enable("table").render(page)
    assert len(page.splitlines()) <= 66
    assert html.count("<h2>") == 4


def test_the_example_template_is_one() -> None:
    """The template that docs/templates.md shows keeps its rule, and renders as its text says."""
    text = (ROOT / "docs" / "templates.md").read_text("utf-8")
    (template,) = re.findall(r"^```jinja\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    example = Record.model_validate_json((shipped_folder() / "templates" / "example-record.json").read_bytes())
    page = page_of(example, template, "mine.j2")
    assert page.loose == ()
    assert page.text.splitlines() == [
        "# May it add?: NO-GO",
        "",
        "`one`: 0 of",
        "3 conditions are met.",
        "",
        "| Suite | Candidate | passed | rate, 95 % interval |",
        "|---|---|---|---|",
        "| `sums` | `one` | 1 of 3 | 33.3 % [6.1, 79.2] |",
        "| `sums` | `two` | 1 of 3 | 33.3 % [6.1, 79.2] |",
    ]


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("a\n95 % {{ record.title }}", "error[orphan-number]: t.j2:2: the number 95 is written in the template"),
        (
            "{% if record.blockers and false %}\n97 of all\n{% endif %}",
            "error[orphan-number]: t.j2:2: the number 97 is",
        ),
        ("{{ record.metrics[0].n + 1 }}", "error[orphan-number]: t.j2: on a page of an example record the number 4"),
        ("a\n{{ record.nothing }}", "error[bad-template]: t.j2:2: the template cannot be rendered"),
        ("a\n{% if %}", "error[bad-template]: t.j2:2: the template cannot be rendered"),
        ("a\n{{ record.title | nothing }}", "error[bad-template]: t.j2:2: the template cannot be rendered"),
    ],
)
def test_a_bad_template_is_told_before_it_is_used(template: str, told: str, tmp_path: Path) -> None:
    """Mistakes and numbers are found on an example record, and in branches that it does not reach."""
    (tmp_path / "t.j2").write_text(template, "utf-8")
    with pytest.raises(InputError) as error:
        checked_template(tmp_path / "t.j2", "t.j2")
    assert str(error.value.problems[0]).startswith(told)


@pytest.mark.parametrize(
    ("content", "slug"),
    [(b"\xff", "bad-template"), (b"a" * (1 << 20) + b"b", "file-too-large"), (None, "no-such-file")],
)
def test_what_is_no_template_is_told(content: bytes | None, slug: str, tmp_path: Path) -> None:
    """A file that is no text, too large or not there is a problem that names it."""
    path = tmp_path / "t.j2"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(f"error[{slug}]: t.j2: ")):
        checked_template(path, "t.j2")


def test_a_plan_brings_its_own_template(assay: Assay, place: Workplace) -> None:
    """It is in the run's folder and in the evidence, makes the page, and verify says whose it is."""
    (place.folder / "own.md.j2").write_text(OWN, "utf-8")
    with serving() as server:
        place.write(plan_of(server.base_url, record={"template": "own.md.j2"}))
        assert assay("run", place.plan, "--out", place.out).code in {0, 1, 3}
    assert (place.run / "template.md.j2").read_text("utf-8") == OWN
    members = unpack(place.record.with_suffix(".evidence.zip").read_bytes(), "zip")
    assert members["template.md.j2"] == OWN.encode()
    assert re.fullmatch(r"# adding\n\n\d metrics, 95 % intervals\n", place.record.read_text("utf-8"))
    said = assay("verify", place.record)
    assert said.code == 0
    assert "  template:  not one that this version ships" in said.out


def test_a_run_goes_on_with_another_template(assay: Assay, place: Workplace) -> None:
    """No answer depends on it: what the template says now makes the page, and that is told."""
    (place.folder / "own.md.j2").write_text(OWN, "utf-8")
    with serving() as server:
        place.write(plan_of(server.base_url, record={"template": "own.md.j2"}))
        assay("run", place.plan, "--out", place.out)
        (place.folder / "own.md.j2").write_text("# Anew\n", "utf-8")
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run)
    assert "the template is another than when the run was begun" in said.err
    latest = max((place.out / "records").glob("[0-9]*.md"))
    assert latest.read_text("utf-8") == "# Anew\n"


def test_a_template_goes_with_its_run(assay: Assay, place: Workplace) -> None:
    """Shards that are merged, and a run that is decided on again, make their pages with it; shards must agree on it."""
    (place.folder / "own.md.j2").write_text(OWN, "utf-8")
    outs = [place.folder / "one", place.folder / "two"]
    with serving() as server:
        place.write(plan_of(server.base_url, record={"template": "own.md.j2"}))
        for shard, out in zip(("1/2", "2/2"), outs, strict=True):
            assay("run", place.plan, "--out", out, "--shard", shard)
    shards = [next((out / "runs").iterdir()) for out in outs]
    (shards[1] / "template.md.j2").write_text("# Another\n", "utf-8")
    assert "it was begun with another template than" in assay("merge", *shards, "--out", place.out).err
    (shards[1] / "template.md.j2").write_text(OWN, "utf-8")
    assay("merge", *shards, "--out", place.out)
    assert "metrics, 95 % intervals" in place.record.read_text("utf-8")
    assay("decide", place.record, "--out", place.folder / "again")
    (again,) = (place.folder / "again" / "records").glob("[0-9]*.md")
    assert "metrics, 95 % intervals" in again.read_text("utf-8")


def test_a_plan_with_a_bad_template_asks_nothing(assay: Assay, place: Workplace) -> None:
    """The template's problem names its line, one that is not there the plan's; no request is sent."""
    with serving() as server:
        place.write(plan_of(server.base_url, record={"template": "own.md.j2"}))
        said = assay("run", place.plan, "--out", place.out)
        assert (said.code, said.errors[0].split(": ")[:2]) == (2, ["error[no-such-file]", f"{place.plan}:6"])
        (place.folder / "own.md.j2").write_text("one\n97 %\n", "utf-8")
        said = assay("run", place.plan, "--out", place.out)
        assert (said.code, said.errors[0].split(": ")[:2]) == (2, ["error[orphan-number]", "own.md.j2:2"])
        assert not server.counts


def test_render_makes_any_page(assay: Assay, place: Workplace) -> None:
    """A shipped page by name, or one by path, to stdout or a file; without a name the record's own."""
    files = write_record(place.folder / "records", small_evidence())
    assert assay("render", files.json).out == files.markdown.read_text("utf-8")
    said = assay("render", files.json, "--template", "one-page", "--out", place.folder / "summary.md")
    assert (said.code, said.out) == (0, "")
    summary = (place.folder / "summary.md").read_text("utf-8")
    assert summary.startswith("# May it add?\n")
    assert f"[{files.json.stem}](records/{files.markdown.name})" in summary
    (place.folder / "own.md.j2").write_text(OWN, "utf-8")
    assert assay("render", files.json, "--template", place.folder / "own.md.j2").out.startswith(
        "# May it add?\n\n4 met"
    )
    kept = ROOT / "records" / "0001-policy-assistant.md"
    assert assay("render", kept, "--template", "madr").out.startswith('---\nstatus: "proposed"\n')


def test_render_refuses_numbers_without_evidence(assay: Assay, place: Workplace) -> None:
    """A page with an orphan is not printed; the problem names its line on the page."""
    files = write_record(place.folder / "records", small_evidence())
    (place.folder / "own.md.j2").write_text("{{ record.title }}\n97 %\n", "utf-8")
    said = assay("render", files.json, "--template", place.folder / "own.md.j2")
    assert (said.code, said.out) == (2, "")
    assert "line 2 of the page: the number 97 stands in the template's own text" in said.err
    said = assay("render", files.json, "--template", "two-page")
    assert said.code == 2
    assert "there is no template 'two-page'" in said.err


def test_the_example_record_is_a_record() -> None:
    """The example that templates are tried on has something in each table that a small run can fill."""
    text = (shipped_folder() / "templates" / "example-record.json").read_text("utf-8")
    example = Record.model_validate_json(text)
    assert example.id == STEM
    assert example.metrics
    assert example.bench
    assert example.findings
    assert example.blockers
    assert json.loads(text)["schema"] == "assay/record/v2"
