import assert from "node:assert/strict";
import { test } from "node:test";

import { delta } from "../../../dashboard/static/avatar_monitoring/trends/tiles.js";

const told = (...values) => {
    const found = delta(...values);
    return found && `${found.arrow} ${found.text}`;
};

test("percentages differ by points", () => {
    assert.equal(told(41.1, 20.4, "%"), "▲ 20.7 points");
    assert.equal(told(20.4, 41.1, "%"), "▼ 20.7 points");
    assert.equal(told(41.12, 41.1, "%"), "= same");
});

test("everything else differs by a share", () => {
    assert.equal(told(112, 100, "ms"), "▲ 12 %");
    assert.equal(told(99.1, 100, "ms"), "▼ 0.9 %");
    assert.equal(told(99.1, 100, ""), "▼ 0.9 %");
    assert.equal(told(100.01, 100, "fps"), "= same");
});

test("a large increase is shown as a multiple", () => {
    assert.equal(told(900, 100, "/s"), "▲ 800 %");
    assert.equal(told(5000, 100, "/s"), "▲ 50 times");
});

test("an increase from zero has no share", () => {
    assert.equal(told(5, 0, "/s"), "▲ from 0");
    assert.equal(told(0, 0, "/s"), "= same");
});

test("unknown values have no difference", () => {
    assert.equal(delta(null, 3, "ms"), null);
    assert.equal(delta(3, null, "ms"), null);
    assert.equal(delta(3, undefined, "ms"), null);
});
