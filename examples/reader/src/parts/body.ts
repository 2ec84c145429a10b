// The body of a story from its blocks. Every kind of block has its place here: one that is missing does not compile.

import { type PortableTextHtmlComponents, toHTML } from "@portabletext/to-html";
import { type Block, type BlockOf, unreachable } from "masthead-client";

import { type Html, html, none, trusted } from "../html";
import { day, type Language, words } from "../words";
import { figure, SIZES } from "./picture";

type TextBlock = BlockOf<"block">;

const SAFE = /^(https?:|mailto:|tel:|\/|#)/i;

const mark = (tag: string) => ({ children }: { children: string }) => `<${tag}>${children}</${tag}>`;

const components = (language: Language): Partial<PortableTextHtmlComponents> => ({
    marks: {
        strong: mark("strong"),
        em: mark("em"),
        underline: mark("u"),
        "strike-through": mark("s"),
        code: mark("code"),
        sub: mark("sub"),
        sup: mark("sup"),
        link: ({ children, value }) => link(children, value?.href),
        internalLink: ({ children, value }) => link(children, value?.href),
    },
    listItem: {
        task: ({ children, value }) => {
            const done = (value as TextBlock).checked === true;
            const said = done ? words(language).done : words(language).toDo;
            return `<li class="task"><span class="box" role="img" aria-label="${said}">${done ? "☑" : "☐"}</span> ${children}</li>`;
        },
    },
    list: { task: ({ children }) => `<ul class="tasks">${children}</ul>` },
});

function link(children: string, href: unknown): string {
    return typeof href === "string" && SAFE.test(href) ? html`<a href="${href}">${trusted(children)}</a>`.text : children;
}

function text(blocks: TextBlock[], language: Language): Html {
    return trusted(toHTML(blocks as Parameters<typeof toHTML>[0], { components: components(language), onMissingComponent: false }));
}

function table(block: BlockOf<"table">, language: Language): Html {
    const empty = (cell: (typeof block.rows)[number]["cells"][number]) => cell.value.every((part) => part.children.every((span) => span.text.trim() === ""));
    // A corner that says nothing is no heading.
    const row = (cells: (typeof block.rows)[number]["cells"], tag: "th" | "td") =>
        html`<tr>${cells.map((cell) => (tag === "th" && !empty(cell) ? html`<th scope="col">${text(cell.value, language)}</th>` : html`<td>${text(cell.value, language)}</td>`))}</tr>`;
    const head = block.rows.slice(0, block.headerRows);
    const rest = block.rows.slice(block.headerRows);
    return html`<div class="table" tabindex="0" role="region" aria-label="${block.caption ?? ""}"><table>
        ${block.caption ? html`<caption>${block.caption}</caption>` : none}
        ${head.length > 0 ? html`<thead>${head.map((each) => row(each.cells, "th"))}</thead>` : none}
        <tbody>${rest.map((each) => row(each.cells, "td"))}</tbody>
    </table></div>`;
}

function embed(block: BlockOf<"embed">): Html {
    // Nothing from elsewhere is loaded: who wants to see it goes there.
    return html`<p class="embed"><a href="${block.url}" rel="noopener"><strong>${block.title ?? block.url}</strong>${block.provider ? html` <span>${block.provider}</span>` : none}</a></p>`;
}

function one(block: Exclude<Block, TextBlock>, language: Language): Html {
    const said = words(language);
    switch (block._type) {
        case "image":
            return figure(block.media, said, SIZES.body, { ...(block.alt && { alt: block.alt }), ...(block.caption && { caption: block.caption }), ...(block.layout && { layout: block.layout }) });
        case "gallery":
            return html`<section class="gallery"${block.title ? html` aria-label="${block.title}"` : none}>${block.title ? html`<h2>${block.title}</h2>` : none}
                <div>${block.images.map((item) => figure(item.media, said, SIZES.card, { ...(item.alt && { alt: item.alt }), ...(item.caption && { caption: item.caption }) }))}</div></section>`;
        case "pullquote":
            return html`<figure class="pullquote"><blockquote><p>${block.text}</p></blockquote>
                ${block.attribution ? html`<figcaption>${block.attribution}${block.role ? `, ${block.role}` : ""}</figcaption>` : none}</figure>`;
        case "embed":
            return embed(block);
        case "factbox":
            return html`<aside class="factbox" aria-label="${block.title}"><h2>${block.title}</h2>${text(block.content, language)}</aside>`;
        case "table":
            return table(block, language);
        case "code":
            return html`<pre tabindex="0"><code>${block.code}</code></pre>`;
        case "horizontal-rule":
            return html`<hr />`;
        case "correction":
            return html`<aside class="correction" aria-label="${said.correctionKinds[block.kind]}"><p><strong>${said.correctionKinds[block.kind]}</strong>, <time datetime="${block.date}">${day(block.date, language)}</time></p>${text(block.content, language)}</aside>`;
        case "relatedArticle":
            return block.article ? html`<aside class="see-also" aria-label="${said.related}"><a href="/${block.article.slug}">${block.article.headline}</a></aside>` : none;
        case "html":
            return html`<div class="raw">${trusted(block.html)}</div>`;
        default:
            return unreachable(block);
    }
}

/** The blocks as HTML. Neighbouring text goes through the Portable Text renderer together, so that lists are lists. */
export function body(blocks: Block[], language: Language): Html {
    const parts: Html[] = [];
    let run: TextBlock[] = [];
    const flush = () => {
        if (run.length > 0) parts.push(text(run, language));
        run = [];
    };
    for (const block of blocks) {
        if (block._type === "block") {
            run.push(block);
        } else {
            flush();
            parts.push(one(block, language));
        }
    }
    flush();
    return html`${parts}`;
}
