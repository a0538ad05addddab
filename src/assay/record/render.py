"""What does a person read: the record as Markdown, made by a template that can do nothing but show it?"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from jinja2 import StrictUndefined, Template, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from typing_extensions import override

from assay.errors import InputError, Problem
from assay.record.binding import BindingEnvironment, closed
from assay.record.method import METHOD
from assay.record.numbers import MARKS, Page, orphans_in, read_page
from assay.record.text import FILTERS, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

    from assay.record.method import Method
    from assay.schema.record import Record

__all__ = ["page_of", "render", "template_problems"]

_SOURCE = "<template>"
"""Name that Jinja2 gives to code made from a text."""
_MOST_CHARACTERS = 16 << 20
_LONGEST_TEMPLATE = 1 << 20
_MOST_BYTES = 1 << 20
"""Size up to which code hosts show a Markdown file as a page."""
_MEND = "Mend the template; docs/templates.md says what it can do."
_FIRST_TEMPLATES: Final = ("8371ccaee5d2937758c71a7759d2117fdfba321abcce49d6641fd51fa5e5e80a",)
"""SHA-256 of the templates that pages of the first record format may be made by: the one that made the kept record
`records/0001-policy-assistant`, byte for byte. That format had no template of one's own, and knows of no number where
it comes from; so a new record that calls itself old cannot write what it likes."""


class _FirstEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox of the first record format, which knows nothing of where values come from."""

    @override
    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        return not closed(obj, attr) and super().is_safe_attribute(obj, attr, value)


def render(record: Record, template: str, name: str) -> str:
    """Return the record as Markdown; the arguments and errors are those of `page_of`."""
    return page_of(record, template, name).text


def page_of(record: Record, template: str, name: str, *, bound: bool = False) -> Page:
    """Return the record as a page of Markdown, with where its numbers come from.

    Where it is larger than code hosts show, it is made again with fewer rows in its tables.

    The first record format promised nothing of its numbers: a page of such a record names none, and no other template
    than its own makes it.

    Args:
        record: what to show.
        template: a Jinja2 template; it runs sandboxed and sees `record` and `method` alone.
        name: how to call the template in problems.
        bound: whether the template is one of the second format, whatever the record is.

    Raises:
        InputError: the template has a mistake, or asks for what the record does not have, or is none of the first
            format.
    """
    first = record.schema_name == "assay/record/v1" and not bound
    if first and hashlib.sha256(template.encode()).hexdigest() not in _FIRST_TEMPLATES:
        message = "a record of the first format is shown by the template of that format, and this is another one"
        raise InputError(Problem("bad-template", message, "Make the record anew: assay decide RUN.", name))
    try:
        if first:
            return Page(_bounded(_first_environment().from_string(template).generate(record=record)))
        return _fitting(record, template)
    except Exception as error:  # noqa: BLE001 - a template is an imported program and may fail in any way
        message = f"the template cannot be rendered: {error}"
        raise InputError(Problem("bad-template", message, _MEND, name, _line_of(error))) from None


def template_problems(record: Record, template: str, name: str) -> Iterator[Problem]:
    """Yield what is wrong with a template, before there is a record to show: mistakes, and numbers without evidence.

    Args:
        record: an example to try it on; what it does not reach there is looked through as text.
        template: the template.
        name: how to call it in problems.
    """
    try:
        page = page_of(record, template, name)
        data = [*BindingEnvironment(None).program(template).find_all(nodes.TemplateData)]
    except InputError as error:
        yield from error.problems
        return
    lines = sorted({(line, number) for own in data for line, number in _numerals_of(own)})
    for line, number in lines:
        message = f"the number {number} is written in the template, and has no evidence"
        yield Problem("orphan-number", message, "Take it from `record` or `method`, or leave it out.", name, line)
    computed = [orphan for orphan in page.loose if orphan.number not in {number for _, number in lines}]
    for orphan in computed:
        message = f"on a page of an example record the number {orphan.number} {orphan.why}: {orphan.text.strip()}"
        yield Problem("orphan-number", message, "Take it from `record` or `method`, or leave it out.", name)


def _numerals_of(data: nodes.TemplateData) -> Iterator[tuple[int, str]]:
    for orphan in orphans_in(data.data):
        yield data.lineno + orphan.line - 1, orphan.number


def _first_environment() -> _FirstEnvironment:
    environment = _FirstEnvironment(
        autoescape=False,
        finalize=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


def _fitting(record: Record, source: str) -> Page:
    method, page = METHOD, _made(record, source, METHOD)
    while len(page.text.encode()) > _MOST_BYTES and method != method.shorter():
        method = method.shorter()
        page = _made(record, source, method)
    return page


def _made(record: Record, source: str, method: Method) -> Page:
    environment = BindingEnvironment(record, method)
    program = Template.from_code(environment, _code(source), environment.make_globals(None))
    return read_page(_bounded(program.generate()))


def _bounded(parts: Iterable[str]) -> str:
    """Return the parts of a page together, unless a template that never ends makes them."""
    kept, length = [], 0
    for part in parts:
        kept.append(part)
        length += len(part)
        if length > _MOST_CHARACTERS:
            message = f"the page is longer than {_MOST_CHARACTERS} characters"
            raise ValueError(message)
    return "".join(kept)


@lru_cache(maxsize=8)
def _code(source: str) -> CodeType:
    """Return a template as code, which knows nothing of the record; compiling takes longer than rendering."""
    if MARKS.search(source):
        message = "it holds characters (U+FDD0 to U+FDEF) that mark values on the page"
        raise ValueError(message)
    if len(source) > _LONGEST_TEMPLATE:
        message = f"it is longer than {_LONGEST_TEMPLATE} characters"
        raise ValueError(message)
    environment = BindingEnvironment(None)
    return environment.compile(environment.program(source))


def _line_of(error: Exception) -> int | None:
    """Return the template's line at which an error arose: a syntax error knows it, others have it in the trace."""
    line: int | None = getattr(error, "lineno", None)
    trace = error.__traceback__
    while line is None and trace is not None:
        if trace.tb_frame.f_code.co_filename == _SOURCE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
