import { Component, useRef } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { useModelWithSampleData } from "@web/model/model";
import { useSetupAction } from "@web/search/action_hook";
import { CogMenu } from "@web/search/cog_menu/cog_menu";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { ActionHelper } from "@web/views/action_helper";
import { standardViewProps } from "@web/views/standard_view_props";

export class FunnelController extends Component {
    static template = "sales_funnel_mgmt.FunnelView";
    static components = { ActionHelper, CogMenu, Layout, SearchBar };
    static props = {
        ...standardViewProps,
        Model: Function,
        Renderer: Function,
        modelParams: Object,
    };

    setup() {
        this.action = useService("action");
        this.model = useModelWithSampleData(this.props.Model, this.props.modelParams, {
            lazy:
                !this.env.config.isReloadingController &&
                !this.env.inDialog &&
                !!this.props.display.controlPanel,
        });
        useSetupAction({
            rootRef: useRef("root"),
            getLocalState: () => ({ metaData: this.model.metaData }),
            // kept by the router, for the Back of the browser
            getGlobalState: () => {
                const { mode, period, split, kept } = this.model.metaData;
                return { funnel: { mode, period, split, kept } };
            },
            // stored in a favourite
            getContext: () => ({
                funnel_mode: this.model.metaData.mode,
                funnel_period: this.model.metaData.period,
                funnel_split: this.model.metaData.split,
            }),
        });
        this.searchBarToggler = useSearchBarToggler();
    }

    async openRecords(groupId, stageId, kind) {
        this.action.doAction(await this.model.getRecordsAction(groupId, stageId, kind));
    }
}
