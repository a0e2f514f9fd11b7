"""Giving work to Celery's queue, which may be out of reach."""

import logging
from typing import TYPE_CHECKING, Any

from kombu.exceptions import OperationalError

if TYPE_CHECKING:
    from celery import Task

logger = logging.getLogger(__name__)


def offer(task: "Task[Any, Any]", what: str, args: tuple[object, ...] = ()) -> bool:
    """Whether the broker took the task; one that can't be reached is only logged.

    So whoever calls has the work written down where it is found again.

    Parameters
    ----------
    what
        Names the work in the log.
    """
    try:
        # The request or the worker must not hang for a broker that went away.
        task.apply_async(args=args, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("The broker refused %s: %s", what, type(error).__name__)
        return False
    return True
