"""What does a person read: the record as Markdown, made by a template that can do nothing but show it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assay.errors import InputError, Problem
from assay.record.text import FILTERS, escape

if TYPE_CHECKING:
    from assay.schema.record import Record

__all__ = ["render"]


def render(record: Record, template: str, name: str) -> str:
    """Return the record as Markdown.

    Args:
        record: what to show.
        template: a Jinja2 template; it runs sandboxed and sees `record` alone.
        name: how to call the template in problems.

    Raises:
        InputError: the template has a mistake, or asks for what the record does not have.
    """
    environment = ImmutableSandboxedEnvironment(
        autoescape=False,
        finalize=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    try:
        return environment.from_string(template).render(record=record)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        message = f"the template cannot be rendered: {error}"
        raise InputError(Problem("bad-template", message, "Mend the template.", name, line)) from None
