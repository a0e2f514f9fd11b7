"""Goods, prices and stock. `key` is the id that 1C gives an object."""

from decimal import Decimal

from django.db import models
from django.db.models import Q


class Category(models.Model):
    key = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=250)
    description = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )

    def __str__(self) -> str:
        return self.name


class Attribute(models.Model):
    key = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=250)
    #: A :class:`~saleor_1c_plugin.store.ports.InputType`.
    input_type = models.CharField(max_length=16)

    def __str__(self) -> str:
        return self.name


class AttributeChoice(models.Model):
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="choices")
    key = models.CharField(max_length=255)
    name = models.CharField(max_length=250)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attribute", "key"], name="onec_sandbox_choice_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductType(models.Model):
    key = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=250)
    product_attributes = models.ManyToManyField(Attribute, related_name="product_types")
    variant_attributes = models.ManyToManyField(Attribute, related_name="variant_types")

    def __str__(self) -> str:
        return self.name


class TaxClass(models.Model):
    key = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=250)
    #: ``None``: not taxed.
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    key = models.CharField(max_length=255, unique=True)
    type = models.ForeignKey(ProductType, on_delete=models.PROTECT)
    name = models.CharField(max_length=250)
    description = models.TextField(blank=True)
    description_is_html = models.BooleanField(default=False)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.SET_NULL, related_name="products"
    )
    #: Kilograms.
    weight = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    tax_class = models.ForeignKey(TaxClass, null=True, on_delete=models.SET_NULL)
    metadata = models.JSONField(default=dict)
    published = models.BooleanField(default=True)
    #: Everything that a buyer may look for, in lower case; kept by the follow-ups.
    search = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Media(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="media")
    image = models.ImageField(max_length=200)
    caption = models.CharField(max_length=250, blank=True)
    #: SHA-256 of the content; empty for a picture that an editor added.
    digest = models.CharField(max_length=64, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "digest"],
                condition=~Q(digest=""),
                name="onec_sandbox_picture_once",
            ),
        ]


class Variant(models.Model):
    key = models.CharField(max_length=255, unique=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=255, blank=True)
    sku = models.CharField(max_length=255, unique=True, null=True)
    weight = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    metadata = models.JSONField(default=dict)
    media = models.ManyToManyField(Media, related_name="variants")

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    """One value of an attribute, on a product or on a variant."""

    product = models.ForeignKey(
        Product, null=True, on_delete=models.CASCADE, related_name="attribute_values"
    )
    variant = models.ForeignKey(
        Variant, null=True, on_delete=models.CASCADE, related_name="attribute_values"
    )
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE)
    choice = models.ForeignKey(AttributeChoice, null=True, on_delete=models.CASCADE)
    text = models.TextField(blank=True)
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    boolean = models.BooleanField(null=True)
    moment = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False) ^ Q(variant__isnull=False),
                name="onec_sandbox_value_owner",
            ),
        ]

    @property
    def value(self) -> str | Decimal | bool | object:
        """The value, of whatever type."""
        if self.choice is not None:
            return self.choice.name
        for value in (self.number, self.boolean, self.moment):
            if value is not None:
                return value
        return self.text


class Price(models.Model):
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices")
    channel = models.SlugField()
    amount = models.DecimalField(max_digits=15, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "channel"], name="onec_sandbox_price_once"),
        ]


class Warehouse(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=250)

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """Quantity on hand."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="stocks")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.CASCADE)
    quantity = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "warehouse"], name="onec_sandbox_stock_once"
            ),
        ]
