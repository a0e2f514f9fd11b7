"""The shop window: what 1C has sent, for people to look at."""

from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Exists, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import strip_tags

from .models import Category, Media, Price, Product, Stock, Variant
from .stock import with_free

_PAGE = 24


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of the categories' tree."""

    category: Category
    depth: int


def shop(request: HttpRequest) -> HttpResponse:
    """Goods on sale, by category or by what is looked for."""
    channel, _ = settings.ONEC_SANDBOX_CHANNELS[0]
    categories = list(Category.objects.order_by("name"))
    products = _on_sale(channel)
    number = request.GET.get("category", "")
    current = next((item for item in categories if str(item.pk) == number), None)
    if current is not None:
        products = products.filter(category__in=_below(current, categories))
    text = request.GET.get("q", "").strip()
    for word in text.casefold().split():
        products = products.filter(search__contains=word)
    return render(
        request,
        "onec_sandbox/shop.html",
        {
            "page": Paginator(products, _PAGE).get_page(request.GET.get("page")),
            "tree": _tree(categories),
            "current": current,
            "text": text,
            "channel": channel,
        },
    )


def product(request: HttpRequest, pk: int) -> HttpResponse:
    """One product with its variants."""
    variants = Variant.objects.order_by("name", "pk").prefetch_related(
        Prefetch("prices", Price.objects.order_by("channel")),
        Prefetch(
            "stocks", with_free(Stock.objects.select_related("warehouse").order_by("warehouse"))
        ),
        "attribute_values__attribute",
        "attribute_values__choice",
        "media",
    )
    found = get_object_or_404(
        Product.objects.filter(published=True)
        .select_related("category", "type", "tax_class")
        .prefetch_related(
            "media",
            "attribute_values__attribute",
            "attribute_values__choice",
            Prefetch("variants", variants),
        ),
        pk=pk,
    )
    description = found.description
    return render(
        request,
        "onec_sandbox/product.html",
        {
            "product": found,
            "channel": settings.ONEC_SANDBOX_CHANNELS[0][0],
            # Markup from outside is never shown as such: the mini-shop has no sanitizer.
            "description": strip_tags(description) if found.description_is_html else description,
        },
    )


def _on_sale(channel: str) -> QuerySet[Product]:
    in_channel = Q(variants__prices__channel=channel)
    return (
        Product.objects.filter(published=True)
        .annotate(price=Min("variants__prices__amount", filter=in_channel))
        .annotate(
            quantity=Subquery(
                with_free(Stock.objects.filter(variant__product=OuterRef("pk")))
                .order_by()
                .values("variant__product")
                .annotate(total=Sum("free"))
                .values("total")
            )
        )
        .annotate(pictured=Exists(Media.objects.filter(product=OuterRef("pk"))))
        .prefetch_related("media", "variants")
        # What can be seen comes first, as a shop would lay it out.
        .order_by("-pictured", "name", "pk")
    )


def _tree(categories: list[Category]) -> list[Branch]:
    children: dict[int | None, list[Category]] = {}
    for category in categories:
        children.setdefault(category.parent_id, []).append(category)
    tree: list[Branch] = []
    waiting = [Branch(category, 0) for category in reversed(children.get(None, []))]
    while waiting:
        branch = waiting.pop()
        tree.append(branch)
        waiting += [
            Branch(child, branch.depth + 1)
            for child in reversed(children.get(branch.category.pk, []))
        ]
    return tree


def _below(root: Category, categories: list[Category]) -> list[int]:
    """Ids of `root` and of all categories under it."""
    found = [root.pk]
    for pk in found:
        found += [item.pk for item in categories if item.parent_id == pk and item.pk not in found]
    return found
