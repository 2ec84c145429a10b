"""One side of a comparison: the load generator against HTTP, pgbench against the database, and a row of the table."""

import json
import re
import statistics
import subprocess
import time

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

    def ceiling(self, database, groups, variables):
        """Transactions a second in pgbench, and the CPU microseconds of the database for each. Each group of scripts has a
        connection of its own; of one group, all connections draw."""
        connections = POOL if len(groups) == 1 else 1
        seconds = max(1, round(self.seconds))
        before = database.cpu()
        running = [subprocess.Popen(pgbench(database, scripts, variables, connections, seconds), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for scripts in groups]
        done = [(process, *process.communicate()) for process in running]
        failed = next((error for process, _, error in done if process.returncode), None)
        if failed:
            raise SystemExit("bench: pgbench failed: " + failed[-2000:])
        rate = sum(float(re.search(r"tps = ([\d.]+)", out).group(1)) for _, out, _ in done)
        # What sessions that have ended used is counted once the server has noticed that they ended.
        time.sleep(0.5)
        return rate, (database.cpu() - before) / (rate * seconds) * 1e6

    def file(self, name, lines):
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path


def pgbench(database, scripts, variables, connections, seconds):
    """Its command line."""
    command = [database.programs / "pgbench", *database.arguments(), "-n", "-M", "prepared", "-c", str(connections), "-j", str(min(connections, 2)), "-T", str(seconds)]
    for script in scripts:
        command += ["-f", script]
    for name, value in variables.items():
        command += ["-D", f"{name}={value}"]
    return [*command, "masthead"]


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
