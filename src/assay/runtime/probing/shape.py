"""What was the body of an answer, told without keeping any of its text?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.runtime.probing.wire import Reply
    from assay.schema.provenance import Shape

__all__ = ["generated", "shape_of"]

_ERROR_KEYS = frozenset({"error", "errors", "detail", "error_type"})
_TEXT_KEYS = ("text", "generated_text", "outputs", "response")
"""Fields that hold generated text where the answer is no chat completion: TGI, Ollama, plain gateways."""


def generated(document: JsonValue) -> bool:
    """Return whether a JSON document holds what a model generated or counted, in any protocol that is known."""
    if isinstance(document, list):
        return any(generated(own) for own in document[:1])
    if not isinstance(document, dict):
        return False
    choices = document.get("choices")
    return (isinstance(choices, list) and bool(choices)) or any(bool(document.get(key)) for key in _TEXT_KEYS)


def shape_of(reply: Reply) -> Shape:
    """Return what a body was, by its content first and its declared type after."""
    if reply.status is None:
        return "none"
    if not reply.body.strip():
        return "empty"
    document = reply.document
    return _shape_of_text(reply) if document is None else _shape_of_document(document)


def _shape_of_document(document: JsonValue) -> Shape:
    if generated(document):
        return "completion"
    named = isinstance(document, dict) and (bool(_ERROR_KEYS & document.keys()) or document.get("object") == "error")
    return "error" if named else "json"


def _shape_of_text(reply: Reply) -> Shape:
    kind = reply.headers.get("Content-Type", "")
    if kind.startswith("text/event-stream") or reply.body.lstrip().startswith((b"data:", b"event:", b": ")):
        return "stream"
    if b"# TYPE " in reply.body or b"# HELP " in reply.body:
        return "metrics"
    return "html" if b"<html" in reply.body[:2000].lower() else "text"
