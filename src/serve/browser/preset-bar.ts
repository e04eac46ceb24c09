import type { Filters } from './address.ts';
import { make } from './dom.ts';
import type { FilterData, Period } from './fetch-figures.ts';
import { presetsOf } from './period.ts';

/** Buttons for the presets, where the page has filters `from` and `to`; empty elsewhere. */
export function presetBar(
    period: Period | null,
    parameters: readonly FilterData[],
    filters: Filters,
    choose: (filters: Filters) => void,
): readonly HTMLElement[] {
    const hasDays = ['from', 'to'].every((name) => parameters.some((one) => one.name === name && one.type === 'date'));
    if (period === null || !hasDays) {
        return [];
    }
    return presetsOf(period, new Date().toISOString().slice(0, 10)).map(({ label, period: chosen }) => {
        const isNow =
            (filters.get('from') ?? '') === (chosen?.from ?? '') && (filters.get('to') ?? '') === (chosen?.to ?? '');
        const button = make('button', { type: 'button', class: 'preset', 'aria-pressed': String(isNow) }, label);
        button.addEventListener('click', () => {
            const rest = [...filters].filter(([name]) => name !== 'from' && name !== 'to');
            choose(new Map([...rest, ...Object.entries(chosen ?? {})]));
        });
        return button;
    });
}
