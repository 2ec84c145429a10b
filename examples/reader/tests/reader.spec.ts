// The reader as its readers meet it: in a browser, against the real service.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { everyBlock, expect, test } from "./newsroom";

const PAGES = {
    "front page": "/",
    "Ukrainian front page": "/uk",
    story: "/satellite-images-show-rebuilt-rail-bridge",
    "Ukrainian story": "/suputnykovi-znimky-pokazuiut-vidbudovanyi-mist",
    "corrected story": "/tide-table-error",
    "withheld picture": "/council-backs-pier-repair",
    tag: "/tags/ukraine",
    author: "/authors/olena-marchenko",
    search: "/search?q=rail+bridge",
    "empty search": "/search",
    "nothing found": "/search?q=xyzzyplugh",
    "not found": "/there-is-no-such-story",
};

const ids = (page: Page) => page.locator("main [data-id]").evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset["id"] ?? ""));
const ready = (page: Page) => expect(page.locator("body > footer")).toBeVisible();

/** Everything that went wrong in the page's own eyes, and everything it asked of others. */
function watch(page: Page, site: string): string[] {
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
        if (message.type() === "error" && !/status of (404|410|503)/.test(message.text())) faults.push(message.text());
    });
    page.on("request", (request) => {
        if (!request.url().startsWith(site) && !request.url().startsWith("data:")) faults.push(`asked elsewhere: ${request.url()}`);
    });
    return faults;
}

for (const [name, path] of Object.entries(PAGES)) {
    test(`${name}: whole, quiet and accessible`, async ({ page, newsroom }) => {
        const faults = watch(page, newsroom.site);
        await page.goto(path);
        await ready(page);
        await expect(page.locator("h1")).toHaveCount(1);
        await expect(page).toHaveTitle(/(The Meridian Post)/);
        for (const [width, colorScheme] of [[1280, "light"], [390, "dark"]] as const) {
            await page.setViewportSize({ width, height: 900 });
            await page.emulateMedia({ colorScheme });
            const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
            expect(violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            expect(overflow, "nothing is wider than the page").toBeLessThanOrEqual(0);
        }
        expect(faults).toEqual([]);
    });
}

test("the front page is the editors' choice, then the rest, no story twice", async ({ page }) => {
    await page.goto("/");
    await expect(page.locator(".hero h2")).toHaveText("Satellite images show rebuilt rail bridge over the Ozerna");
    await ready(page);
    const found = await ids(page);
    expect(found.length).toBeGreaterThan(15);
    expect(new Set(found).size).toBe(found.length);
    await expect(page.getByRole("link", { name: "API documentation" })).toHaveAttribute("href", "/docs/");
    await expect(page.locator('head link[type="application/rss+xml"]').first()).toHaveAttribute("href", "/feeds/rss.xml");
});

test("Show more never repeats a story, and what is new is offered, while the newsroom publishes", async ({ page, newsroom }) => {
    await page.goto("/");
    await ready(page);
    const more = page.locator("[data-more]");
    for (let round = 1; round <= 2; round += 1) {
        const before = (await ids(page)).length;
        await newsroom.desk.publish({ headline: `Published while somebody reads, ${round}` });
        await more.click();
        await expect.poll(async () => (await ids(page)).length).toBeGreaterThan(before);
        // The keyboard goes on where the list does.
        expect(await page.evaluate(() => document.activeElement?.closest("li") !== null)).toBe(true);
    }
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    const fresh = page.locator("[data-fresh]");
    await expect(fresh).toHaveText("2 new stories");
    await fresh.click();
    await expect(fresh).toBeHidden();
    await expect(page.locator(".feed li h3").first()).toHaveText("Published while somebody reads, 2");
    while (await more.isVisible()) {
        const before = (await ids(page)).length;
        await more.click();
        await expect.poll(async () => (await ids(page)).length).toBeGreaterThan(before);
    }
    await expect(page.getByText("You have seen it all.")).toBeVisible();
    const found = await ids(page);
    expect(new Set(found).size).toBe(found.length);
    const total = newsroom.desk.masthead.take(await newsroom.desk.masthead.api.GET("/v1/articles", { params: { query: { language: "en", count: "exact", limit: 1 } } })).page.total;
    expect(found.length, "and none is missing").toBe(total);
});

test("a story has everything that a newspaper prints with it", async ({ page }) => {
    await page.goto(PAGES.story);
    const story = page.locator("article.story");
    await expect(story.locator("header .kicker")).not.toBeEmpty();
    await expect(story.locator("h1")).toHaveText(/Satellite images/);
    await expect(story.locator("header .standfirst")).not.toBeEmpty();
    await expect(story.locator("header .byline")).toHaveText(/Olena Marchenko, Defense reporter/);
    await expect(story.locator("header time").first()).toHaveAttribute("datetime", /Z$/);
    await expect(story.locator("header")).toContainText("minute’s read");
    const lead = story.locator("figure.lead");
    await expect(lead.locator("img")).toHaveAttribute("srcset", /640w/);
    await expect(lead.locator("figcaption")).toContainText("(Maxar Technologies)");
    const profile = story.locator(".author-card");
    await expect(profile).toContainText("Former Defense reporter");
    await expect(profile.locator("img")).toBeVisible();
    await profile.locator("summary").click();
    await expect(profile.getByText("trained as a civil engineer")).toBeVisible();
    await expect(story.locator(".related .card")).toHaveCount(3);
    const data = JSON.parse((await page.locator('script[type="application/ld+json"]').textContent()) ?? "") as { "@type": string; headline: string };
    expect(data["@type"]).toMatch(/NewsArticle$/);
    expect(data.headline).toMatch(/Satellite images/);

    await page.getByRole("link", { name: "Ukrainian" }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "uk");
    await expect(page.getByRole("link", { name: "English" }).first()).toBeVisible();
    await expect(page.locator("ul.tags")).toContainText("Україна");
});

test("every kind of block has its place", async ({ page, newsroom }) => {
    const picture = await newsroom.desk.picture();
    const other = await newsroom.desk.masthead.article("harbour-approves-shore-power");
    const story = await newsroom.desk.publish({ headline: "Everything that a story can hold", body: { blocks: everyBlock(picture.id, other.id) } });
    const faults = watch(page, newsroom.site);
    await page.goto(`/${story.slug}`);
    const body = page.locator(".body");
    for (const part of ["h2", "blockquote", "ul > li > ol > li", ".task", "figure.picture.wide img", ".gallery img", ".pullquote", ".embed a", ".factbox", "table thead th", "pre code", "hr", ".correction", ".see-also a", "dl", "strong", "em", "sub", "sup"]) {
        await expect(body.locator(part).first(), part).toBeAttached();
    }
    await expect(body.locator(".see-also a")).toHaveText(other.headline);
    await expect(body.getByRole("link", { name: "another story" })).toHaveAttribute("href", other.url);
    await expect(body.locator("pre")).toContainText('println!("<tide>")');
    await expect(body.locator("figure.wide figcaption")).toContainText("As this story captions it");
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
    expect(faults).toEqual([]);
});

test("search marks what was asked for, in both languages", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("searchbox").fill("flood");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.locator("h1")).toHaveText("Results for “flood”");
    await expect(page.locator("mark").first()).toHaveText(/flood/i);
    await page.goto("/uk/search?q=міст");
    await expect(page.locator("h1")).toContainText("Знайдено за запитом");
    await page.goto("/search?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E");
    await ready(page);
    await expect(page.locator("main img[src='x']")).toHaveCount(0);
});

