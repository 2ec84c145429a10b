// A picture with its place held, its caption and its credit; and what stands there when it may not be shown.

import { type MaybePicture, type Picture, shown, srcset } from "masthead-client";

import { averageColour } from "../colour";
import { type Html, html, none } from "../html";
import type { Words } from "../words";

/** How wide a picture is drawn, for the browser to choose a copy. */
export const SIZES = { lead: "(min-width: 70rem) 44rem, (min-width: 48rem) 60vw, 100vw", body: "(min-width: 48rem) 42rem, 100vw", card: "(min-width: 70rem) 20rem, (min-width: 40rem) 45vw, 100vw", thumb: "8rem", face: "6rem" };

/** Colour and focus are data: no style may stand in a page of this site, so the script sets them. */
export function image(picture: Picture, sizes: string, options: { eager?: boolean; alt?: string } = {}): Html {
    const focus = picture.focal_point ? `${Math.round(picture.focal_point.x * 100)}% ${Math.round(picture.focal_point.y * 100)}%` : undefined;
    return html`<img src="${picture.url}" srcset="${srcset(picture)}" sizes="${sizes}" width="${picture.width}" height="${picture.height}" alt="${options.alt ?? picture.alt}"
        ${options.eager ? html`fetchpriority="high"` : html`loading="lazy" decoding="async"`} data-colour="${averageColour(picture.blurhash) ?? ""}" data-focus="${focus ?? ""}" />`;
}

function credit(picture: Picture): Html {
    const { display, url, licence } = picture.credit;
    const name = url ? html`<a href="${url}" rel="noopener">${display}</a>` : html`${display}`;
    const terms = licence?.url && licence.code ? html` <a href="${licence.url}" rel="license noopener">${licence.code}</a>` : none;
    return html`<span class="credit">${name}${terms}</span>`;
}

/** A picture in a story; `caption` and `alt` of this use go before its own. */
export function figure(picture: MaybePicture | null | undefined, words: Words, sizes: string, use: { alt?: string; caption?: string; layout?: string; eager?: boolean } = {}): Html {
    if (!picture) return none;
    const visible = shown(picture);
    if (!visible) return html`<figure class="picture withheld"><p role="note">${"withheld" in picture ? words.withheld[picture.reason] : ""}</p></figure>`;
    const caption = use.caption ?? visible.caption;
    return html`<figure class="picture${use.layout ? ` ${use.layout}` : ""}">
        ${image(visible, sizes, use)}
        <figcaption>${caption ? html`${caption} ` : none}${credit(visible)}</figcaption>
    </figure>`;
}
