/** The colours of the charts, from the style sheet for the current theme. */
export interface Colours {
    readonly series: readonly string[];
    readonly text: string;
    readonly muted: string;
    readonly line: string;
    readonly card: string;
    readonly bad: string;
}

const SERIES_COUNT = 7;

/** A custom property may contain `light-dark(…)`: the computed style of an element that uses it is a colour. */
export function readColours(): Colours {
    const probe = document.createElement('span');
    probe.hidden = true;
    // High contrast would make all of them one.
    probe.style.setProperty('forced-color-adjust', 'none');
    document.body.append(probe);
    const read = (name: string): string => {
        probe.style.color = `var(--${name})`;
        return getComputedStyle(probe).color;
    };
    const colours = {
        series: Array.from({ length: SERIES_COUNT }, (_, index) => read(`series-${index + 1}`)),
        text: read('text'),
        muted: read('muted'),
        line: read('line'),
        card: read('card'),
        bad: read('bad'),
    };
    probe.remove();
    return colours;
}
