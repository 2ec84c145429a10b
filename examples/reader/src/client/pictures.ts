// Holds a picture's place in its own colour until it is there, and keeps in sight what must not be cropped away.

export function dress(within: ParentNode): void {
    for (const image of within.querySelectorAll<HTMLImageElement>("img[data-colour]")) {
        const { colour, focus } = image.dataset;
        if (focus) image.style.objectPosition = focus;
        if (!colour || image.complete) continue;
        image.style.backgroundColor = colour;
        image.addEventListener("load", () => image.style.removeProperty("background-color"), { once: true });
    }
}
