"""Any object that a package may hold."""

from .documents import Counterparty, Document
from .model import (
    GoodsCategory,
    Group,
    Offer,
    Package,
    PriceType,
    Product,
    Property,
    Section,
    Unit,
    Warehouse,
)

Item = (
    Package
    | Section
    | Group
    | GoodsCategory
    | Property
    | PriceType
    | Warehouse
    | Unit
    | Product
    | Offer
    | Document
    | Counterparty
)
