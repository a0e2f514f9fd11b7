"""Addresses of the mini-shop."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve as serve_file

from ..exchange.server import serve
from ..messaging.push.graphql.view import serve as serve_push
from ..messaging.sms.hearing import serve as hear_sms
from ..reservations.graphql.view import serve as serve_reservations
from . import bots, buying, cart_page, pages

urlpatterns = [
    path("", pages.shop, name="shop"),
    path("goods/<int:pk>/", pages.product, name="product"),
    path("cart/", cart_page.cart, name="cart"),
    path("cart/buyer/", cart_page.sign_in, name="sign-in"),
    path("cart/reservations/", cart_page.reserve, name="reserve"),
    path("checkout/", buying.buy, name="checkout"),
    path("orders/<uuid:key>/", buying.order, name="order"),
    path("orders/<uuid:key>/pay/", buying.pay, name="pay"),
    path("bots/<slug:name>/", bots.bot, name="bot"),
    path("bots/<slug:name>/follow/", bots.follow, name="follow"),
    path("bots/<slug:name>/<path:path>", bots.bot),
    path("payments/<slug:name>/", buying.notified, name="notified"),
    path("payments/<slug:name>/<path:path>", buying.payment_page, name="payment-page"),
    # People leave the slash out, and 1C does not follow redirects.
    re_path(r"^1c/?$", serve, name="exchange"),
    path("journal/", include("saleor_1c_plugin.exchange.urls")),
    path("registries/", include("saleor_1c_plugin.payments.registry.urls")),
    path("receipts/", include("saleor_1c_plugin.receipts.urls")),
    path("register/", include("saleor_1c_plugin.receipts.emulator.urls")),
    path("crm/", include("saleor_1c_plugin.crm.urls")),
    path("events/", include("saleor_1c_plugin.history.urls")),
    path("sms/<slug:name>/", hear_sms, name="sms"),
    path("push/graphql/", serve_push, name="push"),
    path("messages/", include("saleor_1c_plugin.messaging.urls")),
    path("outbox/", include("saleor_1c_plugin.outbox.urls")),
    path("reservations/graphql/", serve_reservations, name="reservations"),
    re_path(r"^media/(?P<path>.*)$", serve_file, {"document_root": settings.MEDIA_ROOT}),
]
