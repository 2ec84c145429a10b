// A story: everything that a newspaper prints with it.

import { type Article, type ArticleCard, type Masthead, type Schema, shown, type Whole } from "masthead-client";

import { type Html, html, none, trusted } from "../html";
import { body } from "../parts/body";
import { card, kicker, tagName, time } from "../parts/card";
import { figure, image, SIZES } from "../parts/picture";
import { paragraphs } from "../parts/prose";
import { to } from "../routes";
import { counted, dateTime, interfaceFor, type Language, languageName, words } from "../words";
import type { Part } from "./load";

type Author = Whole<Schema<"Author">>;

/** Profiles shown under a story. */
const PROFILES = 3;

function byline(story: Article, language: Language): Html {
    const said = words(language);
    const person = (author: Article["authors"][number]) => html`<a rel="author" href="${to.author(author.slug, language)}">${author.name}</a>`;
    const roles = [...new Set(story.authors.map((author) => author.role))];
    const groups = roles.map((role) => {
        const people = story.authors.filter((author) => author.role === role);
        const title = role === "author" && people.length === 1 && people[0]?.job_title_then ? html`<span class="job">, ${people[0].job_title_then}</span>` : none;
        return html`<span class="group">${said.roles[role] ? html`${said.roles[role]} ` : none}${people.map((each, at) => html`${at > 0 ? ", " : ""}${person(each)}`)}${title}</span>`;
    });
    const known = new Set(story.authors.map((author) => author.name));
    // A byline that the desk wrote by hand may name somebody who has no profile.
    const written = [...known].some((name) => story.byline.includes(name)) ? none : html`<span class="group">${story.byline}</span>`;
    return html`<p class="byline">${written}${groups}</p>`;
}

function dates(story: Article, language: Language): Html {
    const said = words(language);
    const changed = Date.parse(story.updated_at) - Date.parse(story.published_at) > 60_000;
    return html`<p class="meta">${time(story.published_at, language)}${changed ? html` · ${said.updated} ${time(story.updated_at, language)}` : none} · ${counted(story.reading_minutes, said.minutes, language)}</p>`;
}

function profile(author: Author, language: Language): Html {
    const portrait = shown(author.avatar);
    return html`<section class="author-card" aria-label="${author.name}">
        ${portrait ? html`<div class="face">${image(portrait, SIZES.face)}<small class="credit">${portrait.credit.display}</small></div>` : none}
        <div><h3><a href="${to.author(author.slug, language)}">${author.name}</a></h3>
            ${author.display_title ? html`<p class="title">${author.display_title}</p>` : none}
            ${author.bio ? html`<p>${author.bio}</p>` : none}
            ${author.bio_long ? html`<details><summary>${words(language).byRead}<span class="hidden">: ${author.name}</span></summary>${paragraphs(author.bio_long)}</details>` : none}</div>
    </section>`;
}

function corrections(story: Article, language: Language): Html {
    if (story.corrections.length === 0) return none;
    const said = words(language);
    return html`<section class="corrections" aria-labelledby="corrections"><h2 id="corrections">${said.corrections}</h2>
        ${story.corrections.map((each) => html`<p><strong>${said.correctionKinds[each.kind]}</strong>, <time datetime="${each.at}">${dateTime(each.at, language)}</time>: ${each.text}</p>`)}</section>`;
}

function end(story: Article, authors: Author[], related: ArticleCard[], language: Language): Html {
    const said = words(language);
    return html`${corrections(story, language)}
        ${story.source ? html`<p class="meta">${said.source} ${story.source.url ? html`<a href="${story.source.url}" rel="noopener">${story.source.name}</a>` : story.source.name}</p>` : none}
        <ul class="tags" aria-label="${said.topics}">${story.tags.map((tag) => html`<li><a href="${to.tag(tag.slug, language)}">${tagName(tag, language)}</a></li>`)}</ul>
        ${authors.map((author) => profile(author, language))}
        ${related.length > 0 ? html`<section class="related" aria-labelledby="related"><h2 id="related" class="rule">${said.related}</h2><div>${related.map((each) => card(each, { size: "large", heading: 3, language }))}</div></section>` : none}`;
}

function head(story: Article, jsonLd: unknown): Html {
    const picture = shown(story.lead_media);
    // The only sign that ends a script element is escaped.
    const data = JSON.stringify(jsonLd).replaceAll("<", "\\u003c");
    return html`<meta name="description" content="${story.seo.description ?? story.standfirst ?? ""}" />
        <link rel="canonical" href="${story.seo.canonical_url ?? story.url}" />
        ${story.seo.noindex ? html`<meta name="robots" content="noindex" />` : none}
        <meta property="og:type" content="article" /><meta property="og:title" content="${story.headline}" /><meta property="og:url" content="${story.url}" />
        ${picture ? html`<meta property="og:image" content="${picture.url}" /><meta property="og:image:alt" content="${picture.alt}" />` : none}
        ${story.translations.map((each) => html`<link rel="alternate" hreflang="${each.language}" href="${to.article(each.slug)}" />`)}
        <script type="application/ld+json">${trusted(data)}</script>`;
}

export async function articlePage(masthead: Masthead, slug: string): Promise<Part> {
    const path = { id: slug };
    const story = await masthead.article(slug);
    const [jsonLd, related, ...authors] = await Promise.all([
        masthead.api.GET("/v1/articles/{id}/jsonld", { params: { path } }).then((answer) => masthead.take(answer)),
        masthead.api.GET("/v1/articles/{id}/related", { params: { path, query: { limit: 3 } } }).then((answer) => masthead.take(answer).data as ArticleCard[]),
        ...story.authors.slice(0, PROFILES).map(async (author) => masthead.take(await masthead.api.GET("/v1/authors/{id}", { params: { path: { id: author.id } } })) as Author),
    ]);
    const language = interfaceFor(story.language);
    const said = words(language);
    const translations = story.translations.map((each) => html`<a href="${to.article(each.slug)}" hreflang="${each.language}" lang="${each.language}">${languageName(each.language, language)}</a>`);
    const main = html`<article class="story" lang="${story.language}" data-id="${story.id}">
        <header>
            ${kicker(story, language, true)}
            <h1>${story.headline}</h1>
            ${story.standfirst ? html`<p class="standfirst">${story.standfirst}</p>` : none}
            ${byline(story, language)}
            ${dates(story, language)}
            ${translations.length > 0 ? html`<p class="meta translations">${said.alsoIn}: ${translations.map((each, at) => html`${at > 0 ? ", " : ""}${each}`)}</p>` : none}
        </header>
        ${figure(story.lead_media, said, SIZES.lead, { layout: "lead", eager: true })}
        <div class="body">${story.dateline ? html`<p class="dateline">${story.dateline}</p>` : none}${story.body.format === "blocks" ? body(story.body.value, language) : none}</div>
        <footer>${end(story, authors, related, language)}</footer>
    </article>`;
    const translated = story.translations.find((each) => interfaceFor(each.language) !== language);
    const part: Part = { title: story.seo.title ?? story.headline, main, head: head(story, jsonLd), language, ...(translated && { other: to.article(translated.slug) }) };
    return story.slug === slug ? part : { ...part, moved: to.article(story.slug) };
}
