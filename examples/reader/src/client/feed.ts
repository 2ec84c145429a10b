// A list of stories that goes on: "Show more" at its end, "3 new stories" at its head.

import type { ArticleFilter, Masthead } from "masthead-client";

import type { CardStyle } from "../parts/card";
import { type Feed, feedItems, feedPage } from "../pages/lists";
import { counted, type Language, words } from "../words";
import { dress } from "./pictures";

/** Milliseconds between two looks for new stories; none while the page is out of sight. */
const PAUSE = 30_000;

export function follow(masthead: Masthead, feed: HTMLElement, language: Language): void {
    const filter = JSON.parse(feed.dataset["filter"] ?? "{}") as ArticleFilter;
    const list = feed.querySelector("ol");
    if (!list) return;
    const style: Omit<CardStyle, "highlight"> = { size: "row", heading: feed.dataset["heading"] === "3" ? 3 : 2, language };
    const add = (stories: Feed["page"]["data"], where: "beforeend" | "afterbegin"): HTMLElement | null => {
        const before = new Set(list.children);
        list.insertAdjacentHTML(where, feedItems(stories, style).text);
        const added = [...list.children].filter((item) => !before.has(item));
        added.forEach(dress);
        return added[0]?.querySelector<HTMLElement>("a") ?? null;
    };
    more(masthead, feed, filter, language, add);
    if (feed.dataset["top"] && filter.q === undefined) fresh(masthead, feed, filter, language, add);
}

type Add = (stories: Feed["page"]["data"], where: "beforeend" | "afterbegin") => HTMLElement | null;

function more(masthead: Masthead, feed: HTMLElement, filter: ArticleFilter, language: Language, add: Add): void {
    const said = words(language);
    const button = feed.querySelector<HTMLButtonElement>("[data-more]");
    button?.addEventListener("click", async () => {
        if (button.getAttribute("aria-disabled") === "true") return;
        // Not `disabled`: the keyboard would lose its place.
        button.setAttribute("aria-disabled", "true");
        button.textContent = said.loading;
        try {
            const page = await feedPage(masthead, filter, { cursor: feed.dataset["next"] ?? "" });
            feed.dataset["next"] = page.page.next ?? "";
            const first = add(page.data, "beforeend");
            first?.focus({ preventScroll: true });
            if (page.page.next === null) button.outerHTML = `<span class="meta">${said.noMore}</span>`;
            else button.textContent = said.more;
        } catch {
            button.textContent = `${said.failed} ${said.retry}`;
        } finally {
            button.removeAttribute("aria-disabled");
        }
    });
}

function fresh(masthead: Masthead, feed: HTMLElement, filter: ArticleFilter, language: Language, add: Add): void {
    const button = feed.querySelector<HTMLButtonElement>("[data-fresh]");
    if (!button) return;
    let waiting: Feed["page"] | undefined;
    let looking = false;
    const look = async () => {
        const top = feed.dataset["top"];
        if (looking || document.hidden || !top) return;
        looking = true;
        try {
            const page = await feedPage(masthead, { ...filter, limit: 100 }, { newer_than: top });
            if (page.data.length > 0) {
                waiting = page;
                button.textContent = counted(page.data.length, words(language).fresh, language);
                button.hidden = false;
            }
        } catch {
            // The next look may find them.
        } finally {
            looking = false;
        }
    };
    button.addEventListener("click", () => {
        if (!waiting) return;
        feed.dataset["top"] = waiting.page.top ?? feed.dataset["top"] ?? "";
        const first = add(waiting.data, "afterbegin");
        waiting = undefined;
        button.hidden = true;
        first?.focus();
    });
    setInterval(() => void look(), PAUSE);
    document.addEventListener("visibilitychange", () => void look());
    window.addEventListener("focus", () => void look());
}
