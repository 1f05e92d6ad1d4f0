import assert from "node:assert/strict";
import { test } from "node:test";

import { Crowd } from "../../../avatar_site/static/avatar_site/crowd.js";
import { bodyOf, fitting } from "../../../avatar_site/static/avatar_site/layout.js";

const DESK = { width: 900, height: 640 };
const PHONE = { width: 332, height: 480 };
const COVERS = { desk: [{ left: 12, top: 12, right: 250, bottom: 170 }, { left: 170, top: 586, right: 730, bottom: 640 }], phone: [{ left: 8, top: 8, right: 324, bottom: 80 }, { left: 14, top: 426, right: 318, bottom: 480 }] };

function people(count, place) {
    return Array.from({ length: count }, (_, index) => ({ id: `sim-${index}`, ...place(index) }));
}

function settled(wanted, stage, covers, { frames = 240, held } = {}) {
    const size = fitting(wanted.length, stage, covers);
    const crowd = new Crowd();
    let places;
    for (let frame = 0; frame < frames; frame += 1) places = crowd.settle(wanted, stage, size, covers, { held });
    return { places, size, radius: size.radius, crowd };
}

/** The pairs whose heads, ellipses of 0.86 by 0.95 of the radius, touch. */
function overlaps(places, radius) {
    const pairs = places.flatMap((one, index) => places.slice(index + 1).map((other) => [one, other]));
    return pairs.filter(([one, other]) => Math.hypot((one.x - other.x) / 0.86, (one.y - other.y) / 0.95) < 2 * radius);
}

function covered(places, size, covers) {
    const { wide, above, below } = bodyOf(size);
    const slack = 1;
    return places.filter(({ x, y }) => covers.some(({ left, top, right, bottom }) => x + wide / 2 > left + slack && x - wide / 2 < right - slack && y + below > top + slack && y - above < bottom - slack));
}

const CROWDS = {
    "all in one corner": () => ({ x: 0, y: 0 }),
    "all in the opposite corner": () => ({ x: 1, y: 1 }),
    "all in the middle": () => ({ x: 0.5, y: 0.5 }),
    "along the lower edge": (index) => ({ x: (index % 10) / 9, y: 1 }),
    "in two corners": (index) => ({ x: index % 2, y: index % 2 }),
};

for (const [name, place] of Object.entries(CROWDS)) {
    for (const [device, stage] of [["desk", DESK], ["phone", PHONE]]) {
        test(`25 avatars ${name} stand apart, and clear of the overlay and the input, on a ${device}`, () => {
            const covers = COVERS[device];
            const { places, radius, size } = settled(people(25, place), stage, covers);
            assert.deepEqual(overlaps(places, radius), []);
            assert.deepEqual(covered(places, size, covers), []);
            assert.ok(places.every(({ x, y }) => x >= 0 && x <= stage.width && y >= 0 && y <= stage.height));
        });
    }
}

test("whoever has room stands where its pose says", () => {
    const { places } = settled([{ id: "ann", x: 0.5, y: 0.5 }, { id: "bob", x: 0.9, y: 0.5 }], DESK, []);
    assert.ok(Math.abs(places[0].x - 450) < 1);
});

test("a crowd that stands still does not tremble", () => {
    const wanted = people(30, () => ({ x: 0.2, y: 0.8 }));
    const { places, size, crowd } = settled(wanted, DESK, COVERS.desk, { frames: 600 });
    const next = crowd.settle(wanted, DESK, size, COVERS.desk);
    const farthest = Math.max(...next.map(({ x, y }, index) => Math.hypot(x - places[index].x, y - places[index].y)));
    assert.ok(farthest < 1, `moved by ${farthest} pixels`);
});

test("the one that is led stays under the pointer, and the others make way", () => {
    const wanted = people(10, () => ({ x: 0.5, y: 0.5 }));
    const { places, radius } = settled(wanted, DESK, [], { held: "sim-3" });
    assert.ok(Math.abs(places[3].x - 450) < 1);
    assert.deepEqual(overlaps(places, radius), []);
});

test("an avatar returns to its place once there is room again", () => {
    const pair = [{ id: "ann", x: 0.5, y: 0.5 }, { id: "bob", x: 0.5, y: 0.5 }];
    const { crowd, size, places } = settled(pair, DESK, []);
    assert.ok(Math.hypot(places[0].x - 450, places[0].y - places[1].y) > 10);
    let [alone] = [];
    for (let frame = 0; frame < 300; frame += 1) [alone] = crowd.settle(pair.slice(0, 1), DESK, size, []);
    assert.ok(Math.abs(alone.x - 450) < 1);
});

test("places of avatars that left are forgotten", () => {
    const crowd = new Crowd();
    crowd.settle(people(20, () => ({ x: 0, y: 0 })), DESK, { radius: 30 }, []);
    crowd.settle(people(1, () => ({ x: 0, y: 0 })), DESK, { radius: 30 }, []);
    assert.equal(crowd.moved.size, 1);
});
