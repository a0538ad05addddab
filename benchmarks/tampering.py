"""Is every byte of a record guarded: of 1,000 random changes of a single byte, how many does `verify` see?

Copies a record into a folder of its own, changes one byte at a time in its JSON, its Markdown, its evidence zip, its
pictures and, where there is one, its file of signatures, verifies, and puts the byte back:

    python benchmarks/tampering.py records/0001-policy-assistant.md --changes 1000 --seed 7

Prints a table for README.md and each change that was not seen. The exit code is 1 where one of those lies in a file
that verifying vouches for, or where verifying broke down.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import AssayError
from assay.record.store import RecordFiles
from assay.workflow.verify import verify_record

if TYPE_CHECKING:
    from collections.abc import Iterator

AROUND = 24
UNGUARDED = {"signatures": "a signature is held against a key, and none is given here: verify --key"}
"""Kinds of files of which verifying without a key does not vouch for each byte, and why."""


@dataclass(frozen=True)
class Change:
    """One byte that was changed."""

    kind: str
    """Which of the record's files, in a word."""
    file: Path
    """The file."""
    place: int
    """Where in it, from 0."""
    mask: int
    """What the byte was combined with by exclusive or, 1 to 255."""
    result: str
    """`detected`, `missed`, or `crashed` with what was raised."""


def main() -> int:
    """Change bytes, print what was seen, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=Path, help="one of the record's files")
    parser.add_argument(
        "--changes", type=int, default=1_000, help="how many, shared out evenly over the kinds of files"
    )
    parser.add_argument("--seed", type=int, default=7, help="which random bytes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = copied(RecordFiles.beside(arguments.record), Path(folder))
        before = verify_record(files.markdown)
        if before.differences:
            sys.stderr.write(f"the record does not verify as it is: {before.differences[0]}\n")
            return 2
        changes = list(tampered(files, arguments.changes, random.Random(arguments.seed)))
        sys.stdout.writelines(f"{line}\n" for line in table(files, changes))
    bad = [own for own in changes if own.result != "detected" and own.kind not in UNGUARDED]
    return 1 if bad else 0


def copied(files: RecordFiles, folder: Path) -> RecordFiles:
    """Copy a record with all that lies beside it."""
    for path in (files.markdown, files.json, files.evidence, files.signatures):
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    if files.plots.is_dir():
        shutil.copytree(files.plots, folder / files.plots.name)
    return RecordFiles.beside(folder / files.markdown.name)


def parts(files: RecordFiles) -> dict[str, list[Path]]:
    """Return the files of a record by kind; only what is there and has bytes."""
    found = {
        "JSON": [files.json],
        "Markdown": [files.markdown],
        "evidence zip": [files.evidence],
        "pictures": sorted(files.plots.glob("*")),
        "signatures": [files.signatures],
    }
    present = {
        kind: [path for path in paths if path.is_file() and path.stat().st_size] for kind, paths in found.items()
    }
    return {kind: paths for kind, paths in present.items() if paths}


def tampered(files: RecordFiles, changes: int, chance: random.Random) -> Iterator[Change]:
    """Yield so many changes of one byte and what verifying said of each; every byte of a kind is as likely."""
    kinds = parts(files)
    for number in range(changes):
        kind = [*kinds][number % len(kinds)]
        (path,) = chance.choices(kinds[kind], [own.stat().st_size for own in kinds[kind]])
        content = path.read_bytes()
        place, mask = chance.randrange(len(content)), chance.randrange(1, 256)
        path.write_bytes(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :])
        try:
            yield Change(kind, path, place, mask, _result(files))
        finally:
            path.write_bytes(content)


def _result(files: RecordFiles) -> str:
    try:
        return "detected" if verify_record(files.markdown).differences else "missed"
    except AssayError:
        return "detected"
    except Exception as error:  # noqa: BLE001 - whatever it is: a changed byte must not break the verifier
        return f"crashed: {type(error).__name__}: {error}"


def table(files: RecordFiles, changes: list[Change]) -> Iterator[str]:
    """Yield how many changes of each kind of file were seen, and each one that was not."""
    yield "| file | bytes | changed | detected | missed |"
    yield "|---|---|---|---|---|"
    for kind, paths in parts(files).items():
        results = Counter(own.result.partition(":")[0] for own in changes if own.kind == kind)
        size = sum(path.stat().st_size for path in paths)
        detected = results["detected"]
        yield f"| {kind} | {size:,} | {results.total()} | {detected} | {results.total() - detected} |"
    seen = sum(own.result == "detected" for own in changes)
    yield f"| all | | {len(changes)} | {seen} | {len(changes) - seen} |"
    for own in changes:
        if own.result != "detected":
            content = own.file.read_bytes()
            around = content[max(0, own.place - AROUND) : own.place + AROUND]
            why = UNGUARDED.get(own.kind, "verifying does not look at it")
            yield f"{own.result}: {own.file.name} byte {own.place} xor {own.mask} in {around!r}: {why}"


if __name__ == "__main__":
    sys.exit(main())
