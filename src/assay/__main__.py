"""Answers `python -m assay` as the `assay` command does."""

from __future__ import annotations

from assay.cli import entry

if __name__ == "__main__":
    entry()
