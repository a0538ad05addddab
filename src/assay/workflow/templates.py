"""Which template makes a page: one that is shipped, or the team's own, held to the rule of numbers before use?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.record.render import template_problems
from assay.schema.record import Record
from assay.workflow.shipped import EXAMPLE_RECORD, PAGES, shipped_folder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["checked_template", "read_template", "shipped_template"]

_MOST_BYTES = 1 << 20


def shipped_template(name: str) -> Path | None:
    """Return the template that is shipped under a name: `en`, `vi`, `one-page` or `madr`; None for another name."""
    path = shipped_folder() / PAGES[name] if name in PAGES else None
    return path if path is not None and path.is_file() else None


def read_template(path: Path, name: str) -> str:
    """Return the text of a template.

    Args:
        path: the file.
        name: how the user calls it; used in problems.

    Raises:
        InputError: it cannot be read, or is no text.
    """
    try:
        content = path.read_bytes()
        if len(content) > _MOST_BYTES:
            raise InputError(Problem("file-too-large", "the template is larger than 1 MiB", "Shorten it.", name))
        return content.decode("utf-8")
    except OSError as error:
        message = f"cannot read the template: {error.strerror}"
        raise InputError(Problem("no-such-file", message, "Check the path.", name)) from None
    except UnicodeDecodeError:
        raise InputError(Problem("bad-template", "the template is not UTF-8", "Save it as UTF-8.", name)) from None


def checked_template(path: Path, name: str) -> str:
    """Return the text of a template that works on an example record, and shows no number of its own there.

    Raises:
        InputError: it cannot be read, has a mistake, or a number of its own; all of them at once, with their lines.
    """
    text = read_template(path, name)
    example = Record.model_validate_json((shipped_folder() / EXAMPLE_RECORD).read_bytes())
    if problems := [*template_problems(example, text, name)]:
        raise InputError(*problems)
    return text
