"""Names of files in a package: folders are welcome, ways out of it are not."""

import re
import unicodedata

from .errors import Refused

MAX_NAME = 500
MAX_COMPONENT = 255

_DRIVE = re.compile(r"^[A-Za-z]:")


def normalise(name: str) -> str:
    """The name with forward slashes, without ``.`` and empty folders.

    Raises
    ------
    Refused
        The name is empty, too long, absolute, leads upwards, or holds control characters.
    """
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in name):
        raise Refused("Имя файла содержит недопустимые символы")
    path = unicodedata.normalize("NFC", name.replace("\\", "/")).strip()
    shown = path[:100]
    if not path or path.endswith("/"):
        raise Refused("Не указано имя файла (параметр filename)")
    if path.startswith("/") or _DRIVE.match(path):
        raise Refused(f"Недопустимое имя файла «{shown}»: путь должен быть относительным")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Refused(f"Недопустимое имя файла «{shown}»: выход из папки обмена запрещён")
    if not parts:
        raise Refused("Не указано имя файла (параметр filename)")
    if len("/".join(parts)) > MAX_NAME or any(len(part) > MAX_COMPONENT for part in parts):
        raise Refused(f"Слишком длинное имя файла «{shown}…»: не более {MAX_NAME} знаков")
    return "/".join(parts)


def is_archive(name: str) -> bool:
    return name.lower().endswith(".zip")
