"""How much memory a job takes: ``python -m tests.benchmarks.memory JOB`` does it and tells.

A process of its own, as a worker's is, so that nothing else is in its peak.
"""

import json
import os
import subprocess
import sys
from pathlib import Path


def of_job(job_id: int) -> tuple[float, float]:
    """Megabytes that a process takes before the job, and at most while it does it."""
    idle, peak = figures_of("tests.benchmarks.memory", str(job_id))
    return idle, peak


def figures_of(module: str, *arguments: str) -> list[float]:
    """What `module`, run in a process of its own, prints as a JSON list."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ,
    )
    figures: list[float] = json.loads(done.stdout)
    return figures


def megabytes(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def _main(job_id: int) -> None:
    import django
    import saleor.celeryconf  # noqa: F401

    django.setup()
    from saleor.graphql.api import schema  # noqa: F401 - what a worker of Saleor's has loaded

    from saleor_1c_plugin.exchange.models import ImportJob
    from saleor_1c_plugin.exchange.tasks import run_import

    ImportJob.objects.exists()
    idle = megabytes("VmRSS")
    run_import(job_id)
    job = ImportJob.objects.get(pk=job_id)
    if job.status != ImportJob.Status.DONE:
        raise SystemExit(f"the job failed: {job.reason}")
    print(json.dumps([idle, megabytes("VmHWM")]))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
