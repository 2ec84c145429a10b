// A body that has every kind of block, for tests of whatever reads bodies.

const span = (text: string, ...marks: string[]) => ({ _type: "span", text, marks });
const block = (style: string, ...children: object[]) => ({ _type: "block", style, children, markDefs: [] });

/** The blocks, as they are written; `media` is shown alone and in a gallery, `article` is pointed to. */
export function everyBlock(media: string, article: string): object[] {
    const image = { _type: "image", media: { _type: "reference", _ref: media } };
    return [
        block("h2", span("What happened")),
        {
            _type: "block",
            style: "normal",
            markDefs: [
                { _key: "l1", _type: "link", href: "https://example.org/tides" },
                { _key: "l2", _type: "internalLink", ref: { _type: "reference", _ref: article } },
            ],
            children: [span("Plain, "), span("strong", "strong"), span(", "), span("em", "em"), span(", "), span("code", "code"), span(", H"), span("2", "sub"), span("O, m"), span("2", "sup"), span(", "), span("a link", "l1"), span(" and "), span("another story", "l2"), span(".\nA second line.")],
        },
        block("blockquote", span("The tide does not read timetables.")),
        { ...block("normal", span("First point")), listItem: "bullet", level: 1 },
        { ...block("normal", span("Under it")), listItem: "number", level: 2 },
        { ...block("normal", span("Second point")), listItem: "bullet", level: 1 },
        { ...block("normal", span("Ask the harbour master")), listItem: "task", level: 1, checked: true },
        { ...image, alt: "As this story describes it", caption: "As this story captions it", layout: "wide" },
        { _type: "gallery", title: "The quay in pictures", images: [{ ...image, alt: "One" }, { ...image, alt: "Two" }] },
        { _type: "pullquote", text: "We count boats, not promises.", attribution: "Marta Quennell", role: "harbour master" },
        { _type: "embed", url: "https://video.example.org/watch/42", provider: "Example Video", title: "The launch, in full", aspectRatio: "16:9" },
        { _type: "factbox", title: "The harbour in numbers", content: [block("normal", span("Four cranes.")), block("normal", span("One lighthouse."))] },
        {
            _type: "table",
            headerRows: 1,
            caption: "High water at the eastern quay",
            rows: [
                ["Day", "Metres"],
                ["Monday", "3.2"],
                ["Tuesday", "3.4"],
            ].map((cells) => ({ _type: "row", cells: cells.map((text) => ({ _type: "cell", value: [block("normal", span(text))] })) })),
        },
        { _type: "code", language: "rust", code: "fn main() {\n    println!(\"<tide>\");\n}" },
        { _type: "horizontal-rule" },
        { _type: "correction", kind: "clarification", date: "2026-11-01", content: [block("normal", span("An earlier version did not name the quay."))] },
        { _type: "relatedArticle", ref: { _type: "reference", _ref: article } },
        { _type: "html", html: "<dl><dt>Neap tide</dt><dd>The smallest range.</dd></dl>" },
    ];
}
