"""Prints what the store posts: ONEC_SECRET=… python receive_events.py 8080"""

import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

taken = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        moment = self.headers.get("X-Onec-Timestamp", "0")
        text = f"{moment}.".encode() + body
        signed = hmac.new(os.environ["ONEC_SECRET"].encode(), text, "sha256").hexdigest()
        is_ours = hmac.compare_digest(signed, self.headers.get("X-Onec-Signature", ""))
        if is_ours and time.time() - int(moment) < 300:
            event = json.loads(body)
            if event["key"] not in taken:  # it may come twice
                taken.add(event["key"])
                print(
                    event["kind"], event["order"]["number"], event["customer"]["email"], flush=True
                )
        self.send_response(204 if is_ours else 403)
        self.end_headers()


HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
