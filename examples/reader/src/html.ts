// HTML as text that cannot be broken by what is put into it: everything is escaped but what is HTML already.

export class Html {
    constructor(readonly text: string) {}
}

type Piece = string | number | Html | readonly Piece[] | null | undefined | false;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

function written(piece: Piece): string {
    if (piece === null || piece === undefined || piece === false) return "";
    if (piece instanceof Html) return piece.text;
    if (typeof piece === "string") return escape(piece);
    if (typeof piece === "number") return String(piece);
    return piece.map(written).join("");
}

/** A template whose values are escaped. */
export function html(texts: TemplateStringsArray, ...values: Piece[]): Html {
    return new Html(texts.reduce((all, text, at) => all + written(values[at - 1]) + text));
}

/** Text that is HTML because the service says so: bodies and highlights come sanitised. */
export const trusted = (text: string): Html => new Html(text);

export const none = new Html("");
