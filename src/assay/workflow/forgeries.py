"""Does `assay verify` notice a record that somebody changed, and leave alone one that nobody did?"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import AssayError
from assay.gate.selftest.result import Change
from assay.record.bundle import MANIFEST, manifest_of, pack, read_zip, unpack
from assay.record.store import RecordFiles
from assay.schema.run import Trial
from assay.schema.withheld import Redaction
from assay.workflow.stored import REDACTION_FILE, TRIALS_FILE
from assay.workflow.verify import verify_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Forge = Callable[[RecordFiles], None]

__all__ = ["record_changes"]

_NUMBER: Final = re.compile(r'(?<="passed": )\d+')
_SIZE: Final = re.compile(rb'(?<="bytes":)\d+')
_OUTCOME: Final = re.compile(r'(?<="outcome":")(?:passed|failed)')
_DIGEST: Final = re.compile(r'(?<="sha256": ")[0-9a-f]{64}')


def record_changes(files: RecordFiles) -> Iterator[Change]:
    """Yield what comes of each change of a copy of a record.

    Args:
        files: the record; it stays as it is.
    """
    with tempfile.TemporaryDirectory(prefix="assay-") as folder:
        for number, (what, forge) in enumerate(_CONTROLS.items()):
            yield _tried(files, Path(folder, f"control-{number}"), what, forge, harmful=False)
        for number, (what, forge) in enumerate(_FORGERIES.items()):
            yield _tried(files, Path(folder, f"forgery-{number}"), what, forge, harmful=True)


def _tried(files: RecordFiles, folder: Path, what: str, forge: Forge, *, harmful: bool) -> Change:
    copy = RecordFiles.of(folder, files.markdown.stem)
    folder.mkdir()
    for source, target in ((files.markdown, copy.markdown), (files.json, copy.json), (files.evidence, copy.evidence)):
        shutil.copyfile(source, target)
    if files.plots.is_dir():
        shutil.copytree(files.plots, copy.plots)
    forge(copy)
    try:
        found = verify_record(copy.markdown).differences
        saw = "does not verify" if found else "verifies"
        first = f"{found[0].file}, {found[0].where}" if found else None
    except AssayError as error:
        saw, first = "refused", str(error)
    if harmful:
        return Change(group="record", what=what, outcome="survived" if first is None else "killed", saw=saw)
    if first is None:
        return Change(group="controls", what=what, outcome="undisturbed", saw=saw)
    return Change(group="controls", what=what, outcome="blocked", saw=saw, reason=first)


def _untouched(_files: RecordFiles) -> None:
    """Change nothing."""


def _without_pictures(files: RecordFiles) -> None:
    shutil.rmtree(files.plots, ignore_errors=True)


def _in_json(files: RecordFiles) -> None:
    """Count one more pass."""
    _write(files.json, _NUMBER.sub(lambda match: str(int(match[0]) + 1), _read(files.json), count=1))


def _in_markdown(files: RecordFiles) -> None:
    """Show another verdict."""
    page = _read(files.markdown)
    verdict = re.search(r"\*\*Verdict: (GO|NO-GO|HOLD)\*\*", page)
    other = "GO" if verdict is not None and verdict[1] != "GO" else "NO-GO"
    _write(files.markdown, re.sub(r"(?<=\*\*Verdict: )(GO|NO-GO|HOLD)(?=\*\*)", other, page, count=1))


def _swapped(files: RecordFiles) -> None:
    """Give two files of the evidence each other's digest."""
    text = _read(files.json)
    head, mark, listed = text.partition('"files": [')
    one, two = _DIGEST.findall(listed)[:2]
    names = {one: two, two: one}
    _write(files.json, head + mark + _DIGEST.sub(lambda match: names.get(match[0], match[0]), listed))


def _member_gone(files: RecordFiles) -> None:
    """Take the host out of the evidence."""
    _repack(files, {"evidence/host.json": None})


def _trial_gone(files: RecordFiles) -> None:
    """Take the last trial out of the evidence."""
    _repack(files, _without_last_trial(files))


def _trial_gone_sealed(files: RecordFiles) -> None:
    """Take the last trial out of the evidence, and write all digests anew."""
    _seal(files, _without_last_trial(files))


def _gate_sealed(files: RecordFiles) -> None:
    """Ask for less in the plan, and write all digests anew."""
    plan = _members(files)["plan.json"].decode()
    _seal(files, {"plan.json": plan.replace('"severity": "block"', '"severity": "warn"').encode()})


def _waiver_sealed(files: RecordFiles) -> None:
    """Put waivers into the evidence that the run did not have, and write all digests anew."""
    _seal(files, {"evidence/waivers.json": b'{"schema": "assay/waivers/v1", "waivers": []}\n'})


