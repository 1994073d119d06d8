import pytest

from sesame_fhir.fhir.narrative import narrative_fault

OPEN, CLOSE = '<div xmlns="http://www.w3.org/1999/xhtml">', "</div>"

ACCEPTED = [
    "<p>Résumé</p>",
    "<p>a&nbsp;&amp;&nbsp;b &lt; c &eacute;</p>",
    "<!-- note --><p>x</p>",
    '<table class="grid"><tbody><tr><td colspan="2" style="color: red">1</td></tr></tbody></table>',
    '<p xml:lang="fr" lang="fr" title="t">x</p>',
    '<a href="https://example.test/">x</a><a href="#a" name="a">y</a><a href="mailto:a@b.test">z</a>',
    '<a href="StructureDefinition-x-definitions.html#Address.extension:insee">x</a><a href="a/b:c?d:e">y</a>',
    '<img src="#pic" alt="x"/>',
    '<img src="data:image/png;base64,AAAA" alt=""/>',
    '<div style="background-image: url(data:image/png;base64,AAAA)">x</div>',
]
REFUSED = [
    "",
    "   ",
    "<!-- seulement un commentaire -->",
    "<script>alert(1)</script>",
    "<p onclick='x()'>x</p>",
    "<p ONCLICK='x()'>x</p>",
    "<iframe src='https://evil.test'>x</iframe>",
    "<form><input/></form>",
    "<style>p{}</style><p>x</p>",
    "<link href='https://evil.test'/>x",
    "<object data='x'>x</object>",
    "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
    "<p xmlns='urn:other'>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' JaVaScript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>",
    "<a href='javascript:/#alert(1)'>x</a>",
    "<a href='x-y.z:a'>x</a>",
    "<img src='data:image/svg+xml;base64,AAAA'/>",
    "<p style='background:url(https://evil.test/x.png)'>x</p>",
    "<p style='background:URL( //evil.test/x.png)'>x</p>",
    "<p style='width: expression(alert(1))'>x</p>",
    "<p style='b:\\75rl(x)'>x</p>",
    "<p>x",
    "<p>&inconnu;</p>",
    "<p><![CDATA[<script>]]></p>",
    "<?php echo 1 ?><p>x</p>",
    "<p>\x00</p>",
    "<p>x<!--><script>alert(1)</script>--></p>",
    "<p>x<!---><img src='x' onerror='alert(1)'/>--></p>",
]


@pytest.mark.parametrize("inner", ACCEPTED)
def test_accepted(inner: str) -> None:
    assert narrative_fault(f"{OPEN}{inner}{CLOSE}") is None


@pytest.mark.parametrize("inner", REFUSED)
def test_refused(inner: str) -> None:
    assert narrative_fault(f"{OPEN}{inner}{CLOSE}")


@pytest.mark.parametrize(
    "div",
    [
        "",
        "texte",
        "<div>x</div>",
        '<p xmlns="http://www.w3.org/1999/xhtml">x</p>',
        f'<!DOCTYPE div [<!ENTITY a "b">]>{OPEN}&a;{CLOSE}',
        f'<!DOCTYPE div SYSTEM "file:///etc/passwd">{OPEN}x{CLOSE}',
        f"{OPEN}x{CLOSE}{OPEN}y{CLOSE}",
        f"{OPEN}\ud800{CLOSE}",
        OPEN + "<b>" * 5000 + "x" + "</b>" * 5000 + CLOSE,
    ],
)
def test_refused_as_a_whole(div: str) -> None:
    assert narrative_fault(div)


def test_the_fault_never_repeats_the_text() -> None:
    fault = narrative_fault(f"{OPEN}<script>DUPONT</script>{CLOSE}")
    assert fault is not None
    assert "DUPONT" not in fault
