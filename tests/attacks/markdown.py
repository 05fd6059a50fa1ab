"""Markup and Markdown that load something from a server, and so tell it who reads a page, and when."""

from __future__ import annotations

import base64

LOADING_STOPPED_BY = "text that is cleaned in notebooks, and a content policy of pages"
HOST = "http://evil.test"
MARKUP = (
    f'"><img src="{HOST}/a.png"><script>fetch("{HOST}/b")</script><style>@import url("{HOST}/c.css");'
    f'body {{ background: url("{HOST}/d.png") }}</style><link rel="stylesheet" href="{HOST}/e.css">'
    f'<iframe src="{HOST}/f"></iframe><svg><image href="{HOST}/g.png"/></svg><video src="{HOST}/h"></video>'
    f'<base href="{HOST}/"><meta http-equiv="refresh" content="0;url={HOST}/i"><p style="background:url({HOST}/j)">x'
    f"<object data='{HOST}/k'></object><img src=x onerror='fetch(\"{HOST}/l\")'>"
)
PIXEL = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
).decode()
LOADING = {
    "picture": f"![x]({HOST}/a.png)",
    "picture with a title": f'![x](<{HOST}/a.png> "a")',
    "picture without a scheme": "![x](//evil.test/a.png)",
    "picture by reference": f"![x][r]\n\n[r]: {HOST}/a.png",
    "picture by its own name": f"![x]\n\n[x]: {HOST}/a.png",
    "picture in a link": f"[![x]({HOST}/a.png)](#top)",
    "picture in a picture": f"![a ![b](attachment:p.png) c]({HOST}/a.png)",
    "picture in a table": f"| a | b |\n|---|---|\n| ![x]({HOST}/a.png) | c |",
    "attachment that is a reference": f"![x](attachment:p q.png)\n\n[x]: {HOST}/a.png",
    "attachment that does not exist": f"![x](attachment:no.png)\n\n[x]: {HOST}/a.png",
    "tag": f'<img src="{HOST}/a.png">',
    "tag in capitals": f'<IMG\nSRC="{HOST}/a.png">',
    "style": f'<style>@import url("{HOST}/c.css");</style>',
    "script": f'<script>fetch("{HOST}/b")</script>',
    "handler": f"<svg onload='fetch(\"{HOST}/b\")'>",
    "frame": f'<iframe src="{HOST}/f"></iframe>',
    "tag by entities": f"&lt;img src='{HOST}/a.png'&gt; &#60;img src='{HOST}/a.png'>",
}
NEEDS_NO_HELP = {"tag by entities", "attachment that does not exist"}
"""Those that Chromium does not load from an unprotected page either, and for which nothing is claimed but that."""
