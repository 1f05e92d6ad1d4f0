import assert from "node:assert/strict";
import { test } from "node:test";

import { ChartView } from "../../../dashboard/static/avatar_monitoring/charts/chart_view.js";

const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;

function viewOf(search, windows) {
    const view = new ChartView(windows);
    view.read(search);
    return view;
}

test("the address says which stretch is shown, and keeps what others wrote there", () => {
    const view = viewOf("?sort=-fps&window=900");
    view.zoomTo(noon + 0.4, noon + 59.5);
    assert.equal(view.write("?sort=-fps&window=900"), "?sort=-fps&window=900&from=2026-11-24T12:00:00Z&to=2026-11-24T12:01:00Z");
    view.reset();
    assert.equal(view.write("?sort=-fps&window=900&from=x&to=y"), "?sort=-fps&window=900");
    view.choose(300);
    assert.equal(view.write("?window=900"), "");
});

test("an address is read as it was written", () => {
    const view = viewOf("?window=60&from=2026-11-24T12:00:00Z&to=2026-11-24T21:01:00+09:00");
    assert.deepEqual([view.seconds, view.zoom], [60, { from: noon, to: noon + 60 }]);
    assert.deepEqual(viewOf("?window=all", [300, "all"]).seconds, "all");
});

test("of what an address says twice the first counts, as the server names it", () => {
    const view = viewOf("?window=60&window=900&from=2026-11-24T12:00:00Z&from=x&to=2026-11-24T12:01:00Z&to=y");
    assert.deepEqual([view.seconds, view.zoom], [60, { from: noon, to: noon + 60 }]);
});

test("what makes no sense in an address is as usual", () => {
    for (const search of ["", "?window=7", "?window=all", "?from=2026-11-24T12:00:00Z", "?from=a&to=b", "?from=2026-11-24T12:00:00Z&to=2026-11-24T11:00:00Z", "?from=2026-02-27T12:00:00Z&to=2026-02-30T12:00:00Z", "?from=2026-11-24T12:00:00Z&to=2026-11-24T24:00:00Z", "?from=2026-11-24T12:00:00Z&to=2026-13-24T12:00:00Z", "?from=0000-11-24T12:00:00Z&to=2026-11-24T12:00:00Z", "?from=2026-11-23T12:00:00Z&to=2026-11-24T12:00:00-09:60"]) {
        const view = viewOf(search);
        assert.deepEqual([view.seconds, view.zoom], [300, null], search);
    }
});

test("a stretch has five seconds at least", () => {
    const view = new ChartView();
    view.zoomTo(noon, noon + 1);
    assert.deepEqual(view.zoom, { from: noon - 2, to: noon + 3 });
    assert.equal(view.zoomTo(noon, noon + 1), false);
});

test("the charts are asked for the stretch, or for the last minutes", () => {
    const series = { window: (seconds) => ["window", seconds], between: (from, to) => ["between", from - noon, to - noon] };
    const view = new ChartView();
    assert.deepEqual(view.columnsOf(series, []), ["window", 300]);
    assert.deepEqual([view.reach(noon), view.holds(0)], [300, true]);
    view.zoomTo(noon - 60, noon - 30);
    assert.deepEqual(view.columnsOf(series, []), ["between", -60, -30]);
    assert.deepEqual([view.reach(noon), view.holds(noon), view.holds(noon - 60)], [60, false, true]);
});
