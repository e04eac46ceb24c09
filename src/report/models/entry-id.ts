import type { MapEntry } from '../../transform/lineage/model-map.ts';

/** The id of an entry in the page, and so its address: `#mart-metrics`. Every other character is written as its number. */
export function entryId({ kind, name }: Pick<MapEntry, 'kind' | 'name'>): string {
    return `${kind}-${idPart(name)}`;
}

export function columnId(entry: Pick<MapEntry, 'kind' | 'name'>, column: string): string {
    return `${entryId(entry)}.${idPart(column)}`;
}

function idPart(name: string): string {
    return name.replace(/[^A-Za-z0-9_]/gu, (character) => `-${character.codePointAt(0)?.toString(16)}-`);
}
