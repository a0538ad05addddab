"""Are the plots the same to the byte each time, whole, safe, and true to what was measured?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.bench.plots import plots_of
from assay.bench.plots.svg import WIDTH, text_width
from assay.schema.bench import GpuUse
from assay.schema.suite import Slo
from tests.bench.plots.measured import MIB, S, cell, events, ladder, load, samples, spread
from tests.bench.plots.small import EXPECTED, small_plots

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('x')</script>&\"\x00\x1b[31m\u202e]]>"
HOLDS_NO_NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.IGNORECASE)


def bench(
    candidates: list[str], loads: list[float | str], n: int = 30, profile: str = "short", failed: int = 0
) -> dict[str, str]:
    """Return the plots of some candidates under some loads."""
    cells, ladders, requests, memory = [], [], [], []
    for place, candidate in enumerate(candidates):
        own = []
        for rank, at in enumerate(loads):
            key = load(at, profile, candidate)
            measured = events(key, spread(n, S * (1 + place + rank), 0.4, 10 * place + rank, min(failed * rank, n)))
            one = cell(key, measured, requests_per_s=3.0)
            own += [one] if "concurrency" in key else []
            cells.append(one)
            requests += measured
            memory += samples(key, [500 + 300 * place + 40 * rank + step for step in range(12)])
        if own:
            ladders.append(ladder(own, [30.0 * (rank + 1) for rank in range(len(own))], knee=4, saturation=8))
    return plots_of(cells, ladders, requests, memory, {profile: Slo(e2e_p95_s=4, ttft_p95_s=1)})


def texts_of(plot: str) -> list[str]:
    """Return what a person reads in a plot."""
    return [element.text or "" for element in ET.fromstring(plot).iter(f"{SVG}text")]


def paths_of(plot: str, look: str) -> list[str]:
    """Return the paths with a class."""
    return [each.get("d", "") for each in ET.fromstring(plot).iter(f"{SVG}path") if each.get("class") == look]


@pytest.mark.parametrize("name", ["latency-short.svg", "ladder-short.svg", "memory.svg"])
def test_whole_text(name: str) -> None:
    """The whole file, as `python -m tests.bench.plots.small` makes it."""
    assert small_plots()[name] == (EXPECTED / name).read_text(encoding="utf-8")


def test_same_bytes_in_every_process() -> None:
    """The order in which a process goes through sets has no part in a plot."""
    code = "from tests.bench.plots.small import small_plots; print(ascii(small_plots()))"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(["src", "."])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_order_of_service_levels_and_requests_changes_nothing() -> None:
    """Requests are told by their latency, not by the order in which their lines were written."""
    key = load(4)
    measured = events(key, spread(30, S, 0.4, 1))
    slos = {"short": Slo(e2e_p95_s=2), "long": Slo(e2e_p95_s=9)}
    one = plots_of([cell(key, measured)], [], measured, [], slos)
    assert one == plots_of([cell(key, measured)], [], measured[::-1], [], dict(reversed(slos.items())))


def test_names_of_files() -> None:
    """A file is named after its profile; a ladder needs a closed loop; nothing is drawn without data."""
    assert list(bench(["a"], [1, 4], profile="suite:policy-qa")) == [
        "latency-suite-policy-qa.svg",
        "ladder-suite-policy-qa.svg",
        "memory.svg",
    ]
    assert list(bench(["a"], ["2/s"])) == ["latency-short.svg", "memory.svg"]
    assert plots_of([], [], [], [], {}) == {}
    assert plots_of([cell(load(1), [])], [], [], [], {}) == {}


def test_says_in_words_what_it_shows() -> None:
    """A plot has a role, a title and a description for those who do not see it."""
    for name, plot in bench(["a"], [1, "2/s"]).items():
        root = ET.fromstring(plot)
        stem = name.removesuffix(".svg")
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{stem}-title {stem}-desc"
        assert root[0].tag == f"{SVG}title"
        assert root[1].tag == f"{SVG}desc"
        assert "a" in (root[1].text or "")
        assert "prefers-color-scheme:dark" in plot


def test_hostile_names_are_texts() -> None:
    """A name is written as text: no element is made of it, and what XML cannot hold is left out."""
    for plot in bench([HOSTILE, "b"], [1, 4]).values():
        root = ET.fromstring(plot)
        assert not list(root.iter(f"{SVG}script"))
        assert "<script" not in plot
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", plot)
        assert "<script>alert('x')</script>&\"[31m]]>" in "".join(root.itertext())


def test_nothing_comes_from_outside() -> None:
    """No plot loads anything, runs anything or links anywhere."""
    for plot in bench(["a"], [1, 4]).values():
        assert not re.search(r"href|url\(|@import|<image|<use|\son\w+=", plot)
        assert plot.count("http") == 1  # the name of the SVG language itself


@pytest.mark.parametrize(
    ("candidates", "loads", "n", "failed"),
    [
        (["a"], [1], 1, 0),
        (["qwen-vllm", "smollm2-llamacpp"], [1, 4, 8, "2/s"], 60, 2),
        ([f"candidate-{place}-{'x' * 60}" for place in range(9)], [1, 4, 8, "4:warm"], 30, 1),
        (["a", "b"], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512], 30, 30),
    ],
)
def test_no_text_covers_another(candidates: list[str], loads: list[float | str], n: int, failed: int) -> None:
    """All that is written stands apart and within the picture, in the widest of common fonts."""
    for plot in bench(candidates, loads, n, failed=failed).values():
        boxes = []
        for group in ET.fromstring(plot):
            if group.tag == f"{SVG}text":
                small = {"small", "tag", "limit"} & set(group.get("class", "").split())
                width = text_width(group.text or "", 11 if small else 12)
                x, y = float(group.get("x", "")), float(group.get("y", ""))
                left = x - {"middle": width / 2, "end": width}.get(group.get("text-anchor", ""), 0)
                boxes.append((left, y - 8, left + width, y, group.text))
        for one, other in combinations(boxes, 2):
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)
        assert all(left >= 0 and right <= WIDTH for left, _, right, _, _ in boxes)


def test_failed_requests_keep_a_line_below_the_top() -> None:
    """A failed request is infinitely late: the line ends at the share that was answered, and says how many failed."""
    key = load(4)
    measured = events(key, [S, 2 * S, None, None])
    plot = plots_of([cell(key, measured)], [], measured, [], {})["latency-short.svg"]
    assert "2 of 4 failed" in texts_of(plot)
    assert "a@4: n 4, p95 ∞, 2 failed" in texts_of(plot)
    (whole, _) = paths_of(plot, "line")[:2]
    # The panel goes from 340 (none) up to 100 (all): half of it is 220, and the line goes on there to the right.
    assert re.search(r"V220H[\d.]+V220$", whole)


def test_all_failed() -> None:
    """Where nothing was answered there is a line at zero, and no panel for a first token that never came."""
    key = load(1)
    measured = events(key, [None] * 7)
    texts = texts_of(plots_of([cell(key, measured)], [], measured, [], {})["latency-short.svg"])
    assert "7 of 7 failed" in texts
    assert "Time to the first token" not in texts


def test_markers_are_hollow_where_n_is_too_small() -> None:
    """Thirty requests support p50 and neither p95 nor p99, in both panels."""
    key = load(1)
    measured = events(key, spread(30, S, 0.3, 1))
    plot = plots_of([cell(key, measured)], [], measured, [], {})["latency-short.svg"]
    assert len(paths_of(plot, "hollow")) == 4
    assert len(paths_of(plot, "full")) == 2 + 1  # the third stands in the legend


def test_answers_in_one_piece_hide_the_first_token() -> None:
    """No first token was seen, so there is no panel for it; none of these requests failed."""
    key = load(1)
    measured = events(key, [S, 2 * S], first_share=None)
    texts = texts_of(plots_of([cell(key, measured)], [], measured, [], {})["latency-short.svg"])
    assert "Time to the first token" not in texts
    assert not [text for text in texts if "failed" in text.removeprefix(texts[1])]


def test_open_loop_counts_from_when_a_request_was_due() -> None:
    """The time that a request waited for its turn is part of its latency."""
    key = load("2/s")
    (event,) = events(key, [S])
    late = event.model_copy(update={"scheduled_us": event.sent_us - 2 * S})
    plot = plots_of([cell(key, [late])], [], [late], [], {})["latency-short.svg"]
    axis = [text for text in texts_of(plot) if re.fullmatch(r"[\d.]+", text)]
    assert "3" in axis
    assert "in an open loop since it was due" in "".join(texts_of(plot))


def test_only_what_counts_is_drawn() -> None:
    """Warm-up requests and those of a series that was broken off have no part in the distribution."""
    key = load(1)
    measured = [event.model_copy(update={"series": 2}) for event in events(key, [S, 2 * S])]
    broken = events(key, [90 * S])
    warm = [event.model_copy(update={"series": 2, "phase": "warmup"}) for event in events(key, [80 * S])]
    figures = [cell(key, measured)]
    assert plots_of(figures, [], [*broken, *warm, *measured], [], {}) == plots_of(figures, [], measured, [], {})


def test_measurements_that_cannot_be_believed_are_faint() -> None:
    """An INVALID measurement is held back and named so."""
    key = load(1)
    measured = events(key, [S, 2 * S])
    plot = plots_of([cell(key, measured, validity="INVALID")], [], measured, [], {})["latency-short.svg"]
    assert "k0 faint" in plot
    assert "a@1: n 2, p95 2 s, INVALID" in texts_of(plot)


def test_service_level_far_away_does_not_squeeze_the_axis() -> None:
    """A level beyond three times all that was measured is told in words."""
    key = load(1)
    measured = events(key, [S, 2 * S])
    plot = plots_of([cell(key, measured)], [], measured, [], {"short": Slo(e2e_p95_s=100)})["latency-short.svg"]
    assert "Time to the last token: the service level (p95 within 100 s) lies beyond the axis." in texts_of(plot)
    assert not paths_of(plot, "bound")


def test_at_most_eight_lines_and_every_candidate_first() -> None:
    """Of many measurements eight are drawn, of each candidate at least one, and what is left out is named."""
    plots = bench(["a", "b", "c"], [1, 2, 4, 8])
    texts = " ".join(texts_of(plots["latency-short.svg"]))
    assert len(re.findall(r"@\d: n 30", texts)) == 8
    assert all(f"{candidate}@1: n 30" in texts for candidate in "abc")
    assert re.search(r"Left out, to keep the lines apart: measurements [abc]@\d, [abc]@\d, [abc]@\d, [abc]@\d\.", texts)
    many = bench([f"c{place}" for place in range(10)], [1])
    assert "Left out, to keep the lines apart: ladders c8, c9." in texts_of(many["ladder-short.svg"])
    assert "Left out, to keep the lines apart: candidates c8, c9." in texts_of(many["memory.svg"])


def test_ladder_names_its_signs() -> None:
    """Knee, saturation and the highest concurrency within the service level stand in the legend."""
    cells = [cell(load(at), events(load(at), spread(30, S, 0.3, 1))) for at in (1, 2, 4)]
    made = ladder(cells, (10.0, 19.0, 20.0), knee=2, saturation=2, within_slo=4)
    plot = plots_of(cells, [made], [], [], {})["ladder-short.svg"]
    assert "a: knee 2, saturation 2, within SLO to 4" in texts_of(plot)
    assert "knee, saturation" in texts_of(plot)
    assert "Throughput, output tokens/s" in texts_of(plot)
    assert "at 2 19 tokens/s" in plot


def test_ladders_that_count_differently_are_drawn_in_requests() -> None:
    """Where one server counts tokens and another does not, both are shown in requests each second."""
    one, other = (
        [cell(load(at, candidate=name), events(load(at, candidate=name), [S]), requests_per_s=2.0) for at in (1, 4)]
        for name in ("a", "b")
    )
    ladders = [ladder(one, (300.0, 900.0)), ladder(other, (1.0, 2.5), unit="requests")]
    plot = plots_of([*one, *other], ladders, [], [], {})["ladder-short.svg"]
    assert "Throughput, requests/s" in texts_of(plot)
    assert "900" not in plot


def test_ladder_without_a_step_to_believe() -> None:
    """Such a ladder is named; where there is no other, nothing is drawn."""
    cells = [cell(load(1), events(load(1), [S]))]
    empty = ladder(cells, (), concurrencies=(), e2e_p95_us=(), candidate="b")
    assert plots_of([], [empty], [], [], {}) == {}
    plot = plots_of(cells, [ladder(cells, (1.0,)), empty], [], [], {})["ladder-short.svg"]
    assert "Not one step can be believed: b." in " ".join(texts_of(plot))


def test_infinite_p95_is_an_arrow() -> None:
    """A step at which too many requests failed has no height; it points up, at the sign of infinity."""
    cells = [cell(load(1), events(load(1), [S] * 9)), cell(load(4), events(load(4), [S, None]))]
    plot = plots_of(cells, [ladder(cells, (1.0, 2.0))], [], [], {})["ladder-short.svg"]
    assert "∞" in texts_of(plot)
    assert "Arrow at ∞" in " ".join(texts_of(plot))


def test_memory_says_its_peaks_and_what_the_host_had_left() -> None:
    """Peaks are written at their markers, bands carry profile and load, an unseen server is named."""
    seen = samples(load(4), [600, 1536, 700])
    unseen = samples(load(4, candidate="cloud"), [None, None])
    texts = texts_of(plots_of([], [], [], [*seen, *unseen], {})["memory.svg"])
    assert {"peak 1.5 GiB", "peak 0.9 GiB", "short@4", "a, GiB"} <= set(texts)
    assert "the host could still give out at least 10.2 GiB" in texts
    assert "No memory was seen of cloud." in texts
    assert plots_of([], [], [], unseen, {}) == {}


def test_graphics_memory_is_the_servers_own_where_it_is_known_throughout() -> None:
    """One sample without the processes' share, and the whole device is shown for all."""
    known = GpuUse(index=0, name="made up", used_bytes=900 * MIB, total_bytes=1000 * MIB, process_bytes=400 * MIB)
    own = [each.model_copy(update={"gpus": (known,)}) for each in samples(load(1), [10, 10])]
    texts = texts_of(plots_of([], [], [], own, {})["memory.svg"])
    assert {"graphics memory, the server's own", "peak 400 MiB"} <= set(texts)
    mixed = [own[0], own[1].model_copy(update={"gpus": (known.model_copy(update={"process_bytes": None}),)})]
    texts = texts_of(plots_of([], [], [], mixed, {})["memory.svg"])
    assert {"graphics memory, whole device", "peak 900 MiB"} <= set(texts)


