"""Which file does a name in a plan mean: one beside the plan, one that Assay ships, or an absolute one?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assay.errors import InputError, Problem

__all__ = ["Folders", "inner_file"]


def inner_file(folder: Path, file: str, name: str, within: Path | None) -> Path:
    """Return a file of a suite's folder.

    Args:
        folder: the suite's folder.
        file: name of the file in it.
        name: how the user calls the folder.
        within: a wider folder in which a link may lead, where the suite lies in it.

    Raises:
        InputError: it is a link that leads elsewhere.
    """
    roots = [root.resolve() for root in (folder, within) if root is not None]
    try:
        real = (folder / file).resolve()
    except (OSError, RuntimeError):
        real = roots[0] / file  # a circle of links, which says so when it is opened
    if not any(real.is_relative_to(root) and roots[0].is_relative_to(root) for root in roots):
        message = f"the file is a link that leads out of {'the plan' if within else 'the suite'}'s folder"
        raise InputError(Problem("path-outside", message, "Put the file itself there.", f"{name}/{file}"))
    return folder / file


@dataclass(frozen=True)
class Folders:
    """Where names are looked up."""

    base: Path
    """Folder of the plan; a relative name stays inside it."""
    shipped: Path
    """Folder of the shipped `goldensets`, `rubrics` and `templates`; second choice for relative names."""
    owner: str = "plan"
    """What lies in the first folder and has the names in it, as problems call it: `plan` or `policy`; empty where the
    names are the user's own, and the folder is the one that the user is in."""

    @property
    def _place(self) -> str:
        return f"the {self.owner}'s folder" if self.owner else "the folder that you are in"

    def find(self, name: str) -> Path:
        """Return the file or folder that a name means.

        Raises:
            InputError: the name leaves the plan's folder, or nothing lies there.
        """
        try:
            return self._find(Path(name), name)
        except (OSError, ValueError, RuntimeError) as error:
            # Too long, a null character, a circle of links, a folder that may not be read.
            reason = getattr(error, "strerror", None) or "it holds a null character, or its links run in a circle"
            message = f"the path {name[:200]!r} cannot be looked up: {reason}"
            raise InputError(Problem("no-such-file", message, "Check the path.")) from None

    def _find(self, path: Path, name: str) -> Path:
        if path.is_absolute():
            return self._existing(path, name)
        for folder in (self.base, self.shipped):
            root = folder.resolve()
            candidate = (root / path).resolve()
            if not candidate.is_relative_to(root):
                message = f"the path {name!r} leads out of {self._place}"
                raise InputError(Problem("path-outside", message, "Move the file, or name it absolutely."))
            if candidate.exists():
                return candidate
        return self._existing(self.base / path, name)

    def _existing(self, path: Path, name: str) -> Path:
        if not path.exists():
            message = f"there is no file or folder {name!r}"
            remedy = f"Check the path; it is relative to {self._place}."
            raise InputError(Problem("no-such-file", message, remedy))
        return path
