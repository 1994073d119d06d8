"""Whatever a payer, a scheme or a colleague wrote is text on every page of billing, never HTML."""

import re
from dataclasses import replace
from pathlib import Path

from sesame_fhir.domain.actors import Role
from tests.support.answered import answers, paid, payments, rejected
from tests.support.billed import SCHEME
from tests.support.billing_pages import LIVES, ROOT, Office, office
from tests.support.hostile import TRUSTED, escaped_in, mark
from tests.support.story import SITE
from tests.support.team_pages import MEMBERS, OTHER_SITE

ON = "2026-07-01"
_PAGES = 40
_LEFT_OUT = re.compile(r"/(dossier|statement|file|export/.*|export\.zip)(\?|$)|month=(?!2026-0[67])")
"""Files, and the months before this story."""
SHOWN = {
    *("patient-given", "site", "scheme-label", "biller-name", "coordinator", "held", "refusal-code"),
    *("refusal-text", "note", "share", "transfer"),
}


def test_no_page_of_billing_trusts_what_somebody_wrote(empty_database: Path, tmp_path: Path) -> None:
    lives = [replace(life, given=mark("patient-given")) for life in LIVES]
    named = replace(MEMBERS[Role.COORDINATOR], name=mark("coordinator"))
    biller = replace(SCHEME.billers[0], identity=replace(SCHEME.billers[0].identity, name=mark("biller-name")))
    scheme = replace(SCHEME, label=mark("scheme-label"), billers=(biller,))
    with office(empty_database, tmp_path, lives, scheme) as opened:
        opened.team.pages.store.staff.save(named)
        _sites(opened)
        shown, seen, wrong = set[str](), set[str](), list[str]()
        queue = [ROOT, *_lived(opened)]
        while queue:
            if (path := queue.pop()) in seen:
                continue
            seen.add(path)
            answer = opened.first.get(path)
            assert answer.status_code < 500, path
            wrong += [path for _ in TRUSTED.finditer(answer.text)]
            shown |= escaped_in(answer.text)
            links = re.findall(r'href="/app/team(/facturation[^"#]*)', answer.text)
            queue += [found for link in links if not _LEFT_OUT.search(found := link.replace("&amp;", "&"))]
    assert wrong == []
    assert len(seen) > _PAGES
    assert shown >= SHOWN


def _sites(opened: Office) -> None:
    team = opened.team
    sites = {site: mark("site") for site in (*team.deps.team.sites, OTHER_SITE)}
    team.pages.deps = replace(team.deps, team=replace(team.deps.team, sites=sites))
    team.pages.app.extensions["sesame-app"] = team.pages.deps


def _lived(opened: Office) -> list[str]:
    """A month with everything that somebody can write; further addresses to look at."""
    first, batch = opened.first, opened.prepare()
    opened.step(first, batch, "hold", line=f"{LIVES[6].pathway_id}:1", why=mark("held"))
    opened.step(first, batch, "freeze")
    opened.step(opened.second, batch, "approve")
    opened.step(first, batch, "submit")
    no = rejected(2, date=ON, reason_code=mark("refusal-code"), reason_text=mark("refusal-text"))
    opened.send(f"{ROOT}/answers", answers(no), name=f"{mark('file')}.csv")
    opened.send(f"{ROOT}/payments/file", payments(paid(1, date=ON)), name="p.csv")
    claim = f"{ROOT}/claims/{LIVES[2].pathway_id}-claim-1"
    first.post(f"{claim}/cancel", {"reason": "mistake", "note": mark("note")}, first.hidden(claim, f"{claim}/cancel"))
    centres = f"{ROOT}/centres?month=2026-07"
    path = f"{ROOT}/centres/{SITE}/paid"
    share = {"month": "2026-07", "biller": "operator", "reference": mark("share"), "amount": "10", "on": ON}
    first.post(path, share, first.hidden(centres, path))
    transfer = {"reference": mark("transfer"), "on": ON, "amount": "10", "biller": "operator"}
    first.post(f"{ROOT}/payments", transfer, first.hidden(f"{ROOT}/payments", f"{ROOT}/payments"))
    return [centres, f"{ROOT}/past?day=2026-06-30", f"{ROOT}/what-if?version=article-51/2026-1/1", f"{ROOT}/work"]
