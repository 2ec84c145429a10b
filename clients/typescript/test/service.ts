// The real service for the tests: the program that MASTHEAD_BINARY names, or the debug build, with the demo newsroom.

import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

export const ADMIN = { email: "client@newsroom.example", password: "a phrase that nobody guesses 7" };

export interface Service {
    base: string;
    stop(): Promise<void>;
}

/** The folder of the project: this file is run from where it is compiled to. */
export function project(from = import.meta.dirname): string {
    return existsSync(join(from, "Cargo.toml")) ? from : project(dirname(from));
}

export async function start(): Promise<Service> {
    const root = project();
    const program = process.env["MASTHEAD_BINARY"] ?? join(root, "target/debug/masthead");
    if (!existsSync(program)) throw new Error(`${program} is not there: run cargo build, or name the program in MASTHEAD_BINARY`);
    const folder = mkdtempSync(join(tmpdir(), "masthead-client-"));
    // PostgreSQL does not run as root: its account has to get in.
    chmodSync(folder, 0o755);
    const child = spawn(program, ["--listen", "127.0.0.1:0", "--data-dir", folder, "--demo", "on"], {
        cwd: root,
        env: { ...process.env, MASTHEAD_ADMIN_EMAIL: ADMIN.email, MASTHEAD_ADMIN_PASSWORD: ADMIN.password },
        stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    const base = await new Promise<string>((found, failed) => {
        createInterface({ input: child.stdout }).on("line", (line) => {
            const address = /API +(http:\/\/[^/]+)\/v1/.exec(line)?.[1];
            if (address !== undefined) found(address);
        });
        void ended.then(() => failed(new Error("the service has ended before it was ready")));
    });
    return {
        base,
        async stop() {
            child.kill("SIGTERM");
            await ended;
            rmSync(folder, { recursive: true, force: true });
        },
    };
}
