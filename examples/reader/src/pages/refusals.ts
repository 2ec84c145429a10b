// Pages for what is not there, what was taken down, and what cannot be had just now.

import { Problem } from "masthead-client";

import { html, none } from "../html";
import { to } from "../routes";
import { type Language, words } from "../words";
import type { Part } from "./load";

export function refusal(failure: unknown, language: Language): Part {
    const said = words(language);
    const problem = failure instanceof Problem ? failure : undefined;
    const [title, text] = problem?.status === 410 ? [said.gone, said.goneText] : problem?.status === 404 ? [said.notFound, said.notFoundText] : [said.broken, said.brokenText];
    const passing = title === said.broken;
    const main = html`<section class="refusal">
        <h1>${title}</h1>
        <p>${text}</p>
        <p>${passing ? html`<button type="button" data-retry>${said.retry}</button>` : html`<a class="button" href="${to.front(language)}">${said.front}</a>`}</p>
        ${problem?.requestId ? html`<p class="meta">${said.reference}: <code>${problem.requestId}</code></p>` : none}
    </section>`;
    return { title, main };
}
