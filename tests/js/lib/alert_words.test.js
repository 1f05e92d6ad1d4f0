import assert from "node:assert/strict";
import { test } from "node:test";

import { amount, labelOf, limitOf, standing, textOf } from "../../../dashboard/static/avatar_monitoring/lib/alert_words.js";
import { gettext, ngettext } from "../../../dashboard/static/avatar_monitoring/lib/translate.js";

const hot = { metric: "cpu_percent", subject: "vm", severity: "warning", message: "High CPU usage: 91.0%", value: 91, current: 97.1, peak: 97.1, threshold: 80, timestamp: 1000 };

test("a text is made of metric, present value and threshold", () => {
    assert.equal(textOf(hot), "CPU of vm is 97.1 %, the limit is 80 %");
    assert.equal(textOf({ ...hot, metric: "latency_ms", current: 804, peak: 804, threshold: 100 }), "Latency of vm is 804 ms, the limit is 100 ms");
    assert.equal(textOf({ ...hot, metric: "fps", current: 18, peak: 15, threshold: 30 }), "Frame rate of vm is 18, the limit is at least 30");
    assert.equal(textOf({ ...hot, metric: "stale_client_seconds", subject: "ann", current: 75 }), "Client ann has sent nothing for 1 min 15 s");
});

test("a limit has all its digits", () => {
    assert.equal(textOf({ ...hot, threshold: 80.75 }), "CPU of vm is 97.1 %, the limit is 80.75 %");
    const written = [["latency_ms", 100.25], ["fps", 29.5], ["stale_client_seconds", 90], ["stale_client_seconds", 90.5], ["stale_client_seconds", 3_661]];
    assert.deepEqual(written.map(([metric, value]) => limitOf(metric, value)), ["100.25 ms", "29.5", "1 min 30 s", "90.5 s", "3,661 s"]);
});

test("many clients are counted", () => {
    const many = { ...hot, metric: "stale_client_seconds", grouped: true, count: 2000 };
    assert.equal(textOf(many), "2,000 clients of vm have sent nothing for too long");
    assert.equal(textOf({ ...many, metric: "latency_ms", count: 1 }), "Latency: 1 client of vm is beyond the limit");
});

test("a rule of the project keeps its own words", () => {
    assert.equal(textOf({ ...hot, metric: "waiting_orders", message: "120 orders wait" }), "120 orders wait");
    assert.equal(textOf({ ...hot, rule: "busy_cpu", message: "Busy" }), "Busy");
    assert.equal(labelOf("waiting_orders"), "Waiting orders");
});

test("a client's name cannot pose as another", () => {
    assert.match(textOf({ ...hot, metric: "stale_client_seconds", subject: "a\u202eb" }), /Client a\\u\{202e\}b has/);
});

test("an alert shows its last value and its peak in its own unit", () => {
    const alert = { metric: "cpu_percent", current: 28.84, peak: 97.1, timestamp: 1000 };
    assert.equal(standing(alert, 1540), "now 28.8 % · peak 97.1 % · for 9 min");
    assert.equal(standing({ ...alert, since: 940 }, 1000), "now 28.8 % · peak 97.1 % · for 1 min");
    assert.equal(standing({ ...alert, metric: "latency_ms", peak: 804 }, 1010), "now 28.8 ms · peak 804 ms · for 10 s");
    assert.equal(standing({ ...alert, grouped: true, current: 2000, peak: 2001 }, 1010), "now 2,000 · peak 2,001 · for 10 s");
});

test("an unknown last value is a dash, and the past shows only the peak", () => {
    const alert = { metric: "cpu_percent", current: null, peak: 97.1, timestamp: 1000 };
    assert.equal(standing(alert, 1010), "now – · peak 97.1 % · for 10 s");
    assert.equal(standing(alert, 1010, true), "peak 97.1 % · for 10 s");
    assert.equal(standing({ ...alert, peak: undefined }, 1010), "now – · for 10 s");
});

test("short times keep their fraction", () => {
    assert.deepEqual([amount("clock_skew_seconds", 1.44), amount("clock_skew_seconds", 75)], ["1.4 s", "1 min 15 s"]);
});

test("sentences come from Django's catalogue if there is one", () => {
    globalThis.django = { gettext: (text) => (text === "CPU" ? "프로세서" : text), ngettext: (one, many, amount) => (amount === 1 ? one : many) };
    assert.equal(gettext("CPU"), "프로세서");
    assert.equal(gettext("%(a)s of %(b)s", { a: 1 }), "1 of %(b)s");
    assert.equal(ngettext("%(n)s one", "%(n)s many", 2, { n: 2 }), "2 many");
    delete globalThis.django;
});
