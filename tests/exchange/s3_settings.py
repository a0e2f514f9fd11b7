"""The mini-shop's settings on hosts that share nothing but the database, the broker and S3."""

import os

from tests.exchange.worker_settings import *  # noqa: F403


def _in_bucket(folder: str) -> dict[str, object]:
    options = {
        "bucket_name": "shop",
        "location": folder,
        "endpoint_url": os.environ["ONEC_TEST_S3_URL"],
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "us-east-1",
        "max_memory_size": 1 << 20,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {"default": _in_bucket("media"), "1c": _in_bucket("spool")}
ONEC_SPOOL_STORAGE = "1c"
