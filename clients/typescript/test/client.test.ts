// The client against the real service: what it promises, and what the types promise.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { type Block, Masthead, type Options, Problem, shown, srcset, unreachable } from "../src/index.js";
import { everyBlock } from "./every_block.js";
import { ADMIN, project, type Service, start } from "./service.js";

let service: Service;
const client = (options: Options = {}) => new Masthead(service.base, options);

async function editor(options: Options = {}): Promise<Masthead> {
    const desk = client(options);
    await desk.login(ADMIN.email, ADMIN.password);
    return desk;
}

before(async () => {
    service = await start();
});
after(() => service.stop());

const isProblem = (code: string) => (thrown: unknown) => thrown instanceof Problem && thrown.code === code;

test("a walk through the feed meets every story once", async () => {
    const total = (await client().articlePage({ limit: 1, count: "exact" })).page.total;
    const seen: string[] = [];
    for await (const story of client().articles({ limit: 7 })) seen.push(story.slug);
    assert.equal(seen.length, total);
    assert.equal(new Set(seen).size, seen.length);
});

test("any list can be walked", async () => {
    const reader = client();
    const names: (string | undefined)[] = [];
    for await (const tag of reader.items((cursor) => reader.api.GET("/v1/tags", { params: { query: { limit: 9, kind: "country", ...cursor } } }))) names.push(tag.name);
    assert.ok(names.includes("Ukraine") && names.length > 3);
});

test("a refusal is an error that says what and where", async () => {
    await assert.rejects(client().article("there-is-no-such-story"), isProblem("not-found"));
    const bad = client().api.GET("/v1/articles", { params: { query: { limit: 1000 } } });
    await assert.rejects(bad, (thrown) => {
        assert.ok(thrown instanceof Problem);
        assert.equal(thrown.status, 400);
        assert.ok(thrown.at("limit"), JSON.stringify(thrown.document));
        assert.ok(thrown.requestId.length > 10);
        return true;
    });
});

/** Leaving out a case does not compile. */
function words(block: Block): string {
    switch (block._type) {
        case "block":
            return block.children.map((span) => span.text).join("");
        case "image":
            return shown(block.media)?.credit.display ?? "withheld";
        case "gallery":
            return block.images.map((image) => shown(image.media)?.alt ?? "withheld").join();
        case "pullquote":
            return block.text;
        case "embed":
            return block.url;
        case "factbox":
            return block.title + block.content.map(words).join("");
        case "table":
            return block.rows.flatMap((row) => row.cells).flatMap((cell) => cell.value.map(words)).join(" ");
        case "code":
            return block.code;
        case "horizontal-rule":
            return "";
        case "correction":
            return `${block.kind} ${block.content.map(words).join("")}`;
        case "relatedArticle":
            return block.article?.headline ?? "";
        case "html":
            return block.html;
        default:
            return unreachable(block);
    }
}

test("every block of every story has its type", async () => {
    const desk = await editor();
    const [picture] = desk.take(await desk.api.GET("/v1/editorial/media", { params: { query: { limit: 1, kind: "image" } } })).data;
    const other = await client().article("harbour-approves-shore-power");
    const [author] = other.authors;
    const [tag] = other.tags;
    assert.ok(picture && author && tag);
    const body = { blocks: everyBlock(picture.id, other.id) };
    await desk.publish(desk.version(await desk.api.POST("/v1/editorial/articles", { body: { headline: "All of it", authors: [{ author_id: author.id }], tags: [tag.id], body } })));
    const story = await client().article("all-of-it");
    assert.ok(story.body.format === "blocks");
    assert.deepEqual([...new Set(story.body.value.map((block) => block._type))].length, 12);
    assert.equal(story.body.value.map(words).find((text) => text === other.headline), other.headline);

    for await (const card of client().articles({ limit: 100 })) {
        const { body } = await client().article(card.id);
        assert.ok(body.format === "blocks");
        for (const block of body.value) assert.equal(typeof words(block), "string");
    }
});

test("body narrows by its format", async () => {
    const story = await client().article("satellite-images-show-rebuilt-rail-bridge", "html");
    assert.ok(story.body.format === "html" && story.body.value.startsWith("<"));
    const picture = shown(story.lead_media);
    assert.ok(picture && srcset(picture).includes("640w") && picture.credit.display);
});

test("tokens are renewed once, however many ask", async () => {
    let renewals = 0;
    let kept: string | undefined;
    const counting: typeof fetch = (input, init) => {
        if (String(input instanceof Request ? input.url : input).endsWith("/v1/auth/refresh")) renewals += 1;
        return fetch(input, init);
    };
    const signedIn = await client().login(ADMIN.email, ADMIN.password);
    const due = client({ signedIn: { ...signedIn, expires_in: 1 }, fetch: counting, onRenewed: (renewed) => (kept = renewed.refresh_token) });
    await Promise.all(Array.from({ length: 12 }, () => due.api.GET("/v1/auth/me")));
    assert.equal(renewals, 1);
    assert.ok(kept !== undefined && kept !== signedIn.refresh_token);

    const again = await client().login(ADMIN.email, ADMIN.password);
    const spoilt = client({ signedIn: { ...again, access_token: "spoilt" }, fetch: counting });
    await Promise.all([spoilt.api.GET("/v1/auth/me"), spoilt.api.GET("/v1/auth/sessions"), spoilt.api.GET("/v1/editorial/tags")]);
    assert.equal(renewals, 2);
    await spoilt.logout();
    await assert.rejects(spoilt.api.GET("/v1/auth/me"), isProblem("unauthenticated"));
});

