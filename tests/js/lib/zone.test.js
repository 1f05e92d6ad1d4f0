import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { clockTime, date, dateTime, momentWithin, otherZoneText } from "../../../dashboard/static/avatar_monitoring/lib/format.js";
import { fieldMoment, fieldValue, isSameDay, isUTC, onZoneChange, partsOf, showZone, startZoneButton, toggleZone, zoneAt } from "../../../dashboard/static/avatar_monitoring/lib/zone.js";
import { startZonedFields, ZonedField } from "../../../dashboard/static/avatar_monitoring/lib/zoned_fields.js";
import { timeLabels } from "../../../dashboard/static/avatar_monitoring/charts/axes.js";

const NOON = Date.UTC(2026, 0, 2, 12) / 1000;
const EVENING = NOON + 6 * 3600; // in Seoul the next day has begun
const ZONE = process.env.TZ;

function inZone(name) {
    process.env.TZ = name;
}

afterEach(() => {
    showZone("local");
    if (ZONE === undefined) delete process.env.TZ;
    else process.env.TZ = ZONE;
});

test("times are in the reader's own zone until the reader chooses UTC", () => {
    inZone("Asia/Seoul");
    assert.equal(isUTC(), false);
    assert.equal(dateTime(EVENING, true), "3 Jan 2026, 03:00:00");
    showZone("utc");
    assert.equal(dateTime(EVENING, true), "2 Jan 2026, 18:00:00");
    assert.equal(clockTime(NOON, false), "12:00");
    assert.equal(date(EVENING), "2 Jan 2026");
    assert.equal(momentWithin(EVENING, 7 * 86_400, 60), "2 Jan, 18:00");
});

test("the other zone is named beside the shown one", () => {
    inZone("Asia/Seoul");
    assert.equal(otherZoneText(NOON), "12:00:00 UTC");
    showZone("utc");
    assert.equal(otherZoneText(NOON), "21:00:00 UTC+9");
});

test("the other zone's time has its date if it is another day there", () => {
    inZone("Asia/Seoul");
    assert.equal(otherZoneText(EVENING), "2026-01-02 18:00:00 UTC");
    showZone("utc");
    assert.equal(otherZoneText(EVENING), "2026-01-03 03:00:00 UTC+9");
});

test("a reader whose own zone is UTC sees no second time", () => {
    inZone("UTC");
    showZone("utc");
    assert.equal(otherZoneText(NOON), "");
});

test("an axis has its ticks' times and days in the shown zone", () => {
    inZone("Asia/Seoul");
    const midnight = Date.UTC(2026, 0, 3) / 1000;
    assert.deepEqual(timeLabels([midnight], 3600), ["09:00"]);
    showZone("utc");
    assert.deepEqual(timeLabels([midnight], 3600), ["3 Jan"]);
});

test("a day is one of the shown zone", () => {
    inZone("Asia/Seoul");
    assert.equal(isSameDay(NOON, EVENING), false);
    showZone("utc");
    assert.equal(isSameDay(NOON, EVENING), true);
    assert.deepEqual(partsOf(EVENING), { year: 2026, month: 0, day: 2, hour: 18, minute: 0 });
});

test("the zone is that of the moment, in summer and winter", () => {
    inZone("America/St_Johns");
    assert.equal(zoneAt(NOON), "UTC-3:30");
    assert.equal(zoneAt(NOON + 180 * 86_400), "UTC-2:30");
    inZone("UTC");
    assert.equal(zoneAt(NOON), "UTC");
    inZone("Asia/Seoul");
    assert.equal(zoneAt(NOON), "UTC+9");
    showZone("utc");
    assert.equal(zoneAt(NOON), "UTC");
});

