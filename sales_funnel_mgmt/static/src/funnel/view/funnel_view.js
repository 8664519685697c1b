import { registry } from "@web/core/registry";
import { FunnelArchParser } from "./funnel_arch_parser";
import { FunnelController } from "./funnel_controller";
import { FunnelModel } from "./funnel_model";
import { FunnelRenderer } from "./funnel_renderer";

export const funnelView = {
    type: "funnel",
    ArchParser: FunnelArchParser,
    Controller: FunnelController,
    Model: FunnelModel,
    Renderer: FunnelRenderer,
    searchMenuTypes: ["filter", "groupBy", "favorite"],

    props: (genericProps, view) => ({
        ...genericProps,
        Model: view.Model,
        Renderer: view.Renderer,
        modelParams: genericProps.state?.metaData || {
            ...new view.ArchParser().parse(genericProps.arch),
            ...genericProps.globalState?.funnel,
        },
    }),
};

registry.category("views").add("funnel", funnelView);
