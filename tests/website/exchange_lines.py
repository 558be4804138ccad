"""Sites that exchange packages over TLS lines which do to messages what they are told (no Django here)."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psycopg

from waiting import ENDS, until
from website import served
from website.killing import Person
from website.small_county import ROOT


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Site:
    """One node: `qingmiao serve` with its own home and database, and the commands of its administrator."""

    def __init__(self, folder: Path, pack: Path, data: Path | None = None) -> None:
        folder.mkdir()
        self.folder, self.home, self.pack, self.data = folder, folder / "home", pack, data
        self.port, self.process = free_port(), None

    def start(self) -> None:
        """Start it; it answers when this returns."""
        command = served.command(self.home, self.data or self.folder, self.port, self.pack)
        if self.data is None:  # a node that measures nothing itself
            at = command.index("--data")
            del command[at : at + 2]
        self.log = self.folder / "log"
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=served.surroundings(), cwd=ROOT)
        until(
            lambda: "站点已启动" in self.told(before) and self.answers(),
            told=lambda: self.told(before)[-3000:],
            over=lambda: self.process is None or self.process.poll() is not None,
        )

    def told(self, since: int = 0) -> str:
        """What it has written from a byte of its log on."""
        return self.log.read_bytes()[since:].decode("utf-8", "replace")

    def answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ENDS)
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(ENDS)
            self.process = None
            until(lambda: not self.answers())

    def end(self) -> None:
        """Stopped, and its database with it."""
        self.stop()
        reset = [sys.executable, "-m", "qingmiao.cli", "serve", "--demo", "--reset", "--home", str(self.home)]
        subprocess.run(reset, env=served.surroundings(), cwd=ROOT, check=True, capture_output=True)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """`qingmiao exchange …` of this node."""
        asked = [sys.executable, "-m", "qingmiao.cli", "exchange", *command, "--home", str(self.home)]
        around = served.surroundings(QINGMIAO_MODE="demo", QINGMIAO_PACK=str(self.pack))
        return subprocess.run(asked, env=around, cwd=ROOT, capture_output=True, text=True)

    def said(self, *command: str) -> str:
        """What a command that must succeed says."""
        done = self.run(*command)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout + done.stderr

    def refused(self, *command: str) -> str:
        """Why a command changed nothing."""
        done = self.run(*command)
        assert done.returncode == 2, (done.returncode, done.stdout, done.stderr[-2000:])
        return done.stderr

    def person(self, username: str) -> Person:
        """Somebody of the demonstration, logged in."""
        accounts = json.loads((self.folder / "home-accounts.json").read_text("utf-8"))
        return Person(self.port, next(a for a in accounts if a["username"] == username)).log_in()

    def one(self, query: str, *given: Any) -> Any:
        """The one value of a query to its database."""
        with psycopg.connect(f"postgresql://postgres@/qingmiao?host={self.home / 'postgres'}") as connection:
            row = connection.execute(query, given).fetchone()
        return None if row is None else row[0]


class Line(ThreadingHTTPServer):
    """A TLS server with a certificate of its own that hands packages on to a site.

    `plan`: what happens to the next messages, one word each; whole where it is empty. cut: nothing arrives.
    unanswered: it arrives, the answer does not. garbled: the answer is no HTTP. halved: half of the answer. damaged: a
    byte is changed on the way. doubled: it arrives twice. kept: it arrives later (`deliver`).
    """

    daemon_threads = True

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Hop)
        self.to, self.plan, self.late = port, deque[str](), list[bytes]()
        self.authority = certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority, folder / "key.pem")
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self.server_address[1]}/exchange/packages"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """A hand-shake that a sender broke off is part of the play."""

    def hand_on(self, raw: bytes) -> tuple[int, bytes]:
        """Bring a message to the site."""
        connection = http.client.HTTPConnection("127.0.0.1", self.to, timeout=ENDS)
        try:
            connection.request("POST", "/exchange/packages", raw, {"Content-Type": "application/octet-stream"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def deliver(self) -> list[int]:
        """Bring what was kept, the last first; the statuses of the answers."""
        kept, self.late = list(reversed(self.late)), []
        return [self.hand_on(raw)[0] for raw in kept]


class _Hop(BaseHTTPRequestHandler):
    server: Line

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        what = self.server.plan.popleft() if self.server.plan else "whole"
        self.close_connection = True
        if what == "cut":
            return
        if what == "kept":
            self.server.late.append(raw)
            return
        if what == "damaged":
            middle = len(raw) // 2
            raw = raw[:middle] + bytes([raw[middle] ^ 255]) + raw[middle + 1 :]
        if what == "doubled":
            self.server.hand_on(raw)
        status, told = self.server.hand_on(raw)
        if what == "unanswered":
            return
        if what == "garbled":
            self.wfile.write(b"\x00\xff what?\r\n\r\n")
            return
        told = told[: len(told) // 2] if what == "halved" else told
        self.send_response(status)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


def certificate(folder: Path) -> Path:
    """A self-made certificate of this machine's loopback address, with its key beside it; the certificate's file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "演示")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    with os.fdopen(os.open(folder / "key.pem", os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        file.write(private)
    return path


def without_memory(site: Site, names: Sequence[str] = ("sent", "receipts")) -> None:
    """As after a backup that knows nothing of what was sent and answered since."""
    for name in names:
        shutil.rmtree(site.home / "exchange" / name, ignore_errors=True)
