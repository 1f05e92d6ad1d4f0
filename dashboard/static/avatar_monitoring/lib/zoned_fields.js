// Fields for times in a form: the server fills and reads them in UTC, and readers see and type the shown zone.

import { fieldMoment, fieldValue, onZoneChange, zoneAt } from "./zone.js";
import { serverClock, stamp } from "./time.js";
import { setText } from "./element.js";

/** Shows the form's datetime-local fields in the zone, and sends what they mean as stamps in UTC. */
export function startZonedFields(form) {
    const fields = [...form.querySelectorAll("input[type=datetime-local]")].map((node) => new ZonedField(node));
    form.addEventListener("formdata", ({ formData }) => {
        for (const { node, moment } of fields) {
            if (formData.has(node.name) && !Number.isNaN(moment)) formData.set(node.name, stamp(moment));
        }
    });
}

/** One such field. `moment` is what it means, in UTC epoch seconds; NaN while it is empty. */
export class ZonedField {
    constructor(node) {
        this.node = node;
        this.zone = node.closest("label")?.querySelector("[data-zone-name]");
        this.show(Date.parse(`${node.value}Z`) / 1000);
        onZoneChange(() => this.#fill());
        // What was typed is read in the zone in which it was typed. When clocks go back, a text alone could mean either of two hours.
        node.addEventListener("input", () => {
            this.moment = fieldMoment(node.value);
            this.#nameZone();
        });
    }

    show(moment) {
        this.moment = moment;
        if (Number.isNaN(moment)) this.node.value = "";
        this.#fill();
    }

    #fill() {
        if (!Number.isNaN(this.moment)) this.node.value = fieldValue(this.moment, true);
        this.#nameZone();
    }

    /** The label has the zone of the field's moment, which may be in summer while it is winter now. */
    #nameZone() {
        if (this.zone) setText(this.zone, zoneAt(Number.isNaN(this.moment) ? serverClock.now : this.moment));
    }
}
