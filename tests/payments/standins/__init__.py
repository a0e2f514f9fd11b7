"""Payment providers on the loopback: each keeps money as its documentation says, and misbehaves as
it is told to.

What is asked of them and what they answer is held against the provider's own OpenAPI description,
where it stands beside the repository (see :mod:`tests.commerceml.shared`).
"""
