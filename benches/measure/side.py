"""One side of a comparison: the load generator against HTTP, pgbench against the database, and a row of the table."""

import json
import re
import statistics
import subprocess

from .processes import HTTP_CONNECTIONS, POOL


class Bench:
    def __init__(self, arguments, folder, binaries):
        self.seconds, self.rounds = arguments.seconds, arguments.rounds
        self.folder, self.binaries = folder, binaries
        self.rows = []
        self.facts = []

    def command(self, address, requests, connections=HTTP_CONNECTIONS, headers=(), expect=200, rate=None, seconds=None):
        """The load generator's command line."""
        command = [self.binaries / "load", address, requests, "--connections", str(connections), "--seconds", str(seconds or self.seconds), "--expect", str(expect)]
        for header in headers:
            command += ["--header", header]
        return command + (["--rate", str(rate)] if rate else [])

    def http(self, address, requests, **how):
        """Requests a second, and what the load generator says besides."""
        answer = json.loads(subprocess.run(self.command(address, requests, **how), check=True, capture_output=True, text=True).stdout)
        if answer["wrong"]:
            raise SystemExit(f"bench: {answer['wrong']} of {answer['requests']} answers were not as they should be")
        return answer

    def pgbench(self, database, scripts, variables, connections=POOL):
        command = [database.programs / "pgbench", *database.arguments(), "-n", "-M", "prepared", "-c", str(connections), "-j", str(min(connections, 2))]
        command += ["-T", str(max(1, round(self.seconds)))]
        for script in scripts:
            command += ["-f", script]
        for name, value in variables.items():
            command += ["-D", f"{name}={value}"]
        done = subprocess.run([*command, "masthead"], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit("bench: pgbench failed: " + done.stderr[-2000:])
        return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))

    def ceiling(self, database, scripts, variables):
        """Transactions a second in pgbench, and the CPU microseconds of the database for each."""
        before = database.cpu()
        rate = self.pgbench(database, scripts, variables)
        return rate, (database.cpu() - before) / (rate * max(1, round(self.seconds))) * 1e6

    def file(self, name, lines):
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path


def slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def row(name, rounds, statements):
    middle = lambda key: statistics.median(r[key] for r in rounds)
    ratio = lambda a, b: statistics.median(r[a] / r[b] for r in rounds) if all(b in r and r[b] for r in rounds) else None
    return {
        "name": name, "statements": statements,
        "of_pgbench": ratio("ours", "pgbench"), "of_bare": ratio("ours", "bare"),
        **{key: middle(key) for key in rounds[0]},
    }
