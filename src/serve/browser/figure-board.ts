import type { Filters } from './address.ts';
import { Card } from './card.ts';
import { byId, make } from './dom.ts';
import type { FigureData, Followed, Period } from './fetch-figures.ts';
import type { PageHead } from './fetch-page.ts';
import { linesByColumn } from './lines-by-column.ts';

/** The duration of the style sheet's animation. */
const MARK_MS = 2_400;

/** A page that takes longer says of each figure that is not new yet of when it is. */
const PENDING_MS = 1_000;

/** The figures of the page, each in its card, in the order of the page. */
export class FigureBoard {
    readonly #pipeline: string;
    readonly #place = byId('figures');
    readonly #cards = new Map<string, Card>();
    readonly #filters: () => Filters;
    readonly #openRows: (figure: FigureData, value: Followed) => void;
    readonly #zoom: (from: string, to: string) => void;
    /** The days for which there is data, whatever the filters. */
    #period: Period | null = null;
    #lines: ReadonlyMap<string, readonly number[]> = new Map();
    /** Those that have not come yet. */
    readonly #waiting = new Set<Card>();
    #timer = 0;

    constructor(
        pipeline: string,
        filters: () => Filters,
        openRows: (figure: FigureData, value: Followed) => void,
        zoom: (from: string, to: string) => void,
    ) {
        this.#zoom = zoom;
        this.#pipeline = pipeline;
        this.#filters = filters;
        this.#openRows = openRows;
    }

    /** Makes room for all figures of the page; those that are there stay as they are until `show`. */
    begin({ figures }: PageHead): void {
        for (const [name, card] of this.#cards) {
            if (!figures.some((figure) => figure.name === name)) {
                card.element.remove();
                this.#cards.delete(name);
            }
        }
        this.#place.querySelector(':scope > .empty')?.remove();
        for (const [index, words] of figures.entries()) {
            if (!this.#cards.has(words.name)) {
                const card = new Card(words, {
                    pipeline: this.#pipeline,
                    filters: this.#filters,
                    openRows: this.#openRows,
                    zoom: this.#zoom,
                    period: () => this.#period,
                    lines: () => this.#lines,
                });
                this.#cards.set(words.name, card);
                // The server has sent a place for it, with its heading.
                const sent = [...this.#place.children].find((one) => one.getAttribute('data-figure') === words.name);
                if (sent === undefined) {
                    this.#place.insertBefore(card.element, this.#place.children[index] ?? null);
                } else {
                    sent.replaceWith(card.element);
                }
            }
        }
        if (figures.length === 0) {
            const text = `No figures in sql/${this.#pipeline}/dashboard/ yet`;
            this.#place.replaceChildren(make('p', { class: 'empty' }, text));
        }
        this.end();
        for (const card of this.#cards.values()) {
            this.#waiting.add(card);
        }
        this.#timer = window.setTimeout(() => {
            for (const card of this.#waiting) {
                card.wait();
            }
        }, PENDING_MS);
    }

    /** Puts a figure into its place; true if that shows another one than before. */
    show(figure: FigureData, asOf: string | null, isMarked: boolean): boolean {
        const card = this.#cards.get(figure.name);
        if (card === undefined) {
            return false;
        }
        this.#waiting.delete(card);
        const wasShown = card.isShown;
        const hasChanged = card.show(figure, asOf) && wasShown;
        if (hasChanged && isMarked) {
            mark(card.element);
        }
        return hasChanged;
    }

    /** The days for which there is data: the last of them is marked, and empty figures say why they are. */
    setPeriod(period: Period | null): void {
        if (JSON.stringify(period) !== JSON.stringify(this.#period)) {
            this.#period = period;
            for (const card of this.#cards.values()) {
                card.showAgain();
            }
        }
    }

    /** The tiles get the lines of what the charts show by day. */
    #drawLines(): void {
        const figures = [...this.#cards.values()].flatMap(({ figure }) => (figure === null ? [] : [figure]));
        const lines = linesByColumn(figures);
        if (JSON.stringify([...lines]) !== JSON.stringify([...this.#lines])) {
            this.#lines = lines;
            for (const card of this.#cards.values()) {
                if (card.figure?.chart === 'number') {
                    card.showAgain();
                }
            }
        }
    }

    /** All keep what they show, and say of when it is. */
    keep(why: string): void {
        this.end();
        for (const card of this.#cards.values()) {
            card.keep(why);
        }
    }

    /** Nothing more will come. */
    end(): void {
        this.#drawLines();
        window.clearTimeout(this.#timer);
        this.#waiting.clear();
    }

    /** Again, in the colours of the current theme. */
    draw(): void {
        for (const card of this.#cards.values()) {
            card.draw();
        }
    }
}

function mark(element: HTMLElement): void {
    element.classList.remove('changed');
    // Reading it restarts the animation.
    void element.offsetWidth;
    element.classList.add('changed');
    setTimeout(() => element.classList.remove('changed'), MARK_MS);
}
