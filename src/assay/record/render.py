"""What does a person read: the record as Markdown, made by a template that can do nothing but show it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel
from typing_extensions import override

from assay.errors import InputError, Problem
from assay.record.text import FILTERS, escape

if TYPE_CHECKING:
    from assay.schema.record import Record

__all__ = ["render"]

_SOURCE = "<template>"
"""Name that Jinja2 gives to code made from a text."""


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, closed also to what a noun inherits: pydantic's `parse_raw` unpickles, `parse_file` reads files."""

    @override
    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        if isinstance(obj, BaseModel) and hasattr(BaseModel, attr):
            return False
        return super().is_safe_attribute(obj, attr, value)


def render(record: Record, template: str, name: str) -> str:
    """Return the record as Markdown.

    Args:
        record: what to show.
        template: a Jinja2 template; it runs sandboxed and sees `record` alone.
        name: how to call the template in problems.

    Raises:
        InputError: the template has a mistake, or asks for what the record does not have.
    """
    environment = _Environment(
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
    except Exception as error:  # noqa: BLE001 - a template is an imported program and may fail in any way
        message = f"the template cannot be rendered: {error}"
        raise InputError(Problem("bad-template", message, "Mend the template.", name, _line_of(error))) from None


def _line_of(error: Exception) -> int | None:
    """Return the template's line at which an error arose: a syntax error knows it, others have it in the trace."""
    line: int | None = getattr(error, "lineno", None)
    trace = error.__traceback__
    while line is None and trace is not None:
        if trace.tb_frame.f_code.co_filename == _SOURCE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
