"""How is a probe done and shown: what a server is, what is known, what is not and why, on one screen?"""

from __future__ import annotations

import os
import secrets
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.progress import watching
from assay.cli.show import inert, write_lines
from assay.errors import InputError, Problem
from assay.readiness.view import CANARIES, PROBES
from assay.record.run_folder import to_json
from assay.runtime.probing import DEEP_PROBES
from assay.schema.provenance import TRAPS
from assay.schema.suite import RuntimeName
from assay.workflow.probe import Effort, Target, probe_plan, probe_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.findings import Finding
    from assay.schema.provenance import CanaryResult, CandidateFacts, Capacity, Fact, Licence, ProbeResult
    from assay.workflow.probe import Probed

    _Done = tuple[str, ProbeResult | CanaryResult]

__all__ = ["probe", "probed_lines"]

_WIDTH = 80
_NAME = 22
_VALUE = 28
_HEXADECIMAL = frozenset("0123456789abcdef")
_SHORTEST_DIGEST = 40
_SHOWN_OF_DIGEST = 12
_MEBIBYTE = 1 << 20
_SEARCH = "prompts in logs"
_WORDS = {"not_met": "NOT MET", "unknown": "UNKNOWN"}


def probe(
    target: str, *, deep: bool, as_json: bool, model: str | None, runtime: str | None, weights: Path | None
) -> Exit:
    """Look at a server or at all candidates of a plan, show what was seen, and return the exit code."""
    effort = Effort(
        deep=deep,
        today=datetime.now(UTC).date(),  # noqa: TID251 - the roof is where the clock comes in
        nonce=secrets.token_hex(6),
    )
    is_address = "://" in target
    with watching() as progress:
        if is_address:
            server = Target(target, _runtime(runtime), model, os.environ.get("LOCAL_LLM_API_KEY"), weights)
            probed = probe_server(server, effort, progress)
        else:
            _only_for_addresses(model, runtime, weights)
            probed = probe_plan(Path(target), os.environ, effort, progress)
    if as_json:
        write_data(to_json(probed))
    else:
        write_lines(probed_lines(probed, deep=deep))
    if probed.interrupted:
        raise KeyboardInterrupt
    return Exit.NOT_DONE if probed.unreached else Exit.DONE


def probed_lines(probed: Probed, *, deep: bool) -> Iterator[str]:
    """Yield what a probe came to, candidate by candidate, at most 80 columns wide."""
    for number, own in enumerate(probed.candidates):
        if number:
            yield ""
        findings = [finding for finding in probed.findings if finding.candidate == own.candidate]
        probes: list[_Done] = [(done.probe, done) for done in probed.probes if done.candidate == own.candidate]
        probes += [(_SEARCH, done) for done in probed.canaries if done.candidate == own.candidate]
        yield from _candidate_lines(own, findings, probes)
    for text in probed.unreached:
        yield from _wrapped(f"not reached: {text}", "", "  ")
    if probed.interrupted:
        yield ""
        yield from _undone(probed)
    if not deep:
        yield ""
        yield "With --deep the model is asked for silent traps, and the server is pressed."


def _candidate_lines(own: CandidateFacts, findings: list[Finding], probes: list[_Done]) -> Iterator[str]:
    yield _title(own)
    yield ""
    yield "known"
    for fact in own.facts:
        if fact.value is not None and fact.name not in TRAPS:
            yield from _known(fact)
    traps = [fact for fact in own.facts if fact.value is not None and fact.name in TRAPS]
    if traps:
        yield "asked"
    for fact in traps:
        yield from _wrapped(f"{fact.value!s:<4} {inert(fact.source)}", f"  {fact.name:<{_NAME}} ", " " * (_NAME + 8))
    yield from _unknown(own)
    yield from _licence(own.licence)
    yield from _memory(own.capacity)
    yield from _probes(probes)
    yield from _findings(findings)


def _title(own: CandidateFacts) -> str:
    """Return what it is in one line: runtime and version, model, quantization, window."""
    runtime = own.fact("runtime")
    name = runtime.value if runtime.grade == "observed" else f"not recognised ({runtime.value})"
    parts = [name, *(own.fact(n).value for n in ("runtime_version", "model_name_served", "quantization"))]
    window, slots = own.fact("context_in_force").value, own.fact("slots").value
    if window is not None:
        parts.append(f"{window} tokens" + (f" x {slots} slots" if slots is not None else ""))
    return _cut(f"{own.candidate}: " + ", ".join(str(part) for part in parts if part is not None), _WIDTH)


