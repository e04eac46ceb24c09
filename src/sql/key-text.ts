import { encodeLabel } from './quote.ts';

/**
 * The columns of a key as one text that can be compared in SQL: `id`, `a,b`; empty for a key without columns. The order
 * is that of the names, because PostgreSQL gives a primary key and a replica identity in different orders.
 */
export function keyText(names: readonly string[]): string {
    return names.map(encodeLabel).sort().join(',');
}

/** The names in a text of `keyText`. */
export function keyNames(text: string): string[] {
    return text === '' ? [] : text.split(',').map(decodeLabel);
}

function decodeLabel(label: string): string {
    return label.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
