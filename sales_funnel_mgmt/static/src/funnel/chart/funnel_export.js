/**
 * Export funnels as one self-contained picture, which includes the colours of the page.
 */

const STYLES = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "font-family",
    "font-size",
    "font-weight",
    "direction",
];
const GAP = 16;
// size that every browser can draw on a canvas
const MOST_PIXELS = 8000;

/** Return a copy of a drawing as it looks on the page, without the parts for interaction. */
function standalone(svg) {
    const copy = svg.cloneNode(true);
    const originals = svg.querySelectorAll("*");
    copy.querySelectorAll("*").forEach((element, index) => {
        const style = getComputedStyle(originals[index]);
        for (const name of STYLES) {
            element.style.setProperty(name, style.getPropertyValue(name));
        }
        for (const name of ["class", "tabindex", "role"]) {
            element.removeAttribute(name);
        }
    });
    copy.removeAttribute("class");
    return copy;
}

/**
 * @param {SVGElement[]} drawings
 * @param {string} background colour of the background
 * @returns {{ text: string, width: number, height: number }} one SVG, the drawings side by side
 */
export function joinDrawings(drawings, background) {
    const columns = Math.ceil(Math.sqrt(drawings.length));
    const sizes = drawings.map((svg) => ({
        width: Number(svg.getAttribute("width")),
        height: Number(svg.getAttribute("height")),
    }));
    const cell = Math.max(0, ...sizes.map((size) => size.width)) + GAP;
    const parts = [];
    let y = 0;
    for (let first = 0; first < drawings.length; first += columns) {
        drawings.slice(first, first + columns).forEach((svg, index) => {
            const copy = standalone(svg);
            copy.setAttribute("x", index * cell);
            copy.setAttribute("y", y);
            parts.push(new XMLSerializer().serializeToString(copy));
        });
        y += Math.max(...sizes.slice(first, first + columns).map((size) => size.height)) + GAP;
    }
    const width = Math.max(columns * cell - GAP, 1);
    const height = Math.max(y - GAP, 1);
    const text =
        `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
        `viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" ` +
        `fill="${background}"/>${parts.join("")}</svg>`;
    return { text, width, height };
}

/** Return a drawing of `joinDrawings` as a PNG, at twice its size where that is possible. */
export async function drawPng({ text, width, height }) {
    const scale = Math.min(2, MOST_PIXELS / width, MOST_PIXELS / height);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(height * scale);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
