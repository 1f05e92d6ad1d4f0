import assert from "node:assert/strict";
import { test } from "node:test";

import { Markers } from "../../../dashboard/static/avatar_monitoring/past/markers.js";

const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;
const stamp = (seconds) => new Date((noon + seconds) * 1000).toISOString();

function markers() {
    const found = new Markers();
    found.take({ markers: [
        { at: stamp(-100), text: "redis-py 6.4.0 → 8.0.1", kind: "version" },
        { at: stamp(-300), text: "release 2", kind: "deploy" },
    ] });
    return found;
}

test("charts show the markers up to the shown moment", () => {
    assert.deepEqual(markers().until(noon).map(({ at, kind }) => [at - noon, kind]), [[-100, "version"], [-300, "deploy"]]);
    assert.deepEqual(markers().until(noon - 200).map(({ text }) => text), ["release 2"]);
});

test("the timeline shows those within its range, as shares of it", () => {
    assert.deepEqual(markers().marks(noon - 200, noon), [{ x: 0.5, width: 0, kind: "version", text: "redis-py 6.4.0 → 8.0.1" }]);
});

test("without an answer there are none", () => assert.deepEqual(new Markers().marks(0, noon), []));
