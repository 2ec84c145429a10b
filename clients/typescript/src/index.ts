// A typed client of Masthead. Everything that the OpenAPI document has is at `api`, typed by it; the rest of this class is
// what every user of the service needs besides.

import createFetch, { type Client as FetchClient } from "openapi-fetch";

import type { components, paths } from "./generated.js";
import { items, type Page, pages } from "./paging.js";
import { problemOf } from "./problem.js";
import { Session, type SignedIn } from "./session.js";
import { RETRIES, type Retries, Transport } from "./transport.js";

export type { components, operations, paths } from "./generated.js";
export { type Block, type BlockOf, type MaybePicture, type Picture, shown, srcset, unreachable } from "./body.js";
export { items, type Page, pages } from "./paging.js";
export { type FieldError, Problem, type ProblemDocument } from "./problem.js";
export type { SignedIn } from "./session.js";
export type { Retries } from "./transport.js";

/** A shape of the OpenAPI document by its name. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];
/** A thing that was asked for without `fields`: every member is there. (With `fields` only those asked for are; the document says so by making them optional.) */
export type Whole<Thing> = { [Member in keyof Thing]-?: Exclude<Thing[Member], undefined> };
/** A story in a list. */
export type ArticleCard = Omit<Whole<Schema<"Article">>, "body">;
/** A story with its text. */
export type Article = ArticleCard & { body: Schema<"BodyOut"> };

type ArticleQuery = NonNullable<paths["/v1/articles"]["get"]["parameters"]["query"]>;
/** What a list of stories is asked by, besides where to go on. */
export type ArticleFilter = Omit<ArticleQuery, "cursor" | "fields">;

export interface Options {
    /** A key for a server. */
    apiKey?: string;
    /** What `login` or `onRenewed` gave earlier, to go on with that session. */
    signedIn?: SignedIn;
    /** Called with every new pair of tokens, so that it can be kept. */
    onRenewed?: (signedIn: SignedIn) => void;
    retries?: Partial<Retries>;
    /** Called before every wait for another try. */
    onWait?: (milliseconds: number, attempt: number) => void;
    /** Instead of the global `fetch`. */
    fetch?: typeof fetch;
}

/** A version of something on the desk: what it says, and the ETag to change it with. */
export interface Versioned<Thing> {
    value: Thing;
    etag: string;
}

/** The answer's content, or the problem as an error. */
type Answer<Data> = { data?: Data; error?: unknown; response: Response };

export class Masthead {
    /** Every operation of the document, typed: `client.api.GET("/v1/articles", { params: { query: { tag: "ukraine" } } })`. Failed requests throw a `Problem`. */
    readonly api: FetchClient<paths>;
    readonly base: string;
    private readonly session: Session;

    constructor(base: string, options: Options = {}) {
        this.base = base.replace(/\/$/, "");
        const send = options.fetch ?? ((input, init) => fetch(input, init));
        this.session = new Session(this.base, send, options.apiKey);
        this.session.onRenewed = options.onRenewed;
        if (options.signedIn) this.session.adopt(options.signedIn);
        const transport = new Transport(send, this.session, { ...RETRIES, ...options.retries }, options.onWait);
        this.api = createFetch<paths>({ baseUrl: this.base, fetch: transport.fetch });
        this.api.use({
            async onResponse({ response }) {
                if (!response.ok && response.status !== 304) throw await problemOf(response);
            },
        });
    }

    // --- Reading -----------------------------------------------------------------------------------------------------

    /** Stories, newest first unless `sort` says otherwise, to the end of the list. */
    articles(filter: ArticleFilter = {}): AsyncGenerator<ArticleCard, void, undefined> {
        return items((cursor) => this.articlePage(filter, cursor));
    }

    /** One page of stories. `page.next` goes on; `page.top` as `newer_than` tells what has been published since. */
    async articlePage(filter: ArticleFilter = {}, cursor?: string): Promise<Page<ArticleCard>> {
        const query: ArticleQuery = cursor === undefined ? filter : { ...filter, cursor };
        return this.take(await this.api.GET("/v1/articles", { params: { query } })) as Page<ArticleCard>;
    }

    /** A story by id or slug; an earlier slug leads to it too. */
    async article(id: string, body: Schema<"BodyFormat"> = "blocks"): Promise<Article> {
        return this.take(await this.api.GET("/v1/articles/{id}", { params: { path: { id }, query: { body } } })) as Article;
    }

