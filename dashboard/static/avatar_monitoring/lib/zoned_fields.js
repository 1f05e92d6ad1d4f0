// Fields for times in a form: the server fills and reads them in UTC, and readers see and type the shown zone.

import { fieldMoment, fieldValue, onZoneChange } from "./zone.js";
import { stamp } from "./time.js";

/** Shows the form's datetime-local fields in the zone, and sends what they mean as stamps in UTC. */
export function startZonedFields(form) {
    const fields = [...form.querySelectorAll("input[type=datetime-local]")].map((node) => new ZonedField(node));
    onZoneChange(() => {
        for (const field of fields) field.fill();
    });
    form.addEventListener("formdata", ({ formData }) => {
        for (const { node, moment } of fields) {
            if (formData.has(node.name) && !Number.isNaN(moment)) formData.set(node.name, stamp(moment));
        }
    });
}

class ZonedField {
    constructor(node) {
        this.node = node;
        this.moment = Date.parse(`${node.value}Z`) / 1000;
        this.fill();
        // What was typed is read in the zone in which it was typed. When clocks go back, a text alone could mean either of two hours.
        node.addEventListener("input", () => { this.moment = fieldMoment(node.value); });
    }

    fill() {
        if (!Number.isNaN(this.moment)) this.node.value = fieldValue(this.moment, true);
    }
}
