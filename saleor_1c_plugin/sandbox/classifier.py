"""Categories and attributes."""

from collections.abc import Sequence

from ..store.ports import AttributeWrite, CategoryWrite, Written
from .bulk import BATCH, upsert
from .models import Attribute, AttributeChoice, Category


def write_categories(writes: Sequence[CategoryWrite]) -> Written:
    def fill(row: Category, write: CategoryWrite, new: bool) -> None:
        row.name = write.name[:250]
        row.description = write.description
        row.parent_id = None if write.parent_id is None else int(write.parent_id)

    done = upsert(Category.objects.all(), writes, fill, ["name", "description", "parent"])
    return Written(ids=done.ids)


def write_attributes(writes: Sequence[AttributeWrite]) -> Written:
    def fill(row: Attribute, write: AttributeWrite, new: bool) -> None:
        row.name = write.name[:250]
        row.input_type = write.input_type.value

    done = upsert(Attribute.objects.all(), writes, fill, ["name", "input_type"])
    choices = {
        (row.pk, choice.key): AttributeChoice(attribute=row, key=choice.key, name=choice.name[:250])
        for row, write in zip(done.rows, writes, strict=True)
        for choice in write.choices
    }
    AttributeChoice.objects.bulk_create(
        choices.values(),
        update_conflicts=True,
        unique_fields=["attribute", "key"],
        update_fields=["name"],
        batch_size=BATCH,
    )
    return Written(ids=done.ids)
