"""What a buyer sees of YooKassa: the page to pay on, and the widget on the shop's own page."""

from html import escape
from urllib.parse import urlencode

from saleor_1c_plugin.sandbox.standins.messages import Answer

from .yookassa_objects import METHODS, Payment

#: By the name of YooKassa's own script, with as much of it as a shop needs.
_WIDGET = """\
window.YooMoneyCheckoutWidget = class {
  constructor(options) {
    this.options = options;
    this.callbacks = {};
    this.listen = (event) => {
      if (event.origin !== "%(address)s" || !this.frame) return;
      if (event.source !== this.frame.contentWindow) return;
      (this.callbacks[event.data] || (() => {}))();
      (this.callbacks.complete || (() => {}))();
    };
    window.addEventListener("message", this.listen);
  }
  on(name, callback) { this.callbacks[name] = callback; }
  render(id) {
    const query = new URLSearchParams({return_url: this.options.return_url || ""});
    this.frame = document.createElement("iframe");
    this.frame.src = "%(address)s/widget/" + this.options.confirmation_token + "?" + query;
    this.frame.width = "100%%";
    this.frame.height = "300";
    document.getElementById(id).append(this.frame);
    return Promise.resolve();
  }
  destroy() {
    window.removeEventListener("message", this.listen);
    if (this.frame) this.frame.remove();
  }
};
"""


def script(address: str) -> Answer:
    text = _WIDGET % {"address": address}
    return Answer(200, text.encode(), "text/javascript; charset=utf-8")


def form(payment: Payment, path: str, return_url: str, is_widget: bool) -> Answer:
    """Where the buyer decides; from a widget with a return address the whole page goes there."""
    methods = [payment.method] if payment.method else list(METHODS)
    options = "".join(f"<option>{escape(method)}</option>" for method in methods)
    target = ' target="_top"' if is_widget and return_url else ""
    action = escape(f"{path}?{urlencode({'return_url': return_url})}" if is_widget else path)
    return _page(
        f"<h1>{payment.amount:.2f} {escape(payment.currency)}</h1>"
        f"<p>{escape(str(payment.asked.get('description', '')))}</p>"
        f'<form method="post" action="{action}"{target}>'
        f'<select name="method">{options}</select>'
        '<button name="decision" value="pay">Pay</button>'
        '<button name="decision" value="decline">Decline</button>'
        "</form>"
    )


def done(payment: Payment, return_url: str) -> Answer:
    """Back to the shop; a widget without a return address tells the page around it."""
    if return_url:
        return Answer(303, headers={"Location": return_url})
    event = "fail" if payment.status == "canceled" else "success"
    return _page(
        f"<p>{escape(payment.status)}</p><script>parent.postMessage('{event}', '*')</script>"
    )


def missing() -> Answer:
    return Answer(404, b"<!doctype html><p>No such payment", "text/html; charset=utf-8")


def _page(body: str) -> Answer:
    head = '<!doctype html><html lang="ru"><meta charset="utf-8"><title>YooKassa</title>'
    return Answer(200, f"{head}<body>{body}</body></html>".encode(), "text/html; charset=utf-8")
