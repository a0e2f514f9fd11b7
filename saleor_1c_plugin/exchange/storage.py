"""Where the spool lies: a storage of Django's, so that web and workers may be on different hosts.

Named by the Django setting or the environment variable ``ONEC_SPOOL_STORAGE``: an alias in
``STORAGES`` or an absolute folder; a folder may also be named by ``ONEC_SPOOL_DIR``. Without
either, a folder of this user's under the temporary one.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, Storage, storages

from .errors import Refused

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def spool_storage() -> Storage:
    """The storage of the spool.

    Raises
    ------
    ImproperlyConfigured
        The folder is relative, public, or another user's.
    """
    name = str(getattr(settings, "ONEC_SPOOL_STORAGE", "")) or os.environ.get(
        "ONEC_SPOOL_STORAGE", ""
    )
    if name in storages.backends:
        return storages[name]
    name = name or os.environ.get("ONEC_SPOOL_DIR", "")
    folder = Path(name) if name else Path(tempfile.gettempdir()) / f"onec-spool-{os.getuid()}"
    if not folder.is_absolute():
        raise ImproperlyConfigured(
            "ONEC_SPOOL_STORAGE is neither an alias in STORAGES nor an absolute folder"
        )
    media = Path(settings.MEDIA_ROOT or "/nowhere").resolve()
    if folder.resolve().is_relative_to(media):
        raise ImproperlyConfigured("The spool must not lie under MEDIA_ROOT: that is public")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not name and folder.stat().st_uid != os.getuid():
        raise ImproperlyConfigured("The default spool folder belongs to somebody else")
    return FileSystemStorage(
        location=str(folder), file_permissions_mode=0o600, directory_permissions_mode=0o700
    )


@contextmanager
def telling_full_disk(name: str) -> Iterator[None]:
    """Turn a full disk into a reason that 1C's operator can act upon."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Refused(
                f"На сервере не осталось места для файла {name}. "
                "Освободите место и повторите обмен."
            ) from error
        raise


def delete_tree(storage: Storage, folder: str) -> int:
    """Delete everything under `folder`; how many objects that was."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return 0
    deleted = 0
    for name in files:
        storage.delete(f"{folder}/{name}")
        deleted += 1
    for name in folders:
        deleted += delete_tree(storage, f"{folder}/{name}")
    # An object storage has no folders and ignores this.
    storage.delete(folder)
    return deleted
