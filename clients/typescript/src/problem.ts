// Errors as the service tells them (RFC 9457), as one class that can be caught and told apart.

import type { components } from "./generated.js";

/** The document that came with a refusal. */
export type ProblemDocument = components["schemas"]["Problem"];
/** One fault of an input. */
export type FieldError = components["schemas"]["FieldError"];

/** The service refused a request, or failed at it. */
export class Problem extends Error {
    override readonly name = "Problem";
    /** The kind, such as `not-found`: the last part of the document's `type`. */
    readonly code: string;
    readonly status: number;
    /** What happened this time, as a sentence. */
    readonly detail: string;
    /** The request id, which the operator finds in the log. */
    readonly requestId: string;
    /** Every fault of the input, and where it is. */
    readonly errors: readonly FieldError[];
    /** Milliseconds to wait before another try, where the service said so. */
    readonly retryAfter: number | undefined;
    /** All of it, with the members that only some kinds have (`current_version`, `used_by`, `legal_moves`). */
    readonly document: ProblemDocument;

    constructor(document: ProblemDocument, retryAfter?: number) {
        super(`${document.title}: ${document.detail}`);
        this.code = document.type.split("/").at(-1) ?? document.type;
        this.status = document.status;
        this.detail = document.detail;
        this.requestId = document.instance;
        this.errors = document.errors ?? [];
        this.retryAfter = retryAfter;
        this.document = document;
    }

    /** The fault of one member of the body (`/headline`) or of one parameter (`limit`). */
    at(place: string): FieldError | undefined {
        return this.errors.find((error) => error.pointer === place || error.parameter === place);
    }
}

/** Milliseconds that `Retry-After` asks for (RFC 9110, 10.2.3): seconds or a date. */
export function retryAfter(response: Response, now = Date.now()): number | undefined {
    const value = response.headers.get("retry-after");
    if (value === null) return undefined;
    const wait = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
    return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

function isProblem(value: unknown): value is ProblemDocument {
    return typeof value === "object" && value !== null && "type" in value && "title" in value && "status" in value;
}

/** What an answer that is no success says; something between us and the service may have answered in its place. */
export async function problemOf(response: Response): Promise<Problem> {
    const found: unknown = await response.json().catch(() => undefined);
    const document = isProblem(found)
        ? found
        : {
              type: "about:blank",
              title: response.statusText || "The answer is no problem document",
              status: response.status,
              detail: `${response.url} answered ${response.status}.`,
              instance: response.headers.get("x-request-id") ?? "",
          };
    return new Problem(document, retryAfter(response));
}
