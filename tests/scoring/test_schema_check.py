"""JSON Schemas that cannot be applied, and values that do not satisfy one."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from assay.scoring.schema_check import UnresolvedError, first_violation, schema_flaws, violations

if TYPE_CHECKING:
    from pydantic import JsonValue


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
        ({"items": {"format": "hostnam"}}, "format 'hostnam', which is not checked"),
        (
            {"properties": {"a": {"pattern": "a{1000000}"}}},
            '$.properties.a.pattern: "a{1000000}" breaks format "regex"',
        ),
        ({"patternProperties": {"(": {}}}, '"(" breaks format "regex"'),
        ({"$dynamicRef": "https://example.org/a.json"}, "refers to 'https://example.org/a.json', which is not in it"),
        ({"items": {"$dynamicRef": "#none"}}, "refers to '#none', which is not in it"),
        ({"$id": "https://x.example/s", "$ref": "t"}, "refers to 't', which is not in it"),
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
        ("idn-email", ["lễ@hội.example"], ["lễ", "a@b@c"]),
        ("duration", ["P1Y2M3D", "PT36H", "P4W", "P1DT2H3M4S"], ["P", "PT", "1D", "P1W2D", "P1D2H", "P1H", "P1Y\n"]),
        ("hostname", ["a-b.example", "localhost"], ["-a.example", "a..b", "a_b", "x" * 64, "a.", "lễ.example"]),
        ("idn-hostname", ["lễ-hội.example", "a.example"], ["a..b", "-a", "x" * 64]),
        ("ipv4", ["127.0.0.1"], ["256.0.0.1", "127.1", "127.0.0.1\n"]),
        ("ipv6", ["::1"], ["1::2::3", "127.0.0.1", "fe80::1%eth0"]),
        ("uri-reference", ["../a?b#c", "", "https://example.org/%C3%AA"], ["a b", "%zz", "lễ", "a\\b"]),
        ("iri", ["https://lễ.example/hội"], ["lễ", "a b:c", "https://a\\b"]),
        ("iri-reference", ["/lễ/hội#a"], ["a b", "{a}"]),
        ("uri-template", ["/a/{id}{?q,r*}"], ["/a/{id", "/a/{}", "a b"]),
        ("json-pointer", ["", "/a~1b/0", "/"], ["a", "/~2", "#/a"]),
        ("relative-json-pointer", ["0", "1/a", "2#"], ["/a", "01", "-1"]),
        ("regex", ["^\\p{L}+$", "(?<y>a)"], ["(", "a{1000000}", "[z-a]"]),
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
    schema = {"items": {"type": "string"}}
    assert first_violation(schema, list(range(5000))) == '$[0]: 0 breaks type "string" (at least 1000 violations)'
    told = "; ".join(f'$[{at}]: {at} breaks type "string"' for at in range(5))
    assert violations(schema, list(range(5000))) == f"{told} (at least 1000 violations)"


def test_a_place_that_allows_nothing() -> None:
    """A value where the schema is `false` is named by its path."""
    violation = first_violation({"properties": {"a": False}}, {"a": 7})
    assert violation == "$.a: 7 stands where the schema allows nothing (1 violation)"


# Not even the package `regex` finds a shorter way through these; Python's `re` would not end within a lifetime.
HARD, LONG = "^(?:(?:a|aa)+)+b", "a" * 5000


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": HARD}, LONG),
        ({"patternProperties": {HARD: {}}}, {LONG: 1}),
        ({"patternProperties": {HARD: {}}, "additionalProperties": False}, {LONG: 1}),
        ({"allOf": [{"patternProperties": {HARD: {}}}], "unevaluatedProperties": False}, {LONG: 1}),
        ({"propertyNames": {"pattern": HARD}}, {LONG: 1}),
        ({"format": "regex", "not": {"pattern": HARD}}, LONG),
    ],
)
def test_no_pattern_hangs(schema: dict[str, object], value: JsonValue) -> None:
    """A search that takes too long is stopped, wherever the pattern stands, and nothing is said of the value."""
    assert schema_flaws(schema) == []
    with pytest.raises(UnresolvedError, match=r"^has the pattern .* whose search was stopped"):
        first_violation(schema, value)


def test_one_answer_has_one_budget() -> None:
    """Searches are counted over all values of an answer, so that many short ones have an end too."""
    many: JsonValue = ["a"] * 10_001
    assert first_violation({"items": {"pattern": "a"}}, ["a"] * 10_000) is None
    with pytest.raises(UnresolvedError, match="was stopped"):
        first_violation({"items": {"pattern": "a"}}, many)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"^\d{4}$", ["2024"], ["2024\n", "\u0662\u0660\u0662\u0664", "20245"]),
        (r"^\p{L}+$", ["tiếng", "tie\u0302\u0301ng"], ["a1", ""]),
        (r"^[\p{L} ]+$", ["xin chào"], ["a-b"]),
        (r"^(?<y>a|b)\k<y>$", ["aa", "bb"], ["ab"]),
        (r"^\w+$", ["abc_1"], ["tiếng"]),
        (r"\bfoo\b", ["a foo b"], ["afoo"]),
        (r"^a\Bb$", ["ab"], ["a b"]),
        (r"^[^\d]$", ["a", "\u0662"], ["5"]),
        (r"^[\D]$", ["a", "\u0662"], ["5"]),
        (r"^[\W]$", ["é", "-"], ["a", "_"]),
        (r"^[\S]$", ["a"], [" ", "\u00a0", "\ufeff"]),
        (r"^\s$", ["\u2003", "\ufeff"], ["a"]),
        (r"^.$", ["x"], ["\n", "\r", "\u2028"]),
        (r"^[^]$", ["\n", "x"], [""]),
        (r"[]", [], ["", "a"]),
        (r"^[a[]$", ["a", "["], ["]"]),
        (r"^[[]$", ["["], ["]"]),
        (r"^[a-z&&b]$", ["c", "&"], ["C"]),
        (r"^a{b$", ["a{b"], ["a"]),
        (r"^\u{1F600}\ud83d\ude00\u00e9\x41\cJ\0$", ["\U0001f600\U0001f600éA\n\0"], [""]),
        (r"^\/\-\.$", ["/-."], ["/-x"]),
        (r"^(?=a)a(?!b)|(?<=x)c{2,3}$", ["ac", "xcc"], ["ab"]),
    ],
)
def test_patterns_mean_what_ecma_means(pattern: str, good: list[str], bad: list[str]) -> None:
    """Patterns are those of ECMA-262, which JSON Schema names."""
    schema = {"pattern": pattern}
    assert schema_flaws(schema) == []
    assert [text for text in good if first_violation(schema, text)] == []
    assert [text for text in bad if not first_violation(schema, text)] == []


VALUES: list[tuple[dict[str, object], list[JsonValue], list[JsonValue]]] = [
    ({"multipleOf": 0.01}, [19.99, 0, 5, 1e300, "x", True], [19.999, 1e-300]),
    ({"multipleOf": 0.1}, [0.3, 0.7], [0.35]),
    ({"uniqueItems": True}, [[1, True, "1", None, 0, False], [{"a": 1}, {"a": True}], {}], [[1, 1.0], [[1], [1.0]]]),
    (
        {"uniqueItems": True},
        [[{"a": n} for n in range(20_000)]],
        [[{"a": 1, "b": 2}, {"b": 2, "a": 1}], ["é", "e\u0301"]],
    ),
    ({"uniqueItems": False}, [[1, 1]], []),
    ({"enum": ["đã duyệt", 1]}, ["đa\u0303 duye\u0323\u0302t", 1.0], [True, "đã"]),
    ({"const": {"tên": 1}}, [{"te\u0302n": 1.0}], [{"tên": True}, {"ten": 1}]),
    ({"required": ["te\u0302n"]}, [{"tên": 1}, 7], [{"ten": 1}]),
    ({"properties": {"te\u0302n": {"type": "string"}}}, [{"tên": "x"}], [{"tên": 1}, {"te\u0302n": 1}]),
    ({"patternProperties": {"^te\u0302n$": {"type": "string"}}}, [{"tên": "x"}], [{"te\u0302n": 1}]),
    ({"maxLength": 1}, ["e\u0302"], ["ab"]),
    (
        {"properties": {"a": {}}, "patternProperties": {"^b": {}}, "additionalProperties": {"type": "integer"}},
        [{"a": "x", "b1": "x", "c": 1}],
        [{"c": "x"}],
    ),
    (
        {
            "$ref": "#/$defs/r",
            "anyOf": [{"required": ["x"], "properties": {"x": {}}}, {"properties": {"y": {}}}],
            "if": {"required": ["k"], "properties": {"k": {"const": 1}}},
            "then": {"properties": {"t": {}}},
            "else": {"properties": {"e": {}}},
            "dependentSchemas": {"r": {"properties": {"s": {}}}},
            "unevaluatedProperties": False,
            "$defs": {"r": {"properties": {"r": {}}, "patternProperties": {"^p": {}}}},
        },
        [{"r": 1, "s": 1, "p1": 1, "y": 1, "e": 1}, {"k": 1, "t": 1}, {"x": 1, "y": 1}],
        [{"s": 1}, {"t": 1}, {"k": 1, "e": 1}, {"x": 1, "z": 1}],
    ),
    (
        {"allOf": [{"additionalProperties": {"type": "integer"}}], "unevaluatedProperties": False},
        [{"a": 1}],
        [{"a": "x"}],
    ),
    (
        {
            "$id": "https://x.example/s",
            "$defs": {"a": {"type": "integer"}},
            "items": {"$ref": "https://x.example/s#/$defs/a"},
        },
        [[1]],
        [["x"]],
    ),
    ({"$dynamicRef": "#n", "$defs": {"a": {"$dynamicAnchor": "n", "type": "integer"}}}, [1], ["x"]),
]


@pytest.mark.parametrize(("schema", "good", "bad"), VALUES)
def test_values(schema: dict[str, object], good: list[JsonValue], bad: list[JsonValue]) -> None:
    """Keywords mean what the draft says, exact in decimals and whatever the Unicode form of a text or key."""
    assert schema_flaws(schema) == []
    assert [value for value in good if first_violation(schema, value)] == []
    assert [value for value in bad if not first_violation(schema, value)] == []


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        (
            {"properties": {"a": {"type": "integer"}, "l": {"items": {"minimum": 3}}}, "required": ["z"]},
            {"a": 0.5, "l": [1] * 2 + [5] * 8 + [2]},
            (
                "$ lacks 'z'; $.a: 0.5 breaks type \"integer\"; $.l[0]: 1 breaks minimum 3; $.l[1]: 1 breaks minimum 3;"
                " $.l[10]: 2 breaks minimum 3 (5 violations)"
            ),
        ),
        (
            {"properties": {"n": {}}, "additionalProperties": False},
            dict.fromkeys("nabcdefg", 1),
            "$ has keys that are not allowed: 'a', 'b', 'c', 'd', 'e' and 2 more (1 violation)",
        ),
        ({"unevaluatedProperties": False}, {"a": 1}, "$ has a key that is not allowed: 'a' (1 violation)"),
        (
            {"anyOf": [{"type": "string"}, {"properties": {"b": {"type": "string"}}}, {"required": ["c", "d"]}]},
            {"b": 1},
            '$: {"b": 1} breaks anyOf: nearest is branch 2: $.b: 1 breaks type "string" (1 violation)',
        ),
        ({"oneOf": [{}, {}]}, 1, "$: 1 breaks oneOf: more than one of its branches holds (1 violation)"),
        ({"anyOf": [False]}, 1, "$: 1 breaks anyOf: no branch allows anything (1 violation)"),
        (
            {"additionalProperties": {"additionalProperties": False}},
            {"a": {"b": 1}},
            "$.a has a key that is not allowed: 'b' (1 violation)",
        ),
    ],
)
def test_violations_are_told(schema: dict[str, object], value: JsonValue, reason: str) -> None:
    """Up to five violations are told in the order of their paths, each with what is wrong there."""
    assert violations(schema, value) == reason
