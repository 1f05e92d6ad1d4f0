import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { fieldToUTC, fieldValue, rangeFault, zoneAt } from "../../dashboard/static/dashboard/range_form.js";

const NOON = Date.UTC(2026, 0, 2, 12) / 1000;
const zone = process.env.TZ;

function inZone(name) {
    process.env.TZ = name;
}

afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
});

test("a field shows the reader's own time", () => {
    inZone("Asia/Seoul");
    assert.equal(fieldValue(NOON, false), "2026-01-02T21:00");
    assert.equal(fieldValue(NOON + 5, true), "2026-01-02T21:00:05");
});

test("what is typed there becomes UTC", () => {
    inZone("Asia/Seoul");
    assert.equal(fieldToUTC("2026-01-02T21:00"), "2026-01-02T12:00:00Z");
    assert.equal(fieldToUTC(fieldValue(NOON + 5, true)), "2026-01-02T12:00:05Z");
});

test("a field that is not filled stays empty", () => {
    assert.equal(fieldToUTC(""), "");
});

test("the zone is that of the moment, in summer and in winter", () => {
    inZone("America/St_Johns");
    assert.equal(zoneAt(NOON), "UTC-3:30");
    assert.equal(zoneAt(NOON + 180 * 86_400), "UTC-2:30");
    inZone("Asia/Seoul");
    assert.equal(zoneAt(NOON), "UTC+9");
    inZone("UTC");
    assert.equal(zoneAt(NOON), "UTC");
});

test("a range that cannot be is said before it is sent", () => {
    const now = Date.UTC(2026, 0, 2, 12);
    assert.equal(rangeFault("2026-01-02T09:00", "2026-01-02T08:00", now), "The end must be after the beginning.");
    assert.equal(rangeFault("2026-01-02T09:00", "2026-01-02T09:00", now), "The end must be after the beginning.");
    assert.equal(rangeFault("2036-01-02T09:00", "2036-01-02T10:00", now), "It must begin before now.");
    assert.equal(rangeFault("2025-01-02T09:00", "2036-01-02T10:00", now), "");
    assert.equal(rangeFault("", "2026-01-02T08:00", now), "");
});
