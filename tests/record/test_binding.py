"""Does a value keep its evidence on its way to the page, and nothing else get any?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InputError
from assay.record.numbers import MARKS
from assay.record.render import page_of, render
from assay.schema.record import Record
from assay.schema.standing import Standing
from tests.record.evidence_files import HOSTILE, small_evidence, write_record

if TYPE_CHECKING:
    from assay.record.numbers import Page


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return the record of the small run, with a text that is but a number and one that is hostile."""
    files = write_record(tmp_path_factory.mktemp("records"), small_evidence())
    made = Record.model_validate_json(files.json.read_bytes())
    settings = made.people.model_copy(update={"owner": HOSTILE, "rollout": "97", "decision_makers": ("12", "34")})
    return made.model_copy(update={"people": settings})


def _numbers(page: Page) -> list[tuple[str, str]]:
    return [(number.text, number.path) for number in page.numbers]


@pytest.mark.parametrize(
    ("template", "shown", "path"),
    [
        ("{{ record.metrics[0].n }}", "3", "metrics[0].n"),
        ("{{ record['metrics'][0]['n'] }}", "3", "metrics[0].n"),
        ("{{ record.metrics[0].rate | percent }}", "33.3 %", "metrics[0].rate"),
        ("{{ record.metrics[0] | rate }}", "33.3 % [6.1, 79.2]", "metrics[0]"),
        ("{{ record.people.rollout or 'not provided' }}", "97", "people.rollout"),
        ("{{ record.people.rollout | default('x') }}", "97", "people.rollout"),
        ("{{ record.metrics | length }}", "4", "metrics"),
        ("{{ record.metrics | selectattr('tag', 'none') | list | length }}", "2", "metrics[…]"),
        ("{{ record.metrics | map(attribute='n') | sum }}", "8", "metrics[…]"),
        ("{{ record.metrics | sum(attribute='n') }}", "8", "metrics"),
        ("{{ (record.metrics | first).n }}", "3", "metrics[0].n"),
        ("{{ record.metrics[1:][0].n }}", "1", "metrics[1].n"),
        (
            "{% for m in record.metrics if loop is defined or true %}{% if m.tag %}{{ m.n }} {% endif %}{% endfor %}",
            "1",
            "",
        ),
        (
            "{% for key, slo in record.use_case.slo.items() %}{{ slo.e2e_p95_s }}{% endfor %}",
            "5.0",
            "use_case.slo.short.e2e_p95_s",
        ),
        ("{{ record.use_case.slo.get('short').e2e_p95_s | number }}", "5", "use_case.slo.short.e2e_p95_s"),
        ("{{ record.use_case.slo | length }}", "1", "use_case.slo"),
        ("{{ record.bench_settings.labels() | join(', ') }}", "short&#64;1", "bench_settings.labels()[0]"),
        ("{{ record.candidates[0].facts.fact('license').value }}", None, ""),
        ("{% set x = record.metrics[0].n %}{{ x }}", "3", "metrics[0].n"),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(record.metrics[0].n) }}", "3", "metrics[0].n"),
        ("{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ record.metrics[0].n }}{% endcall %}", "3", ""),
        (
            "{% for s, group in record.findings | groupby('candidate') %}{{ group | length }} {% endfor %}",
            "3",
            "findings[…]",
        ),
        ("{{ record.metrics | beyond(method.summary_shown) }}", "0", "metrics"),
        ("{{ method.confidence | share }}", "95 %", "method.confidence"),
        ("{{ record.people.decision_makers | json }}", '["12", "34"]', "people.decision_makers"),
    ],
)
def test_values_of_the_record_know_where_they_stand(
    template: str, shown: str | None, path: str, record: Record
) -> None:
    """Fields, counts, sums, what a noun computes and what our filters say of them carry a key path."""
    page = page_of(record, template, "t")
    assert page.loose == ()
    first = _numbers(page)[:1]
    assert first == ([] if shown is None else [(shown, path or first[0][1])])


