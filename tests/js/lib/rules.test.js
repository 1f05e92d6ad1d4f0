import assert from "node:assert/strict";
import { test } from "node:test";

import { limitText, RulesInForce } from "../../../dashboard/static/avatar_monitoring/lib/rules.js";

const cpu = { name: "cpu_percent", metric: "cpu_percent", threshold: 80, exit_threshold: 76, each_threshold: null, for_seconds: 10, keep_firing_seconds: 5 };
const config = () => ({ rules: [cpu], thresholds: { cpu_percent: 80 }, rules_version: "1", rules_url: "/rules.json" });

test("a limit says how long a value must be beyond it, and where and when it ends", () => {
    assert.equal(limitText(cpu), "limit 80 % for 10 s, ends at 76 % after 5 s");
    assert.equal(limitText({ ...cpu, threshold: 85, exit_threshold: 80.75, for_seconds: 2.5 }), "limit 85 % for 2.5 s, ends at 80.75 % after 5 s");
    assert.equal(limitText({ ...cpu, for_seconds: 0, keep_firing_seconds: 0 }), "limit 80 %, ends at 76 %");
});

test("the limit of a metric is that of its rule", () => {
    const rules = new RulesInForce(config());
    assert.equal(rules.textOf("cpu_percent"), "limit 80 % for 10 s, ends at 76 % after 5 s");
    assert.equal(rules.textOf("fps"), "");
});

test("new rules are fetched once when a frame tells of them, and replace the limits in place", async () => {
    const asked = [];
    const given = config();
    let changes = 0;
    const fetcher = async (url) => {
        asked.push(url);
        return { rules: [{ ...cpu, threshold: 60, exit_threshold: 50 }], thresholds: { cpu_percent: 60, fps: 20 } };
    };
    const rules = new RulesInForce(given, { fetcher, onChange: () => { changes += 1; } });
    await rules.take({});
    await rules.take({ rules_version: "1" });
    await Promise.all([rules.take({ rules_version: "2" }), rules.take({ rules_version: "2" })]);
    await rules.take({ rules_version: "2" });
    assert.deepEqual([asked, changes, given.thresholds], [["/rules.json"], 1, { cpu_percent: 60, fps: 20 }]);
    assert.match(rules.textOf("cpu_percent"), /^limit 60 % for 10 s, ends at 50 %/);
});

test("rules that cannot be fetched stay as they are, and are asked for again after five seconds", async () => {
    let tries = 0;
    const fetcher = async () => {
        tries += 1;
        throw new Error("away");
    };
    let now = 0;
    const rules = new RulesInForce(config(), { fetcher, now: () => now });
    for (const second of [0, 1, 2, 3, 4, 5]) {
        now = second * 1000;
        await rules.take({ rules_version: "2" });
    }
    assert.deepEqual([tries, rules.thresholds], [2, { cpu_percent: 80 }]);
});
