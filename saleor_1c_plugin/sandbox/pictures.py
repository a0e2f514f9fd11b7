"""Pictures of products, stored once however many products show them."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from django.core.files import File
from django.core.files.storage import default_storage

from ..store.ports import FollowUps, MediaWrite, PictureContent, Written
from .bulk import BATCH, unique
from .models import Media, Variant


def write_media(writes: Sequence[MediaWrite]) -> Written:
    wanted = {
        int(write.product_id): {picture.digest: picture for picture in write.pictures}
        for write in writes
    }
    known: dict[int, dict[str, Media]] = {product_id: {} for product_id in wanted}
    ours = Media.objects.filter(product_id__in=wanted).exclude(digest="")
    for row in ours.select_for_update().order_by("pk"):
        known[row.product_id][row.digest] = row
    stale = [
        row.pk
        for product_id, rows in known.items()
        for digest, row in rows.items()
        if digest not in wanted[product_id]
    ]
    changed = [
        _row(product_id, position, picture, known[product_id].get(picture.digest))
        for product_id, pictures in wanted.items()
        for position, picture in enumerate(pictures.values())
    ]
    Media.objects.filter(pk__in=stale).delete()
    Media.objects.bulk_create([row for row in changed if row.pk is None], batch_size=BATCH)
    Media.objects.bulk_update(
        [row for row in changed if row.pk is not None], ["position", "caption"], batch_size=BATCH
    )
    by_digest = {(row.product_id, row.digest): row for row in changed}
    for write in writes:
        _show(int(write.product_id), write.variants, by_digest)
    ids = [write.product_id for write in writes]
    return Written(ids=ids, follow_ups=FollowUps(products_updated=unique(ids)))


def _row(product_id: int, position: int, picture: PictureContent, row: Media | None) -> Media:
    if row is None:
        row = Media(product_id=product_id, digest=picture.digest, image=_stored(picture))
    row.position = position
    row.caption = picture.caption[:250]
    return row


def _stored(picture: PictureContent) -> str:
    """Name of the picture's file in the shop, made from its content.

    A file whose row is rolled back afterwards does no harm: it is found again the next time.
    """
    suffix = PurePosixPath(picture.filename).suffix.lower()
    name = f"onec/{picture.digest[:2]}/{picture.digest}{suffix}"
    if not default_storage.exists(name):
        with picture.open() as content:
            name = default_storage.save(name, File(content))
    return name


def _show(
    product_id: int,
    variants: Mapping[str, tuple[str, ...]],
    media: Mapping[tuple[int, str], Media],
) -> None:
    for row in Variant.objects.filter(pk__in=[int(id_) for id_ in variants]):
        digests = variants[str(row.pk)]
        # An editor's own choice for a variant has no digest and stays.
        row.media.remove(*row.media.exclude(digest=""))
        row.media.add(*(media[product_id, digest] for digest in digests))
