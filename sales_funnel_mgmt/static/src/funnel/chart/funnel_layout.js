/**
 * Compute the layout of a funnel: the positions of shapes and lines of text.
 */

const PADDING = 12;
const LINE = 18;
const BAR_HEIGHT = 36;
const ROW_GAP = 16;
const CHIP_HEIGHT = 22;
const CHIP_GAP = 6;
// below this width, the exits from a stage stand below its bar, not beside it
const WIDE = 560;
// smallest width of a bar, which has to be visible
const LEAST_BAR = 3;

/** Estimate the width of a text of 13 pixels. Chinese characters and signs are twice as wide. */
export function textWidth(text) {
    let width = 0;
    for (const character of text) {
        width += character.codePointAt(0) > 0x2000 ? 13 : 7.3;
    }
    return width;
}

// the parts between which a line can break: words and Chinese characters. A bracket or full stop stays
// with its word, and a number stays with its currency, joined by a non-breaking space
const WORDS =
    /[（「『]*(?:[\u2e80-\uffff]|[^ \n\u2e80-\uffff]+)[，。；：、）」』！？]*[ \n]*|[ \n]+/gu;

/** Break a text into lines that fit into a width: at spaces, in Chinese anywhere. */
export function wrapText(text, width) {
    return wrapWords(text.match(WORDS) || [], width);
}

/** Write parts one after the other. A part that fits into a line is not broken. */
export function wrapParts(parts, width) {
    const words = parts.flatMap((part, index) => {
        const text = index < parts.length - 1 ? `${part} · ` : part;
        return textWidth(part) > width ? text.match(WORDS) : [text];
    });
    return wrapWords(words, width);
}

function wrapWords(words, width) {
    const lines = [];
    let line = "";
    for (const word of words) {
        if (line && textWidth(line + word.trimEnd()) > width) {
            lines.push(line.trimEnd());
            line = "";
        }
        line += word;
    }
    return line.trim() ? [...lines, line.trimEnd()] : lines;
}

/** Return the share of a whole, limited to 0 to 1. */
function share(value, max) {
    const result = value / max;
    return Number.isFinite(result) ? Math.min(Math.max(result, 0), 1) : 0;
}

/** Place chips in lines, and return the height. */
function placeChips(chips, area, shapes) {
    let x = 0;
    let y = 0;
    for (const chip of chips) {
        const width = Math.min(textWidth(chip.text) + 16, area.width);
        if (x && x + width > area.width) {
            x = 0;
            y += CHIP_HEIGHT + CHIP_GAP;
        }
        shapes.push({ ...chip, x: area.x + x, y: area.y + y, width, height: CHIP_HEIGHT });
        x += width + CHIP_GAP;
    }
    return chips.length ? y + CHIP_HEIGHT : 0;
}

/**
 * @param {Object} funnel
 * @param {string[]} funnel.headings title, mode, period…: the first one is bold
 * @param {string} funnel.formula
 * @param {Object[]} funnel.rows `value`, `name`, `conversion`, `metrics` (texts), `flows` (chips)
 * @param {number} [funnel.max] value of the widest bar; several funnels can share it
 * @param {number} width in pixels
 * @param {boolean} [isRtl] mirrored, for languages that are written from right to left
 */
export function layoutFunnel({ headings, formula, rows, max }, width, isRtl = false) {
    const inner = Math.max(width - 2 * PADDING, 1);
    const isWide = width >= WIDE && rows.some((row) => row.flows.length);
    const barArea = isWide ? inner * 0.55 : inner;
    const centre = PADDING + barArea / 2;
    const largest = max || Math.max(0, ...rows.map((row) => row.value));
    // the start of a shape, and that of a text, mirrored if needed
    const left = (x, shapeWidth) => (isRtl ? width - x - shapeWidth : x);
    const start = (x) => left(x, 0);

    let y = PADDING;
    const texts = [];
    const write = (lines, className) => {
        for (const text of lines) {
            y += LINE;
            texts.push({ text, x: start(PADDING), y: y - 5, className });
        }
    };
    headings.forEach((heading, index) =>
        write(wrapText(heading, inner), index ? "o_funnel_heading" : "o_funnel_title"),
    );
    write(wrapText(formula, inner), "o_funnel_formula");
    y += ROW_GAP / 2;

    const shapes = rows.map((row, index) => {
        const top = y;
        const conversion = row.conversion || "";
        const nameWidth = Math.max(barArea - textWidth(conversion) - 8, 40);
        const name = wrapText(row.name, nameWidth);
        const nameLines = name.map((text, line) => ({
            text,
            x: start(PADDING),
            y: top + LINE * (line + 1) - 5,
        }));
        const barTop = top + LINE * Math.max(name.length, 1) + 2;
        const half = (value) =>
            value > 0 ? Math.max((share(value, largest) * barArea) / 2, LEAST_BAR) : 0.5;
        const topHalf = half(row.value);
        // Narrow towards the next stage, as a funnel, and never widen.
        const next = rows[index + 1];
        const bottomHalf = next ? Math.min(half(next.value), topHalf) : topHalf;
        const points = [
            [centre - topHalf, barTop],
            [centre + topHalf, barTop],
            [centre + bottomHalf, barTop + BAR_HEIGHT],
            [centre - bottomHalf, barTop + BAR_HEIGHT],
        ].map(([x, pointY]) => `${round(start(x))},${round(pointY)}`);
        let below = barTop + BAR_HEIGHT + 2;
        const metrics = wrapParts(row.metrics, barArea).map((text) => {
            below += LINE;
            return { text, x: start(PADDING), y: below - 5 };
        });
        const chips = [];
        const area = isWide
            ? { x: PADDING + barArea + 24, y: barTop, width: inner - barArea - 24 }
            : { x: PADDING, y: below + 4, width: inner };
        const chipHeight = placeChips(row.flows, area, chips);
        // a line for the exits to the side
        const outlet =
            isWide && chips.length
                ? {
                      x1: round(start(centre + topHalf)),
                      x2: round(start(area.x - 4)),
                      y: barTop + CHIP_HEIGHT / 2,
                  }
                : null;
        const bottom = isWide
            ? Math.max(below, barTop + chipHeight)
            : below + (chipHeight ? chipHeight + 4 : 0);
        y = bottom + ROW_GAP;
        return {
            row,
            nameLines,
            metrics,
            outlet,
            points: points.join(" "),
            // the number: on the bar if it fits, else beside it
            value: {
                isInside: 2 * Math.min(topHalf, bottomHalf) > textWidth(row.valueText) + 12,
                x: start(centre),
                besideX: start(Math.min(centre + topHalf + 6, PADDING + barArea)),
                y: barTop + BAR_HEIGHT / 2 + 5,
            },
            conversion: conversion && {
                text: conversion,
                x: start(PADDING + barArea),
                y: top + LINE - 5,
            },
            chips: chips.map((chip) => ({
                ...chip,
                x: round(left(chip.x, chip.width)),
                textX: round(start(chip.x + 8)),
            })),
            // the area that reacts to the pointer, framed while it has the focus
            target: {
                x: round(left(PADDING - 6, barArea + 12)),
                y: top - 4,
                width: round(barArea + 12),
                height: below - top + 8,
            },
        };
    });
    return { width, height: Math.ceil(y), texts, rows: shapes };
}

function round(number) {
    return Math.round(number * 100) / 100;
}
