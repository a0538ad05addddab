"""Are marks of the inside of a server told from what anybody may read?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.runtime.probing.marks import known_to_client, marks, readable, tells_address
from tests.probing.probed import subject_at
from tests.runtime.replaying import SAMPLES, body_of

if TYPE_CHECKING:
    from pathlib import Path

TRACE, FILE, ADDRESS = "a stack trace", "a file path", "an internal address"
SQL, VARIABLE = "SQL", "an environment variable"
KNOWN = known_to_client(subject_at("http://10.0.0.5:8000/srv/llm/v1", model="/models/small.gguf"))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ('Traceback (most recent call last):\n  File "app.py", line 3, in f', (TRACE,)),
        ('  File "/srv/app/main.py", line 12, in chat', (TRACE, FILE)),
        ("goroutine 17 [running]:\nmain.main()", (TRACE,)),
        ("runtime error\nserver.go:88 +0x1b", (TRACE,)),
        ("\tat org.acme.Chat.answer(Chat.java:41)", (TRACE,)),
        ("at sun.reflect.Invoke.run(Native Method)", (TRACE,)),
        ("    at handle (/app/dist/server.mjs:10:15)", (TRACE, FILE)),
        ("TypeError\n    at node:internal/process/task_queues", (TRACE,)),
        ("thread 'main' panicked at src/lib.rs:4", (TRACE,)),
        ("terminate called after throwing an instance of 'std::bad_alloc'", (TRACE,)),
        ("llama-context.cpp:1023: failed", (TRACE,)),
        (r"at Acme.Chat.Run() in C:\build\Chat.cs:line 9", (TRACE, FILE)),
        ("app/models/chat.rb:9:in `call'", (TRACE,)),
        ("cannot open /var/lib/models", (FILE,)),
        ("cannot open '/models/other.gguf'", (FILE,)),
        (r"cannot open C:\Users\me\model", (FILE,)),
        ("in site-packages", (FILE,)),
        ("upstream http://10.1.2.3:8000/v1 refused", (ADDRESS,)),
        ("no route to 192.168.1.20", (ADDRESS,)),
        ("connect to 127.0.0.1:18090 failed", (ADDRESS,)),
        ("connect to [fd12:3456::1]:8000 failed", (ADDRESS,)),
        ("vllm.models.svc.cluster.local does not answer", (ADDRESS,)),
        ("HTTPConnectionPool(host='vllm.internal', port=8000)", (ADDRESS,)),
        ("Cannot connect to host gpu-1.lan:8000", (ADDRESS,)),
        ("POST http://vllm:8000/v1/chat/completions", (ADDRESS,)),
        ("SELECT key FROM tokens WHERE id = 1", (SQL,)),
        ("SQLSTATE[42S02]", (SQL,)),
        ("set AZURE_API_KEY first", (VARIABLE,)),
        ("see os.environ", (VARIABLE,)),
    ],
)
def test_marks_are_known(text: str, kinds: tuple[str, ...]) -> None:
    """Each mark is found by its kind, in a text and inside JSON."""
    assert marks(text, ()) == kinds
    assert marks(readable(json.dumps({"error": {"message": text}}).encode()), ()) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "not found: /v1/chat/completions",
        "call /models/list or /api/tags",
        "see https://docs.example.com/home/errors.html#var/lib and http://example.com:8080/usr/bin/x.py",
        '<a href="/home/index.html">home</a> <img src="/media/logo.js">',
        "max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)",
        "release 10.1.2 of 2026; 1.192.168.1.20",
        "code INVALID_API_KEY, then MISSING_TOKEN",
        "please select a model from the list and update the set",
        "threading.local is a word; so is self.internal",
        "the address 93.184.216.34:443 is public",
        "at 10:15 the server was restarted (see status)",
    ],
)
def test_what_anybody_may_read_is_no_mark(text: str) -> None:
    """Paths of the interface, pages of documentation, versions and codes are no marks."""
    assert marks(text, ()) == ()


def test_what_the_client_sent_is_no_mark() -> None:
    """The address and the model's name that the client itself used are not held against the server."""
    text = "no /srv/llm/v1/none at http://10.0.0.5:8000 for model /models/small.gguf; host 10.0.0.5"
    assert marks(text, ()) == (FILE, ADDRESS)
    assert marks(text, KNOWN) == ()
    assert not tells_address("10.0.0.5:8000", KNOWN)
    assert tells_address("10.0.0.6:8000", KNOWN)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_recorded_errors_raise_no_false_alarm(path: Path) -> None:
    """No error that was recorded of a real server tells anything."""
    answer = json.loads(path.read_text("utf-8")).get("response")
    if isinstance(answer, dict) and (answer.get("status") or 0) >= 400:
        assert marks(readable(body_of(answer)), ()) == ()


def test_a_recorded_trace_is_found() -> None:
    """LiteLLM's own health page holds the traces and addresses of what it cannot reach."""
    answer = json.loads((SAMPLES / "litellm" / "health.json").read_text("utf-8"))["response"]
    assert marks(readable(body_of(answer)), ()) == (TRACE, FILE, ADDRESS)


def test_a_body_of_any_depth_is_read() -> None:
    """A document that is nested too deeply is read as text."""
    assert marks(readable(b"[" * 100_000 + b"10.1.2.3"), ()) == ()
    assert marks(readable(b"\xff\xfe 10.1.2.3"), ()) == (ADDRESS,)


@pytest.mark.parametrize("text", ["+/", "@/", "/a", "a/+", "./-"])
def test_no_text_is_read_again_from_each_of_its_signs(text: str) -> None:
    """A body that is made to be read slowly is read as quickly as any, and tells nothing."""
    assert marks(text * 32_000, ()) == ()
