"""Which answers make other evaluation tools pass a run that measured nothing? This server gives them, on demand.

It speaks the chat completions protocol and adds two numbers; what goes wrong depends on the model that is asked for:

    sums             answers every sum
    always-fails     answers HTTP 500, always
    fails-once       answers HTTP 500 to one of the hundred sums, always to the same
    careless-judge   judges without a verdict: {"reason": "terrible answer"}

    python examples/fail-closed/server.py --port 8099
"""

from __future__ import annotations

import argparse
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = ("sums", "always-fails", "fails-once", "careless-judge")
SUM = re.compile(r"(\d+) \+ (\d+)")
UNLUCKY = ("7", "8")


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """List the models."""
        self._send(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})

    def do_POST(self) -> None:
        """Answer one chat completion."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        numbers = SUM.search(body["messages"][-1]["content"])
        pair = numbers.groups() if numbers else ("0", "0")
        if body["model"] == "always-fails" or (body["model"] == "fails-once" and pair == UNLUCKY):
            self._send(500, {"error": {"message": "out of luck", "type": "server_error"}})
        elif body["model"] == "careless-judge":
            self._answer('{"reason": "terrible answer"}')
        else:
            self._answer(str(sum(map(int, pair))))

    def _answer(self, text: str) -> None:
        message = {"role": "assistant", "content": text}
        usage = {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11}
        self._send(200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8099, help="0 takes a free one")
    server = ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler)
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
