// The reader's own small server: the same pages, put together before they are sent, so that they can be read without scripts
// and bear the right status. Usage: MASTHEAD_URL=http://127.0.0.1:8080 PORT=3000 node dist-server/main.js

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

import { Masthead } from "masthead-client";

import { page } from "../pages/load";
import { route } from "../routes";

const api = (process.env["MASTHEAD_URL"] ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const port = Number(process.env["PORT"] ?? 3000);
const dist = join(import.meta.dirname, "../dist");
const masthead = new Masthead(api, { retries: { attempts: 2, longestWait: 1_000 } });
const shell = (await readFile(join(dist, "index.html"), "utf8")).replace(/<noscript>.*?<\/noscript>/s, "");

const TYPES: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const HEADERS = {
    "content-security-policy": `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: ${api}; connect-src 'self' ${api}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
};

async function file(path: string, response: ServerResponse): Promise<boolean> {
    const type = TYPES[extname(path)];
    const inside = normalize(path);
    if (type === undefined || inside.startsWith("..")) return false;
    try {
        const bytes = await readFile(join(dist, inside));
        response.writeHead(200, { ...HEADERS, "content-type": `${type}; charset=utf-8`, "cache-control": inside.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "public, max-age=3600" });
        response.end(bytes);
        return true;
    } catch {
        return false;
    }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://reader.invalid");
    // Feeds and the documentation are the service's own.
    if (/^\/(feeds|docs|sitemaps|openapi\.json)/.test(url.pathname)) {
        response.writeHead(307, { location: api + url.pathname + url.search }).end();
        return;
    }
    if (await file(url.pathname, response)) return;
    const found = await page(masthead, route(url), new Date().toISOString());
    if (found.moved !== undefined) {
        response.writeHead(308, { location: found.moved }).end();
        return;
    }
    const text = shell
        .replace('<html lang="en">', () => `<html lang="${found.language}">`)
        .replace(/<title>.*?<\/title>/s, () => `<title>${found.title.replace(/[&<]/g, (sign) => (sign === "&" ? "&amp;" : "&lt;"))}</title><meta name="api" content="${api}" />`)
        .replace("<!--head-->", () => found.head.text)
        .replace("<!--page-->", () => found.page.text);
    response.writeHead(found.status, { ...HEADERS, "content-type": "text/html; charset=utf-8", "cache-control": found.status === 200 ? "public, max-age=0, s-maxage=10" : "no-store" });
    response.end(text);
}

const server = createServer((request, response) => {
    answer(request, response).catch((failure: unknown) => {
        console.error(failure);
        if (!response.headersSent) response.writeHead(500);
        response.end();
    });
});
server.listen(port, "127.0.0.1", () => console.log(`The reader is at http://127.0.0.1:${(server.address() as AddressInfo).port}/ and reads ${api}.`));
