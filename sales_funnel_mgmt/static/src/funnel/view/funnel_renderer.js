import { Component, useRef, useState } from "@odoo/owl";
import { downloadFile } from "@web/core/network/download";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { FunnelChart } from "../chart/funnel_chart";
import { drawPng, joinDrawings } from "../chart/funnel_export";
import { modeLabels, periodLabels, splitLabels } from "../chart/funnel_options";
import { funnelsOf, isRtl } from "../chart/funnel_rows";

// number of funnels that are drawn at first, the others on request
const SHOWN = 24;

/** The selection of mode, period and split, and the drawings. */
export class FunnelRenderer extends Component {
    static template = "sales_funnel_mgmt.FunnelRenderer";
    static components = { FunnelChart };
    static props = {
        data: Object,
        metaData: Object,
        hasData: Boolean,
        /** ({mode, period, split}): called with the selected ones */
        onChange: Function,
        /** (group id, stage id, kind) */
        onSelect: Function,
    };

    setup() {
        this.notification = useService("notification");
        this.drawingsRef = useRef("drawings");
        this.state = useState({ shown: SHOWN, isChoosingDates: false });
        this.modes = Object.entries(modeLabels());
        this.periods = Object.entries(periodLabels());
        this.splits = Object.entries(splitLabels());
        this.isRtl = isRtl();
    }

    get funnels() {
        return this.props.hasData ? funnelsOf(this.props.data) : [];
    }

    get shownFunnels() {
        return this.funnels.slice(0, this.state.shown);
    }

    get hiddenCount() {
        return Math.max(this.props.data.funnels.length - this.state.shown, 0);
    }

    get moreLabel() {
        return _t("Show %(count)s more funnels", { count: this.hiddenCount });
    }

    get period() {
        const { period } = this.props.metaData;
        return this.state.isChoosingDates || Array.isArray(period) ? "dates" : period;
    }

    showMore() {
        this.state.shown = Infinity;
    }

    choosePeriod(name) {
        this.state.isChoosingDates = name === "dates";
        if (name !== "dates") {
            this.props.onChange({ period: name });
        }
    }

    chooseDate(index, day) {
        const period = [...this.props.data.period];
        period[index] = day;
        if (!day || period[0] > period[1]) {
            this.notification.add(
                _t("Please choose a period with a first day, and a last day not before it."),
                { type: "warning" },
            );
            return;
        }
        this.state.isChoosingDates = true;
        this.props.onChange({ period });
    }

    get drawing() {
        const drawings = this.drawingsRef.el.querySelectorAll(".o_funnel_chart > svg");
        const background = getComputedStyle(document.body).backgroundColor;
        return joinDrawings([...drawings], background);
    }

    get fileName() {
        const { mode, period } = this.props.data;
        return ["funnel", mode, ...period].join("_");
    }

    saveSvg() {
        downloadFile(this.drawing.text, `${this.fileName}.svg`, "image/svg+xml");
    }

    async savePng() {
        downloadFile(await drawPng(this.drawing), `${this.fileName}.png`, "image/png");
    }

    print() {
        window.print();
    }
}
