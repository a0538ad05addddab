"""Does `assay licence` show what states a licence, what it is and what it allows, and end with the right code?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.schema.provenance import Licence
from tests.provenance.gguf_file import LLAMA, write_gguf
from tests.provenance.licence_stand_ins import STAND_INS, permissive

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

PROFILE = """\
commercial_use: true
monthly_active_users: 5000
headquarters: DE
distributes_weights: false
hosts_for_others: false
trains_on_outputs: false
military: false
automated_decisions: false
"""

APACHE_TAG = """\
statements
  named: apache-2.0
    = Apache-2.0, by its name

licence: Apache-2.0 (Apache License 2.0)
  commercial use       yes
  own evaluation       yes
  training on outputs  silent
  source: table of licences (primary), from: this project's own LICENSE;
    aboutcode-org/scancode-licensedb@053a651
terms
  - Pass on the licence, the notices and a NOTICE file where one exists, and
    mark changed files.

for an unknown organization: ALLOWED while what is owed is done
because
  - Apache-2.0 asks nothing about who uses it, for what or where
owed
  - Where weights are given to others: pass on the licence, the notices and a
    NOTICE file where one exists, and mark changed files.
"""

STRANGE_TEXT = """\
statements
  LICENSE: MIT License
    = not identified
    sha256 SHA256
    beside the nearest known text it says:
    > Nobody may use it in a bank.

licence: text that begins: MIT License (unidentified)
  commercial use       unknown
  own evaluation       unknown
  training on outputs  unknown
  source: no licence was identified (LICENSE: it is titled like MIT or
    minimax-m2-modified-mit, and its text is not that; 100 % of MIT stands in
    it): a person must read the licence text

for this organization: A PERSON MUST DECIDE
because
  - no licence was identified (LICENSE: it is titled like MIT or
    minimax-m2-modified-mit, and its text is not that; 100 % of MIT stands in
    it): a person must read the licence text
"""

DISAGREEMENT = """\
statements
  GGUF general.license: apache-2.0
    = Apache-2.0, by its name
  LICENSE: # Gemma Terms of Use
    = gemma, by title and version
    sha256 SHA256

licence: Apache-2.0 / gemma (unidentified)
  commercial use       unknown
  own evaluation       unknown
  training on outputs  unknown
  source: the statements disagree (GGUF general.license: Apache-2.0; LICENSE:
    gemma): a person must read the licence

for an unknown organization: A PERSON MUST DECIDE
because
  - the statements disagree (GGUF general.license: Apache-2.0; LICENSE: gemma):
    a person must read the licence
"""


def _shown(said: Said) -> str:
    """Return what was shown, its digests replaced."""
    lines = [line[:11] + "SHA256" if line.startswith("    sha256 ") else line for line in said.out.splitlines()]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("verb", ["licence", "license"])
def test_a_tag_is_shown(assay: Assay, verb: str) -> None:
    """A bare tag shows its terms; both spellings of the verb do the same."""
    said = assay(verb, "apache-2.0")
    assert (said.code, said.out, said.err) == (0, APACHE_TAG, "")


def test_a_text_is_shown_with_what_is_strange(assay: Assay, place: Workplace) -> None:
    """A text that is not quite a known one is not identified, and the strange sentence is shown."""
    (place.folder / "org.yaml").write_text(PROFILE, "utf-8")
    (place.folder / "LICENSE").write_text(f"{permissive('MIT')}\nNobody may use it in a bank.\n", "utf-8")
    said = assay("licence", "LICENSE", "--organization", "org.yaml")
    assert (said.code, said.err) == (3, "")
    assert _shown(said) == STRANGE_TEXT


def test_statements_of_weights_stand_side_by_side(assay: Assay, place: Workplace) -> None:
    """A GGUF file and the text beside it are both shown, and where they disagree nothing is taken."""
    write_gguf(place.folder / "model.gguf", {**LLAMA, "general.license": "apache-2.0"})
    (place.folder / "LICENSE").write_text(STAND_INS["gemma"], "utf-8")
    said = assay("licence", "model.gguf")
    assert (said.code, said.err) == (0, "")
    assert _shown(said) == DISAGREEMENT


def test_a_model_folder_is_read(assay: Assay, place: Workplace) -> None:
    """A folder's card, its texts and its GGUF files are all statements, each once; no weights need to be there."""
    (place.folder / "README.md").write_text("---\nlicense: other\nlicense_name: modified-mit\n---\n", "utf-8")
    (place.folder / "LICENSE").write_text(STAND_INS["kimi-modified-mit"], "utf-8")
    told = Licence.model_validate_json(assay("licence", ".", "--json").out)
    assert (told.identifier, told.agreed) == ("kimi-modified-mit", True)
    assert [statement.place for statement in told.statements] == ["model card license_name", "LICENSE"]
    for name in ("a.gguf", "b.gguf"):
        write_gguf(place.folder / name, {**LLAMA, "general.license": "mit"})
    told = Licence.model_validate_json(assay("licence", ".", "--json").out)
    assert sorted(statement.place for statement in told.statements) == [
        "GGUF general.license",
        "LICENSE",
        "model card license_name",
    ]
    assert told.agreed is False


