import assert from "node:assert/strict";
import { test } from "node:test";

import { clockTime } from "../../../dashboard/static/avatar_monitoring/lib/format.js";
import { spanText } from "../../../dashboard/static/avatar_monitoring/charts/happenings.js";

test("an alert on a chart says what it is and since when, or for how long it was", () => {
    const span = { message: "CPU of vm is 97 %, the limit is 80 %", start: 1000, end: 1130 };
    assert.equal(spanText({ ...span, until: null }), `CPU of vm is 97 %, the limit is 80 % · since ${clockTime(1000)}`);
    assert.equal(spanText(span), `CPU of vm is 97 %, the limit is 80 % · ${clockTime(1000)}, for 2 min 10 s`);
    assert.match(spanText({ ...span, since: 900, until: 1200 }), /for 5 min$/);
});
