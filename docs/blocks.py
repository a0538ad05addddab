"""Which parts of the documents are made from the code and the record, and what do they say now?

A made part stands between `<!-- made: NAME -->` and `<!-- end -->`, and `checklist.md` is made whole. Run this file to
make all of them anew; `tests/test_docs.py` fails where one is stale.
"""

from __future__ import annotations

import json
import re
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import PydanticUndefined

from assay.bench.definitions import DEFINITIONS
from assay.bench.percentiles import QUANTILES, n_needed
from assay.cli.show import verdict_lines
from assay.gate.statistics import order_statistic_ranks, requests_needed
from assay.readiness import checklist_table
from assay.readiness.advice import RULES
from assay.readiness.advice.measured import CHECKED, MEASURED
from assay.readiness.advice.sources import SOURCES
from assay.record.counts import COUNTS
from assay.record.method import METHOD, Method
from assay.record.text import FILTERS
from assay.runtime.canary import CANARY_REQUESTS, CANARY_SECONDS
from assay.runtime.canary import SENDS as CANARY_SENDS
from assay.runtime.counter_pages import PAGES as COUNTER_PAGES
from assay.runtime.probing import DEEP_PROBES, bounds
from assay.schema._base import field_docs
from assay.schema.bench import (
    CounterSample,
    GpuUse,
    Measurement,
    RequestEvent,
    ResourceSample,
    SeriesKey,
    ServerTimings,
)
from assay.schema.calibration import Label
from assay.schema.findings import Attestation, ChecklistItem, Rehearsal, SmokeOutcome
from assay.schema.provenance import PROBE_NAMES
from assay.schema.suite import (
    BenchSettings,
    Candidate,
    Case,
    ConditionSpec,
    Criterion,
    Example,
    Gate,
    ImportSpec,
    JudgeSpec,
    Organization,
    Pins,
    Plan,
    ProbeSettings,
    ReadinessSettings,
    RecordSettings,
    RequestSettings,
    RestartSpec,
    Rubric,
    Scale,
    ServingContext,
    SinkSpec,
    Slo,
    SmokeSpec,
    Suite,
    SuiteSpec,
    UseCase,
    Waiver,
)
from assay.schema.verdict import Verdict
from assay.scoring.combine import COMBINERS
from assay.scoring.registry import SCORERS
from assay.workflow.checklists import shipped_checklist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import BaseModel

    from assay.readiness.advice.rule import Rule

