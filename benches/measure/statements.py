"""SQL that the service was seen to run, and scripts for pgbench made of it."""

import re


def parse_statements(text):
    """Statements by session, in order: (process, SQL, parameters)."""
    found, last = [], {}
    for line in re.split(r"\n(?=\d{4}-\d\d-\d\d )", text):
        process = (re.search(r"\[(\d+)\]", line) or [None, ""])[1]
        match = re.search(r"LOG:  duration: [\d.]+ ms  (?:execute [^:]+|statement): (.*)", line, re.S)
        if match:
            last[process] = [process, match.group(1).strip(), {}]
            found.append(last[process])
        elif "LOG:" in line:
            # Parsing and binding tell the same parameters again.
            last.pop(process, None)
        match = re.search(r"DETAIL:  parameters: (.*)", line, re.S)
        if match and process in last:
            pairs = re.findall(r"\$(\d+) = (NULL|'(?:[^']|'')*')", match.group(1))
            last[process][2] = {int(n): None if v == "NULL" else v[1:-1].replace("''", "'") for n, v in pairs}
    return found


def of_readers(found):
    """What a read runs, without what background work runs meanwhile."""
    return [(sql, parameters) for _, sql, parameters in found if re.search(r"\blive_article", sql) and not sql.startswith(("INSERT", "UPDATE", "DELETE"))]


def transactions_about(found, value, is_it=lambda sql: True, begin="BEGIN"):
    """Whole transactions that begin so and in which a value was bound by such a statement, one after the other."""
    open_ones, whole = {}, []
    for process, sql, parameters in found:
        if sql.startswith(begin):
            open_ones[process] = []
        if process in open_ones:
            open_ones[process].append((sql, parameters))
        if sql in ("COMMIT", "ROLLBACK") and process in open_ones:
            transaction = open_ones.pop(process)
            if any(is_it(sql) and any(value in (bound or "") for bound in parameters.values()) for sql, parameters in transaction):
                whole += transaction
    return whole


def script_of(statements, prefix, fixed):
    """A pgbench script of captured statements, and its variables. `fixed` rewrites a statement before it is used."""
    lines, variables = [], {}
    for number, (sql, parameters) in enumerate(statements):
        sql, parameters = fixed(sql, dict(parameters))

        def variable(match, number=number, parameters=parameters):
            index = int(match.group(1))
            value = parameters.get(index)
            if value is None:
                return "NULL"
            name = f"{prefix}_{number}_{index}"
            variables[name] = value
            return f":{name}"

        lines.append(re.sub(r"\$(\d+)", variable, " ".join(sql.split())) + ";")
    return lines, variables