@pytest.mark.parametrize(
    "template",
    [
        "97",
        "{{ 97 }}",
        "{{ '97' }}",
        "{% set x = 97 %}{{ x }}",
        "{% set x %}97{% endset %}{{ x }}",
        "{{ 9 ~ '7' }}",
        "{{ record.metrics[0].n + 94 }}",
        "{{ record.metrics[0].n * 1 }}",
        "{{ -record.metrics[0].n }}",
        "{{ record.people.rollout[0:1] }}",
        "{{ record.people.rollout[0] }}",
        "{{ record.people.rollout ~ '' }}",
        "{{ record.people.rollout | replace('9', '8') }}",
        "{{ record.people.rollout | upper }}",
        "{{ record.people.rollout | int }}",
        "{{ record.metrics[0].rate | round(1) }}",
        "{{ record.metrics[0].rate | float }}",
        "{% for x in range(9) %}{{ x }}{% endfor %}",
        "{% for x in record.metrics %}{{ loop.index }}{% endfor %}",
        "{% for x in record.metrics %}{{ loop.length }}{% endfor %}",
        "{{ [1, 2] | length }}",
        "{{ 'ab' | length }}",
        "{{ record.people.rollout | length }}",
        "{{ record.metrics[:2] | length }}",
        "{{ record.metrics | beyond(3) }}",
        "{{ record.metrics | beyond(record.metrics[0].n) }}",
        "{{ record.metrics | sum(attribute='n', start=record.host.cores) }}",
        "{{ record.plan_digest | list | select('in', 'abcdef') | list | length }}",
        "{{ record.plan_digest | unique | list | length }}",
        "{{ record.host.cores }}<!-- -->{{ record.host.cores }}",
        "{{ record.host.cores }}**<b>**{{ record.host.cores }}",
        "{{ record.host.cores }}\u200b{{ record.host.cores }}",
        "{{ record.host.cores }}&shy;{{ record.host.cores }}",
        "{{ record.host.cores }}&period;{{ record.host.cores }}",
        "{{ record.host.cores }}\u00b7{{ record.host.cores }}",
        "&minus;{{ record.host.cores }}",
        "\u2013{{ record.host.cores }}",
        "-<b>{{ record.host.cores }}</b>",
        "\U0001f4af",
        "\U0001f51f",
        "\u33f9",
        "{{ record.metrics | sum(attribute='n', start=97) }}",
        "{{ [record.metrics[0].n, 94] | sum }}",
        "{{ record.metrics | map(attribute='nothing', default=97) | list }}",
        "{{ record.metrics | map(attribute='nothing', default=97) | join(' ') }}",
        "{{ record.metrics | map(attribute='nothing', default=97) | list | json }}",
        "{{ record.metrics | map(attribute='nothing', default=97) | first }}",
        "{{ record.metrics | map(attribute='nothing', default=97) | sum }}",
        "{{ record.people.decision_makers | join('97') }}",
        "{{ record.use_case.slo.get('none', 97) }}",
        "{{ 97 | code }}",
        "{{ ['97'] | json }}",
        "{{ 0.97 | percent }}",
        "{{ none | default(97, true) }}",
        "{{ dict(a=97) }}",
        "{% macro m() %}97{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ record.people.rollout }}{% endmacro %}{{ m() | replace('9', '8') }}",
        "{% macro m() %}{{ record.people.rollout }}{% endmacro %}{{ m() ~ '' }}",
        "{% set x %}{{ record.people.rollout }}{% endset %}{{ x }}",
        "{% block b %}97{% endblock %}",
        "{{ '\\ufdd0record\\ufdd197\\ufdd2' }}",
        "0.{{ record.people.rollout }}",
        "-{{ record.people.rollout }}",
        "{{ '-' }}{{ record.people.rollout }}",
        "{{ record.people.rollout }}{{ record.people.rollout }}",
        "{{ record.people.rollout }}e{{ record.people.rollout }}",
        "{{ record.people.rollout }}e3",
        "97{{ record.people.rollout }}",
        "&#57;&#55;",
        "&#x39;",
        "&frac12;",
        "<i>&sup2</i>",
        "٩٧",
        "½",
        "Ⅷ",
        "\u316497",
        "97-percent",
        "_97_",
        "p99.9",
        "1. first",
    ],
)
def test_numbers_of_the_template_have_no_evidence(template: str, record: Record) -> None:
    """Literals, arithmetic, slices, texts put together, and what a template computes are found, in every disguise."""
    assert page_of(record, template, "t").loose


