// A list, page after page, until it ends or is left.

/** A page of any list. */
export interface Page<Item> {
    data: Item[];
    page: { next: string | null; previous: string | null; total: number | null; limit: number; top?: string | null };
}

/** Every page of a list; `load` gets the cursor of the one that is wanted. */
export async function* pages<Item>(load: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Page<Item>, void, undefined> {
    let cursor: string | undefined;
    do {
        const page = await load(cursor);
        yield page;
        cursor = page.page.next ?? undefined;
    } while (cursor !== undefined);
}

/** Every item of a list. Those that were there at the start come exactly once, also while new ones are published. */
export async function* items<Item>(load: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Item, void, undefined> {
    for await (const page of pages(load)) yield* page.data;
}
