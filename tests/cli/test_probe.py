"""Does `assay probe` show on one screen what a server is, what is known, what is not and why?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.runtime.probing import DEEP_PROBES
from tests.fakes import Reply, completion, plan_of, serving
from tests.provenance.gguf_file import LLAMA, write_gguf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Asked, Said, Workplace

    Assay = Callable[..., Said]

KEY = "sk-probe-0123456789"


def test_screen_for_an_address(assay: Assay, tmp_path: Path) -> None:
    """A server that shows little is shown whole: what is known, what is not with the reason, licence, memory."""
    weights = write_gguf(tmp_path / "m.gguf", {**LLAMA, "general.license": "apache-2.0", "general.file_type": 3})
    with serving(models=("org/tiny",)) as server:
        said = assay("probe", server.base_url, "--weights", weights)
        assert server.asked == []
    assert said.code == 0
    assert all(len(line) <= 80 for line in said.out.splitlines())
    lines = said.out.splitlines()
    assert lines[0] == "server: not recognised (gateway), org/tiny, Q4_1"
    assert "  runtime                gateway                      declared: only said to be:" in lines
    assert "  tensor_types           1 F32, 1 Q4_1                GGUF tensor table, by" in lines
    assert "  request_sent           temperature=0 top_p=1 max_tokens=256 seed=7" in said.out
    assert "not known" in lines
    assert "  Apache-2.0: commercial use yes, for this organization conditional" in lines
    assert lines[-1] == "With --deep the model is asked for silent traps, and the server is pressed."


def test_json_is_the_noun(assay: Assay) -> None:
    """`--json` prints facts and findings whole, with nothing else on stdout."""
    with serving() as server:
        said = assay("probe", server.base_url.removesuffix("/v1"), "--json")
    probed = json.loads(said.out)
    (own,) = probed["candidates"]
    facts = {fact["name"]: fact for fact in own["facts"]}
    assert facts["model_name_served"]["value"] == "fake-model"
    assert facts["repeatable"]["value"] is None
    assert {finding["item"] for finding in probed["findings"]} >= {"runtime-fits", "licence-agrees", "repeatable"}
    assert probed["unreached"] == []


def test_deep_asks_the_model(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--deep` the model is asked, and a trap is a finding that is not met."""
    for name in set(DEEP_PROBES) - {"cors"}:  # what each of them sends is tested in tests/probing
        monkeypatch.delitem(DEEP_PROBES, name)
    with serving(lambda asked: Reply(body=completion(f"answer {asked.number}"))) as server:
        said = assay("probe", server.base_url, "--deep")
        assert 15 < len(server.asked) < 40
    assert said.code == 0
    assert "asked\n  model_name_checked     no   the model 'assay-no-such-model-" in said.out
    assert "  repeatable             no   3 answers in turn and 3 at once to one question:" in said.out
    assert "  NOT MET  repeatable: " in said.out
    assert "--deep" not in said.out


def test_plan_of_several_shows_all_that_answer(assay: Assay, place: Workplace) -> None:
    """A candidate that cannot be reached does not hide the others; the exit code tells of it."""
    with serving(owned_by="llamacpp") as server:
        plan = plan_of(server.base_url, candidate={"roles": ["production"], "runtime": "vllm"})
        plan["candidates"].append({**plan["candidates"][0], "id": "gone", "base_url": "http://127.0.0.1:1/v1"})
        place.write(plan)
        said = assay("probe", place.plan)
    assert said.code == 4
    assert said.out.startswith("adder: llama.cpp, fake-model\n")
    assert "  NOT MET  runtime-fits: the plan says vllm, and llama.cpp answers" in said.out.splitlines()
    assert "not reached: gone: GET http://127.0.0.1:1/v1/models: " in said.out


def test_key_is_read_from_the_environment_and_shown_nowhere(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of an address comes from LOCAL_LLM_API_KEY; without it the refusal says so."""

    def echo(asked: Asked) -> Reply:
        return Reply(body=completion(f"your header was {asked.headers.get('Authorization')}"))

    with serving(echo, key=KEY) as server:
        refused = assay("probe", server.base_url)
        monkeypatch.setenv("LOCAL_LLM_API_KEY", KEY)
        said = assay("probe", server.base_url, "--deep", "--json")
    assert refused.code == 2
    assert refused.errors[0].startswith("error[unauthorized]: ")
    assert said.code == 0
    assert KEY not in said.out + said.err
    assert '"required"' in said.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("ftp://h/v1",), "error[bad-address]: 'ftp://h/v1' is neither a file nor an http or https address"),
        (("http://u:p@h/v1",), "error[bad-address]: "),
        (("http://127.0.0.1:1", "--runtime", "vlm"), "error[unknown-runtime]: there is no runtime 'vlm'. Use one of: "),
        (("nowhere.yaml",), "error[no-such-file]: "),
        (("nowhere.yaml", "--model", "m"), "error[bad-usage]: --model, --runtime and --weights are for an address"),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], error: str, assay: Assay, place: Workplace) -> None:
    """Each mistake of the user is one line that says what to do, with exit code 2."""
    said = assay("probe", *arguments)
    assert (said.code, len(said.errors)) == (2, 1)
    assert said.errors[0].startswith(error)
    assert list(place.folder.iterdir()) == []


def test_several_models_and_none_named(assay: Assay) -> None:
    """A server with several models is asked about one of them only when it is named."""
    with serving(models=("a", "b")) as server:
        said = assay("probe", server.base_url)
        named = assay("probe", server.base_url, "--model", "b")
    assert said.errors == ["error[unknown-model]: the server lists 2 models: a, b. Name one with --model."]
    assert named.out.startswith("server: not recognised (gateway), b\n")


def test_server_that_is_down(assay: Assay) -> None:
    """Where nothing answers the exit code is 4 and the line names the address."""
    said = assay("probe", "http://127.0.0.1:1/v1")
    assert said.code == 4
    assert said.errors[0].startswith("error[server-unreachable]: GET http://127.0.0.1:1/v1/models: ")
