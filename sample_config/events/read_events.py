"""Prints what is new: ONEC_FEED=https://…/feed ONEC_TOKEN=… python read_events.py reached.txt"""

import json
import os
import sys
import urllib.request
from pathlib import Path


def page(after):
    request = urllib.request.Request(f"{os.environ['ONEC_FEED']}?limit=100&after={after}")
    request.add_header("Authorization", f"Bearer {os.environ['ONEC_TOKEN']}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


place = Path(sys.argv[1])
found = {"next": place.read_text() if place.exists() else "", "last": None}
while found["next"] != found["last"]:
    found = page(found["next"])
    for event in found["events"]:
        print(event["number"], event["kind"], event["order"]["number"], event["data"].get("total"))
    place.write_text(str(found["next"]))
