"""Pictures of products, each content once."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from saleor.product import ProductMediaTypes
from saleor.product.models import ProductMedia, VariantMedia

from ..images import NotAPicture, suffix_of
from ..ports import MediaWrite, PictureContent, Written

#: Private metadata of a picture that came from 1C: its content's digest.
DIGEST = "onec.sha256"


def write_media(writes: Sequence[MediaWrite]) -> Written:
    """Give products their pictures; those that editors added stay where they are."""
    written = Written()
    ours: dict[tuple[int, str], ProductMedia] = {}
    for media in ProductMedia.objects.filter(
        product_id__in=[int(write.product_id) for write in writes],
        private_metadata__has_key=DIGEST,
    ):
        ours[media.product_id, media.private_metadata[DIGEST]] = media
    for index, write in enumerate(writes):
        product_id = int(write.product_id)
        faults = []
        named = set()
        for order, picture in enumerate(write.pictures):
            named.add(picture.digest)
            media = ours.get((product_id, picture.digest))
            if media is None:
                try:
                    media = _store(product_id, picture, order)
                except (NotAPicture, FileNotFoundError) as error:
                    text = str(error) if isinstance(error, NotAPicture) else "файл не пришёл"
                    faults.append(f"{picture.filename}: {text}")
                    continue
                ours[product_id, picture.digest] = media
            elif (media.sort_order, media.alt) != (order, picture.caption[:250]):
                media.sort_order, media.alt = order, picture.caption[:250]
                media.save(update_fields=["sort_order", "alt"])
        gone = [
            media.pk
            for (owner, digest), media in ours.items()
            if owner == product_id and digest not in named
        ]
        ProductMedia.objects.filter(pk__in=gone).delete()
        shown = {
            (int(variant_id), ours[product_id, digest].pk)
            for variant_id, digests in write.variants.items()
            for digest in digests
            if (product_id, digest) in ours
        }
        # What an editor chose for a variant is no picture of 1C's, and stays.
        known = VariantMedia.objects.filter(
            variant_id__in=[int(variant_id) for variant_id in write.variants],
            media__private_metadata__has_key=DIGEST,
        ).values_list("pk", "variant_id", "media_id")
        VariantMedia.objects.filter(
            pk__in=[pk for pk, variant_id, media_id in known if (variant_id, media_id) not in shown]
        ).delete()
        VariantMedia.objects.bulk_create(
            [VariantMedia(variant_id=variant, media_id=media) for variant, media in sorted(shown)],
            ignore_conflicts=True,
        )
        if faults:
            written.notes[index] = "Картинки не приняты: " + "; ".join(faults)
        written.ids.append(write.product_id)
        written.follow_ups.products_updated.append(write.product_id)
    return written


def _store(product_id: int, picture: PictureContent, order: int) -> ProductMedia:
    with picture.open() as source:
        content = source.read()
    suffix = suffix_of(BytesIO(content))
    media = ProductMedia(
        product_id=product_id,
        alt=picture.caption[:250],
        type=ProductMediaTypes.IMAGE,
        private_metadata={DIGEST: picture.digest},
    )
    # Named by content: neither 1C's path nor a clash decides where the file lies.
    media.image.save(
        PurePosixPath(f"onec-{picture.digest[:24]}{suffix}").name, ContentFile(content), save=False
    )
    media.save()
    if media.sort_order != order:
        media.sort_order = order
        media.save(update_fields=["sort_order"])
    return media
