import assert from "node:assert/strict";
import { test } from "node:test";

import { GroupsPanel, verdictShares } from "../../../dashboard/static/avatar_monitoring/clients/groups.js";

test("a group's clients are told by shares, in one order, and few of many are not none", () => {
    const shares = verdictShares({ clients: 1000, verdicts: { network: 3, unknown: 2, fine: 995 } });
    assert.deepEqual(shares.map(({ text }) => text), ["fine > 99 %", "slow network < 1 %", "not known < 1 %"]);
    assert.deepEqual(verdictShares({ clients: 3, verdicts: { fine: 3 } }), [{ verdict: "fine", text: "fine 100 %" }]);
});

test("only an open panel asks for groups, because older servers refuse keys that they do not know", () => {
    const view = { sort: "fps" };
    assert.equal(new GroupsPanel(null, () => {}).asked(view), view);
    const root = Object.assign(new EventTarget(), { id: "groups", open: false });
    const panel = new GroupsPanel(root, () => {});
    assert.equal(panel.asked(view), view);
    root.open = true;
    assert.deepEqual(panel.asked(view), { sort: "fps", groups: true });
});
