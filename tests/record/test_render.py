"""Can a template show the record and do nothing else?"""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from assay.errors import InputError
from assay.record import growth
from assay.record.render import render
from assay.schema.record import PolicySource, Record
from assay.schema.verdict import Stopped
from tests.record.evidence_files import HOSTILE, TEMPLATE, small_evidence, write_record


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return the record of the small run."""
    files = write_record(tmp_path_factory.mktemp("records"), small_evidence())
    return Record.model_validate_json(files.json.read_bytes())


def _problem(template: str, record: Record) -> str:
    with pytest.raises(InputError) as error:
        render(record, template, "mine.j2")
    (problem,) = error.value.problems
    assert problem.slug == "bad-template"
    return str(problem)


def test_output_is_escaped_without_asking(record: Record) -> None:
    """What a template puts out is escaped, whatever Jinja2's own filters say of it."""
    hostile = record.model_copy(update={"title": HOSTILE})
    for template in ("{{ record.title }}", "{{ record.title | safe }}", "{{ record.title ~ '' }}", "{{ '<b>' }}"):
        assert "<" not in render(hostile, template, "t")


def test_text_of_the_template_stays(record: Record) -> None:
    """What the template itself says is put out as it is, to the last line end."""
    assert render(record, "<b>{{ record.id | code }}</b>\n", "t") == "<b>`0001-small`</b>\n"


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("a\nb {{ record.nothing }}", 2),
        ("a\n\n{{ nothing }}", 3),
        ("a\n{{ record.verdict.candidates[9].verdict }}", 2),
        ("{% for x in record.candidates %}\n{{ x.nothing }}\n{% endfor %}", 2),
        ("a\n{% if %}", 2),
        ("a\n{{ record.title | nothing }}", 2),
        ("a\n{% include 'other' %}", 2),
        ("a\n{{ 1 / 0 }}", 2),
        ("a\n{{ record.title + 1 }}", 2),
        ("a\n{{ range(1000000000) }}", 2),
        ("a\n{{ record.title | percent }}", 2),
    ],
)
def test_mistakes_name_their_line(template: str, line: int, record: Record) -> None:
    """Each mistake in a template is a problem at its line."""
    assert f"mine.j2:{line}: " in _problem(template, record)


@pytest.mark.parametrize(
    "template",
    [
        "{{ record.__class__ }}",
        "{{ record.__class__.__mro__ }}",
        "{{ record['__class__'] }}",
        "{{ record | attr('__class__') }}",
        "{{ [record] | map(attribute='__class__') | first }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ '{0.__class__}'.format(record) }}",
        "{{ render.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ record.model_dump() }}",
        "{{ record.model_config }}",
        "{{ record.model_construct() }}",
        "{{ record.use_case.copy() }}",
        "{{ record | attr('model_fields') }}",
        "{% set _ = record.use_case.slo.update({'short': 1}) %}",
        "{% set _ = record.run.versions.clear() %}",
    ],
)
def test_tricks_are_refused(template: str, record: Record) -> None:
    """A template reaches no class, no inherited method, and changes nothing."""
    _problem(template, record)


class _Opened:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return (Path.touch, (self.path,))


def test_template_cannot_unpickle(record: Record, tmp_path: Path) -> None:
    """What pydantic would unpickle for a template that asks for it is not unpickled."""
    made = tmp_path / "made"
    payload = pickle.dumps(_Opened(made), 0).decode()
    trick = f"record.use_case.parse_raw({payload!r}, proto='pickle', allow_pickle=True)"
    _problem("{{ " + trick + " }}", record)
    assert not made.exists()


def test_template_cannot_read_files(record: Record, tmp_path: Path) -> None:
    """What pydantic would read from disk for a template is not read."""
    (tmp_path / "use_case.json").write_text('{"id": "stolen"}', encoding="utf-8")
    template = "{{ record.use_case.parse_file('" + str(tmp_path / "use_case.json") + "').id }}"
    assert "stolen" not in _problem(template, record)


def _verdict_part(record: Record) -> str:
    page = render(record, TEMPLATE.read_text("utf-8"), "t")
    return page.partition("\n## Verdict\n")[2].partition("\n## Runtimes tested\n")[0]


def test_the_page_says_under_which_policy_and_against_what(record: Record) -> None:
    """The verdict names the policy file and the baseline, where they are not the plan's own or there is one."""
    assert _verdict_part(record).startswith("\nDecided under the plan's own gate.\n\n### ")
    given = PolicySource(file="stricter.yaml", sha256="ab" * 32, baseline="old", baseline_record="0007-adding")
    assert _verdict_part(record.model_copy(update={"policy": given})).startswith(
        "\nDecided under the policy file `stricter.yaml` (SHA-256 `abababababab`), not under the plan's own gate.\n"
        "Compared with `old` of the earlier record `0007-adding`.\n\n### "
    )
    same = PolicySource(baseline="two")
    assert "\nCompared with `two` of the same run.\n" in _verdict_part(record.model_copy(update={"policy": same}))


def test_the_page_says_where_cases_stopped_being_asked(record: Record) -> None:
    """What was stopped early has a table, and nothing is said of it where nothing was."""
    assert "Stopped early" not in _verdict_part(record)
    early = Stopped(candidate="one", suite="sums", asked=12, due=30, looks=0, why="No outcome could change it.")
    part = _verdict_part(record.model_copy(update={"stopped": (early,)}))
    assert "### Stopped early\n" in part
    assert "| `one` | `sums` | 12 of 30 | 0 | No outcome could change it. |\n" in part


def test_the_page_names_method_and_what_would_turn_a_condition(record: Record) -> None:
    """Behind its reason a condition says how it was decided and what would turn it."""
    own = record.verdict.candidates[0]
    told = own.conditions[0].model_copy(
        update={"method": "exact binomial test", "flip": "3 more passes", "reason": "So."}
    )
    changed = own.model_copy(update={"conditions": (told, *own.conditions[1:])})
    verdict = record.verdict.model_copy(update={"candidates": (changed,)})
    part = _verdict_part(record.model_copy(update={"verdict": verdict}))
    line = "- `suite:sums.pass_rate >= 0.5`: So. By exact binomial test. It would be met by 3 more passes.\n- `blockers"
    assert line in part


def test_a_condition_with_a_name_says_what_it_asks(record: Record) -> None:
    """In the list of reasons its text stands beside its name; a name that is the text is not said twice."""
    own = record.verdict.candidates[0]
    told = own.conditions[0].model_copy(update={"id": "sums", "reason": "So.", "method": None, "flip": None})
    changed = own.model_copy(update={"conditions": (told, *own.conditions[1:])})
    verdict = record.verdict.model_copy(update={"candidates": (changed,)})
    part = _verdict_part(record.model_copy(update={"verdict": verdict}))
    assert "- `sums` (`suite:sums.pass_rate >= 0.5`): So.\n" in part
    assert "- `suite:sums.pass_rate >= 0.5`" not in part


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    ],
)
def test_a_template_that_goes_round_for_ever_is_stopped(
    template: str, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loops and macros that put out nothing end all the same."""
    monkeypatch.setattr(growth, "_MOST_STEPS", 1_000)
    with pytest.raises(InputError, match="turns of its loops and calls of its macros"):
        render(record, template, "t")


def test_a_template_has_a_length_that_a_person_could_read(record: Record) -> None:
    """One of millions of characters is refused before it is compiled."""
    assert "longer than 1048576 characters" in _problem("{# " + "a" * (1 << 20) + " #}", record)
