"""What serves in a process of its own, and what restarts it, with the standard library alone?

`child_server.py serve PORT LOADING_S HEALTH` serves; for LOADING_S seconds it is loading, and HEALTH says whether
`/ready` then tells so (`honest`) or not (`lies`). `child_server.py restart PID_FILE [PORT LOADING_S HEALTH]` ends the
process of the file and, where more is given, starts another one.
"""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers health and chats."""

    protocol_version = "HTTP/1.1"
    ready_s = 0.0
    health = "honest"

    def do_GET(self) -> None:
        tells = self.path == "/ready" and self.health == "honest" and self.loading()
        known = self.path in {"/ready", "/health"}
        self.answer(503 if tells else 200 if known else 404, {"status": "loading" if tells else "ok"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.loading():
            self.answer(503, {"error": {"message": "loading"}})
        elif body.get("stream"):
            self.stream()
        else:
            self.answer(200, {"choices": [{"index": 0, "message": {"role": "assistant", "content": "red"}}]})

    def loading(self) -> bool:
        return time.monotonic() < self.ready_s

    def answer(self, status: int, document: dict) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(500):
            line = b'data: {"choices": [{"index": 0, "delta": {"content": "one "}}]}\n\n'
            self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            time.sleep(0.01)

    def log_message(self, *_: object) -> None:
        pass


def serve(port: str, loading_s: str, health: str) -> None:
    Handler.ready_s, Handler.health = time.monotonic() + float(loading_s), health
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


def restart(pid_file: str, *arguments: str) -> None:
    path = Path(pid_file)
    if path.exists():
        os.kill(int(path.read_text()), signal.SIGKILL)
        path.unlink()
    if arguments:
        null = subprocess.DEVNULL
        command = [sys.executable, "-I", "-S", __file__, "serve", *arguments]
        process = subprocess.Popen(command, stdin=null, stdout=null, stderr=null, start_new_session=True)
        path.write_text(str(process.pid))
        process.returncode = 0  # it is left running on purpose


if __name__ == "__main__":
    {"serve": serve, "restart": restart}[sys.argv[1]](*sys.argv[2:])
