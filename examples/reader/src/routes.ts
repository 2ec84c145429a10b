// Which address shows what. Stories stand at `/{slug}`, as the service writes their addresses by default.

import type { Language } from "./words";

export type Route =
    | { page: "front"; language: Language }
    | { page: "tag" | "author"; slug: string; language: Language }
    | { page: "search"; query: string; language: Language }
    | { page: "article"; slug: string; language: Language }
    | { page: "nowhere"; language: Language };

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export function route(url: URL): Route {
    const parts = url.pathname.split("/").filter((part) => part !== "");
    const language: Language = parts[0] === "uk" ? "uk" : "en";
    if (language === "uk") parts.shift();
    const [first, second] = parts;
    if (first === undefined) return { page: "front", language };
    if (first === "search" && second === undefined) return { page: "search", query: (url.searchParams.get("q") ?? "").slice(0, 200), language };
    if (parts.length === 2 && second !== undefined && SLUG.test(second)) {
        if (first === "tags") return { page: "tag", slug: second, language };
        if (first === "authors") return { page: "author", slug: second, language };
    }
    if (parts.length === 1 && SLUG.test(first)) return { page: "article", slug: first, language };
    return { page: "nowhere", language };
}

const under = (language: Language, path: string) => (language === "uk" ? `/uk${path}` : path || "/");

export const to = {
    front: (language: Language) => under(language, ""),
    tag: (slug: string, language: Language) => under(language, `/tags/${slug}`),
    author: (slug: string, language: Language) => under(language, `/authors/${slug}`),
    search: (query: string, language: Language) => under(language, `/search${query ? `?q=${encodeURIComponent(query)}` : ""}`),
    article: (slug: string) => `/${slug}`,
};
