// Pages that are lists of stories: the front page, a tag, an author, a search. Each says in its markup how the list goes on,
// so that the script can fetch more of it and tell what is new.

import { type ArticleCard, type ArticleFilter, type Masthead, type Page, Problem, type Schema, type Whole } from "masthead-client";

import { type Html, html, none } from "../html";
import { type CardStyle, card, tagName } from "../parts/card";
import { paragraphs } from "../parts/prose";
import { image, SIZES } from "../parts/picture";
import { to } from "../routes";
import { counted, type Language, languageName, words } from "../words";
import { shown } from "masthead-client";
import type { Part } from "./load";

/** Stories a page of a list has. */
const PAGE = 12;

export interface Feed {
    /** What the list is asked by; `q` makes it a search. */
    filter: ArticleFilter;
    language: Language;
    page: Page<ArticleCard & { highlight?: Schema<"Highlight"> }>;
    heading: 2 | 3;
}

export function feedItems(items: Feed["page"]["data"], style: Omit<CardStyle, "highlight">): Html {
    return html`${items.map((story) => html`<li>${card(story, { ...style, ...(story.highlight && { highlight: story.highlight }) })}</li>`)}`;
}

/** Asks for a page of a feed: the first, the one behind a cursor, or what is newer than a top. */
export async function feedPage(masthead: Masthead, filter: ArticleFilter, place: { cursor?: string; newer_than?: string } = {}): Promise<Feed["page"]> {
    const query = { limit: PAGE, ...filter, ...place };
    if (filter.q === undefined) return masthead.take(await masthead.api.GET("/v1/articles", { params: { query } })) as Feed["page"];
    return masthead.take(await masthead.api.GET("/v1/search", { params: { query: { ...query, q: filter.q } } })) as Feed["page"];
}

function feed(list: Feed): Html {
    const said = words(list.language);
    const { next, top } = list.page.page;
    return html`<div class="feed" data-filter="${JSON.stringify(list.filter)}" data-next="${next ?? ""}" data-top="${top ?? ""}" data-heading="${list.heading}">
        <p class="fresh" aria-live="polite"><button type="button" hidden data-fresh></button></p>
        <ol>${feedItems(list.page.data, { size: "row", heading: list.heading, language: list.language })}</ol>
        <p class="more" aria-live="polite">${next ? html`<button type="button" data-more>${said.more}</button>` : html`<span class="meta">${said.noMore}</span>`}</p>
    </div>`;
}

const alternates = (path: string, title: string): Html => html`<link rel="alternate" type="application/rss+xml" href="${path}/rss.xml" title="${title}" /><link rel="alternate" type="application/feed+json" href="${path}/feed.json" title="${title}" />`;

/** What the editors put on the front page; nothing where they keep no such collection. */
async function chosen(masthead: Masthead, language: Language): Promise<ArticleCard[]> {
    const id = language === "en" ? "home" : `home-${language}`;
    try {
        return masthead.take(await masthead.api.GET("/v1/collections/{id}", { params: { path: { id } } })).items as ArticleCard[];
    } catch (failure) {
        if (failure instanceof Problem && failure.status === 404) return [];
        throw failure;
    }
}

export async function frontPage(masthead: Masthead, language: Language): Promise<Part> {
    const said = words(language);
    const [site, top] = await Promise.all([masthead.api.GET("/v1/site", { params: { query: { fields: "description" } } }).then((answer) => masthead.take(answer)), chosen(masthead, language)]);
    const filter: ArticleFilter = { language, ...(top.length > 0 && { exclude: top.map((story) => story.id).join(",") }) };
    const page = await feedPage(masthead, filter);
    const [hero, ...rest] = top;
    const second = rest.slice(0, 2);
    const third = rest.slice(2);
    const main = html`<h1 class="hidden">${said.front}</h1>
        ${hero ? html`<section class="top-stories" aria-label="${said.editorsChoice}">
            ${card(hero, { size: "hero", heading: 2, language, eager: true })}
            <div class="second">${second.map((story) => card(story, { size: "large", heading: 2, language }))}</div>
            <div class="third">${third.map((story) => card(story, { size: "large", heading: 2, language }))}</div></section>` : none}
        <section class="latest" aria-labelledby="latest"><h2 id="latest" class="rule">${said.latest}</h2>${feed({ filter, language, page, heading: 3 })}</section>`;
    return { title: "", main, head: html`<meta name="description" content="${site.description ?? ""}" />${alternates("/feeds", said.latest)}`, other: to.front(language === "en" ? "uk" : "en") };
}

