"""How are hostile texts and plain numbers shown in Markdown?

Everything that a template puts out goes through `escape`, unless a filter here has made it safe already.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Never

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from assay.schema.bench import BenchCell, ImportedFigure, Percentile
    from assay.schema.score import Correction, Metric
    from assay.schema.verdict import ConditionResult

__all__ = [
    "FILTERS",
    "Safe",
    "as_json",
    "asked",
    "code",
    "escape",
    "figure",
    "flip_told",
    "limits",
    "printable",
    "short",
    "word",
]

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#$])")
_START = re.compile(r"^(\d{1,9}(?=[.)](?: |$))|)([-+=.)])")
"""What would make a list, a rule or a heading of a text that stands first on its line."""
_LINK = re.compile(r"(?i)(?<=www)\.|:(?=//)|(?<=mailto):|(?<=xmpp):")
"""What renderers make links of without being asked; no word boundary before it, for they want none after `_` or `*`."""
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ud800-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000f0000-\U0010ffff]"
)
"""Controls, ANSI escapes, bidi and zero-width characters, tags, surrogates, private use and noncharacters.

A fixed list: the Unicode tables of Python change with its version, and a record must be the same text under all.
"""
_HIDDEN = re.compile(f"[<>{_UNSEEN.pattern[1:]}")
_STEM = re.compile(r"[0-9]{4,}-[A-Za-z0-9][A-Za-z0-9._-]*")
"""What a record's files are called."""
_MOST_SHOWN = 2_000
_KIB = 1024
_THOUSAND = 1000


class Safe(str):
    """Markdown that a filter made; it is put out as it is."""

    __slots__ = ()


def escape(value: object) -> str:
    """Return a value as inert Markdown text on one line: no markup, HTML, link, mention, control or bidi character."""
    if isinstance(value, Safe):
        return value
    if value is None:
        return "unknown"
    text = printable(str(value))[:_MOST_SHOWN]
    text = _SPECIAL.sub(r"\\\1", _START.sub(r"\1\0\2", text).replace("&", "&amp;"))
    text = text.replace("\0", "\\").replace("\\<", "&lt;").replace("\\>", "&gt;")
    return _LINK.sub(lambda match: f"&#{ord(match[0])};", text).replace("@", "&#64;")


def code(value: object) -> Safe:
    """Return a value as an inline code span that is safe in tables too."""
    if value is None:
        return Safe("unknown")
    text = printable(str(value))[:_MOST_SHOWN].replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return Safe(f"{fence}{padding}{text}{padding}{fence}")


def percent(value: float | None) -> Safe:
    """Return a share as a percentage with one decimal."""
    return Safe("unknown" if value is None else f"{value * 100:.1f} %")


def seconds(value_us: int | None) -> Safe:
    """Return microseconds as seconds with three decimals."""
    return Safe("unknown" if value_us is None else f"{value_us / 1e6:.3f} s")


def milliseconds(value_us: int | None) -> Safe:
    """Return microseconds as milliseconds with one decimal."""
    return Safe("unknown" if value_us is None else f"{value_us / 1e3:.1f} ms")


def mebibytes(value: int | None) -> Safe:
    """Return bytes as mebibytes with one decimal."""
    return Safe("unknown" if value is None else f"{value / _KIB**2:,.1f} MiB".replace(",", "\u202f"))


def number(value: float | None) -> Safe:
    """Return a figure with four significant digits, without an exponent where people would not write one."""
    if value is None:
        return Safe("unknown")
    return Safe(str(value) if isinstance(value, int) else _limit(value))


def figure(value: float | None) -> Safe:
    """Return a figure like `number`, and a dash where the question has none."""
    return Safe("-") if value is None else number(value)


def share(value: float | None) -> Safe:
    """Return a share as a percentage with no more decimals than it has: `95 %`."""
    return Safe("unknown" if value is None else f"{value * 100:.6g} %")


def unscored(metric: Metric) -> Safe:
    """Return how many trials that were asked have no score."""
    return Safe(f"{metric.unscored - metric.stopped}")


def labelled(correction: Correction) -> Safe:
    """Return on how many answers people's labels rest a corrected rate."""
    return Safe(f"{correction.pass_labels + correction.fail_labels}")


def verbatim(value: object) -> Safe:
    """Return a value for the inside of a code span or block that the template opens; a backtick is written out."""
    return Safe("unknown" if value is None else printable(str(value))[:_MOST_SHOWN].replace("`", "\\u0060"))


def record_link(stem: str) -> Safe:
    """Return a link to the page of another record beside this one; a name that no record can have is only shown."""
    return Safe(f"[{escape(stem)}]({stem}.md)") if _STEM.fullmatch(stem) else code(stem)


def adr(stem: str) -> Safe:
    """Return a record's name as other decision records write it: `ADR-0002`."""
    return Safe(f"ADR-{stem.split('-', maxsplit=1)[0]}" if _STEM.fullmatch(stem) else "another record")


def short(digest: str | None) -> Safe:
    """Return the first twelve digits of a digest as code; the whole one stands in the record's JSON."""
    return code(digest[:12] if digest else None)


