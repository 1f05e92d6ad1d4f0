import assert from "node:assert/strict";
import { test } from "node:test";

import { count, number } from "../../../dashboard/static/avatar_monitoring/lib/format.js";
import { inZone, showZone } from "../../../dashboard/static/avatar_monitoring/lib/zone.js";
import { writeNumber, writeTime } from "../../../dashboard/static/avatar_monitoring/lib/formatters.js";

const SECOND = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: "UTC" };

test("a formatter is made once for options that are kept, and for those that say the same", (t) => {
    const { NumberFormat } = Intl;
    let made = 0;
    Intl.NumberFormat = class NumberFormat2 extends NumberFormat {
        constructor(...how) {
            super(...how);
            made += 1;
        }
    };
    t.after(() => { Intl.NumberFormat = NumberFormat; });
    const kept = { maximumFractionDigits: 7 };
    assert.deepEqual([1, 2].map((value) => writeNumber(value, "en-GB", kept)), ["1", "2"]);
    assert.equal(writeNumber(3, "en-GB", { maximumFractionDigits: 7 }), "3");
    assert.equal(made, 1);
});

test("the same options write in another language or zone when that is asked for", () => {
    const options = { maximumFractionDigits: 1 };
    assert.deepEqual(["en-GB", "de", "en-GB"].map((locale) => writeNumber(1234.5, locale, options)), ["1,234.5", "1.234,5", "1,234.5"]);
    const seoul = { ...SECOND, timeZone: "Asia/Seoul" };
    assert.deepEqual([SECOND, seoul, SECOND].map((zoned) => writeTime(0, "en-GB", zoned)), ["00:00:00", "09:00:00", "00:00:00"]);
});

test("options are one object in each zone, so that their formatter is found at once", (t) => {
    t.after(() => showZone("local", false));
    const options = { hour: "2-digit" };
    assert.equal(inZone(options), options);
    showZone("utc", false);
    assert.deepEqual(inZone(options), { hour: "2-digit", timeZone: "UTC" });
    assert.equal(inZone(options), inZone(options));
});

test("numbers have the digits that were asked for", () => {
    assert.deepEqual([0, 1, 2, 3].map((digits) => number(2, digits)), ["2", "2.0", "2.00", "2.000"]);
    assert.equal(count(1e6), "1,000,000");
});
