"""The language of what a merchant reads: the settings in the dashboard, the journal's pages.

Saleor asks nobody for a language: it has no ``LocaleMiddleware``, and its settings fix
``LANGUAGE_CODE`` to English. So the host says it, in the environment variable ``ONEC_LANGUAGE``
(``ru`` or ``en``). Without the variable Django's present language holds, for sites that do choose
one.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps

from django.http import HttpResponse
from django.utils.functional import lazy
from django.utils.translation import gettext, override


def host_language() -> AbstractContextManager[object]:
    """Speak the host's language inside the ``with`` block."""
    chosen = os.environ.get("ONEC_LANGUAGE", "").strip()
    return override(chosen) if chosen else nullcontext()


def in_host_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Have `view` speak the host's language."""

    @wraps(view)
    def speaking(*args: object, **kwargs: object) -> HttpResponse:
        with host_language():
            return view(*args, **kwargs)

    return speaking


def _translate(message: str) -> str:
    with host_language():
        return gettext(message)


#: A text of a plugin: translated whenever it is read, never before the apps are loaded.
gettext_lazy = lazy(_translate, str)
