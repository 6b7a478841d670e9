#!/usr/bin/python3
"""The API of openapi.yaml: constant answers, but that one text can be changed.

    backend.py [PORT [FILE]]

PORT: 8090 unless given; 0: the system chooses. Prints its URL when it listens. FILE holds the process
number of the MCP server, which one of the operations tells to read its options again.
"""

import base64
import http.server
import json
import os
import pathlib
import signal
import struct
import sys
import time

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
WAV = b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
WAV += b"data" + struct.pack("<I", 0)
BOUNDARY = "-part-of-the-answer"


def part(content_type, body, location=None):
    head = f"--{BOUNDARY}\r\nContent-Type: {content_type}\r\n"
    head += f"Content-Location: {location}\r\n" if location else ""
    return head.encode() + b"\r\n" + body + b"\r\n"


def parts(*several):
    return f"multipart/mixed; boundary={BOUNDARY}", b"".join(several) + f"--{BOUNDARY}--\r\n".encode()


ANSWERS = {
    "/tools/simple-text": ("text/plain", b"This is a simple text response for testing."),
    "/tools/image": ("image/png", PNG),
    "/tools/audio": ("audio/wav", WAV),
    "/tools/embedded-resource": parts(
        part("text/plain", b"This is an embedded resource content.", "test://embedded-resource")
    ),
    "/tools/multiple-content": parts(
        part("text/plain", b"Multiple content types test:"),
        part("image/png", PNG),
        part("application/json", b'{"test":"data","value":123}', "test://mixed-content-resource"),
    ),
    "/tools/slow": ("text/plain", b"first, second, third"),
    "/tools/logged": ("text/plain", b"Done, in the open."),
    "/tools/unlogged": ("text/plain", b"Done, in silence."),
    "/tools/streamed": ("text/plain", b"Done, without a question."),
    "/tools/completed": ("text/plain", b"Done, with a choice."),
    "/static-text": ("text/plain", b"This is the content of the static text resource."),
    "/static-binary": ("image/png", PNG),
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    watched = b"As it was."

    def answer(self, status, content_type="text/plain", body=b"", pieces=1):
        self.send_response(status)
        if body:
            self.send_header("Content-Type", content_type)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        size = len(body) // pieces + 1
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            self.wfile.flush()
            if pieces > 1:
                time.sleep(0.05)  # a slow operation: who calls it can watch it going on

    def do_GET(self):
        path = self.path.split("?")[0]
        names = path.strip("/").split("/")
        if path in ANSWERS:
            self.answer(200, *ANSWERS[path], pieces=3 if path == "/tools/slow" else 1)
        elif path == "/tools/error":
            self.answer(500, "text/plain", b"This tool intentionally returns an error for testing")
        elif path == "/tools/reload" and len(sys.argv) > 2:
            os.kill(int(pathlib.Path(sys.argv[2]).read_text()), signal.SIGHUP)
            self.answer(200, "text/plain", b"Told.")
        elif path == "/watched-resource":
            self.answer(200, "text/plain", Handler.watched)
        elif names[:2] == ["tools", "regional"] and len(names) == 3:
            self.answer(200, "text/plain", f"In {names[2]}.".encode())
        elif names[0] == "template" and names[2:] == ["data"]:
            data = {"id": names[1], "templateTest": True, "data": f"Data for ID: {names[1]}"}
            self.answer(200, "application/json", json.dumps(data).encode())
        else:
            self.answer(404, "text/plain", b"There is no such thing.")

    def do_PUT(self):
        Handler.watched = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(204)

    def log_message(self, *_):
        pass


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8090
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
