"""W10: the corpus to measure with, loaded with every index in place, and how fast that went."""

import os
import platform
import pathlib
import re
import subprocess
import datetime

from .processes import HTTP_CONNECTIONS, POOL, say

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def fill(bench, database, data_dir, articles):
    """Loads what is missing of the corpus; says how that went."""
    missing = articles - int(database.ask("SELECT count(*) FROM articles"))
    if missing <= 0:
        bench.facts.append("the corpus was loaded earlier")
        return
    say(f"loading {missing:,} articles")
    command = [bench.binaries / "masthead", "demo", "--data-dir", data_dir, "--articles", str(missing)]
    pg, began = database.cpu(), os.times()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit("bench: loading failed: " + done.stderr[-2000:])
    ended = os.times()
    own = (ended.children_user - began.children_user + ended.children_system - began.children_system) / missing * 1e6
    line = done.stdout.strip().splitlines()[-1]
    spent = (database.cpu() - pg) / missing * 1e6
    bench.facts.append(f"W10: {line} CPU per article: {own:.0f} µs loader + {spent:.0f} µs Postgres")
    rate = re.search(r": ([\d,]+) a second", line)
    bench.rows.append({"name": "W10 bulk load, articles", "ours": float(rate.group(1).replace(",", "")) if rate else None, "server_us": own, "pg_us": spent})
    say(bench.facts[-1])


def facts(bench, database):
    cpu = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always"], capture_output=True, text=True).stdout.strip()
    size = int(database.ask("SELECT pg_database_size('masthead')"))
    return [
        f"{datetime.date.today().isoformat()}, commit {commit}; {os.cpu_count()} cores ({cpu}), load average before {os.getloadavg()[0]:.1f}; PostgreSQL {database.ask('SHOW server_version')}",
        f"{int(database.ask('SELECT count(*) FROM articles')):,} articles, {int(database.ask('SELECT count(*) FROM live_articles')):,} of them live; {size / 1e9:.1f} GB",
        f"{bench.rounds} rounds of {bench.seconds:g} s; {HTTP_CONNECTIONS} HTTP connections, {POOL} to the database",
    ]