def as_json(value: JsonValue) -> Safe:
    """Return a value as JSON on one line, which YAML front matter reads as it is."""
    # YAML readers do not join halves of surrogate pairs, so visible characters stay as they are; and where the front
    # matter is shown as Markdown, it must not open an HTML tag.
    return Safe(_HIDDEN.sub(lambda match: _json_escape(match[0]), json.dumps(value, ensure_ascii=False)))


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def word(status: str) -> Safe:
    """Return a status as it is shown: `not_met` as `NOT MET`."""
    return Safe(escape(status.upper().replace("_", " ")))


def plain(status: str) -> Safe:
    """Return a status in running text: `not_yet` as `not yet`."""
    return Safe(escape(status.replace("_", " ")))


def rate(metric: Metric) -> Safe:
    """Return a pass rate with its 95 % interval, where it has one."""
    if metric.rate is None or metric.rate_scored is None:
        return Safe("unknown")
    limits = f" [{_share(metric.low)}, {_share(metric.high)}]" if metric.low is not None else ""
    return Safe(f"{metric.rate * 100:.1f} %{limits}")


def passed(metric: Metric) -> Safe:
    """Return how many trials passed, of those that were asked where not all were: `30 of 57 (57 of 100 asked)`."""
    asked = metric.n - metric.stopped
    part = f" ({asked} of {metric.n} asked)" if metric.stopped else ""
    return Safe(f"{metric.passed} of {asked}{part}")


def error_rate(cell: BenchCell) -> Safe:
    """Return the share of measured requests that failed, with what it rests on."""
    return Safe(f"{cell.failed / cell.n * 100:.1f} % of {cell.n}" if cell.n else "unknown")


def ram(cell: BenchCell) -> Safe:
    """Return the highest resident memory of the server in MiB, where its process was seen."""
    peak = cell.memory.rss_peak_bytes if cell.memory is not None else None
    return Safe("not seen") if peak is None else mebibytes(peak)


def duration(value_us: int | None) -> Safe:
    """Return microseconds in seconds; None is infinite."""
    return Safe("a failed request" if value_us is None else f"{value_us / 1e6:.3f} s")


def imported(figure: ImportedFigure) -> Safe:
    """Return a figure of another tool with its unit."""
    if figure.value is None:
        return Safe("a failed request")
    if figure.unit == "share":
        return Safe(f"{figure.value * 100:.2f} %")
    return Safe(f"{figure.value:.4f} s" if figure.unit == "s" else f"{_limit(figure.value)}/s")


def limits(result: ConditionResult) -> Safe:
    """Return the confidence limits that a condition compared, or a dash when it asked for none."""
    if result.low is None and result.high is None:
        return Safe("-")
    return Safe(f"[{_limit(result.low)}, {_limit(result.high)}]")


def asked(result: ConditionResult) -> str | None:
    """Return the text of a condition, or None where its name is that text."""
    return None if result.id == result.condition else result.condition


def flip_told(result: ConditionResult) -> str | None:
    """Return a sentence on what would turn a condition, or None; hostile text, for it may name a scorer or a tag."""
    if result.flip is None:
        return None
    return f"It would {'fail' if result.status == 'met' else 'be met'} by {result.flip.rstrip('.')}."


def tail(percentile: Percentile) -> Safe:
    """Return a percentile in seconds with its 95 % interval, marked where n cannot carry an upper limit."""
    if percentile.n == 0:
        return Safe("-")
    if percentile.value_us is None:
        return Safe("a failed request")
    mark = "" if percentile.supported else " !"
    return Safe(f"{percentile.value_us / 1e6:.3f} s{mark} [{_time(percentile.low_us)}, {_time(percentile.high_us)}]")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.1f}"


def _limit(value: float | None) -> str:
    if value is None:
        return "-"
    # From a thousand on, four significant digits would need an exponent or drop digits that people read.
    value += 0.0  # no minus before zero
    return f"{value:.0f}" if abs(value) >= _THOUSAND or float(value).is_integer() else f"{value:.4g}"


def _time(value_us: int | None) -> str:
    return "-" if value_us is None else f"{value_us / 1e6:.3f}"


def printable(text: str) -> str:
    """Return the text on one line, with what cannot be seen written out as its code point."""
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", " ".join(text.split()))


FILTERS: dict[str, Callable[[Never], Safe]] = {
    "adr": adr,
    "code": code,
    "duration": duration,
    "error_rate": error_rate,
    "figure": figure,
    "imported": imported,
    "json": as_json,
    "labelled": labelled,
    "limits": limits,
    "mebibytes": mebibytes,
    "milliseconds": milliseconds,
    "number": number,
    "passed": passed,
    "percent": percent,
    "plain": plain,
    "ram": ram,
    "rate": rate,
    "record_link": record_link,
    "seconds": seconds,
    "share": share,
    "short": short,
    "tail": tail,
    "unscored": unscored,
    "verbatim": verbatim,
    "word": word,
}
"""Filters of the templates by name."""
