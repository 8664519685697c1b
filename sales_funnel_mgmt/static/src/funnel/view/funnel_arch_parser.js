import { MODES, SPLITS } from "../chart/funnel_options";

/** Read the defaults from the attributes of `<funnel>`, which has no content. */
export class FunnelArchParser {
    parse(arch) {
        const mode = arch.getAttribute("mode") || "now";
        if (!MODES.includes(mode)) {
            throw new Error(`The funnel view has no mode "${mode}": choose one of ${MODES}`);
        }
        const split = arch.getAttribute("split") || false;
        if (split && !SPLITS.includes(split)) {
            throw new Error(`A funnel cannot be split by "${split}": choose one of ${SPLITS}`);
        }
        return { mode, split, period: arch.getAttribute("period") || "this_month" };
    }
}
