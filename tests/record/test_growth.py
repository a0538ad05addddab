"""Is a template stopped before it fills the memory, and left alone where it is like other templates?"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from assay.record.render import render
from assay.schema.record import Record
from tests.record.evidence_files import small_evidence, write_record

if TYPE_CHECKING:
    from pathlib import Path

_TWO_MB = "{% set n = namespace(x='ab' * 1000000, y=1) %}"
_TWICE = "{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}"
_MUCH = (
    '{% set x = "a" * 3000000000 %}',
    '{% set x = 3000000000 * "a" %}',
    "{% set x = (1,) * 1000000000 %}",
    "{% set x = 10 ** (10 ** 9) %}",
    '{% set x = "%3000000000d" % 1 %}',
    '{% set x = "%3000000000d" | format(1) %}',
    '{% set x = "a" | center(3000000000) %}',
    '{% set x = "a" | indent(3000000000) %}',
    '{% set x = "a b" | wordwrap(1, wrapstring="x" * 9000000) %}',
    "{% set x = [1] | batch(3000000000, 1) | list %}",
    "{% set x = [1] | slice(3000000000) | list %}",
    "{% set x = [[1]] | tojson(3000000000) %}",
    '{% set x = "a".ljust(3000000000) %}',
    '{% set x = "a"["zfill"](3000000000) %}',
    '{% set x = ("a" | attr("center"))(3000000000) %}',
    '{% set x = "{:3000000000}".format(1) %}',
    '{% set x = "a\t".expandtabs(3000000000) %}',
    "{% set x = (1).to_bytes(3000000000) %}",
    '{% set x = "a" * 100000 %}{% set y = x | replace("a", x) %}',
    '{% set x = ("a" * 100000).replace("a", "a" * 100000) %}',
    '{% set x = "a" * 1000000 %}{% set y = range(99999) | map("default", x) | join(x) %}',
    '{% set x = "a" * 1000000 %}{% set y = x.join(range(99999) | map("string")) %}',
    '{% set n = namespace(x="a" * 1000) %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}',
    '{% set n = namespace(x="a" * 1000) %}{% for i in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}',
    "{% set n = namespace(x=[1]) %}{% for i in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "{% set n = namespace(x=[1]) %}{% for i in range(40) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x=9) %}{% for i in range(40) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "{% set n = namespace(x=[1]) %}{% for i in range(999) %}{% set n.x = [n.x, range(99999) | list] %}{% endfor %}",
    _TWO_MB + "{% for i in range(199) %}{% set n.y = [n.y, n.x[1:]] %}{% endfor %}",
    _TWO_MB + "{% for i in range(199) %}{% set n.y = [n.y, n.x.upper()] %}{% endfor %}",
    '{% set x = "a " * 6000000 %}{% set y = x.split() %}',
    _TWICE + "{% set n = namespace(x=m(1)) %}{% for i in range(40) %}{% set n.x = m(n.x) %}{% endfor %}",
    "{% macro m() %}{% for i in range(99999) %}" + "a" * 100_000 + "{% endfor %}{% endmacro %}{% set x = m() %}",
    "{% set x = [range(99999) | list] | sum(start=[]) %}",
)
"""What would make a text or a list of a gigabyte and more out of a line."""
_CHILD = """
import resource, sys
from assay.errors import InputError
from assay.record.render import render
from assay.schema.record import Record
record = Record.model_validate_json(open(sys.argv[1], "rb").read())
templates = open(sys.argv[2], encoding="utf-8").read().split("\\0")
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
for template in templates:
    try:
        render(record, template, "t")
    except InputError as error:
        print(str(error).partition("rendered: ")[2] or "out of memory")
    else:
        print("made", template)
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the JSON of the record of the small run."""
    return write_record(tmp_path_factory.mktemp("records"), small_evidence()).json


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is one of Linux")
def test_no_line_of_a_template_fills_the_memory(written: Path, tmp_path: Path) -> None:
    """Each is refused with a reason within a gigabyte of addresses, of which Python itself takes a part."""
    templates = tmp_path / "templates"
    templates.write_text("\0".join(_MUCH), encoding="utf-8")
    command = [sys.executable, "-c", _CHILD, str(written), str(templates)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.splitlines()
    assert len(said) == len(_MUCH)
    known = (
        "it makes more than",
        "a text would",
        "a number would",
        "access to attribute",
        "a sum is",
        "the operator %",
    )
    assert [line for line in said if not line.startswith((*known, "No filter named"))] == []


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("{{ 'ab' * 3 ~ 'c' + 'd' }}", "abababcd"),
        ("{{ 'abcdef'[1:-1:2] }}|{{ (1, 2, 3)[1:] | length }}|{{ 'abc'[1] }}", "bd|2|b"),
        ("{{ 'a-b-c' | replace('-', '+', 1) }}|{{ 'a-b-c' | replace('-', '') }}", "a+b-c|abc"),
        ("{{ ['a', 'b'] | join(', ') }}|{{ 'a b'.split() | join('/') }}", "a, b|a/b"),
        ("{{ 7 % 4 }}|{{ 2 ** 10 }}|{{ 2 * 3 + 1 }}|{{ 2.5 * 2 }}", "3|1024|7|5.0"),
        ("{{ [1] + [2] * 2 }}", "\\[1, 2, 2\\]"),
    ],
)
def test_small_things_are_made_as_ever(template: str, page: str, written: Path) -> None:
    """What stays small comes out as Jinja2 has it."""
    record = Record.model_validate_json(written.read_bytes())
    assert render(record, template, "t") == page
