"""Payment providers on the loopback: each keeps money as its documentation says, and misbehaves as
it is told to.

What is asked of them and what they answer is held against the provider's own OpenAPI description,
where it stands beside the repository (see :mod:`tests.commerceml.shared`)::

    with YooKassa(faults=Faults(share=0.3, seed=1)) as yookassa:
        yookassa.notifier.url = "http://127.0.0.1:8000/plugins/saleor1c.yookassa/"
        ...  # the shop creates a payment at yookassa.url and gets a confirmation_url
        buyers.pay(confirmation_url)
        yookassa.notifier.wait()
        assert yookassa.book.balances() == what_the_shop_believes

The end of the context fails where a message was not as described.
"""
