// Everything a page needs, fetched through the client and put together; the same in the browser and on the reader's own server.

import { Masthead, Problem, type Schema } from "masthead-client";

import { type Html, html, none } from "../html";
import { layout } from "../parts/layout";
import { type Route, to } from "../routes";
import { type Language, words } from "../words";
import { articlePage } from "./article";
import { authorPage, frontPage, searchPage, tagPage } from "./lists";
import { refusal } from "./refusals";

/** What a page's own part gives. */
export interface Part {
    title: string;
    main: Html;
    head?: Html;
    language?: Language;
    /** The same in the other language. */
    other?: string;
    /** Where this is by now, when it was asked for by an earlier name. */
    moved?: string;
}

/** A whole page. */
export interface Page {
    status: number;
    title: string;
    language: Language;
    head: Html;
    page: Html;
    moved?: string;
}

async function part(masthead: Masthead, route: Route): Promise<Part> {
    switch (route.page) {
        case "front":
            return frontPage(masthead, route.language);
        case "tag":
            return tagPage(masthead, route.slug, route.language);
        case "author":
            return authorPage(masthead, route.slug, route.language);
        case "search":
            return searchPage(masthead, route.query, route.language);
        case "article":
            return articlePage(masthead, route.slug);
        case "nowhere":
            throw new Problem({ type: "/problems/not-found", title: "There is nothing here", status: 404, detail: "No page of this site has this address.", instance: "" });
    }
}

async function frame(masthead: Masthead): Promise<{ site: Schema<"Site">; sections: Schema<"Tag">[] }> {
    const tags = async (kind: Schema<"TagKind">, limit: number) =>
        masthead.take(await masthead.api.GET("/v1/tags", { params: { query: { kind, limit, sort: "-article_count", fields: "slug,name,names" } } })).data;
    const site = async () => masthead.take(await masthead.api.GET("/v1/site", { params: { query: { fields: "name,description" } } }));
    const [found, sections, topics] = await Promise.all([site(), tags("section", 4), tags("topic", 6)]);
    return { site: found, sections: [...sections, ...topics].slice(0, 8) };
}

/** The page at this address. Never throws: what goes wrong is a page too. */
export async function page(masthead: Masthead, route: Route, now: string): Promise<Page> {
    const around = frame(masthead).catch(() => ({ site: { name: "" }, sections: [] }));
    let status = 200;
    let found: Part;
    try {
        found = await part(masthead, route);
    } catch (failure) {
        status = failure instanceof Problem ? failure.status : 503;
        found = refusal(failure, route.language);
    }
    const language = found.language ?? route.language;
    const { site, sections } = await around;
    const title = found.title && site.name ? `${found.title} — ${site.name}` : found.title || site.name || words(language).front;
    const query = route.page === "search" ? route.query : "";
    return {
        status,
        title,
        language,
        head: html`<link rel="alternate" type="application/rss+xml" href="/feeds/rss.xml" title="${site.name || words(language).rss}" />${status === 200 ? (found.head ?? none) : html`<meta name="robots" content="noindex" />`}`,
        page: layout({ site, sections, language, other: found.other ?? to.front(language === "en" ? "uk" : "en"), query, now }, found.main),
        ...(found.moved !== undefined && { moved: found.moved }),
    };
}