@pytest.mark.parametrize(
    "template", ["p95", "SHA-256", "v1", "e2e_p95", "H2O", "cm²", "no number", "{{ 'p95' }}", "# x"]
)
def test_names_are_no_numbers(template: str, record: Record) -> None:
    """A digit behind a letter is part of a name."""
    assert page_of(record, template, "t").loose == ()


@pytest.mark.parametrize(
    "template",
    [
        "a\n{% filter upper %}{{ record.title }}{% endfilter %}",
        "a\n{% call record.people.owner.format() %}{% endcall %}",
        "a\n{{ ('{}' | code).format(record.people.owner) }}",
        "a\n{{ lipsum() }}",
        "a\n{{ [1] | random }}",
    ],
)
def test_ways_around_escaping_are_refused(template: str, record: Record) -> None:
    """A block whose output nothing would escape is a problem at its line; so is what is never the same twice."""
    with pytest.raises(InputError) as error:
        render(record, template, "mine.j2")
    assert "mine.j2:2: " in str(error.value)


def test_a_page_without_end_is_refused(record: Record) -> None:
    """A hostile template cannot fill the memory with what it puts out."""
    endless = "{% for a in range(9999) %}" + "x" * 50_000 + "{% endfor %}"
    with pytest.raises(InputError, match="the page is longer than"):
        render(record, endless, "mine.j2")


def test_a_template_may_not_hold_what_marks_values(record: Record) -> None:
    """The characters that mark values on the page are refused in the text of a template."""
    with pytest.raises(InputError, match="FDD0"):
        render(record, "\ufdd0metrics\ufdd197\ufdd2", "mine.j2")


@given(text=st.text(alphabet=st.characters(codec=None), max_size=40))
def test_any_text_of_the_record_has_its_evidence_and_no_other(text: str) -> None:
    """Whatever a value says, it makes no number without evidence and leaves no mark on the page."""
    record = Record.model_construct(schema_name="assay/record/v2", title=text, standing=Standing(superseded_by=text))
    shown = "record.title"
    forms = (
        shown,
        f"{shown} | code",
        f"{shown} | json",
        f"[{shown}] | join(', ')",
        f"m({shown})",
        f"{shown} | verbatim",
    )
    template = "{% macro m(x) %}{{ x }}{% endmacro %}" + "\n".join(f"a {{{{ {form} }}}} b" for form in forms)
    page = page_of(record, template, "t")
    assert page.loose == ()
    assert not MARKS.search(page.text)
    assert {number.path for number in page.numbers} <= {"title"}
    assert len(page.text.splitlines()) == len(forms)


@given(
    before=st.sampled_from(["", "a ", "| ", "*", "`", "(", "\u00e9 "]),
    number=st.from_regex(r"\A\d[\d.,]{0,5}\Z"),
    after=st.sampled_from(["", " %", "-percent", "th", " s", "*", "`", "|"]),
)
def test_any_number_in_the_text_of_a_template_is_found(before: str, number: str, after: str) -> None:
    """A literal number is found whatever stands around it, in any script."""
    record = Record.model_construct(schema_name="assay/record/v2")
    assert page_of(record, "{% raw %}" + before + number + after + "{% endraw %}", "t").loose
