"""Paragraphs of the page as Markdown, for whoever writes in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_MARKS = {"strong": "**", "em": "*", "code": "`"}
#: Signs that Markdown would take for marks.
_SPECIAL = re.compile(r"([\\*_`\[\]|~<>])")


class _Writer(HTMLParser):
    """Writes the few tags that paragraphs have; any other is left out, its text kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.link = ""
        self.code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code |= tag == "code"
        if tag == "a":
            self.link = dict(attrs).get("href") or ""
            self.written.append("[" if self.link.startswith("http") else "")
        self.written.append(_MARKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self.code &= tag != "code"
        self.written.append(_MARKS.get(tag, ""))
        if tag == "a" and self.link.startswith("http"):
            self.written.append(f"]({self.link})")

    def handle_data(self, data: str) -> None:
        self.written.append(data if self.code else _SPECIAL.sub(r"\\\1", data))


def markdown(html: str) -> str:
    """Return a paragraph of HTML as Markdown; links within the page become plain text."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return "".join(writer.written)
