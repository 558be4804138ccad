"""A small FHIR R4 server as a process of its own, written to the standard and to nothing of this project: versions,
ETags, conditional create and update, `_lastUpdated`, pages, tokens, outcomes. It can be told to fail.

python outside_server.py: prints its port, then serves until it is ended. `POST /told` takes the words of what happens
to the next requests under /fhir: busy (429, Retry-After: 90), broken (500), lost (done, and no answer), away (nothing).
"""

from __future__ import annotations

import json
import threading
from collections import deque
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN, PAGE = "演示令牌".encode().hex(), 2
LOCK = threading.Lock()
KEPT: dict[tuple[str, str], list[dict[str, Any]]] = {}
PLAN: deque[str] = deque()


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def identifiers(resource: dict[str, Any]) -> set[str]:
    given = resource.get("identifier", [])
    every = [given] if isinstance(given, dict) else given
    return {f"{i.get('system', '')}|{i.get('value', '')}" for i in every}


def stored(kind: str, id_: str, resource: dict[str, Any]) -> dict[str, Any]:
    versions = KEPT.setdefault((kind, id_), [])
    made = resource | {"id": id_, "meta": {"versionId": str(len(versions) + 1), "lastUpdated": now()}}
    versions.append(made)
    return made


class Fhir(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._play(self._get)

    def do_POST(self) -> None:
        if self.path == "/told":
            PLAN.extend(json.loads(self._body()))
            self._say(200, {})
            return
        self._play(self._post)

    def do_PUT(self) -> None:
        self._play(self._put)

    def _play(self, work: Any) -> None:
        body = self._body()
        what = PLAN.popleft() if PLAN else ""
        if what == "away":
            self.close_connection = True
            return
        if what == "busy":
            self._outcome(429, "throttled", {"Retry-After": "90"})
            return
        if what == "broken":
            self._outcome(500, "exception")
            return
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._outcome(401, "login")
            return
        with LOCK:
            answer = work(body)
        if what == "lost":
            self.close_connection = True
            return
        self._say(*answer)

    def _get(self, _: bytes) -> Any:
        at = urlsplit(self.path)
        parts = at.path.strip("/").split("/")[1:]
        if len(parts) == 2:
            versions = KEPT.get((parts[0], parts[1]))
            return (200, versions[-1]) if versions else (404, outcome("not-found"))
        asked = parse_qs(at.query)
        since = asked.get("_lastUpdated", ["ge"])[0].removeprefix("ge")
        skip = int(asked.get("_skip", ["0"])[0])
        found = sorted(
            (v[-1] for (kind, _id), v in KEPT.items() if kind == parts[0] and v[-1]["meta"]["lastUpdated"] >= since),
            key=lambda r: (r["meta"]["lastUpdated"], r["id"]),
        )
        page: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": []}
        page["entry"] = [{"resource": r, "search": {"mode": "match"}} for r in found[skip : skip + PAGE]]
        if len(found) > skip + PAGE:
            more = f"http://{self.headers['Host']}{at.path}?_lastUpdated=ge{since}&_skip={skip + PAGE}"
            page["link"].append({"relation": "next", "url": more})
        return 200, page

    def _post(self, body: bytes) -> Any:
        kind = self.path.strip("/").split("/")[1]
        wanted = parse_qs(self.headers.get("If-None-Exist", "")).get("identifier", [""])[0]
        there = [v[-1] for (k, _), v in KEPT.items() if k == kind and wanted and wanted in identifiers(v[-1])]
        if len(there) > 1:
            return 412, outcome("multiple-matches")
        if there:
            return 200, there[0]
        return 201, stored(kind, f"out-{len(KEPT) + 1}", json.loads(body))

    def _put(self, body: bytes) -> Any:
        kind, id_ = self.path.strip("/").split("/")[1:3]
        versions = KEPT.get((kind, id_))
        seen = self.headers.get("If-Match", "").removeprefix("W/").strip('"')
        if versions is not None and seen and seen != versions[-1]["meta"]["versionId"]:
            return 412, outcome("conflict")
        return 200, stored(kind, id_, json.loads(body))

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _outcome(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        self._say(status, outcome(code), headers)

    def _say(self, status: int, resource: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        told = json.dumps(resource, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/fhir+json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


def outcome(code: str) -> dict[str, Any]:
    issue = {"severity": "error", "code": code, "diagnostics": f"outside: {code}"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fhir)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()