    /** Every page of any list: `client.pages((cursor) => client.api.GET("/v1/tags", { params: { query: { limit: 100, ...cursor } } }))`. */
    pages<Item>(load: (cursor: { cursor?: string }) => Promise<Answer<Page<Item>>>): AsyncGenerator<Page<Item>, void, undefined> {
        return pages(async (cursor) => this.take(await load(cursor === undefined ? {} : { cursor })));
    }

    /** Every item of any list, as `pages`. */
    items<Item>(load: (cursor: { cursor?: string }) => Promise<Answer<Page<Item>>>): AsyncGenerator<Item, void, undefined> {
        return items(async (cursor) => this.take(await load(cursor === undefined ? {} : { cursor })));
    }

    // --- Who asks ----------------------------------------------------------------------------------------------------

    /** Signs in. The tokens are renewed by themselves from then on. */
    async login(email: string, password: string): Promise<SignedIn> {
        const signedIn = this.take(await this.api.POST("/v1/auth/login", { body: { email, password } }));
        this.session.adopt(signedIn);
        return signedIn;
    }

    /** Ends the session, here and there. */
    async logout(): Promise<void> {
        try {
            await this.api.POST("/v1/auth/logout");
        } finally {
            this.session.forget();
        }
    }

    get isSignedIn(): boolean {
        return this.session.isSignedIn;
    }

    // --- The desk ----------------------------------------------------------------------------------------------------

    /** The content of an answer; a 204 has none. */
    take<Data>(answer: Answer<Data>): Data {
        return answer.data as Data;
    }

    /** What was read or written, with the ETag that a change of it has to name. */
    version<Data>(answer: Answer<Data>): Versioned<Data> {
        const etag = answer.response.headers.get("etag");
        if (etag === null) throw new Error(`${answer.response.url} has no version.`);
        return { value: this.take(answer), etag };
    }

    /**
     * Reads, changes and writes, and does so again with what somebody else has written meanwhile (412), so that nothing of theirs
     * is lost. `change` is handed what is there and gives the patch; `undefined` leaves it as it is.
     */
    async edit<Thing, Patch>(
        read: () => Promise<Answer<Thing>>,
        change: (thing: Thing) => Patch | undefined,
        write: (patch: Patch, ifMatch: { "If-Match": string }) => Promise<Answer<Thing>>,
        attempts = 5,
    ): Promise<Versioned<Thing>> {
        for (let attempt = 1; ; attempt += 1) {
            const seen = this.version(await read());
            const patch = change(seen.value);
            if (patch === undefined) return seen;
            try {
                return this.version(await write(patch, { "If-Match": seen.etag }));
            } catch (problem) {
                const stale = problem instanceof Error && "status" in problem && problem.status === 412;
                if (!stale || attempt >= attempts) throw problem;
            }
        }
    }

    /** Changes an article on the desk; see `edit`. */
    editArticle(id: string, change: (article: Schema<"EditorialArticle">) => Schema<"ArticlePatch"> | undefined): Promise<Versioned<Schema<"EditorialArticle">>> {
        const path = { id };
        return this.edit(
            () => this.api.GET("/v1/editorial/articles/{id}", { params: { path } }),
            change,
            (body, header) => this.api.PATCH("/v1/editorial/articles/{id}", { params: { path, header }, body }),
        );
    }

    /** Puts an article before the world as it was read: 412 when somebody has saved since. */
    async publish(article: Versioned<Schema<"EditorialArticle">>): Promise<Versioned<Schema<"EditorialArticle">>> {
        const params = { path: { id: article.value.id }, header: { "If-Match": article.etag } };
        return this.version(await this.api.POST("/v1/editorial/articles/{id}/publish", { params })) as Versioned<Schema<"EditorialArticle">>;
    }

    /** Uploads a picture or file with what is said about it; every upload needs a credit. */
    async upload(file: Blob, filename: string, metadata: Schema<"NewMedia">): Promise<Versioned<Schema<"EditorialMedia">>> {
        const form = new FormData();
        form.append("file", file, filename);
        form.append("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
        const answer = await this.api.POST("/v1/editorial/media", { body: { file: filename, metadata }, bodySerializer: () => form });
        return this.version(answer);
    }
}
