// The blocks of a body, told apart by `_type`, and what every front end asks about pictures.

import type { components } from "./generated.js";

type Schemas = components["schemas"];

/** A block of a body as it is read with `body=blocks`. A `switch` over `_type` that leaves one out does not compile with `unreachable`. */
export type Block = Schemas["BodyBlock"];
/** The block with this `_type`. */
export type BlockOf<Type extends Block["_type"]> = Extract<Block, { _type: Type }>;
/** A picture with its credit. */
export type Picture = Schemas["Picture"];
/** A picture, or that it may not be shown. */
export type MaybePicture = Schemas["MaybePicture"];

/** For the end of a `switch` that names every case: with one missing, it does not compile. */
export function unreachable(value: never): never {
    throw new Error(`There is more than this client knows: ${JSON.stringify(value)}`);
}

/** The picture, where it may be shown. */
export function shown(picture: MaybePicture | null | undefined): Picture | undefined {
    return picture && !("withheld" in picture) ? picture : undefined;
}

/** The value of `srcset` for an `<img>`. */
export function srcset(picture: Picture): string {
    return picture.srcset.map((item) => `${item.url} ${item.width}w`).join(", ");
}