def _manifest_fixed_up(files: RecordFiles) -> None:
    """Take the last trial out of the evidence, and make the manifest in the zip anew."""
    _repack(files, _without_last_trial(files), listed=True)


def _manifest_alone(files: RecordFiles) -> None:
    """Let the manifest say another size of a file, and write the digests of manifest and zip anew."""
    before, sealed = _members(files), _digest(read_zip(files.evidence))
    listed = before.get(MANIFEST) or manifest_of(before)
    other = _SIZE.sub(lambda match: str(int(match[0]) + 1).encode(), listed, count=1)
    _repack(files, {MANIFEST: other})
    text = _read(files.json).replace(sealed, _digest(read_zip(files.evidence)))
    _write(files.json, text.replace(_digest(listed), _digest(other)))


def _stored_score(files: RecordFiles) -> None:
    """Turn a stored score, or store one where the answer is there; write all digests anew."""
    stored = _members(files).get(TRIALS_FILE, b"").decode()
    turned = _OUTCOME.sub(lambda match: "failed" if match[0] == "passed" else "passed", stored, count=1)
    _seal(files, {TRIALS_FILE: (turned if turned != stored else stored + _made_up(files)).encode()})


def _made_up(files: RecordFiles) -> str:
    """Return a stored score by no scorer for the first trial with an answer; where none has one, a line twice."""
    for line in _members(files)["trials.jsonl"].splitlines():
        trial = Trial.model_validate_json(line)
        if trial.status == "completed":
            key = {"candidate": trial.candidate, "suite": trial.suite, "case": trial.case, "trial": trial.trial}
            return json.dumps({**key, "answer": "0" * 64, "scores": []}) + "\n"
    return "no trial\n"


def _redaction_counts(files: RecordFiles) -> None:
    """Count one more text that was taken out, and write all digests anew."""
    own = Redaction.model_validate_json(_members(files).get(REDACTION_FILE, b"{}"))
    counts = {**own.redactions, "sk-key": own.redactions.get("sk-key", 0) + 1}
    more = own.model_copy(update={"redactions": dict(sorted(counts.items()))})
    _seal(files, {REDACTION_FILE: (more.model_dump_json(by_alias=True, indent=1) + "\n").encode()})


def _without_last_trial(files: RecordFiles) -> dict[str, bytes | None]:
    lines = _members(files)["trials.jsonl"].splitlines(keepends=True)
    return {"trials.jsonl": b"".join(lines[:-1])}


def _members(files: RecordFiles) -> dict[str, bytes]:
    return unpack(read_zip(files.evidence), files.evidence.name)


def _repack(files: RecordFiles, changes: Mapping[str, bytes | None], *, listed: bool = False) -> None:
    """Put other members into the zip; None takes one out.

    Args:
        files: the record.
        changes: members by path.
        listed: whether the manifest in the zip is made anew, where there is one.
    """
    members = {name: content for name, content in {**_members(files), **changes}.items() if content is not None}
    if listed and MANIFEST in members:
        members[MANIFEST] = manifest_of(members)
    files.evidence.write_bytes(pack(members))


def _seal(files: RecordFiles, changes: Mapping[str, bytes | None]) -> None:
    """Put other members into the zip, and write their digests, the manifest's and the zip's into JSON and page."""
    before, sealed = _members(files), _digest(read_zip(files.evidence))
    _repack(files, changes, listed=True)
    renamed = {sealed: _digest(read_zip(files.evidence))}
    renamed |= {
        _digest(before[name]): _digest(content)
        for name, content in _members(files).items()
        if name in before and before[name] != content
    }
    for path in (files.json, files.markdown):
        text = _read(path)
        for old, new in renamed.items():
            text = text.replace(old, new)
        _write(path, text)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


_CONTROLS: Final[dict[str, Forge]] = {
    "the record as it is": _untouched,
    "the record without its pictures": _without_pictures,
}
"""What must verify."""

_FORGERIES: Final[dict[str, Forge]] = {
    "one more pass in the JSON": _in_json,
    "another verdict on the page": _in_markdown,
    "two digests swapped": _swapped,
    "a file is gone from the evidence": _member_gone,
    "a trial is gone, its digests left": _trial_gone,
    "a trial is gone, its digests made anew": _trial_gone_sealed,
    "a gate that only warns, its digests made anew": _gate_sealed,
    "waivers from elsewhere, their digests made anew": _waiver_sealed,
    "a trial is gone, the manifest in the zip made anew": _manifest_fixed_up,
    "another size in the manifest, its digest made anew": _manifest_alone,
    "a stored score turned or made up, its digests made anew": _stored_score,
    "one more text redacted, its digests made anew": _redaction_counts,
}
"""What must not."""
