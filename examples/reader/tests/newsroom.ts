// What the browser tests stand on: the real service with the built reader, its desk, and the reader's own server.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test as base } from "@playwright/test";
import { Masthead, type Schema } from "masthead-client";

import { ADMIN, project, start } from "../../../clients/typescript/test/service";

export { everyBlock } from "../../../clients/typescript/test/every_block";

/** The desk, as the tests use it. */
export class Desk {
    constructor(readonly masthead: Masthead) {}

    /** Publishes a story that says no more than it has to, with these members besides. */
    async publish(story: Partial<Schema<"NewArticle">> & { headline: string }): Promise<Schema<"EditorialArticle">> {
        const { api } = this.masthead;
        const [author] = this.masthead.take(await api.GET("/v1/editorial/authors", { params: { query: { limit: 1 } } })).data;
        const [tag] = this.masthead.take(await api.GET("/v1/editorial/tags", { params: { query: { q: "Harbour", limit: 1 } } })).data;
        if (!author || !tag) throw new Error("the newsroom has nobody");
        const body = { language: "en", authors: [{ author_id: author.id }], tags: [tag.id], body: { markdown: "It is told here." }, ...story };
        const draft = this.masthead.version(await api.POST("/v1/editorial/articles", { body }));
        return (await this.masthead.publish(draft)).value;
    }

    async picture(): Promise<Schema<"EditorialMedia">> {
        const found = this.masthead.take(await this.masthead.api.GET("/v1/editorial/media", { params: { query: { limit: 1, kind: "image", q: "wheat" } } })).data[0];
        if (!found) throw new Error("the newsroom has no such picture");
        return found;
    }
}

interface Newsroom {
    site: string;
    desk: Desk;
    /** Where the reader's own server answers. */
    server: string;
}

export const test = base.extend<object, { newsroom: Newsroom }>({
    newsroom: [
        async ({}, use) => {
            const service = await start();
            const masthead = new Masthead(service.base);
            await masthead.login(ADMIN.email, ADMIN.password);
            const child = spawn(process.execPath, [join(project(), "examples/reader/dist-server/main.js")], { env: { ...process.env, MASTHEAD_URL: service.base, PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] });
            const server = await new Promise<string>((found) => {
                createInterface({ input: child.stdout }).on("line", (line) => {
                    const address = /at (http:\/\/[^/]+)\//.exec(line)?.[1];
                    if (address !== undefined) found(address);
                });
            });
            await use({ site: service.base, desk: new Desk(masthead), server });
            child.kill();
            await service.stop();
        },
        { scope: "worker", timeout: 120_000 },
    ],
    baseURL: async ({ newsroom }, use) => use(newsroom.site),
});

export { expect } from "@playwright/test";
