import type { Value } from './fetch-figures.ts';

/** `+12 %`, of a percentage `−1.5 points`; null where that says nothing. */
export function changeText(now: Value, before: Value, isShare: boolean): string | null {
    if (typeof now === 'string' || typeof before === 'string' || now === null || before === null) {
        return null;
    }
    const [is, was] = [Number(now), Number(before)];
    if (isShare) {
        return `${signed(is - was, 1)} points`;
    }
    return was === 0 ? null : `${signed(((is - was) / Math.abs(was)) * 100, Math.abs(is / was - 1) < 0.1 ? 1 : 0)} %`;
}

function signed(value: number, decimals: number): string {
    const text = Math.abs(value).toLocaleString('en', { maximumFractionDigits: decimals });
    return text === '0' ? '±0' : `${value < 0 ? '−' : '+'}${text}`;
}