latency = st.none() | st.integers(min_value=-(10**6), max_value=2**53)
rate = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=60)
@given(
    names=st.lists(st.text(max_size=5), min_size=1, max_size=3, unique=True),
    latencies=st.lists(st.lists(latency, min_size=1, max_size=8), min_size=9, max_size=9),
    rates=st.lists(rate, min_size=3, max_size=3),
    held=st.lists(st.none() | st.integers(0, 2**40), max_size=6),
    slo=st.none() | st.floats(min_value=1e-9, max_value=1e12),
)
def test_any_data_make_whole_files(
    names: list[str],
    latencies: list[list[int | None]],
    rates: list[float],
    held: list[float | None],
    slo: float | None,
) -> None:
    """Whatever was measured, each plot is well-formed XML, without a number that is none."""
    cells, ladders, requests, memory = [], [], [], []
    rows = iter(latencies)
    for name in (f"c{name}" for name in names):
        own = []
        for at in (1, 3, 1000):
            key = load(at, candidate=name)
            measured = events(key, next(rows))
            own.append(cell(key, measured, requests_per_s=rates[0]))
            requests += measured
            memory += samples(key, held, gpu_mib=4)
        cells += own
        ladders.append(ladder(own, rates))
    for plot in plots_of(cells, ladders, requests, memory, {"short": Slo(e2e_p95_s=slo)}).values():
        for element in ET.fromstring(plot).iter():
            shown = " ".join(value for key, value in element.attrib.items() if key != "class")
            assert not HOLDS_NO_NUMBER.search(shown)
            assert not re.search(r"\d[eE]", shown)
