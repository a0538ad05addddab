"""JSON Schemas that cannot be applied, and values that do not satisfy one."""

from __future__ import annotations

import socket

import pytest

from assay.scoring.schema_check import UnresolvedError, first_violation, schema_flaws


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "strin"}, '$.type: "strin" breaks anyOf'),
        ({"type": "object", "properties": {"a": {"minimum": "1"}}}, '$.properties.a.minimum: "1" breaks type "number"'),
        ({"properties": {"a": {"pattern": "("}}}, '$.properties.a.pattern: "(" breaks format "regex"'),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#"},
            "written for 'http://json-schema.org/draft-07/schema#'",
        ),
        ({"items": {"format": "hostname"}}, "format 'hostname', which is not checked"),
        ({"$ref": "https://example.org/a.json"}, "refers to 'https://example.org/a.json', which is not in it"),
        ({"allOf": [{"$ref": "#/$defs/b"}], "$defs": {"a": {}}}, "refers to '#/$defs/b', which is not in it"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#"}}}, "in a circle"),
    ],
)
def test_flaws_of_a_schema(schema: dict[str, object], message: str) -> None:
    """A schema that is not valid, not closed in itself or not wholly checked is named at loading time."""
    flaws = schema_flaws(schema)
    assert [flaw.slug for flaw in flaws] == ["bad-schema"]
    assert message in flaws[0].message
    assert flaws[0].remedy.endswith(".")


def test_all_flaws_of_a_schema_are_named() -> None:
    """Each unknown format and open reference is a flaw of its own."""
    schema = {"properties": {"a": {"format": "x"}, "b": {"format": "y"}, "c": {"$ref": "#/$defs/z"}}}
    assert [flaw.message.split("'")[1] for flaw in schema_flaws(schema)] == ["x", "y", "#/$defs/z"]


def test_words_of_schemas_that_are_data_are_not_flaws() -> None:
    """A property or a constant may be called `format` or `$ref`; an object may hold itself further down."""
    schema = {
        "properties": {
            "format": {"type": "string"},
            "$ref": {"const": {"$ref": "https://example.org", "format": "x"}},
            "inner": {"$ref": "#"},
        },
    }
    assert schema_flaws(schema) == []
    assert first_violation(schema, {"inner": {"inner": {"format": 1}}}) == (
        '$.inner.inner.format: 1 breaks type "string" (1 violation)'
    )


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", ["2024-02-29"], ["2025-02-29", "20250228", "2025-W01-1", "2025-02-28\n", "2025-01-0\u0661"]),
        ("time", ["23:59:59Z", "10:00:00.25+07:00"], ["10:00", "24:00:00Z", "10:00:00"]),
        ("date-time", ["2025-01-31t10:00:00z"], ["2025-01-31 10:00:00Z", "2025-02-31T10:00:00Z", "2025-01-31"]),
        ("email", ["a@b.example"], ["a", "a b@c", "a@b@c"]),
        ("ipv4", ["127.0.0.1"], ["256.0.0.1", "127.1", "127.0.0.1\n"]),
        ("ipv6", ["::1"], ["1::2::3", "127.0.0.1"]),
        ("uri", ["https://example.org/a?b#c", "urn:a:b"], ["example.org", "https://a b", ""]),
        ("uuid", ["00000000-0000-0000-0000-00000000000A"], ["00000000000000000000000000000000", "x"]),
    ],
)
def test_formats_are_checked(name: str, good: list[str], bad: list[str]) -> None:
    """Each supported format takes what its standard takes, and does not touch what is no text."""
    schema = {"format": name}
    assert schema_flaws(schema) == []
    assert [text for text in [*good, 5, None] if first_violation(schema, text)] == []
    assert [text for text in bad if not first_violation(schema, text)] == []


def test_a_reference_is_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A remote reference ends in an error without a connection."""

    def no_connection(*_arguments: object) -> None:
        pytest.fail("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", no_connection)
    with pytest.raises(UnresolvedError, match=r"http://127\.0\.0\.1:9/a\.json"):
        first_violation({"properties": {"a": {"$ref": "http://127.0.0.1:9/a.json"}}}, {"a": 1})


def test_violations_are_counted_up_to_a_bound() -> None:
    """An answer with endless violations is described by the first and a lower bound of their number."""
    reason = first_violation({"items": {"type": "string"}}, list(range(5000)))
    assert reason == '$[0]: 0 breaks type "string" (at least 1000 violations)'


def test_a_place_that_allows_nothing() -> None:
    """A value where the schema is `false` is named; its path is not, because the library does not give it."""
    violation = first_violation({"properties": {"a": False}}, {"a": 7})
    assert violation == "$: 7 stands where the schema allows nothing (1 violation)"
