import { KeepLast } from "@web/core/utils/concurrency";
import { Model } from "@web/model/model";
import { MODES, SPLITS } from "../chart/funnel_options";

const REPORT = "crm.funnel.report";

/** The figures of the funnel, with mode, period and split. */
export class FunnelModel extends Model {
    setup(params) {
        this.keepLast = new KeepLast();
        this.metaData = { ...params };
        this.data = null;
        this.searchParams = null;
    }

    async load(searchParams) {
        const metaData = { ...this.metaData };
        this.takeFromContext(metaData, searchParams);
        await this.fetch(metaData, searchParams);
    }

    /** Change mode, period or split. */
    async update(changes) {
        await this.fetch({ ...this.metaData, ...changes }, this.searchParams);
        this.notify();
    }

    hasData() {
        return this.data.funnels.some((funnel) =>
            funnel.cells.some(
                (cell) =>
                    cell.count ||
                    cell.previous.count ||
                    Object.values(cell.flows).some((number) => number),
            ),
        );
    }

    /** Let the values of a favourite and the grouping of the search replace the current choice. */
    takeFromContext(metaData, { context, groupBy }) {
        const kept = JSON.stringify([
            context.funnel_mode,
            context.funnel_period,
            context.funnel_split,
            groupBy,
        ]);
        if (kept === metaData.kept) {
            return;
        }
        const isFirst = metaData.kept === undefined;
        const before = isFirst ? [] : JSON.parse(metaData.kept)[3];
        metaData.kept = kept;
        if (MODES.includes(context.funnel_mode)) {
            metaData.mode = context.funnel_mode;
        }
        if (context.funnel_period) {
            metaData.period = context.funnel_period;
        }
        const split = groupBy.find((name) => SPLITS.includes(name));
        if (split || before.some((name) => SPLITS.includes(name))) {
            metaData.split = split || false;
        }
        if ("funnel_split" in context) {
            metaData.split = SPLITS.includes(context.funnel_split) && context.funnel_split;
        }
    }

    async fetch(metaData, searchParams) {
        const { mode, split, period } = metaData;
        const data = await this.keepLast.add(
            this.orm.call(REPORT, "get_funnel", [], {
                domain: searchParams.domain,
                mode,
                split,
                period,
                context: searchParams.context,
            }),
        );
        Object.assign(this, { data, metaData, searchParams });
    }

    /** Return the action that opens the records of a figure. */
    getRecordsAction(groupId, stageId, kind) {
        const { mode, split, period } = this.metaData;
        return this.orm.call(REPORT, "action_open_records", [], {
            domain: this.searchParams.domain,
            mode,
            split,
            period,
            group_id: groupId,
            stage_id: stageId,
            kind: kind || null,
            context: this.searchParams.context,
        });
    }
}
