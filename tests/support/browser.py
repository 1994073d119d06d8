"""Just enough of a browser to play a GP: cookies by host and path, redirects by hand, forms as the page has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from lxml import etree

_MOST_HOPS = 12
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes, and its fields as filled in when the page came."""

    url: str
    fields: Mapping[str, str]


@dataclass(slots=True)
class Browser:
    """``visited`` lists every address, with the path and query; ``cookies`` are kept by host, path and name."""

    cookies: dict[tuple[str, str, str], str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)

    def send(self, method: str, url: str, data: Mapping[str, str] | None = None) -> requests.Response:
        """One request; no redirect is followed."""
        parts = urlsplit(url)
        sent = [f"{n}={v}" for (h, p, n), v in self.cookies.items() if h == parts.hostname and parts.path.startswith(p)]
        headers = {"Cookie": "; ".join(sent), "Origin": f"{parts.scheme}://{parts.netloc}"}
        self.visited.append(url)
        with requests.Session() as fresh:
            # Nothing of this machine: no proxy, and not its whole environment read at each request to look for one.
            fresh.trust_env = False
            response = fresh.request(method, url, data=data, headers=headers, allow_redirects=False, timeout=_SECONDS)
        for line in response.raw.headers.getlist("Set-Cookie"):
            morsel = next(iter(SimpleCookie(line.replace("; Partitioned", "")).values()))
            self.cookies[str(parts.hostname), morsel["path"] or "/", morsel.key] = morsel.value
        return response

    def open(self, method: str, url: str, data: Mapping[str, str] | None = None) -> requests.Response:
        """Follow redirects to the page that is shown."""
        response = self.send(method, url, data)
        for _hop in range(_MOST_HOPS):
            if response.status_code not in (301, 302, 303):
                break
            response = self.send("GET", urljoin(response.url, response.headers["Location"]))
        return response

    def submit(self, form: Form, **fields: str) -> requests.Response:
        """Send a form with some fields filled in; ``q_x`` stands for ``q-x``."""
        return self.open("POST", form.url, {**form.fields, **fields})


def form_of(page: requests.Response, ending: str = "") -> Form:
    """The first form whose address ends so."""
    for form in tree(page).iter("form"):
        url = urljoin(page.url, form.get("action") or page.url)
        if form.get("method") == "post" and urlsplit(url).path.endswith(ending):
            ticked = "not(@type='radio') or @checked"
            fields = {field.get("name"): field.get("value", "") for field in form.xpath(f".//input[@name][{ticked}]")}
            return Form(url, fields | {box.get("name"): box.text or "" for box in form.iter("textarea")})
    raise AssertionError(f"no form …{ending} in {page.url}:\n{page.text}")


def tree(page: requests.Response) -> Any:
    """The page, parsed as browsers do."""
    return etree.fromstring(page.text, etree.HTMLParser())


def shown(page: requests.Response) -> str:
    """The text of a page as it is read: no markup, single spaces."""
    return " ".join(" ".join(tree(page).xpath("//body//text()[not(parent::script or parent::style)]")).split())
