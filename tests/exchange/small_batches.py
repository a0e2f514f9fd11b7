"""Read by the worker at its start: a few hundred goods shall be many batches."""

from saleor_1c_plugin.catalog import batches, missing

batches.BATCH = missing.BATCH = 40
