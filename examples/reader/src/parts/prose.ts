// Longer texts about people are Markdown by convention; this reads what such texts have: paragraphs, emphasis and links.

import { type Html, escape, trusted } from "../html";

/** Paragraphs with `*emphasis*`, `**strong**` and `[links](https://…)`; everything else is text. */
export function paragraphs(text: string): Html {
    const inline = (part: string) =>
        escape(part)
            .replace(/\[([^\]\n]{1,300})\]\((https?:\/\/[^\s)]{1,500})\)/g, '<a href="$2" rel="noopener">$1</a>')
            .replace(/\*\*([^*\n]{1,500})\*\*/g, "<strong>$1</strong>")
            .replace(/\*([^*\n]{1,500})\*/g, "<em>$1</em>");
    return trusted(text.split(/\n{2,}/).filter((part) => part.trim() !== "").map((part) => `<p>${inline(part.trim())}</p>`).join(""));
}
