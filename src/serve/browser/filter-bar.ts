import type { Filters } from './address.ts';
import { byId, make } from './dom.ts';
import type { FilterData } from './fetch-figures.ts';
import { labelOf } from './format.ts';

/** The filters above the figures: a field for each parameter of the page. */
export class FilterBar {
    readonly #form = byId<HTMLFormElement>('filters');
    readonly #changed: (filters: Filters) => void;
    #shown = '';

    constructor(changed: (filters: Filters) => void) {
        this.#changed = changed;
        this.#form.addEventListener('submit', (event) => event.preventDefault());
        this.#form.addEventListener('change', () => this.#changed(this.#read()));
    }

    /** Fields are created again only if the parameters differ, so that a focused field keeps its focus. */
    show(parameters: readonly FilterData[]): void {
        const needed = JSON.stringify(parameters.map(({ value: _, ...rest }) => rest));
        if (needed !== this.#shown) {
            this.#shown = needed;
            this.#form.hidden = parameters.length === 0;
            const reset = make('button', { type: 'button', class: 'quiet', id: 'reset' }, 'Reset');
            reset.addEventListener('click', () => this.#changed(new Map()));
            this.#form.replaceChildren(...parameters.map(field), reset);
        }
        for (const { name, value } of parameters) {
            const input = this.#input(name);
            if (input !== null && input !== document.activeElement) {
                input.value = value ?? '';
            }
        }
        const isSet = parameters.some(({ value, default: usual }) => value !== usual);
        this.#form.querySelector<HTMLButtonElement>('#reset')?.toggleAttribute('disabled', !isSet);
    }

    /** Sets the fields from the address, after "Reset" or "Back". */
    set(filters: Filters): void {
        for (const input of this.#inputs()) {
            input.value = filters.get(input.name) ?? '';
        }
    }

    #read(): Filters {
        return new Map(this.#inputs().flatMap(({ name, value }) => (value === '' ? [] : [[name, value] as const])));
    }

    #input(name: string): HTMLInputElement | HTMLSelectElement | null {
        return this.#inputs().find((input) => input.name === name) ?? null;
    }

    #inputs(): (HTMLInputElement | HTMLSelectElement)[] {
        return [...this.#form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')];
    }
}

function field(parameter: FilterData): HTMLElement {
    const id = `filter-${parameter.name}`;
    const label = make('label', { for: id }, labelOf(parameter.name));
    return make('div', { class: 'field' }, label, inputOf(parameter, id));
}

function inputOf({ name, type, range, options }: FilterData, id: string): HTMLElement {
    if (options !== null) {
        const choices = options.map(({ value, text }) => make('option', { value }, text));
        return make('select', { id, name }, make('option', { value: '' }, 'All'), ...choices);
    }
    const kind = type === 'date' ? 'date' : 'text';
    const bounds = kind === 'date' && range !== null ? { min: range.from, max: range.to } : {};
    return make('input', { id, name, type: kind, autocomplete: 'off', ...bounds });
}
