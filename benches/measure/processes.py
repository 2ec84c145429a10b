"""Processes: what they cost in CPU time and memory, the service under measurement and the database that it started."""

import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

from .statements import parse_statements

PASSWORD = "a password for measuring only"
EMAIL = "bench@example.org"
TICK = os.sysconf("SC_CLK_TCK")
HTTP_CONNECTIONS = 16
POOL = 4


def say(*words):
    print("bench:", *words, file=sys.stderr, flush=True)


def cpu_of(pid, with_ended_children=False):
    """CPU seconds that a process has used."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    own = int(fields[11]) + int(fields[12])
    ended = int(fields[13]) + int(fields[14]) if with_ended_children else 0
    return (own + ended) / TICK


def children_of(parent):
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == parent:
                yield int(entry.name)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Database:
    """The embedded server that the service started."""

    def __init__(self, data_dir):
        self.pid, self.folder = self.find(data_dir)
        lines = (self.folder / "postmaster.pid").read_text().splitlines()
        self.port, self.socket = lines[3], lines[4]
        self.programs = pathlib.Path(os.readlink(f"/proc/{self.pid}/exe")).parent
        self.log = data_dir / "postgres.log"

    @staticmethod
    def find(data_dir):
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0") if entry.name.isdigit() else []
            except (FileNotFoundError, ProcessLookupError):
                continue
            if "cluster_name=masthead" in words and "-D" in words:
                folder = pathlib.Path(words[words.index("-D") + 1])
                # Where its account cannot enter the data directory it lies elsewhere, under a name made of the directory's.
                if data_dir in folder.parents or all(re.sub(r'[^A-Za-z0-9.]', '-', part) in str(folder) for part in data_dir.parts[1:]):
                    return int(entry.name), folder
        raise SystemExit("bench: the embedded database was not found")

    def cpu(self):
        return cpu_of(self.pid, True) + sum(cpu_of(child) for child in children_of(self.pid))

    def arguments(self):
        return ["-h", self.socket, "-p", self.port, "-U", "postgres"]

    def ask(self, sql):
        command = [self.programs / "psql", *self.arguments(), "-d", "masthead", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def statements_of(self, request):
        """The statements, as prepared, that a request makes the service run; with their parameters."""
        for setting in ("log_min_duration_statement = 0", "log_min_error_statement = 'panic'"):
            self.ask(f"ALTER SYSTEM SET {setting}")
        self.ask("SELECT pg_reload_conf()")
        time.sleep(0.5)
        begin = self.log.stat().st_size
        request()
        time.sleep(0.5)
        text = self.log.read_bytes()[begin:].decode()
        self.ask("ALTER SYSTEM RESET ALL")
        self.ask("SELECT pg_reload_conf()")
        time.sleep(0.5)
        return parse_statements(text)


class Service:
    def __init__(self, data_dir, binary, extra=(), environment=None):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        environment = dict(os.environ, MASTHEAD_ADMIN_EMAIL=EMAIL, MASTHEAD_ADMIN_PASSWORD=PASSWORD, MASTHEAD_LOG="error", **(environment or {}))
        command = [binary, "serve", "--listen", self.address, "--data-dir", data_dir, "--pool-size", str(POOL), "--desk-pool-size", str(POOL), *extra]
        if "--demo" not in extra:
            command += ["--demo", "off"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        for _ in range(6000):
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise SystemExit("bench: the service did not become ready")

    def get(self, path, headers=None):
        return self.call("GET", path, None, headers)

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def token(self):
        body = json.dumps({"email": EMAIL, "password": PASSWORD})
        status, _, answer = self.call("POST", "/v1/auth/login", body, {"Content-Type": "application/json"})
        if status != 200:
            raise SystemExit(f"bench: signing in failed with {status}")
        return json.loads(answer)["access_token"]

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