@pytest.mark.parametrize(
    ("tag", "profile", "code", "says"),
    [
        ("mit", PROFILE, 0, "ALLOWED"),
        ("llama3.1", PROFILE, 0, "ALLOWED while what is owed is done"),
        ("llama4", PROFILE, 1, "PROHIBITED"),
        ("cc-by-nc-4.0", PROFILE, 1, "PROHIBITED"),
        ("llama3.2", PROFILE, 3, "A PERSON MUST DECIDE"),
        ("llama3.1", "headquarters: DE", 3, "UNKNOWN"),
        ("modified-mit", PROFILE, 3, "A PERSON MUST DECIDE"),
    ],
)
def test_an_organization_is_judged(
    assay: Assay, place: Workplace, tag: str, profile: str, code: int, says: str
) -> None:
    """With a profile the exit code says what came out, in text and in JSON."""
    (place.folder / "org.yaml").write_text(profile, "utf-8")
    said = assay("licence", tag, "--organization", "org.yaml")
    assert (said.code, said.err) == (code, "")
    assert f"for this organization: {says}" in said.out.splitlines()
    assert max(map(len, said.out.splitlines())) <= 80
    told = assay("licence", tag, "--organization", "org.yaml", "--json")
    assert told.code == code
    assert Licence.model_validate(json.loads(told.out)).allowance.outcome.upper()[:5] in {says[:5], "CONDI", "NEEDS"}


def test_missing_fields_are_named(assay: Assay) -> None:
    """What is not given in the profile is named, and without a profile nothing is judged."""
    said = assay("licence", "llama3.2")
    assert said.code == 0
    named = said.out.split("not given in the profile\n")[1]
    assert named == (
        "  - monthly_active_users\n  - headquarters\n  - military\n  - automated_decisions\n  - trains_on_outputs\n"
    )


def test_json_is_the_noun(assay: Assay, place: Workplace) -> None:
    """--json prints the licence as it is stored."""
    (place.folder / "LICENSE").write_text(permissive("Apache-2.0"), "utf-8")
    said = assay("licence", "LICENSE", "--json")
    licence = Licence.model_validate_json(said.out)
    assert (said.code, licence.identifier, licence.statements[0].identified_by) == (0, "Apache-2.0", "text")


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        (["no-such-licence"], "unknown-licence"),
        (["./LICENSE"], "unknown-licence"),
        (["mi\0t"], "unknown-licence"),
        (["x" * 5000], "unknown-licence"),
        (["nothing"], "bad-licence"),
        (["empty"], "bad-licence"),
        (["binary"], "bad-licence"),
        (["latin"], "bad-licence"),
        (["huge"], "bad-licence"),
        (["broken.gguf"], "bad-weights"),
        (["mit", "--organization", "missing.yaml"], "no-such-file"),
        (["mit", "--organization", "wrong.yaml"], "unknown-key"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_input_is_one_line(assay: Assay, place: Workplace, arguments: list[str], slug: str) -> None:
    """What is neither a file nor a licence, what is no text, and a wrong profile end with 2 and one line."""
    files = {
        "empty": b" \n",
        "binary": b"MIT\0License",
        "latin": "Müller".encode("latin-1"),
        "huge": b"words " * 200_000,
        "broken.gguf": b"GGUF",
        "wrong.yaml": b"users: 3\n",
    }
    (place.folder / "nothing").mkdir()
    for name, content in files.items():
        (place.folder / name).write_bytes(content)
    said = assay("licence", *arguments)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith(f"error[{slug}]: ")


def test_a_hostile_text_cannot_move_the_cursor(assay: Assay, place: Workplace) -> None:
    """Control characters of a text reach the terminal as blanks, and lines stay short."""
    (place.folder / "LICENSE").write_text("\x1b[2J\u202eMIT\n\nNobody \x1b]0;x\x07may use it.\n" * 50, "utf-8")
    said = assay("licence", "LICENSE")
    assert said.code == 0
    assert all(line.isprintable() for line in said.out.splitlines())


def test_help_has_one_spelling(assay: Assay) -> None:
    """The verb has help with an example; its other spelling is not listed twice."""
    assert "Example: assay licence " in assay("licence", "--help").out
    verbs = [line.split()[0] for line in assay("--help").out.splitlines() if line.startswith("  ")]
    assert ("licence" in verbs, "license" in verbs) == (True, False)
