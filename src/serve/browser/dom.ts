type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Creates an element with attributes (true: without a value; false, undefined: omitted) and children or texts. */
export function make<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    setAttributes(element, attributes);
    element.append(...children);
    return element;
}

/** Creates an icon: a path on a field of 16 by 16, drawn in the colour of the text. */
export function icon(path: string): SVGSVGElement {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    setAttributes(svg, { viewBox: '0 0 16 16', 'aria-hidden': 'true', class: 'icon' });
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    setAttributes(line, { d: path });
    svg.append(line);
    return svg;
}

/** An element of the page's HTML. */
export function byId<T extends HTMLElement>(id: string): T {
    const element = document.getElementById(id);
    if (element === null) {
        throw new Error(`the page has no element "${id}"`);
    }
    return element as T;
}

/** Announces a text to screen readers; it is not shown. */
export function announce(text: string): void {
    byId('announcements').textContent = text;
}

function setAttributes(element: Element, attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== false && value !== undefined) {
            element.setAttribute(name, value === true ? '' : String(value));
        }
    }
}
