import assert from "node:assert/strict";
import { test } from "node:test";

import * as format from "../../../dashboard/static/avatar_monitoring/lib/format.js";
import { timeLabels } from "../../../dashboard/static/avatar_monitoring/charts/axes.js";

const noon = Date.UTC(2026, 10, 24, 12, 0, 0) / 1000;

test("a time can be shown in UTC", () => {
    assert.match(format.utcText(noon), /12:00:00 UTC$/);
});

test("an unknown value is a dash, never 0", () => {
    for (const write of [format.number, format.count, format.compact, format.percent, format.bytes, format.bytesPerSecond, format.megabytes, format.milliseconds, format.duration, format.clockTime, format.dateTime, format.limit]) {
        for (const unknown of [null, undefined, NaN]) assert.equal(write(unknown), "–", write.name);
    }
});

test("numbers have thousands separators", () => {
    assert.equal(format.count(12450), "12,450");
    assert.equal(format.number(1234.56), "1,234.6");
});

test("small numbers keep more digits than large ones", () => {
    assert.deepEqual([0, 0.123, 8.54, 123.4].map(format.compact), ["0", "0.12", "8.5", "123"]);
});

test("bytes get a suitable unit", () => {
    assert.deepEqual([0, 512, 1024, 1536, 1048576, 5 * 1024 ** 3].map(format.bytes), ["0 B", "512 B", "1.0 KB", "1.5 KB", "1.0 MB", "5.0 GB"]);
    assert.equal(format.bytes(1023.9 * 1024), "1.0 MB");
    assert.equal(format.megabytes(125.3), "125 MB");
    assert.equal(format.bytesPerSecond(2048), "2.0 KB/s");
});

test("the exact bytes behind a unit have all their digits", () => {
    assert.deepEqual([1, 1830, null].map(format.exactBytes), ["1 byte", "1,830 bytes", ""]);
});

test("durations have their two largest units", () => {
    assert.deepEqual([0, 45, 200, 7500, 349200, 3600].map(format.duration), ["0 s", "45 s", "3 min 20 s", "2 h 5 min", "4 d 1 h", "1 h"]);
    assert.equal(format.duration(-3), "0 s");
});

test("a moment within a range is as short as possible", () => {
    const moment = new Date(2026, 0, 2, 14, 5, 9).getTime() / 1000;
    const day = 86_400;
    const told = [[3600, 5], [day, 60], [7 * day, 3600], [365 * day, day]].map((range) => format.momentWithin(moment, ...range));
    assert.deepEqual(told, ["14:05:09", "14:05", "2 Jan, 14:05", "2 Jan (UTC)"]);
    assert.equal(format.momentWithin(null, day, 60), "–");
});

test("days are marked as UTC in any time zone", () => {
    const zone = process.env.TZ;
    const day = Date.UTC(2026, 10, 26) / 1000;
    for (const name of ["America/New_York", "Asia/Seoul", "UTC"]) {
        process.env.TZ = name;
        assert.equal(format.momentWithin(day, 90 * 86_400, 86_400), "26 Nov (UTC)");
        assert.equal(format.bucketTime(day, 86_400), "26 Nov 2026 (UTC)");
        assert.deepEqual(timeLabels([day, day + 43_200], 86_400, true), ["26 Nov", "26 Nov"]);
        assert.deepEqual(timeLabels([day, day + 43_200], 43_200, true), ["26 Nov", "12:00"]);
    }
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
});

test("limits are written as they were set", () => {
    assert.deepEqual([80, 82.5, 80.755, 33.3 * 0.95].map(format.limit), ["80", "82.5", "80.755", "31.635"]);
});

test("each unit has its format", () => {
    assert.equal(format.formatterOf("%")(35.24), "35.2 %");
    assert.equal(format.formatterOf("ms")(12), "12.0 ms");
    assert.equal(format.formatterOf("B/s")(1024), "1.0 KB/s");
    assert.equal(format.formatterOf("/s")(8.5), "8.5 /s");
    assert.equal(format.formatterOf("")(24), "24");
    assert.equal(format.formatterOf("/s")(null), "–");
    assert.equal(format.plainFormatterOf("ms")(12.25), "12.3");
});

test("a name cannot hide control characters", () => {
    assert.equal(format.plainText("ann\u202eevil\u0007"), "ann\\u{202e}evil\\u{7}");
    assert.equal(format.plainText("안녕 ann"), "안녕 ann");
});
