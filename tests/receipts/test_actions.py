"""What staff can have done, and what they can't."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction

from saleor_1c_plugin.receipts import actions, stored
from saleor_1c_plugin.receipts.actions import Impossible
from saleor_1c_plugin.receipts.compose.document import Kind
from saleor_1c_plugin.receipts.models import Receipt
from saleor_1c_plugin.receipts.tasks import register_receipts

from . import sales
from .support import FIRST, House, contents

State = Receipt.State


def refused(house: House) -> Receipt:
    """A receipt that was composed before somebody found out that no register takes it."""
    order = sales.order()
    sales.pay(order, "200.00")
    (row,) = Receipt.objects.all()
    wrong = stored.dump(contents("200.00", paid={}))
    Receipt.objects.filter(pk=row.pk).update(
        state=State.QUEUED,
        due="2020-01-01T00:00Z",
        document=wrong,
        version=2,
        drive="",
        fiscal_document=None,
        register="",
    )
    register_receipts()
    row = house.row(row)
    assert (row.state, row.register) == (State.FAILED, FIRST)
    return row


def test_a_receipt_that_was_turned_down_is_composed_anew_and_sent(house: House) -> None:
    row = refused(house)
    actions.send_anew(row.pk)
    row = house.row(row)
    assert (row.state, row.version, row.reason) == (State.DONE, 3, "")
    assert house.printed()[-1].external_id == f"{row.pk}.3"
    with pytest.raises(Impossible):
        actions.send_anew(row.pk)


def test_what_is_still_wrong_fails_again(house: House) -> None:
    order = sales.order(email="")
    sales.pay(order, "200.00")
    (row,) = Receipt.objects.all()
    again = actions.send_anew(row.pk)
    assert again.state == State.FAILED
    assert again.reason


def test_a_receipt_is_dropped_with_a_note_and_those_behind_it_go_on(house: House) -> None:
    bad = house.put(order="one-order", document={})
    behind = house.put(order="one-order")
    with pytest.raises(Impossible):
        actions.drop(bad.pk, "  ")
    actions.drop(bad.pk, "Пробит на кассе в магазине")
    row = house.row(bad)
    assert (row.state, row.due, row.note) == (State.DROPPED, None, "Пробит на кассе в магазине")
    assert house.row(behind).state == State.DONE


def test_what_could_not_be_composed_before_it_was_dropped_is_composed_then(house: House) -> None:
    order = sales.order(email="")
    sales.pay(order, "100.00")
    sales.pay(order, "100.00")
    first, second = Receipt.objects.order_by("created")
    assert {first.state, second.state} == {State.FAILED}
    # Past the hooks: nobody hears that it was mended.
    sales.Order.objects.filter(pk=order.pk).update(email="anna@shop.example")
    actions.drop(first.pk, "Пробит на кассе в магазине")
    assert house.row(first).state == State.DROPPED
    assert house.row(second).state == State.DONE
    assert len(house.printed()) == 1


def test_what_a_register_has_or_may_have_is_not_dropped(house: House) -> None:
    done = house.put()
    house.break_down(loses=100)
    sent = house.put()
    for row in (done, sent):
        with pytest.raises(Impossible):
            actions.drop(row.pk, "Лишний")
    with pytest.raises(Impossible):
        actions.drop(uuid4(), "Лишний")


def test_a_register_that_will_never_answer_is_given_up(house: House) -> None:
    house.break_down(fails=100)
    row = house.put(state=State.SENT, register=FIRST)
    for _ in range(3):
        house.wait()
    assert house.row(row).state == State.SENT
    actions.let_go(row.pk, "Касса сгорела, чека на ней нет")
    house.wait()
    row = house.row(row)
    assert (row.state, row.register) == (State.DONE, "emulator:2")
    with pytest.raises(Impossible):
        actions.let_go(row.pk, "Ещё раз")


def sold(house: House) -> Receipt:
    order = sales.order()
    sales.pay(order, "200.00")
    return Receipt.objects.get()


def test_a_wrong_receipt_is_taken_back_and_made_right(house: House) -> None:
    row = sold(house)
    # What was wrong: the tax system.
    house.configure(tax_system="usn_income")
    back, right = actions.correct(row.pk, "Неверная система налогообложения", again=True)
    rows = [house.row(one) for one in (back, right)]
    assert [one.state for one in rows] == [State.DONE, State.DONE]
    assert [one.kind for one in rows] == [Kind.SELL_REFUND_CORRECTION, Kind.SELL_CORRECTION]
    assert {one.corrects_id for one in rows} == {row.pk}
    assert {one.note for one in rows} == {"Неверная система налогообложения"}
    first, *corrections = house.printed()
    assert [one.total for one in corrections] == [first.total, first.total]
    assert row.registered is not None
    for document in corrections:
        correction = document.content["correction"]
        assert correction["sign"] == first.sign
        assert correction["day"] == row.registered.date().isoformat()
    assert [one.content["tax_system"] for one in house.printed()] == [1, 1, 2]
    with pytest.raises(Impossible):
        actions.correct(row.pk, "Ещё раз", again=False)


def test_after_it_was_corrected_the_order_calls_for_no_other_receipt(house: House) -> None:
    row = sold(house)
    house.configure(tax_system="usn_income")
    actions.correct(row.pk, "Неверная система налогообложения", again=True)
    order = sales.Order.objects.get()
    with transaction.atomic():
        order.save()
    assert Receipt.objects.count() == 3
    # What is given back is what was sold in the end.
    sales.give_back(order, "200.00")
    (refund,) = Receipt.objects.filter(kind=Kind.SELL_REFUND)
    assert (refund.state, refund.total) == (State.DONE, Decimal(200))
    assert refund.document is not None
    assert refund.document["tax_system"] == 2


def test_one_that_should_not_have_been_is_only_taken_back(house: House) -> None:
    row = sold(house)
    (back,) = actions.correct(row.pk, "Чек пробит дважды", again=False, number="12-34/56")
    assert house.row(back).kind == Kind.SELL_REFUND_CORRECTION
    assert back.document is not None
    assert back.document["correction"]["number"] == "12-34/56"
    assert back.document["correction"]["on_order"] is True


def test_what_would_be_the_same_or_was_never_registered_is_not_corrected(house: House) -> None:
    row = sold(house)
    with pytest.raises(Impossible):
        actions.correct(row.pk, "Просто так", again=True)
    with pytest.raises(Impossible):
        actions.correct(row.pk, "", again=False)
    failed = house.put(document={})
    with pytest.raises(Impossible):
        actions.correct(failed.pk, "Ошибка", again=False)
    assert Receipt.objects.filter(corrects__isnull=False).count() == 0
