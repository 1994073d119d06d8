"""Bytes that a browser fetches to show the PHQ-2 page for the first time: the page and everything it names."""

from html.parser import HTMLParser

from tests.bench.pages import Visit

LIMIT = 60 * 1024
_COMPRESSED = {"Accept-Encoding": "gzip"}
_FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href"}


class _Linked(HTMLParser):
    """Collects what a browser fetches by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(_FETCHED.get(tag, ""))
        if address is not None and not address.startswith("data:"):
            self.found.append(address)


def weigh(visit: Visit) -> dict[str, int]:
    """Address (the page itself: "page") -> bytes of the body as served to a browser that takes gzip."""
    page = visit.fetch(f"/app/s/{visit.launch_id}/form/phq-2", _COMPRESSED)
    linked = _Linked()
    linked.feed(visit.get("/form/phq-2").body.decode())
    found = {"page": len(page.body)}
    for address in dict.fromkeys(linked.found):
        found[address.rpartition("/")[2]] = len(visit.fetch(address, _COMPRESSED).body)
    return found