__all__ = ["BLOCKS", "CHECKLIST_PAGE", "DECIDED", "PAGES", "RECORD", "ROOT", "fill"]

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "records" / "0002-policy-assistant.json"
CHECKLIST_PAGE = ROOT / "docs" / "checklist.md"
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_MADE = re.compile(r"(<!-- made: (?P<name>[^>]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
_PLACE = re.compile(r"\{\w+\}")
_FIRST_CONDITIONS = 3
_VIOLATIONS = (0, 1, 2, 5)
_SEARCH = "search for prompts"

DECIDED: dict[str, tuple[str, str, str, str]] = {
    "authentication": (
        "authentication",
        "each request without a right key is refused by 401 or 403, and the candidate's own is answered",
        "one is answered, let past the guard, or refused by another status; or none is needed",
        "the candidate's own request is not answered, or an answer does not say who refused",
    ),
    "management-closed": (
        "management",
        "no path changes models or settings, or shows prompts or settings, without a key",
        "one does",
        "a path has no answer, or 429 or 5xx; or the server answers data to any path",
    ),
    "tenants-separated": (
        "tenants",
        "models, words and cached prompts of one tenant are kept from the other",
        (
            "a model, a word or a kept answer crosses; or the cache serves the second 25 % more of the first one's "
            "prompt than of a new one; or, by time, it is nearer to a cached prompt than to a new one"
        ),
        "no second key; or no counts, and a prompt sent twice does not take half as long and 100 ms less",
    ),
    "foreign-pages": (
        "cors",
        "no foreign origin may read an answer",
        "any origin may, or the one that asks is named back",
        "one of the requests has no answer",
    ),
    "transport-encrypted": (
        "tls",
        "the certificate verifies, over TLS 1.2 or 1.3; of less than 14 days left it says so",
        (
            "it does not verify or is expired; TLS 1.0 or 1.1 is accepted; or plain http, but to this machine "
            "(not applicable)"
        ),
        "no handshake, or http to a machine that is not known",
    ),
    "versions-hidden": (
        "versions",
        "no answer tells a version or what stands behind; a product's name alone is no fault",
        "one does, with the key or without",
        "a request has no answer, or no chat is answered with the candidate's key",
    ),
    "errors-tell-nothing": (
        "error-bodies",
        "4 errors or more were read, and none tells traces, paths, addresses or the prompt",
        "one does",
        (
            "fewer errors; all but one refuse the key; every wrong chat came to 404, or each to 5xx; or a proxy "
            "reached nobody (502, 503, 504)"
        ),
    ),
    "requests-traceable": (
        "tracing",
        "an answer and each error carry an id in a header, the client's or the server's",
        "one carries none",
        "no chat was answered, or no error was seen",
    ),
    "health-endpoint": (
        "health",
        "a usual path answers 200, 204 or 503, and one that is not there does not",
        "none was seen, and the server was seen to have none",
        "none was seen",
    ),
    "readiness-told": (
        "health",
        "a path says no while no chat is answered, in the restart or beside the burst; or is known to from its source",
        "it says 200 while a chat fails; has no answer beside the burst; is known to be blind; or there is none",
        "it is there, but was not seen to say no; or any path answers 200",
    ),
    "metrics-endpoint": (
        "metrics",
        "a page of metrics answers 200",
        "none was seen, and the server was seen to have none",
        "none was seen",
    ),
    "metrics-tell-load": (
        "metrics",
        "a histogram of latency and the requests that wait are shown, and a counter moves with a chat",
        "one of the two is missing, no counter moves, or there is no page (404, 405, 501)",
        "the chat was not answered, or the page was refused",
    ),
    "streams-unbuffered": (
        "streaming",
        "in two streams tokens come over 30 % of the time or more, in 4 reads or more, one for each 8 chunks",
        "they come in one piece, in fewer reads, or within the last 10 % in fewer reads or in 20 ms",
        "a stream is over within 300 ms or has fewer than 3 chunks; or its tokens come late, but one by one",
    ),
    "body-limited": (
        "body-limit",
        "a body is refused by 413, by a 400 or 422 that names the size, or by closing; then a small one is answered",
        "all are taken up to 24 MiB; another status refuses; or a small one is not answered any more",
        "a small one was never answered; or 408, 429, 503, 504, which have other reasons too",
    ),
    "answers-capped": (
        "token-ceiling",
        (
            "10,000,000 tokens are refused by 400 or 422, and the most that is taken is below 90 % of the context "
            "window; or the answer is cut before the window is full"
        ),
        (
            "nothing but the window ends an answer; none was in sight when it was hung up on; 5xx; "
            "or another field gets past the ceiling by more than 16 tokens"
        ),
        (
            "the model ended its answer by itself, or none was answered; or only 2,048 tokens were asked for, since "
            "hanging up was not seen to free a slot"
        ),
    ),
    "disconnect-frees": (
        "disconnect",
        "the server's own count falls back; or the next waits 25 % of the abandoned work's time or less",
        "the count stays up; or the next waits for 60 % of that time or more",
        "slots were not filled: the next began before 50 % of the time until the others hung up; or it waits between",
    ),
    "requests-end": (
        "time-limit",
        (
            "both are ended by 504 or 408, or cut off, after 1 s or half the time that is claimed; or closed after "
            "half of it; or the highest limit that is taken ends them within 80 % of it"
        ),
        "one goes on 10 % and 0.5 s after that time, is complete only after it, or is ended by another 5xx",
        (
            "the model ended its answer by itself; it was complete only in the last 20 % of the time; it failed early; "
            "more than 40 s are claimed; or only 2,048 tokens were asked for, since hanging up was not seen to free a "
            "slot"
        ),
    ),
    "overload-refused": (
        "overload",
        (
            "surplus requests are refused by 429 or 503 with `Retry-After`, within 2 s, and no later than the slowest "
            "answer (or 0.5 s)"
        ),
        (
            "they are refused later, or without it; one comes to another status, or is taken and not answered in the "
            "candidate's timeout; or all are taken, and one takes 4 times as long as alone, and 2 s or more"
        ),
        "all are answered within 2 s, or none takes 4 times as long as alone: its limit was not reached",
    ),
    "overload-recovered": (
        "overload",
        "soon after, one alone is answered within 4 times what it took before, or 2 s more, whichever is longer",
        "none is within 10 s, or the time that `Retry-After` named, up to 30 s",
        "it was not overloaded, or `Retry-After` named a longer time",
    ),
    "fallback-answers": (
        "fallback",
        "a fallback answers every case, and `min_pass_rate` of them pass (80 % unless the plan says otherwise)",
        "the plan has none, a case has no answer, or too few pass",
        "not all cases were asked, or those without a score decide",
    ),
    "restart-recovers": (
        "restart",
        "a chat is answered again within `ready_within_s`, and the stream in flight ends, whole or cut",
        "none is, or the stream is silent for 5 s and has no end",
        "no command in the plan; it cannot be started; or the server was not seen to go",
    ),
    "prompts-not-logged": (
        _SEARCH,
        "no mark lies in a sink, and each sink shows a control",
        "a mark lies in one, even half of it",
        "no sink is listed, one shows no control or was not searched, or no prompt was answered",
    ),
}
"""By item that a deep probe decides: the probe, and when the item is met, not met and unknown."""


def fill(page: str) -> str:
    """Return a page with all its made parts made anew."""
    return _MADE.sub(lambda found: f"{found[1]}\n{BLOCKS[found['name']]()}\n\n{found[3]}", page)


def _keys(noun: type[BaseModel], leave_out: frozenset[str] = frozenset()) -> str:
    rows, docs = [], field_docs(noun)
    for name, field in noun.model_fields.items():
        if name in leave_out:
            continue
        default = "required" if field.is_required() else _written(field.get_default(call_default_factory=True))
        rows.append((f"`{field.alias or name}`", default, _one_line(docs.get(name, ""))))
    return _table(("key", "default", "meaning"), rows)


def _stored(noun: type[BaseModel], leave_out: frozenset[str] = frozenset(SeriesKey.model_fields)) -> str:
    """Return the fields of what a run stores; nobody writes them, so they have no defaults."""
    docs = field_docs(noun)
    names = [name for name in noun.model_fields if name not in leave_out]
    return _table(("field", "meaning"), [(f"`{name}`", _one_line(docs[name])) for name in names])


def _written(value: object) -> str:
    """Return a default as YAML shows it; an empty noun or list means that nothing is set."""
    if value is PydanticUndefined or value in (None, (), {}):
        return "none"
    if not isinstance(value, str | int | float | bool | tuple):
        return "see below"
    return f"`{json.dumps(value, ensure_ascii=False)}`" if value != "" else "none"


def _scorers() -> str:
    rows = []
    for name, scorer in {**SCORERS, **COMBINERS}.items():
        rows.append((f"`{name}`", "", ", ".join(sorted(scorer.needs)) or "none", scorer.summary))
        docs = field_docs(scorer.options)
        for option, field in scorer.options.model_fields.items():
            default = "required" if option in scorer.needs else _written(field.default)
            rows.append((f"`{name}`", f"`{option}`", default, _one_line(docs.get(option, ""))))
    return _table(("scorer", "option", "needs, or default", "meaning"), rows)


def _definitions() -> str:
    return _table(("definition", "meaning"), [(f"`{name}`", text) for name, text in DEFINITIONS.items()])


def _requests() -> str:
    """Return how many requests each percentile needs, by what it is wanted for."""
    head = (
        "percentile",
        "compared as it is",
        *(f"95%, {beyond} beyond" for beyond in _VIOLATIONS),
        "99%, none beyond",
        "shown without `!`",
        "upper end of the interval",
    )
    rows = []
    for q in QUANTILES:
        percent = round(100 * q)
        proofs = (*(_proof(beyond, q, 0.95) for beyond in _VIOLATIONS), _proof(0, q, 0.99))
        rows.append(
            tuple(map(str, (f"p{percent}", -(-100 // (100 - percent)), *proofs, n_needed(q), _least_with_upper(q))))
        )
    return _table(head, rows)


def _proof(beyond: int, q: float, confidence: float) -> int:
    """Return how many requests prove a percentile when so many of them are beyond the limit."""
    further = requests_needed(beyond, beyond, q, confidence)
    assert further is not None
    return beyond + further


def _least_with_upper(q: float) -> int:
    """Return from how many requests on the two-sided interval of a percentile has an upper end."""
    return next(n for n in count(1) if order_statistic_ranks(n, q, 0.95)[1] is not None)


def _filters() -> str:
    """Return the filters of templates, each with what it says of itself."""
    filters = sorted({**FILTERS, **COUNTS}.items())
    rows = ((f"`{name}`", _one_line((own.__doc__ or "").removeprefix("Return "))) for name, own in filters)
    return _table(("filter", "gives"), rows)


def _method() -> str:
    """Return the constants of Assay's methods that templates may name."""
    docs = field_docs(Method)
    rows = ((f"`method.{name}`", _written(value), _one_line(docs[name])) for name, value in METHOD)
    return _table(("constant", "value", "meaning"), rows)


def _counters() -> str:
    """Return by which series of each runtime's page a field of a counter sample is filled, the newest name of it."""
    rows = []
    for name in CounterSample.model_fields:
        named = [{**page.counts, **page.shares, **page.seconds}.get(name) for page in COUNTER_PAGES.values()]
        if any(named):
            rows.append((f"`{name}`", *(f"`{names[0]}`" if names else "-" for names in named)))
    return _table(("field", *COUNTER_PAGES), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _advice() -> str:
    """Return the rules of advice: when each applies, what it says of whom, why, and where that comes from."""
    numbers = {name: number for number, name in enumerate(SOURCES, start=1)}
    rows = []
    for name, rule in RULES.items():
        says = _advised(rule)
        needed = "; ".join(dict.fromkeys(condition for own in rule.says for condition in own.conditions))
        asks = " and ".join(own.words for own in rule.asks) or "always"
        cited = " ".join(f"[{numbers[source]}]" for source in rule.sources)
        rows.append((f"`{name}`", asks, says, _PLACE.sub("…", rule.reason), needed, cited))
    return _table(("rule", "applies if", "says", "because", "needs", "sources"), rows)


def _advised(rule: Rule) -> str:
    kinds: dict[str, list[str]] = {}
    for own in rule.says:
        word = "against" if own.fit == "does_not_fit" else "for" if own.speaks == "for" else "more of"
        kinds.setdefault(word, []).append(own.runtime)
    return "; ".join(f"{word} {', '.join(runtimes)}" for word, runtimes in kinds.items())


def _advice_sources() -> str:
    sources = enumerate(SOURCES.values(), start=1)
    return "\n".join(f"{n}. {f'[{own.title}]({own.link})' if own.link else own.title}" for n, own in sources)


def _advice_measured() -> str:
    rows = [(f"`{name}`", text) for name, text in MEASURED.items()]
    checked = [(f"`{item}`", f"its finding{f', where {asks.words}' if asks else ''}") for item, asks in CHECKED.items()]
    return _table(("of a run", "what is quoted"), [*rows, *checked])


def _terminal() -> str:
    """Return what the terminal says of the verdict in the demo's record: the first conditions and the end."""
    verdict = Verdict.model_validate(json.loads(RECORD.read_text("utf-8"))["verdict"])
    lines = [line.rstrip() for line in verdict_lines(verdict)]
    own = verdict.candidates[0]
    shown = own.model_copy(update={"conditions": own.conditions[:_FIRST_CONDITIONS]})
    cut = list(verdict_lines(verdict.model_copy(update={"candidates": (shown,)})))
    return "\n".join(["```text", *lines[: _end(cut)], "  …", lines[_end(lines)], lines[-1], "```"])


def _end(lines: list[str]) -> int:
    """Return where the conditions end."""
    return next(number for number, line in enumerate(lines) if line.startswith("Conditions: "))


def _page() -> str:
    """Return the head of the verdict's table as the demo's record shows it."""
    lines = RECORD.with_suffix(".md").read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| Condition |"))
    title = next(line for line in lines if line.startswith("# "))
    verdict = next(line for line in lines if line.startswith("**Verdict"))
    quoted = (f"**{title[2:]}**", "", verdict, "", *lines[start : start + 2 + _FIRST_CONDITIONS])
    return "\n".join(f"> {line}".rstrip() for line in quoted)


def _deep_probes() -> str:
    """Return what each deep probe sends, and within which bounds; a restart stands below the sum of the others."""
    most_s = f"{ProbeSettings().max_seconds:g} (`probes.max_seconds`)"
    done = [(name, DEEP_PROBES[name]) for name in PROBE_NAMES if name in DEEP_PROBES]
    rows = [(f"`{name}`", own.sends, f"{own.most_requests}", f"{own.most_seconds:g}") for name, own in done]
    (restart,) = [row for row in rows if row[0] == "`restart`"]
    rows.remove(restart)
    rows.append((f"[{_SEARCH}](canary.md)", CANARY_SENDS, f"{CANARY_REQUESTS}", f"{CANARY_SECONDS:g}"))
    requests, _ = bounds(ProbeSettings().max_seconds, ("restart",))
    rows.append(("together", "", f"{requests + CANARY_REQUESTS}", most_s))
    name, sends, *most = restart
    rows.append((name, f"Beside these, and only with a command in the plan: {sends[0].lower()}{sends[1:]}", *most))
    return _table(("probe", "sends", "requests at most", "seconds at most"), rows)


def _deep_items() -> str:
    """Return when each item that a deep probe decides is met, not met and unknown, in the order of the probes."""
    order = (*PROBE_NAMES, _SEARCH)
    items = sorted(DECIDED, key=lambda item: order.index(DECIDED[item][0]))
    named = ((item, *DECIDED[item]) for item in items)
    rows = [
        (probe if probe == _SEARCH else f"`{probe}`", f"`{item}`", yes, no, open_)
        for item, probe, yes, no, open_ in named
    ]
    return _table(("probe", "item", "met", "not met", "unknown"), rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "filters": _filters,
    "method": _method,
    "verdict in the terminal": _terminal,
    "verdict in the record": _page,
    "scorers": _scorers,
    "plan": partial(_keys, Plan),
    "use_case": partial(_keys, UseCase),
    "slo": partial(_keys, Slo),
    "candidate": partial(_keys, Candidate),
    "request": partial(_keys, RequestSettings),
    "pins": partial(_keys, Pins),
    "suite entry": partial(_keys, SuiteSpec),
    "judge": partial(_keys, JudgeSpec),
    "bench": partial(_keys, BenchSettings),
    "bench import": partial(_keys, ImportSpec),
    "definitions": _definitions,
    "requests needed": _requests,
    "counters by runtime": _counters,
    "series": partial(_stored, SeriesKey, frozenset()),
    "request event": partial(_stored, RequestEvent),
    "server timings": partial(_stored, ServerTimings),
    "resource sample": partial(_stored, ResourceSample),
    "graphics processor": partial(_stored, GpuUse),
    "counter sample": partial(_stored, CounterSample),
    "measurement": partial(_stored, Measurement),
    "readiness": partial(_keys, ReadinessSettings),
    "probes": partial(_keys, ProbeSettings),
    "sinks": partial(_keys, SinkSpec),
    "restart": partial(_keys, RestartSpec),
    "smoke": partial(_keys, SmokeSpec),
    "deep probes": _deep_probes,
    "items of deep probes": _deep_items,
    "organization": partial(_keys, Organization),
    "context": partial(_keys, ServingContext),
    "rules of advice": _advice,
    "sources of advice": _advice_sources,
    "measurements in advice": _advice_measured,
    "gate": partial(_keys, Gate),
    "condition": partial(_keys, ConditionSpec),
    "record": partial(_keys, RecordSettings),
    "suite": partial(_keys, Suite, frozenset({"cases", "withheld"})),
    "case": partial(_keys, Case, frozenset({"withheld"})),
    "rubric": partial(_keys, Rubric),
    "example": partial(_keys, Example),
    "label": partial(_keys, Label),
    "criterion": partial(_keys, Criterion),
    "scale": partial(_keys, Scale),
    "attestation": partial(_keys, Attestation),
    "rehearsal": partial(_keys, Rehearsal),
    "rehearsal smoke": partial(_keys, SmokeOutcome),
    "waiver": partial(_keys, Waiver),
    "checklist item": partial(_keys, ChecklistItem),
}
"""The made parts by name."""


if __name__ == "__main__":
    CHECKLIST_PAGE.write_text(checklist_table(shipped_checklist()), encoding="utf-8")
    for path in PAGES:
        page = path.read_text("utf-8")
        path.write_text(fill(page), encoding="utf-8")
