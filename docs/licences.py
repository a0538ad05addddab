"""What does the page of licences say, made from the table that decides?

Run this file to make `docs/licences.md` anew; a test fails where it is stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assay.provenance.licences import load_table

if TYPE_CHECKING:
    from assay.provenance.licences.table import Terms

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).with_name("licences.md")

_LEAD = """\
# Licences

How Assay decides which licence some weights come under and what it allows you. These are facts for a person to check,
in our own words, and no legal advice. The tables are made from `src/assay/provenance/licences/licences.toml`; run
`python docs/licences.py` after a change.

```sh
assay licence model.gguf --organization organization.yaml
assay licence ./model-folder --json
assay licence LICENSE
assay licence apache-2.0
```

The verb ends with 0 where it has shown a licence, and with 2 where it found neither a file nor a licence. With
`--organization` it also judges: 1 where the use is prohibited, 3 where a person must decide or the profile lacks what
decides, 0 where it is allowed, also while something is owed. `assay license` is the same verb.

## Which licence a text is

Nothing is guessed; what is not certain is `unidentified`, and its sentences are shown.

1. **Permissive licences** must stand in the text word for word. Line ends, marks, numbering and lines that only name
   who holds the rights do not count; a clause that is missing does, and so does a word in the middle. Before and behind
   at most 40 words may stand, names and plain words only: one word that may allow, forbid or demand something, or that
   nobody foresaw, and the text is not identified. A text that is made from MIT or Apache-2.0 is not it.
2. **All others** are known by the title with its version on a line of its own among the first twelve, by phrases that
   the text must have, and by phrases that it must not have. Llama 3.2 and Llama 4 differ in little else. The wording is
   not compared, so a person is told to look for what was added, and `yes` is never taken from a title.
3. A text with the titles of two licences is neither. A text that only mentions a licence is not it: a title ends its
   line, but for a date or a version.

A tag is looked up by its name, as SPDX writes it or as model hubs do. Some names stand for several licences:

"""

_AGREE = """\
## Whether statements agree

The header of a GGUF file, the model card, licence texts, the layers of an Ollama model, the server and the plan's pin
each make a statement. All are kept, with what each was identified as.

- They agree when those that are identified name one licence, and none of the others could be another one.
- An unidentified text or name beside a tag is another licence, for all that is known: they do not agree.
- `other`, `unknown` and an address that is not known say nothing of their own; an unread address is to be read.
- A name or a title of several licences agrees with each of them, and names none alone.
- A licence of a base model (its place begins with `base model`) must not be stricter in any term.
- Where statements disagree the terms are unknown, whichever of them is freer.
- A licence that only the plan states counts, with the condition that somebody reads what came with the weights.

## What it allows you

The plan's [organization](formats.md#organization) is held against each term. The gravest outcome is the answer, in this
order: prohibited, unknown, a person must decide, conditional, allowed.

- A field that decides and is not given makes it `unknown`, and is named. Without an organization that is every field.
- A limit of users or revenue, a place, or a use that a licence rules out: prohibited without the publisher's grant.
  Limits that count at a model's release are held against today's number.
- A use policy must be read by a person where the use is military or decides about people.
- No commercial use: prohibited for commercial use. Other use is conditional where the licence allows evaluation, and
  else for a person.
- Terms that nobody read (`secondary`, `tag-only`) are for a person, and are never a `yes`.
- `EU` stands for its members, `UK` for `GB`.

## Licences that are known

"""


def page() -> str:
    """Return the whole page."""
    table = load_table()
    names = [("name", "may be"), ("---", "---")]
    names += [(f"`{entry.tag}`", ", ".join(f"`{one}`" for one in entry.may_be)) for entry in table.ambiguous]
    rows = [("licence", "commercial", "own evaluation", "training on outputs", "read"), ("---",) * 5]
    rows += [
        (
            f"[{terms.name}](#{_anchor(terms)})",
            terms.commercial,
            terms.internal_evaluation,
            terms.outputs_train,
            terms.verified,
        )
        for terms in table.licence
    ]
    parts = [_LEAD, _table(names), "\n", _AGREE, _table(rows), "\n", *(_licence(terms) for terms in table.licence)]
    return "".join(parts).rstrip("\n") + "\n"


def _licence(terms: Terms) -> str:
    known = [terms.id, *terms.tags, *([terms.spdx] if terms.spdx is not None else [])]
    lines = [f"### {terms.id}", "", f"{terms.name}. Known as {', '.join(f'`{name}`' for name in known)}.", ""]
    lines += [f"- {condition}" for condition in terms.conditions]
    lines += ["", f"Read ({terms.verified}): {'; '.join(terms.sources)}.", "", ""]
    return "\n".join(lines)


def _anchor(terms: Terms) -> str:
    return "".join(letter for letter in terms.id.lower() if letter.isalnum() or letter in "-_")


def _table(rows: list[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
