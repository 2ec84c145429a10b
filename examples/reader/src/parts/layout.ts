// What stands around every page: the name of the site, its sections, search, and the links at its end.

import type { Schema } from "masthead-client";

import { type Html, html, none } from "../html";
import { to } from "../routes";
import { day, type Language, words } from "../words";
import { tagName } from "./card";

type Tag = Schema<"Tag">;
type Site = Schema<"Site">;

export interface Frame {
    site: Site;
    sections: Tag[];
    language: Language;
    /** The same page in the other language, where there is one. */
    other?: string;
    query?: string;
    now: string;
}

export function layout(frame: Frame, main: Html): Html {
    const { language, site } = frame;
    const said = words(language);
    const other: Language = language === "en" ? "uk" : "en";
    return html`<a class="skip" href="#page">${said.skip}</a>
        <header class="top">
            <div class="bar"><p class="today">${day(frame.now, language)}</p>
                <p class="languages"><a href="${frame.other ?? to.front(other)}" hreflang="${other}" lang="${other}">${said.otherLanguage}</a></p></div>
            <p class="name"><a href="${to.front(language)}">${site.name ?? ""}</a></p>
            <nav aria-label="${said.topics}"><ul>${frame.sections.map((tag) => (tag.slug ? html`<li><a href="${to.tag(tag.slug, language)}">${tagName({ name: tag.name ?? "", ...(tag.names && { names: tag.names }) }, language)}</a></li>` : none))}</ul>
                <form role="search" action="${to.search("", language)}"><label class="hidden" for="q">${said.searchFor}</label>
                    <input id="q" name="q" type="search" value="${frame.query ?? ""}" placeholder="${said.searchShort}" maxlength="200" /><button>${said.search}</button></form></nav>
        </header>
        <main id="page" tabindex="-1">${main}</main>
        <footer><p>${said.about}</p>
            <ul><li><a href="${to.front(language)}">${said.front}</a></li><li><a href="/feeds/rss.xml">${said.rss}</a></li><li><a href="/docs/">${said.docs}</a></li></ul></footer>`;
}
