"""What every storm is made of: a diary, people in threads of their own, workers that are killed."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections

from saleor_1c_plugin.sandbox.children import Child


@dataclass
class Diary:
    """What happened."""

    done: Counter[str] = field(default_factory=Counter)
    #: What must not be.
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def note(self, what: str) -> None:
        with self._lock:
            self.done[what] += 1


@contextmanager
def apart(diary: Diary, works: Sequence[Callable[[], None]]) -> Iterator[list[threading.Thread]]:
    """Works in threads of their own, which are waited for at the end; their failures are seen."""

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            diary.complaints.append(repr(error))
            raise
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work], daemon=True) for work in works]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.join()


def pool(worker: Child) -> list[int]:
    """Pids of a worker's pool: those that do the tasks."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


def kill_pool(worker: Child) -> None:
    """``kill -9`` of the processes that do the tasks; the worker's main one makes new ones."""
    for pid in pool(worker):
        os.kill(pid, signal.SIGKILL)


@contextmanager
def dead_pools(workers: Sequence[Child]) -> Iterator[None]:
    """``kill -9`` of all processes that do the tasks; inside the context there are no new ones."""
    for worker in workers:
        # Otherwise it would make one at once.
        os.kill(worker.pid, signal.SIGSTOP)
    for worker in workers:
        kill_pool(worker)
    yield
    for worker in workers:
        os.kill(worker.pid, signal.SIGCONT)
