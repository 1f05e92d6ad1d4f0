import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.matchMedia = () => ({ addEventListener() {}, matches: false });
const { limitText } = await import("../../../dashboard/static/avatar_monitoring/charts/plot_layers.js");

const percent = (value) => `${value.toFixed(1)} %`;

test("a limit has the name that it is given, else the word for it in the reader's language", () => {
    assert.equal(limitText("exit", 76, percent), "exit 76 %");
    assert.equal(limitText("", undefined, percent), "");
    assert.equal(limitText("", 80, percent), "limit 80 %");
    globalThis.django = { gettext: (text) => text.replace("limit", "임계값") };
    assert.equal(limitText("", 80, percent), "임계값 80 %");
    delete globalThis.django;
});
