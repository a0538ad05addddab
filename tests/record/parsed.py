"""What a page of Markdown comes to once it is read: all of it but its words."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

__all__ = ["MARKDOWN", "body_of", "parsed"]

MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": True})
"""As GitHub reads it, with HTML let through, and with links made of whatever looks like an address."""


def body_of(page: str) -> str:
    """Return a page without its front matter."""
    return page.removeprefix("---\n").partition("\n---\n")[2] if page.startswith("---\n") else page


def _shape(tokens: Sequence[Token]) -> Iterator[tuple[object, ...]]:
    """Yield all of a parsed page but its words: what stands in what, every link and every piece of HTML."""
    before = ""
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            # A word that stands as code among others is no less inert.
            if before != "words":
                yield ("words",)
            before = "words"
            continue
        before = token.type
        html = token.content if token.type in {"html_block", "html_inline"} else ""
        yield token.type, token.tag, token.level, tuple(token.attrs.items()), html
        if token.type != "image":
            yield from _shape(token.children or ())


class Tags(HTMLParser):
    """Every tag of a page but code, with its attributes; a comment, a declaration or an instruction is a tag too."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[object, ...]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "code":
            self.found.append((tag, *sorted(attrs, key=str)))

    def handle_endtag(self, tag: str) -> None:
        if tag != "code":
            self.found.append(("/" + tag,))

    def handle_comment(self, data: str) -> None:
        self.found.append(("!--", data))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("!", decl))

    def handle_pi(self, data: str) -> None:
        self.found.append(("?", data))

    def unknown_decl(self, data: str) -> None:
        self.found.append(("![", data))


def parsed(page: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the shape of a page as Markdown, and the tags that it becomes."""
    tokens = MARKDOWN.parse(body_of(page))
    return [*_shape(tokens)], Tags(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})).found
