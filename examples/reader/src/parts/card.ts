// A story in a list.

import { type ArticleCard, type Schema, shown } from "masthead-client";

import { type Html, html, none, trusted } from "../html";
import { to } from "../routes";
import { counted, dateTime, type Language, shortTime, words } from "../words";
import { image, SIZES } from "./picture";

/** A tag's name in the reader's language, where it has one. */
export function tagName(tag: { name: string; names?: Record<string, string> }, language: Language): string {
    return tag.names?.[language] ?? tag.name;
}

export function time(at: string, language: Language): Html {
    return html`<time datetime="${at}">${dateTime(at, language)}</time>`;
}

/** What stands above a headline: the story's own kicker, or its first tag. */
export function kicker(story: ArticleCard, language: Language, linked: boolean): Html {
    const kind = words(language).kinds[story.kind];
    const badge = story.kind === "news" ? none : html`<span class="kind ${story.kind}">${kind}</span> `;
    const tag = story.primary_tag;
    // A kicker that says what the badge says, says nothing.
    const own = story.kicker?.toLocaleLowerCase() === kind.toLocaleLowerCase() ? null : story.kicker;
    const over = own ?? (tag ? tagName(tag, language) : "");
    const label = linked && tag ? html`<a href="${to.tag(tag.slug, language)}">${over}</a>` : html`${over}`;
    return html`<p class="kicker">${badge}${label}</p>`;
}

export interface CardStyle {
    size: "hero" | "large" | "row";
    heading: 2 | 3;
    language: Language;
    highlight?: Schema<"Highlight">;
    eager?: boolean;
}

export function card(story: ArticleCard, style: CardStyle): Html {
    const { language } = style;
    const picture = shown(story.lead_media);
    const headline = style.highlight ? trusted(style.highlight.headline) : html`${story.headline}`;
    const link = html`<a href="${to.article(story.slug)}"${story.language === language ? none : html` hreflang="${story.language}"`}>${headline}</a>`;
    const text = style.highlight?.text ? html`<p class="standfirst">${trusted(style.highlight.text)}</p>` : story.standfirst ? html`<p class="standfirst">${story.standfirst}</p>` : none;
    const sizes = style.size === "hero" ? SIZES.lead : style.size === "large" ? SIZES.card : SIZES.thumb;
    return html`<article class="card ${style.size}${picture ? "" : " plain"}" data-id="${story.id}" lang="${story.language}">
        ${picture ? html`<div class="frame">${image(picture, sizes, { alt: "", eager: style.eager === true })}<small class="credit">${picture.credit.display}</small></div>` : none}
        <div class="text">
            ${kicker(story, language, false)}
            ${style.heading === 2 ? html`<h2>${link}</h2>` : html`<h3>${link}</h3>`}
            ${text}
            <p class="meta">${story.byline ? html`<span class="byline">${story.byline}</span> ` : none}<time datetime="${story.published_at}">${shortTime(story.published_at, language)}</time> <span>${counted(story.reading_minutes, words(language).minutes, language)}</span></p>
        </div>
    </article>`;
}
