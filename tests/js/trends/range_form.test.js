import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { fieldValue } from "../../../dashboard/static/avatar_monitoring/lib/zone.js";
import { momentIn, momentsIn, rangeFault, startRangeForm, zonesOf } from "../../../dashboard/static/avatar_monitoring/trends/range_form.js";

const NOON = Date.UTC(2026, 0, 2, 12) / 1000;
const zone = process.env.TZ;

function inZone(name) {
    process.env.TZ = name;
}

afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
});

/** A form of which only what the script touches is there. */
function sent(from, to, typed = {}) {
    const fields = Object.fromEntries(["from", "to"].map((name) => [name, { value: "", setCustomValidity() {} }]));
    const heard = {};
    const form = { elements: { namedItem: (name) => fields[name] }, querySelector: () => ({}), addEventListener: (name, listener) => { heard[name] = listener; } };
    startRangeForm(form, { start: from, end: to });
    for (const [name, value] of Object.entries(typed)) fields[name].value = value;
    heard.input();
    const data = new Map();
    heard.formdata({ formData: data });
    return [data.get("from"), data.get("to")];
}

for (const name of ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Seoul"]) {
    test(`an unchanged form names the same range on any night of the year in ${name}`, () => {
        inZone(name);
        for (let hour = 0; hour < 366 * 24; hour += 1) {
            const from = Date.UTC(2026, 0, 1) / 1000 + hour * 3600 + 1800;
            const stamps = [from, from + 5400].map((moment) => new Date(moment * 1000).toISOString().replace(".000", ""));
            assert.deepEqual(sent(from, from + 5400), stamps);
        }
    });
}

test("local time in a field becomes UTC", () => {
    inZone("Asia/Seoul");
    assert.equal(momentIn("2026-01-02T21:00"), NOON);
    assert.equal(momentIn(fieldValue(NOON + 5, true)), NOON + 5);
});

test("an empty field is not a moment", () => {
    assert.ok(Number.isNaN(momentIn("")));
});

test("an end in the repeated hour of a clock change comes after the start", () => {
    inZone("America/New_York");
    const first = Date.UTC(2026, 10, 1, 5, 30) / 1000;
    assert.equal(fieldValue(first, false), "2026-11-01T01:30");
    const { from, to } = momentsIn({ from: "2026-11-01T01:30", to: "2026-11-01T01:10" }, { from: { value: "2026-11-01T01:30", moment: first } });
    assert.deepEqual([from, to], [first, first + 2400]);
});

test("the times of a range show their zones and cannot be mistaken for UTC", () => {
    const [summer, winter] = [Date.UTC(2026, 7, 28) / 1000, Date.UTC(2026, 10, 26) / 1000];
    inZone("America/New_York");
    assert.deepEqual(zonesOf(winter - 3600, winter, false), ["", "UTC-5"]);
    assert.deepEqual(zonesOf(summer, winter, false), ["UTC-4", "UTC-5"]);
    assert.deepEqual(zonesOf(summer, winter, true), ["UTC-4", "UTC-5, in days of UTC"]);
    inZone("Europe/London");
    assert.deepEqual(zonesOf(summer, winter, true), ["UTC+1", "UTC, in days of UTC"]);
    inZone("UTC");
    assert.deepEqual(zonesOf(summer, winter, true), ["", "UTC"]);
});

test("an impossible range is reported before it is sent", () => {
    assert.equal(rangeFault({ from: 9, to: 8 }, 100), "The end must be after the start.");
    assert.equal(rangeFault({ from: 9, to: 9 }, 100), "The end must be after the start.");
    assert.equal(rangeFault({ from: 100, to: 110 }, 100), "The start must be in the past.");
    assert.equal(rangeFault({ from: 9, to: 110 }, 100), "");
    assert.equal(rangeFault({ from: NaN, to: 8 }, 100), "");
});
