"""What a page may do if markup of an advert were not escaped: its policy stops it in the browser.

The page is filled by the function that fills all pages, from a template that escapes nothing. The
same page without the policy shows that each attack works there.
"""

import http.server
import threading
import time

import pytest

from adverts.evaluation.report.filtered_list import own_script
from adverts.evaluation.report.templating import FOLDER, fill_html, policy
from adverts_findings.campaigns.pages.index.index_page import TEMPLATES

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{{ policy(script) }}
<title>Not escaped</title>
</head>
<body>
<main>{{ text|safe }}</main>
{% if script %}<script>{{ script }}</script>{% endif %}
</body>
</html>
"""
RUN = "document.documentElement.dataset.NAME = 1"
RUNS = {
    "script": f"<script>{RUN}</script>",
    "onerror": f'<img src="data:image/png,no" onerror="{RUN}">',
    "onload": f'<svg onload="{RUN}"></svg>',
    "ontoggle": f'<details open ontoggle="{RUN}">x</details>',
    "link": f'<a id="link" href="javascript:void({RUN})">press</a>',
    "srcdoc": f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
}
"""Markup that runs a script, by what it leaves on the page."""
ASKS = {
    "image": '<img src="SERVER/image">',
    "svg": '<svg><image href="SERVER/svg" /></svg>',
    "background": '<p style="background: url(SERVER/background)">x</p>',
    "import": '<style>@import url("SERVER/import");</style>',
    "font": '<style>@font-face { font-family: f; src: url("SERVER/font") }</style>'
    '<p style="font-family: f">x</p>',
    "style": '<link rel="stylesheet" href="SERVER/style">',
    "source": '<script src="SERVER/source"></script>',
    "frame": '<iframe src="SERVER/frame"></iframe>',
    "object": '<object data="SERVER/object"></object>',
    "embed": '<embed src="SERVER/embed">',
    "poster": '<video poster="SERVER/poster"></video>',
    "audio": '<audio preload="auto" src="SERVER/audio"></audio>',
    "preload": '<link rel="preload" as="image" href="SERVER/preload">',
    "form": '<form action="SERVER/form" target="shown"><button id="send">send</button></form>'
    '<iframe name="shown"></iframe>',
}
"""Markup that asks a server for something, by the path that it asks for."""
BASE = '<base href="SERVER/">'
REFRESH = '<meta http-equiv="refresh" content="0;url=SERVER/refresh">'
SCRIPTS = {
    "no script": "",
    "a filtered list": own_script(),
    "a report": own_script(FOLDER / "contents.js.j2"),
    "a bank": own_script(TEMPLATES / "index.js"),
}


@pytest.fixture(scope="module")
def server():
    """A server of this machine: its address, and the paths that it was asked for."""
    asked = set()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802 - its name in the library
            asked.add(self.path.strip("/?"))
            self.send_response(404)
            self.end_headers()

        def log_message(self, *given):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as started:
        threading.Thread(target=started.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{started.server_port}", asked
        started.shutdown()


@pytest.fixture
def attacked(server, tmp_path, opened):
    """Open a page that does not escape some markup; return it, after all that it tries."""
    address, asked = server
    asked.clear()
    (tmp_path / "unescaped.html.j2").write_text(PAGE)

    def call(markup: str, *, guarded: bool, script: str = ""):
        text = markup.replace("SERVER", address)
        values = {"text": text, "script": script}
        page = fill_html("unescaped.html.j2", values, folders=[tmp_path])
        path = tmp_path / "page.html"
        path.write_text(page if guarded else page.replace(policy(script), ""))
        return opened(path)

    return call


ALL = "".join(RUNS[one].replace("NAME", one) for one in RUNS) + "".join(ASKS.values())


def press_and_wait(page, wanted, asked) -> set[str]:
    """Press link and button; return what ran, once nothing more is asked for."""
    page.click("#link")
    page.click("#send")
    end = time.monotonic() + 5
    while time.monotonic() < end and not wanted <= asked:
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)
    return set(page.evaluate("Object.keys(document.documentElement.dataset)"))


def test_without_the_policy_every_attack_works(attacked, server):
    seen = attacked(ALL, guarded=False)
    assert press_and_wait(seen.page, set(ASKS), server[1]) == set(RUNS)
    assert server[1] == set(ASKS)


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_with_the_policy_nothing_runs_and_nothing_is_asked_for(attacked, server, script):
    seen = attacked(ALL, guarded=True, script=script)
    assert press_and_wait(seen.page, set(), server[1]) == set()
    assert server[1] == set()
    refused = [one for one in seen.complaints if "Content Security Policy" in one]
    assert len(refused) >= len(RUNS)


@pytest.mark.parametrize("guarded", [False, True])
def test_links_of_a_page_lead_where_they_say_whatever_base_is_put_into_it(attacked, guarded):
    seen = attacked(BASE, guarded=guarded)
    assert seen.page.evaluate("document.baseURI").startswith("file:" if guarded else "http:")


@pytest.mark.parametrize(
    "markup",
    [
        REFRESH,
        REFRESH.replace("meta ", "META/").replace("refresh", "refr&#101;sh"),
        REFRESH.replace("meta", 'meta name="x" content=">"'),
        REFRESH.replace("meta", 'meta charset="utf-8"'),
    ],
)
def test_a_meta_that_opens_another_page_which_no_policy_stops_is_never_written(attacked, markup):
    with pytest.raises(AssertionError, match=r"unescaped.html.j2 has a meta of somebody else"):
        attacked(markup, guarded=True)
