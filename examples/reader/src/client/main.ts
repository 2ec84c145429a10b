// In the browser: fills the page unless the reader's server has, then makes its buttons work.

import { Masthead } from "masthead-client";

import { page } from "../pages/load";
import { route } from "../routes";
import { words } from "../words";
import { follow } from "./feed";
import { dress } from "./pictures";

const api = document.querySelector<HTMLMetaElement>('meta[name="api"]')?.content ?? location.origin;
const masthead = new Masthead(api, { retries: { attempts: 3, longestWait: 3_000 } });

async function fill(): Promise<void> {
    const wanted = route(new URL(location.href));
    document.documentElement.lang = wanted.language;
    // Only what takes long is announced: most pages are there at once.
    const waiting = setTimeout(() => {
        document.body.innerHTML = `<main id="page" tabindex="-1" aria-busy="true"><p class="loading" role="status">${words(wanted.language).loading}</p></main>`;
    }, 400);
    const found = await page(masthead, wanted, new Date().toISOString());
    clearTimeout(waiting);
    document.documentElement.lang = found.language;
    document.title = found.title;
    for (const old of document.head.querySelectorAll("[data-page]")) old.remove();
    const head = document.createElement("template");
    head.innerHTML = found.head.text;
    for (const element of head.content.children) element.setAttribute("data-page", "");
    document.head.append(head.content);
    document.body.innerHTML = found.page.text;
    document.body.dataset["status"] = String(found.status);
    if (found.moved !== undefined) history.replaceState(null, "", found.moved + location.hash);
    ready();
    if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function ready(): void {
    dress(document);
    const language = document.documentElement.lang === "uk" ? "uk" : "en";
    for (const feed of document.querySelectorAll<HTMLElement>(".feed")) follow(masthead, feed, language);
    document.querySelector("[data-retry]")?.addEventListener("click", () => void fill());
}

if (document.getElementById("page")) ready();
else void fill();