test("a picture that is withdrawn is gone, its story stays", async ({ page, newsroom }) => {
    const { masthead } = newsroom.desk;
    const picture = await newsroom.desk.picture();
    const story = await newsroom.desk.publish({ headline: "A story with a picture that will go", lead_media: { media_id: picture.id } });
    await page.goto(`/${story.slug}`);
    await expect(page.locator("figure.lead img")).toBeVisible();
    const params = { path: { id: picture.id }, header: { "If-Match": "*" } };
    await masthead.api.PATCH("/v1/editorial/media/{id}", { params, body: { status: "withdrawn" } });
    await page.reload();
    await expect(page.locator(".withheld")).toHaveText("This picture has been withdrawn.");
    await expect(page.locator("figure.lead img")).toHaveCount(0);
    await masthead.api.PATCH("/v1/editorial/media/{id}", { params, body: { status: "ready" } });
});

test("a correction stands with the story", async ({ page, newsroom }) => {
    const story = await newsroom.desk.publish({ headline: "A story that was not quite right" });
    const params = { path: { id: story.id }, header: { "If-Match": "*" } };
    await newsroom.desk.masthead.api.POST("/v1/editorial/articles/{id}/corrections", { params, body: { kind: "correction", text: "The quay has four cranes, not five." } });
    await page.goto(`/${story.slug}`);
    await expect(page.locator(".corrections")).toContainText("The quay has four cranes, not five.");
    await expect(page.locator("header .meta").first()).toContainText("min");
});

test("an earlier address leads to the present one", async ({ page, newsroom }) => {
    const story = await newsroom.desk.publish({ headline: "A story that moves", slug: "a-story-at-first" });
    const { masthead } = newsroom.desk;
    await masthead.publish(await masthead.editArticle(story.id, () => ({ slug: "a-story-at-last" })));
    await page.goto("/a-story-at-first");
    await expect(page).toHaveURL(/\/a-story-at-last$/);
    await expect(page.locator("h1")).toHaveText("A story that moves");
});