/** Stories in the reader's language, or in all where there are none in theirs. */
async function inLanguage(masthead: Masthead, filter: ArticleFilter, language: Language): Promise<[ArticleFilter, Feed["page"]]> {
    const own = { ...filter, language };
    const page = await feedPage(masthead, own);
    return page.data.length > 0 ? [own, page] : [filter, await feedPage(masthead, filter)];
}

export async function tagPage(masthead: Masthead, slug: string, language: Language): Promise<Part> {
    const [found, [filter, page]] = await Promise.all([masthead.api.GET("/v1/tags/{id}", { params: { path: { id: slug } } }), inLanguage(masthead, { tag: slug }, language)]);
    const tag = masthead.take(found) as Whole<Schema<"Tag">>;
    const name = tagName(tag, language);
    const main = html`<header class="list-head">
            <p class="kicker">${tag.parent ? html`<a href="${to.tag(tag.parent.slug, language)}">${tagName(tag.parent, language)}</a>` : none}</p>
            <h1>${name}</h1>
            ${tag.description ? html`<p class="standfirst">${tag.description}</p>` : none}
            <p class="meta">${counted(tag.article_count, words(language).count, language)} · <a href="/feeds/tags/${tag.slug}/rss.xml">${words(language).rss}</a></p>
        </header>${feed({ filter, language, page, heading: 2 })}`;
    const part: Part = { title: name, main, head: alternates(`/feeds/tags/${tag.slug}`, name), other: to.tag(tag.slug, language === "en" ? "uk" : "en") };
    return tag.slug === slug ? part : { ...part, moved: to.tag(tag.slug, language) };
}

export async function authorPage(masthead: Masthead, slug: string, language: Language): Promise<Part> {
    const said = words(language);
    const [found, page] = await Promise.all([masthead.api.GET("/v1/authors/{id}", { params: { path: { id: slug } } }), feedPage(masthead, { author: slug })]);
    const author = masthead.take(found) as Whole<Schema<"Author">>;
    const portrait = shown(author.avatar);
    const main = html`<header class="profile">
            ${portrait ? html`<figure>${image(portrait, "12rem", { eager: true })}<figcaption><span class="credit">${portrait.credit.display}</span></figcaption></figure>` : none}
            <div><h1>${author.name}</h1>
                ${author.display_title ? html`<p class="title">${author.display_title}</p>` : none}
                ${author.bio ? html`<p class="standfirst">${author.bio}</p>` : none}
                <p class="meta">${author.location ? html`${said.from} ${author.location}. ` : none}${author.languages.length > 0 ? html`${said.writesIn} ${new Intl.ListFormat(language).format(author.languages.map((each) => languageName(each, language)))}. ` : none}<a href="/feeds/authors/${author.slug}/rss.xml">${said.rss}</a></p>
                ${author.links.length > 0 ? html`<ul class="links">${author.links.map((link) => html`<li><a href="${link.url}" rel="me noopener">${link.rel}</a></li>`)}</ul>` : none}
            </div>
            ${author.bio_long ? html`<details><summary>${said.byRead}<span class="hidden">: ${author.name}</span></summary>${paragraphs(author.bio_long)}</details>` : none}
        </header>
        <h2 class="rule">${said.storiesBy} ${author.name}</h2>${feed({ filter: { author: author.slug }, language, page, heading: 3 })}`;
    const part: Part = { title: author.name, main, head: html`<meta name="description" content="${author.bio ?? ""}" />${alternates(`/feeds/authors/${author.slug}`, author.name)}`, other: to.author(author.slug, language === "en" ? "uk" : "en") };
    return author.slug === slug ? part : { ...part, moved: to.author(author.slug, language) };
}

export async function searchPage(masthead: Masthead, query: string, language: Language): Promise<Part> {
    const said = words(language);
    const other = to.search(query, language === "en" ? "uk" : "en");
    if (query.trim() === "") return { title: said.search, main: html`<header class="list-head"><h1>${said.search}</h1><p class="standfirst">${said.searchHint}</p></header>`, other };
    const filter: ArticleFilter = { q: query };
    const page = await feedPage(masthead, filter);
    const list = page.data.length > 0 ? feed({ filter, language, page, heading: 2 }) : html`<p class="standfirst">${said.nothing} ${said.nothingHint}</p>`;
    return { title: `${said.results} “${query}”`, main: html`<header class="list-head"><h1>${said.results} “${query}”</h1></header>${list}`, head: html`<meta name="robots" content="noindex" />`, other };
}
