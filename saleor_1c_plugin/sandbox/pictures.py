"""Pictures of products, stored once however many products show them."""

from collections.abc import Mapping, Sequence
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.storage import default_storage

from ..store.images import NotAPicture, suffix_of
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
    digests = {digest for pictures in wanted.values() for digest in pictures}
    files = dict(Media.objects.filter(digest__in=digests).values_list("digest", "image"))
    changed: list[Media] = []
    faults: dict[str, list[str]] = {}
    for product_id, pictures in wanted.items():
        for position, picture in enumerate(pictures.values()):
            try:
                before = known[product_id].get(picture.digest)
                changed.append(_row(product_id, position, picture, before, files))
            except NotAPicture as error:
                faults.setdefault(str(product_id), []).append(f"{picture.filename}: {error}")
    Media.objects.filter(pk__in=stale).delete()
    Media.objects.bulk_create([row for row in changed if row.pk is None], batch_size=BATCH)
    Media.objects.bulk_update(
        [row for row in changed if row.pk is not None], ["position", "caption"], batch_size=BATCH
    )
    by_digest = {(row.product_id, row.digest): row for row in changed}
    for write in writes:
        _show(int(write.product_id), write.variants, by_digest)
    ids = [write.product_id for write in writes]
    notes = {
        index: "Картинки не приняты: " + "; ".join(faults[product_id])
        for index, product_id in enumerate(ids)
        if product_id in faults
    }
    return Written(ids=ids, follow_ups=FollowUps(products_updated=unique(ids)), notes=notes)


def _row(
    product_id: int,
    position: int,
    picture: PictureContent,
    row: Media | None,
    files: dict[str, str],
) -> Media:
    if row is None:
        if picture.digest not in files:
            files[picture.digest] = _store(picture)
        row = Media(product_id=product_id, digest=picture.digest, image=files[picture.digest])
    row.position = position
    row.caption = picture.caption[:250]
    return row


def _store(picture: PictureContent) -> str:
    """Keep a picture that no row knows; the name of its file, made from its content.

    Raises
    ------
    NotAPicture
        The shop can't show it, or its file did not come.
    """
    with SpooledTemporaryFile(max_size=1 << 20) as copy:
        try:
            with picture.open() as content:
                copyfileobj(content, copy)
        except FileNotFoundError as error:
            raise NotAPicture("файл не пришёл") from error
        copy.seek(0)
        suffix = suffix_of(cast(BinaryIO, copy))
        name = f"onec/{picture.digest[:2]}/{picture.digest}{suffix}"
        # A file without a row is what a batch left that was rolled back: perhaps half of it.
        default_storage.delete(name)
        copy.seek(0)
        return default_storage.save(name, File(copy))


def _show(
    product_id: int,
    variants: Mapping[str, tuple[str, ...]],
    media: Mapping[tuple[int, str], Media],
) -> None:
    for row in Variant.objects.filter(pk__in=[int(id_) for id_ in variants]):
        digests = variants[str(row.pk)]
        # An editor's own choice for a variant has no digest and stays.
        row.media.remove(*row.media.exclude(digest=""))
        found = (media.get((product_id, digest)) for digest in digests)
        row.media.add(*(picture for picture in found if picture is not None))
