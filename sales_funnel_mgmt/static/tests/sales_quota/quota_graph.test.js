import { describe, expect, test } from "@odoo/hoot";
import { QuotaGraphModel } from "@sales_funnel_mgmt/sales_quota/quota_graph/quota_graph_view";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { GraphModel } from "@web/views/graph/graph_model";

describe.current.tags("desktop");

test("who has no quota is not drawn as 0 %", async () => {
    const nobody = { value: false };
    const nothingYet = { value: 0 };
    const currencies = new Set([1]);
    patchWithCleanup(GraphModel.prototype, {
        _loadDataPoints: () => [[nobody, nothingYet], currencies],
    });
    const found = await QuotaGraphModel.prototype._loadDataPoints({});
    expect(found).toEqual([[nothingYet], currencies]);
});