def _known(fact: Fact) -> Iterator[str]:
    """Yield name and value, and behind a short value where it was seen, as far as whole words fit."""
    value = _short(str(fact.value))
    line = f"  {fact.name:<{_NAME}} {value:<{_VALUE}}"
    if len(value) > _VALUE:
        yield from _wrapped(value, f"  {fact.name:<{_NAME}} ", " " * (_NAME + 3))
        return
    where = inert(fact.source) if fact.grade == "observed" else f"declared: {inert(fact.source)}"
    yield f"{line} {textwrap.shorten(where, _WIDTH - len(line) - 1, placeholder='')}".rstrip()


def _unknown(own: CandidateFacts) -> Iterator[str]:
    """Yield the facts that are unknown, those with one reason together."""
    reasons: dict[str, list[str]] = {}
    for fact in own.facts:
        if fact.value is None:
            reasons.setdefault(fact.source, []).append(fact.name)
    if reasons:
        yield "not known"
    for reason, names in reasons.items():
        yield from _wrapped(f"{', '.join(names)}: {inert(reason)}", "  ", "      ")


def _licence(licence: Licence) -> Iterator[str]:
    yield "licence"
    allowance = licence.allowance
    yield from _wrapped(
        f"{inert(licence.identifier or licence.family)}: commercial use {licence.commercial}, for this organization "
        f"{allowance.outcome.replace('_', ' ')}",
        "  ",
        "      ",
    )
    for statement in licence.statements:
        yield _cut(f"  {inert(statement.place)}: {inert(statement.says)}", _WIDTH)


def _memory(capacity: Capacity) -> Iterator[str]:
    yield "memory"
    low, high = capacity.need_low_bytes, capacity.need_high_bytes
    if low is not None and high is not None:
        yield f"  {low / _MEBIBYTE:,.0f} to {high / _MEBIBYTE:,.0f} MiB when every slot is full ({capacity.confidence})"
    yield from _wrapped(inert(capacity.formula), "  ", "      ")


def _probes(probes: list[_Done]) -> Iterator[str]:
    """Yield what the deep probes sent and how long they took, with why one did not come to its end."""
    if probes:
        sent, seconds = sum(own.requests for _, own in probes), sum(own.seconds for _, own in probes)
        yield f"probed: {sent} requests in {seconds:.0f} s"
    for name, result in probes:
        size = f"{result.requests} requests, {result.seconds:.1f} s" if result.requests else "left out"
        note = f": {inert(result.note)}" if result.note else ""
        yield from _wrapped(f"{size}{note}", f"  {name:<{_NAME}} ", " " * (_NAME + 3))


def _findings(findings: list[Finding]) -> Iterator[str]:
    counts = {status: sum(f.status == status for f in findings) for status in ("met", "not_met", "unknown")}
    yield f"findings: {counts['met']} met, {counts['not_met']} not met, {counts['unknown']} unknown"
    hidden = 0
    for finding in findings:
        # Of what a probe left open a reader wants to know why; facts that are not known stand above.
        if finding.status == "not_met" or (finding.status == "unknown" and {PROBES, CANARIES} & {*finding.evidence}):
            yield from _wrapped(f"{_WORDS[finding.status]}  {finding.item}: {inert(finding.reason)}", "  ", "      ")
        hidden += finding.status == "unknown" and not {PROBES, CANARIES} & {*finding.evidence}
    if hidden:
        yield f"  {hidden} more unknown, by what is not known above"


def _undone(probed: Probed) -> Iterator[str]:
    """Yield which deep probes were not done because somebody stopped them."""
    for own in probed.candidates:
        done = {result.probe for result in probed.probes if result.candidate == own.candidate}
        left: list[str] = [name for name in DEEP_PROBES if name not in done]
        if all(result.candidate != own.candidate for result in probed.canaries):
            left.append(_SEARCH)
        if left:
            yield from _wrapped(f"stopped: {own.candidate} was not probed for {', '.join(left)}", "", "  ")


def _short(value: str) -> str:
    """Return a value without the tail of a digest, which is in the JSON."""
    text = inert(value)
    bare = text.removeprefix("sha256:")
    digest = len(bare) >= _SHORTEST_DIGEST and set(bare) <= _HEXADECIMAL
    return f"{bare[:_SHOWN_OF_DIGEST]}…" if digest else text


def _cut(text: str, width: int) -> str:
    text = text.rstrip()
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _wrapped(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def _runtime(name: str | None) -> RuntimeName | None:
    known: tuple[RuntimeName, ...] = get_args(RuntimeName)
    found = next((runtime for runtime in known if runtime == name), None)
    if name is not None and found is None:
        message = f"there is no runtime {name!r}"
        raise InputError(Problem("unknown-runtime", message, f"Use one of: {', '.join(known)}."))
    return found


def _only_for_addresses(*options: object) -> None:
    if any(option is not None for option in options):
        message = "--model, --runtime and --weights are for an address; a plan says them itself"
        raise InputError(Problem("bad-usage", message, "Write them into the plan, or probe the address."))
