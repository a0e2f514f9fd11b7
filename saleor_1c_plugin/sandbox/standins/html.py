"""Pages of stand-ins, for people who want to see what the shop has sent there."""

from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .messages import Answer

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0 auto; max-width: 900px; padding: 20px; font: 16px/1.5 system-ui, sans-serif; }}
table {{ width: 100%; border-collapse: collapse; margin-bottom: 26px; }}
th, td {{ text-align: left; padding: 7px 10px; border-bottom: 1px solid #ddd; }}
th {{ color: #667085; font-weight: 500; }}
td, p {{ white-space: pre-line; overflow-wrap: anywhere; vertical-align: top; }}
p.said {{ background: #e6f2ef; border-radius: 14px; padding: 10px 16px; max-width: 480px; }}
p.soft {{ color: #667085; }}
span.button {{ display: inline-block; border: 1px solid; border-radius: 8px; padding: 2px 10px; }}
</style></head>
<body>
<h1>{title}</h1>
{body}</body>
</html>"""


def page(title: str, parts: Iterable[SafeString]) -> Answer:
    body = format_html_join("\n", "{}", ((part,) for part in parts))
    markup = format_html(_PAGE, title=title, body=body)
    return Answer(200, markup.encode(), "text/html; charset=utf-8")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> SafeString:
    return format_html(
        "<table>{}\n{}</table>",
        _row("th", heads),
        format_html_join("\n", "{}", ((_row("td", row),) for row in rows)),
    )


def link(address: str, text: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text)


def _row(tag: str, cells: Sequence[object]) -> SafeString:
    marks = SafeString(f"<{tag}>{{}}</{tag}>")
    return format_html("<tr>{}</tr>", format_html_join("", marks, ((cell,) for cell in cells)))
