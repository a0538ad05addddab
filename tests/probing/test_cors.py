"""Does the probe tell which web pages may read answers?"""

from __future__ import annotations

import pytest

from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed


def test_no_foreign_origin_is_allowed() -> None:
    """A gateway without a CORS header is met."""
    answer = answer_to("foreign-pages", "cors")
    assert (answer.status, answer.reason) == (
        "met",
        "no foreign origin may read answers: 3 requests from one were answered without leave",
    )


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("*", "the origin of a web page may be any: OPTIONS /v1/chat/completions from a foreign origin"),
        (
            "reflect",
            (
                "the origin of a web page is reflected, with the browser's credentials: "
                "OPTIONS /v1/chat/completions from a foreign origin"
            ),
        ),
    ],
)
def test_any_origin_is_found(origin: str, told: str) -> None:
    """A gateway that names any origin, or repeats the one it is told, is not met, and the request is named."""
    answer = answer_to("foreign-pages", "cors", Manners(origin=origin))
    assert (answer.status, answer.reason) == ("not_met", told)


def test_without_an_answer_it_is_unknown() -> None:
    """Where the server does not answer nothing is said of it."""
    result = probed("cors", base_url="http://127.0.0.1:9/v1")
    assert (result.ended, result.requests) == ("whole", 3)
    assert found("foreign-pages", result).status == "unknown"
