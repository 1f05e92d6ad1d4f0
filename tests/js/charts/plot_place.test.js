import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeNode, page, withPage } from "../fake_page.js";
import { Happenings } from "../../../dashboard/static/avatar_monitoring/charts/happenings.js";
import { PeakButton } from "../../../dashboard/static/avatar_monitoring/charts/peak_button.js";
import { placeOf } from "../../../dashboard/static/avatar_monitoring/charts/plot_place.js";

/** A plot of 300 pixels from 62 on, for the seconds 0 to 300. */
function plotOf(data) {
    return { data, bbox: { left: 124, width: 600 }, scales: { x: { min: 0, max: 300 } }, over: new FakeNode(), cursor: { left: -10 }, valToPos: (value) => value };
}

test("a plot's place is in CSS pixels, whatever the screen", () => {
    assert.deepEqual(placeOf({ bbox: { left: 62, width: 300 } }, 1), { left: 62, width: 300 });
    assert.deepEqual(placeOf({ bbox: { left: 124, width: 600 } }, 2), { left: 62, width: 300 });
});

test("alerts and markers are placed without making the browser lay the page out", (t) => {
    withPage(t);
    const holder = new FakeNode();
    const spans = () => [{ start: 100, end: 160, since: 100, until: 160, message: "CPU", url: "/alerts/1/" }];
    const marks = () => [{ at: 298, kind: "deploy", text: "4.2" }];
    const happenings = new Happenings(holder, { title: "CPU", spans, marks, momentURL: (at) => `?at=${at}` });
    happenings.watch(plotOf([[0, 300]]));
    happenings.place();
    const [alert, mark] = happenings.rail.children;
    assert.deepEqual([alert.style.left, alert.style.width], ["162px", "60px"]);
    assert.deepEqual([mark.style.left, mark.style.width], ["356px", "6px"]);
    assert.equal(page.layouts, 0);
});

test("the button of a peak is measured when its text is another one", (t) => {
    withPage(t);
    const holder = new FakeNode();
    const button = new PeakButton(holder, { key: "network", format: String, onTurn: () => {} });
    const columns = [[...Array(60).keys()], Array.from({ length: 60 }, (_, row) => (row === 30 ? 900 : 10))];
    button.topOf(columns);
    for (let second = 0; second < 5; second += 1) button.place(plotOf(columns));
    assert.equal(button.button.textContent, "peak 900");
    assert.equal(button.button.style.left, "62px");
    assert.equal(page.layouts, 1);
    button.topOf([columns[0], columns[1].map(() => 10)]);
    button.place(plotOf(columns));
    assert.equal(button.button.hidden, true);
});
