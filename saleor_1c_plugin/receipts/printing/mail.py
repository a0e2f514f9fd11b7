"""The receipt by e-mail, for registers whose service does not send it.

It leaves by the outbox, so that a mail server that is away delays it and loses none.
"""

from email.mime.image import MIMEImage
from smtplib import SMTPRecipientsRefused
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from ...outbox import messages
from ...outbox.errors import Refused
from ...outbox.models import Message
from .. import qr, stored
from ..models import Receipt
from ..registers import Park
from . import links
from .printed import Printed, printed

TOPIC = "receipts.mail"
#: Name of the picture within the letter.
_CODE = "qr"
#: From here on a mail server's "no" is for good.
_FOR_GOOD = 500


def send_later(row: Receipt, park: Park) -> None:
    """Have the buyer written to once the present transaction is committed, if that is wanted.

    A buyer without an e-mail address gets nothing: the address of the receipt's page is what is
    left to be sent to a phone.
    """
    channel = park.channels.get(row.channel)
    if channel is None or not channel.settings.letters or not row.document:
        return
    if stored.load(row.document).buyer.email:
        messages.append(TOPIC, str(row.pk), {}, key=str(row.pk))


def deliver(message: Message) -> None:
    """Write to the buyer."""
    row = Receipt.objects.filter(pk=message.object, state=Receipt.State.DONE).first()
    receipt = printed(row) if row is not None else None
    if row is None or receipt is None or not receipt.document.buyer.email:
        return
    try:
        letter(row, receipt).send()
    except SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        if code >= _FOR_GOOD:
            # The address is a buyer's: it is not repeated.
            raise Refused(f"The mail server does not take the buyer's address ({code})") from error
        raise


def letter(row: Receipt, receipt: Printed) -> EmailMultiAlternatives:
    """What the buyer gets."""
    address = urljoin(receipt.document.place, links.address_of(row.pk))
    context = {
        "form": receipt.form,
        "data": receipt.data,
        "order": row.order_number,
        # A store that does not know its own address can't name its pages.
        "address": address if address.startswith(("https://", "http://")) else "",
        "code": _CODE,
        "is_test": receipt.data.is_test,
    }
    made = EmailMultiAlternatives(
        subject=" ".join(f"{receipt.form.title} по заказу № {row.order_number}".split()),
        body=render_to_string("onec_receipts/letter.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[receipt.document.buyer.email],
    )
    made.attach_alternative(render_to_string("onec_receipts/letter.html", context), "text/html")
    picture = MIMEImage(qr.png(receipt.code), "png")
    picture.add_header("Content-ID", f"<{_CODE}>")
    picture.add_header("Content-Disposition", "inline", filename=f"{_CODE}.png")
    made.attach(picture)
    return made
