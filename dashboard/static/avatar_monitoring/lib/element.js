// Builds elements without markup strings, so that text from clients can never become markup.

const SVG = "http://www.w3.org/2000/svg";

/** `attributes` may contain "text" for the content; attributes that are null or false are left out. */
export function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === "text") node.textContent = value;
        else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
}

export function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(SVG, "use"));
    setIcon(svg, name);
    return svg;
}

export function setIcon(svg, name) {
    setAttribute(svg.firstElementChild, "href", `#icon-${name}`);
}

const TEXT_NODE = 3;

/**
 * Changes the document only if the text differs, so that selections and screen readers are not disturbed. A text of its own is
 * compared and changed in place: for `textContent` the browser would make a string each time, and another text node.
 */
export function setText(node, text) {
    const own = node.firstChild;
    if (own?.nodeType === TEXT_NODE && own === node.lastChild && text !== "") {
        if (own.data !== text) own.data = text;
    } else if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Adds children made by `create` or removes the last ones until there are `length`; returns the children. */
export function sized(parent, length, create) {
    while (parent.children.length > length) parent.lastElementChild.remove();
    while (parent.children.length < length) parent.append(create());
    return parent.children;
}

export function readJSON(id) {
    return JSON.parse(document.getElementById(id).textContent);
}
