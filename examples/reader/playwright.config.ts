import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// The distribution's browser: none is downloaded.
const browser = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

export default defineConfig({
    testDir: "tests",
    workers: 1,
    timeout: 60_000,
    expect: { timeout: 10_000 },
    reporter: [["list"]],
    use: {
        locale: "en-GB",
        launchOptions: { ...(browser !== undefined && { executablePath: browser }), args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] },
    },
});