test("a field shows and reads times of the shown zone", () => {
    inZone("Asia/Seoul");
    assert.equal(fieldValue(NOON, false), "2026-01-02T21:00");
    assert.equal(fieldValue(NOON + 5, true), "2026-01-02T21:00:05");
    assert.equal(fieldMoment("2026-01-02T21:00"), NOON);
    showZone("utc");
    assert.equal(fieldValue(NOON, false), "2026-01-02T12:00");
    assert.equal(fieldMoment("2026-01-02T12:00"), NOON);
    assert.ok(Number.isNaN(fieldMoment("")));
});

test("each change is told once, and the same zone again is none", () => {
    let told = 0;
    onZoneChange(() => { told += 1; });
    toggleZone();
    showZone("utc");
    toggleZone();
    assert.equal(told, 2);
});

test("the button says which zone is shown", () => {
    inZone("Asia/Seoul");
    const button = { hidden: true, addEventListener: (_, click) => { button.click = click; }, setAttribute: (_, text) => { button.label = text; } };
    startZoneButton(button);
    assert.deepEqual([button.hidden, button.textContent], [false, "UTC+9"]);
    button.click();
    assert.equal(button.textContent, "UTC");
    assert.equal(button.label, "Times are in UTC. Show your own zone, UTC+9 (u)");
});

/** What a form of one field sends; `act(field)` is what the reader does before. */
function sent(value, act = () => {}) {
    const heard = {};
    const field = { name: "from", value, closest: () => null, addEventListener: (name, listener) => { heard[name] = listener; } };
    startZonedFields({ querySelectorAll: () => [field], addEventListener: (name, listener) => { heard[name] = listener; } });
    act(field, heard);
    const data = new Map([["from", field.value]]);
    heard.formdata({ formData: data });
    return [field.value, data.get("from")];
}

test("a form's field that has UTC from the server shows the zone, and sends UTC", () => {
    inZone("Asia/Seoul");
    assert.deepEqual(sent("2026-01-02T12:00:00"), ["2026-01-02T21:00:00", "2026-01-02T12:00:00Z"]);
    assert.deepEqual(sent("2026-01-02T12:00:00", () => showZone("utc")), ["2026-01-02T12:00:00", "2026-01-02T12:00:00Z"]);
});

test("a typed time keeps its moment when the zone changes", () => {
    inZone("Asia/Seoul");
    const typed = (field, heard) => {
        field.value = "2026-01-03T03:00";
        heard.input();
        showZone("utc");
    };
    assert.deepEqual(sent("", typed), ["2026-01-02T18:00:00", "2026-01-02T18:00:00Z"]);
});

/** A field in its label, which names the zone. */
function labelled() {
    const heard = {};
    const zone = { textContent: "" };
    const node = { value: "", closest: () => ({ querySelector: () => zone }), addEventListener: (name, listener) => { heard[name] = listener; } };
    const type = (text) => {
        node.value = text;
        heard.input();
    };
    return { node, zone, type, field: new ZonedField(node) };
}

test("a field that is shown again follows the zone, and keeps the second of two equal hours when clocks go back", () => {
    inZone("America/New_York");
    const { node, zone, field } = labelled();
    const second = Date.UTC(2026, 10, 1, 6, 30) / 1000;
    field.show(second);
    assert.deepEqual([node.value, zone.textContent, field.moment], ["2026-11-01T01:30:00", "UTC-5", second]);
    showZone("utc");
    assert.deepEqual([node.value, zone.textContent, field.moment], ["2026-11-01T06:30:00", "UTC", second]);
    field.show(NaN);
    assert.deepEqual([node.value, Number.isNaN(field.moment)], ["", true]);
});

test("a field's label names the zone of its moment, in summer and winter", () => {
    inZone("America/New_York");
    const { zone, type, field } = labelled();
    type("2026-10-31T12:00");
    assert.deepEqual([zone.textContent, field.moment], ["UTC-4", Date.UTC(2026, 9, 31, 16) / 1000]);
    type("2026-11-02T12:00");
    assert.equal(zone.textContent, "UTC-5");
});
