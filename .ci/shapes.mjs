// Holds the shapes that machines read against validators of others. Usage: ./dev tool shapes ADDRESS, with a service that
// has stories running there. NINJS_SCHEMAS may name a folder with IPTC's ninjs-schema_3.1.json and GeoJSON-schema.json,
// SITEMAP_SCHEMAS one with sitemap.xsd, siteindex.xsd and sitemap-news.xsd; without them that part is skipped, loudly.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

const [packages, base] = process.argv.slice(2);
if (base === "--version") {
    console.log(`node ${process.version}`);
    process.exit(0);
}
const require = createRequire(join(packages, "node_modules", "any.js"));
const read = (...path) => readFileSync(join(...path), "utf8");
let faults = 0;
let skipped = 0;

function judge(what, found) {
    faults += found.length;
    console.log(`${found.length ? "FAILED" : "ok"}  ${what}`);
    for (const fault of found.slice(0, 10)) console.log(`        ${fault}`);
}

function skip(what, why) {
    skipped += 1;
    console.log(`!!! SKIPPED ${what}: ${why}`);
}

/** A validator that lets everything pass judges nothing. */
function refuses(what, verdict) {
    if (verdict) judge(`${what} refuses what is wrong`, ["it does not"]);
}

async function get(path, type) {
    const answer = await fetch(base + path);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${text}`);
    const sent = answer.headers.get("content-type").split(";")[0];
    if (sent !== type) throw new Error(`${path} is ${sent}`);
    if (!answer.headers.get("etag")) throw new Error(`${path} has no ETag`);
    return text;
}

// --- Feeds -----------------------------------------------------------------------------------------------------------

const { parseRssFeed, parseAtomFeed } = await import(require.resolve("feedsmith"));

/** Pictures of items without a credit, by a reader that knows Media RSS. */
const uncredited = (items) =>
    items.flatMap((item) => (item.media?.contents ?? []).filter((content) => !content.credits?.some((credit) => credit.value)).map((content) => `no credit: ${content.url}`));

async function feeds(stories) {
    const ajv = new (require("ajv").default)({ strict: false, allErrors: true });
    require("ajv-formats").default(ajv);
    const isJsonFeed = ajv.compile(JSON.parse(read(packages, "node_modules/jsonfeed-schema/schema-v1.1.json")));
    refuses("ajv with jsonfeed-schema", isJsonFeed({ version: "https://jsonfeed.org/version/1.1", title: "x", items: [{}] }));
    for (const folder of ["", ...new Set(stories.flatMap((s) => [`tags/${s.tags[0].slug}/`, `authors/${s.authors[0].slug}/`]))].slice(0, 12)) {
        const rss = parseRssFeed(await get(`/feeds/${folder}rss.xml`, "application/rss+xml"));
        const bare = rss.items.filter((item) => !item.dc?.creators?.length || !item.content?.encoded || !item.guid || !item.pubDate);
        judge(`/feeds/${folder}rss.xml: feedsmith, ${rss.items.length} items`, [...uncredited(rss.items), ...bare.map((item) => `incomplete: ${item.title}`)]);
        const atom = parseAtomFeed(await get(`/feeds/${folder}atom.xml`, "application/atom+xml"));
        const short = atom.entries.filter((entry) => !entry.id || !entry.updated || !entry.content || !entry.authors?.length);
        judge(`/feeds/${folder}atom.xml: feedsmith, ${atom.entries.length} entries`, [...uncredited(atom.entries), ...short.map((entry) => `incomplete: ${entry.title}`)]);
        const json = JSON.parse(await get(`/feeds/${folder}feed.json`, "application/feed+json"));
        isJsonFeed(json);
        judge(`/feeds/${folder}feed.json: ajv with jsonfeed-schema, ${json.items.length} items`, (isJsonFeed.errors ?? []).map((e) => `${e.instancePath} ${e.message}`));
    }
}

// --- Sitemaps --------------------------------------------------------------------------------------------------------

async function sitemaps() {
    const { validateXML } = await import(require.resolve("xmllint-wasm"));
    const { parseSitemap, parseSitemapIndex } = await import(require.resolve("sitemap"));
    const folder = process.env.SITEMAP_SCHEMAS;
    const own = join(packages, "node_modules/sitemap/schema/sitemap.xsd");
    const validate = (text, schema) => validateXML({ xml: [{ fileName: "document.xml", contents: text }], schema: [schema], preload: schema.preload });
    const lint = async (name, text, schema) => judge(name, (await validate(text, schema)).errors.map((error) => error.rawMessage));
    const plain = { fileName: "sitemap.xsd", contents: readFileSync(own, "utf8") };
    refuses("xmllint with sitemap.xsd", (await validate('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', plain)).valid);
    const index = await get("/sitemaps/index.xml", "application/xml");
    const items = await parseSitemapIndex(Readable.from([index]));
    judge(`/sitemaps/index.xml: the package sitemap, ${items.length} sitemaps`, items.length > 1 ? [] : ["it names nothing"]);
    const news = await get("/sitemaps/news.xml", "application/xml");
    try {
        const stories = await parseSitemap(Readable.from([news]));
        judge(`/sitemaps/news.xml: the package sitemap, ${stories.length} addresses`, stories.length ? [] : ["it is empty"]);
    } catch (error) {
        judge("/sitemaps/news.xml: the package sitemap", [error.message]);
    }
    for (const url of items.map((item) => item.url).filter((url) => !url.endsWith("/news.xml"))) {
        const path = new URL(url).pathname;
        await lint(`${path}: xmllint with sitemap.xsd`, await get(path, "application/xml"), plain);
    }
    if (!folder) {
        skip("sitemap index and news against their schemas", "SITEMAP_SCHEMAS names no folder");
        return;
    }
    await lint("/sitemaps/index.xml: xmllint with siteindex.xsd", index, { fileName: "siteindex.xsd", contents: read(folder, "siteindex.xsd") });
    const both = `<?xml version="1.0"?><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">
        <xsd:import namespace="http://www.sitemaps.org/schemas/sitemap/0.9" schemaLocation="sitemap.xsd"/>
        <xsd:import namespace="http://www.google.com/schemas/sitemap-news/0.9" schemaLocation="sitemap-news.xsd"/></xsd:schema>`;
    const preload = ["sitemap.xsd", "sitemap-news.xsd"].map((fileName) => ({ fileName, contents: read(folder, fileName) }));
    const schema = { fileName: "both.xsd", contents: both, preload };
    refuses("xmllint with sitemap-news.xsd", (await validate(news.replaceAll(">en<", ">en-GB<"), schema)).valid);
    await lint("/sitemaps/news.xml: xmllint with sitemap-news.xsd", news, schema);
}

// --- Single stories --------------------------------------------------------------------------------------------------

/** schema.org's vocabulary as types: what it does not know, or knows otherwise, does not compile. */
async function jsonld(stories) {
    const scratch = mkdtempSync(join(tmpdir(), "shapes-"));
    try {
        const all = [];
        for (const story of stories) all.push(await get(`/v1/articles/${story.slug}/jsonld`, "application/ld+json"));
        symlinkSync(join(packages, "node_modules"), join(scratch, "node_modules"));
        // Had the compiler nothing against it, it would complain that nothing was expected of it.
        const wrong = '// @ts-expect-error\nexport const wrong: WithContext<NewsArticle> = { "@context": "https://schema.org", "@type": "NewsArticle", "headlin": "x" };';
        const declared = all.map((text, at) => `export const a${at}: WithContext<NewsArticle> = ${text};`);
        writeFileSync(join(scratch, "stories.ts"), `import type { NewsArticle, WithContext } from "schema-dts";\n${declared.join("\n")}\n${wrong}\n`);
        const tsc = join(packages, "node_modules/.bin/tsc");
        const run = spawnSync(tsc, ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "stories.ts"], { cwd: scratch, encoding: "utf8" });
        judge(`jsonld: schema-dts, ${all.length} stories`, run.status === 0 ? [] : `${run.stdout}${run.stderr}${run.error ?? ""}`.trim().split("\n"));
    } finally {
        rmSync(scratch, { recursive: true });
    }
}

async function ninjs(stories) {
    const folder = process.env.NINJS_SCHEMAS;
    if (!folder || !existsSync(join(folder, "ninjs-schema_3.1.json"))) {
        skip("ninjs against IPTC's schema", "NINJS_SCHEMAS names no folder that has ninjs-schema_3.1.json (iptc/newsinjson)");
        return;
    }
    const ajv = new (require("ajv/dist/2020").default)({ strict: false, allErrors: true });
    require("ajv-formats").default(ajv);
    // The part for places is written in an older dialect.
    ajv.addMetaSchema(require("ajv/dist/refs/json-schema-draft-07.json"));
    ajv.addSchema(JSON.parse(read(folder, "GeoJSON-schema.json")), "https://geojson.org/schema/GeoJSON.json");
    const isNinjs = ajv.compile(JSON.parse(read(folder, "ninjs-schema_3.1.json")));
    refuses("ajv with IPTC's schema", isNinjs({ uri: "https://a.example/", urgency: "4" }));
    const found = [];
    for (const story of stories) {
        if (!isNinjs(JSON.parse(await get(`/v1/articles/${story.slug}/ninjs`, "application/json")))) {
            found.push(...isNinjs.errors.map((e) => `${story.slug}: ${e.instancePath} ${e.message}`));
        }
    }
    judge(`ninjs: ajv with IPTC's schema 3.1, ${stories.length} stories`, found);
}

const page = JSON.parse(await get("/v1/articles?limit=100", "application/json"));
if (page.data.length < 10) throw new Error("there are too few stories to judge by");
await feeds(page.data);
await sitemaps();
await jsonld(page.data);
await ninjs(page.data);
console.log(`${faults} faults, ${skipped} skipped`);
process.exit(faults ? 1 : 0);
