"""YooKassa's receipts: of payments and refunds that it has moved, and of no others.

By version 3 of its API (its OpenAPI description; codes of rates and tax systems by its reference
yookassa.ru/developers/54fz/parameters-values). YooKassa hands a receipt to the register that the
merchant has connected to it. Receipts are made apart from payments, its way "first the payment,
then the receipt". With registers of its own ("Чеки от ЮKassa") it takes only receipts that set a
prepayment off this way; those of payments and refunds it makes itself.
"""