test("an API key is all that a server needs", async () => {
    const desk = await editor();
    const made = desk.take(await desk.api.POST("/v1/editorial/api-keys", { body: { name: "mirror", role: "author" } }));
    assert.ok(made.secret);
    const server = client({ apiKey: made.secret });
    assert.equal((await server.api.GET("/v1/editorial/articles")).response.status, 200);
});

test("a change made meanwhile is not lost", async () => {
    const desk = await editor();
    const draft = desk.version(await desk.api.POST("/v1/editorial/articles", { body: { headline: "Two editors, one story" } }));
    let tries = 0;
    const saved = await desk.editArticle(draft.value.id, (seen) => {
        tries += 1;
        return { headline: `${seen.headline}!`, revision_note: `try ${tries}` };
    });
    assert.equal(saved.value.headline, "Two editors, one story!");
    await assert.rejects(desk.publish(draft), isProblem("precondition-failed"));

    let interfered = false;
    const path = { id: draft.value.id };
    const merged = await desk.edit(
        async () => {
            const read = await desk.api.GET("/v1/editorial/articles/{id}", { params: { path } });
            if (!interfered) {
                interfered = true;
                await desk.api.PATCH("/v1/editorial/articles/{id}", { params: { path, header: { "If-Match": "*" } }, body: { kicker: "Meanwhile" } });
            }
            return read;
        },
        (seen) => ({ standfirst: `After ${seen.kicker ?? "nothing"}` }),
        (body, header) => desk.api.PATCH("/v1/editorial/articles/{id}", { params: { path, header }, body }),
    );
    assert.equal(merged.value.standfirst, "After Meanwhile");
    assert.equal(merged.value.kicker, "Meanwhile");
});

test("from an upload to the front of the feed", async () => {
    const desk = await editor();
    const top = (await client().articlePage({ limit: 1 })).page.top;
    assert.ok(top);
    const credit = desk.take(await desk.api.POST("/v1/editorial/media-credits", { body: { name: "Quay Pictures", kind: "agency" } }));
    const photo = readFileSync(join(project(), "demo/photos/rocket-night-launch.jpg"));
    const media = await desk.upload(new Blob([photo]), "launch.jpg", { credit_id: credit.id, alt: "A rocket lifts off" });
    const [author] = desk.take(await desk.api.GET("/v1/editorial/authors", { params: { query: { limit: 1 } } })).data;
    const [tag] = desk.take(await desk.api.GET("/v1/editorial/tags", { params: { query: { limit: 1 } } })).data;
    assert.ok(author && tag);
    const draft = desk.version(
        await desk.api.POST("/v1/editorial/articles", {
            body: {
                headline: "A launch, told by a client",
                authors: [{ author_id: author.id }],
                tags: [tag.id],
                lead_media: { media_id: media.value.id },
                body: { blocks: [{ _type: "block", children: [{ _type: "span", text: "It went up." }] }, { _type: "image", media: { _type: "reference", _ref: media.value.id } }] },
            },
        }),
    );
    const live = await desk.publish(draft);
    assert.equal(live.value.status, "published");
    const newer = await client().articlePage({ newer_than: top });
    assert.deepEqual(newer.data.map((story) => story.headline), ["A launch, told by a client"]);
    const story = await client().article(live.value.slug);
    assert.equal(shown(story.lead_media)?.credit.display, "(Quay Pictures)");
    assert.ok(story.body.format === "blocks" && story.body.value[1]?._type === "image");
});

test("a lost answer is asked for again, and the work is done once", async () => {
    let lost = 0;
    const waits: number[] = [];
    const lossy: typeof fetch = async (input, init) => {
        const answer = await fetch(input, init);
        if (input instanceof Request && input.method === "POST" && input.url.endsWith("/articles") && lost < 2) {
            lost += 1;
            if (lost === 1) throw new TypeError("the connection was lost");
            return new Response(null, { status: 503, headers: { "retry-after": "0" } });
        }
        return answer;
    };
    const desk = await editor({ fetch: lossy, onWait: (milliseconds) => waits.push(milliseconds) });
    const made = await desk.api.POST("/v1/editorial/articles", { body: { headline: "Written once, asked for three times" } });
    assert.equal(made.response.headers.get("idempotency-replayed"), "true");
    assert.equal(waits.length, 2);
    assert.equal(waits[1], 0);
    const found = desk.take(await desk.api.GET("/v1/editorial/articles", { params: { query: { q: "asked for three times", count: "exact" } } }));
    assert.equal(found.page.total, 1);
});

test("a service that asks for too much patience is believed", async () => {
    let asked = 0;
    const busy: typeof fetch = () => {
        asked += 1;
        const document = { type: "/problems/too-many-requests", title: "Too many requests", status: 429, detail: "Later.", instance: "x" };
        return Promise.resolve(new Response(JSON.stringify(document), { status: 429, headers: { "retry-after": "3600" } }));
    };
    await assert.rejects(client({ fetch: busy }).articlePage(), (thrown) => thrown instanceof Problem && thrown.retryAfter === 3_600_000);
    assert.equal(asked, 1);
});