test("what was taken down says so, and what is not there too", async ({ page }) => {
    const gone = { type: "/problems/gone", title: "This was taken down", status: 410, detail: "It will not come back under this address.", instance: "the-request" };
    await page.route("**/v1/articles/a-story-that-was-taken-down**", (route) => route.fulfill({ status: 410, contentType: "application/problem+json", body: JSON.stringify(gone) }));
    await page.goto("/a-story-that-was-taken-down");
    await expect(page.locator("h1")).toHaveText("This story was taken down");
    await expect(page.locator('meta[name="robots"]')).toHaveAttribute("content", "noindex");
    await page.goto("/nothing-of-the-kind");
    await expect(page.locator("h1")).toHaveText("This page is not here");
    await page.getByRole("link", { name: "Front page" }).first().click();
    await expect(page.locator(".hero")).toBeVisible();
});

test("a slow newsroom is waited for", async ({ page }) => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((done) => (release = done));
    await page.route("**/v1/articles/**", async (route) => {
        await held;
        await route.continue();
    });
    await page.goto(PAGES.story);
    await expect(page.getByRole("status")).toHaveText("Loading…");
    release();
    await expect(page.locator("h1")).toHaveText(/Satellite images/);
});

test("a failing newsroom is said to fail, and tried again", async ({ page }) => {
    const busy = { type: "/problems/unavailable", title: "Not now", status: 503, detail: "The database cannot be reached.", instance: "the-request" };
    await page.route("**/v1/**", (route) => route.fulfill({ status: 503, headers: { "retry-after": "0" }, contentType: "application/problem+json", body: JSON.stringify(busy) }));
    await page.goto(PAGES.story);
    await expect(page.locator("h1")).toHaveText("The news cannot be fetched just now");
    await expect(page.getByText("the-request")).toBeVisible();
    await page.unroute("**/v1/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.locator("h1")).toHaveText(/Satellite images/);

    await page.goto("/");
    await ready(page);
    await page.route("**/v1/articles**", (route) => route.abort());
    await page.locator("[data-more]").click();
    await expect(page.locator("[data-more]")).toHaveText(/did not work/);
    await page.unroute("**/v1/articles**");
    const before = (await ids(page)).length;
    await page.locator("[data-more]").click();
    await expect.poll(async () => (await ids(page)).length).toBeGreaterThan(before);
});

test("pictures that come late move nothing", async ({ page }) => {
    await page.addInitScript(() => {
        const state = window as unknown as { shift: number };
        state.shift = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) state.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
    });
    let release: () => void = () => undefined;
    const held = new Promise<void>((done) => (release = done));
    await page.route("**/file?**", async (route) => {
        await held;
        await route.continue();
    });
    await page.goto(PAGES.story, { waitUntil: "commit" });
    await ready(page);
    release();
    await expect.poll(() => page.locator("figure.lead img").evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).toBe(true);
    expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.01);
});

test("the keyboard reaches the news first", async ({ page }) => {
    await page.goto("/");
    await ready(page);
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to the news" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator("main")).toBeFocused();
});

test.describe("without scripts", () => {
    test.use({ javaScriptEnabled: false });

    test("the reader's own server sends whole pages with the right status", async ({ page, newsroom }) => {
        const at = (path: string) => page.goto(newsroom.server + path);
        expect((await at("/"))?.status()).toBe(200);
        await expect(page.locator(".feed li").first()).toBeVisible();
        expect((await at(PAGES.story))?.status()).toBe(200);
        await expect(page.locator("h1")).toHaveText(/Satellite images/);
        await expect(page.locator("figure.lead img")).toBeVisible();
        expect((await at("/there-is-no-such-story"))?.status()).toBe(404);
        expect((await at("/search?q=bridge"))?.status()).toBe(200);
        await expect(page.locator("mark").first()).toBeVisible();
        await at(PAGES["Ukrainian story"]);
        await expect(page.locator("html")).toHaveAttribute("lang", "uk");
    });

    test("where pages are put together in the browser, the feed is offered", async ({ page }) => {
        await page.goto("/");
        await expect(page.getByRole("link", { name: "RSS feed" })).toHaveAttribute("href", "/feeds/rss.xml");
    });
});

test("scripts go on where the server left off", async ({ page, newsroom }) => {
    await page.goto(newsroom.server);
    const before = (await ids(page)).length;
    await page.locator("[data-more]").click();
    await expect.poll(async () => (await ids(page)).length).toBeGreaterThan(before);
});
