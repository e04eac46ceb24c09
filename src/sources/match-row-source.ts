import { basename } from 'node:path';
import { EltError } from '../errors.ts';
import { type RowSource, undeclaredRowSource } from './row-source.ts';

/** Endings that say how the bytes are packed, not what they are. */
const COMPRESSED = /\.(gz|zst)$/;

/**
 * What a file is: rows of a declared source, or of the table that `--table` names; undefined: a change stream. A
 * pattern is compared with the base name, in whatever folder the file is; `*` is any text, `?` one character.
 * @throws EltError COMMAND_WRONG if patterns of two sources match.
 */
export function matchRowSource(
    sources: readonly RowSource[],
    name: string,
    table: string | undefined,
): RowSource | undefined {
    if (table !== undefined) {
        return sources.find((source) => source.table === table) ?? undeclaredRowSource(table);
    }
    const base = basename(name).replace(COMPRESSED, '');
    const matching = sources.filter((source) => source.files.some((pattern) => asExpression(pattern).test(base)));
    if (matching.length > 1) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${name}" matches the patterns of several sources`,
            found: matching.map((source) => source.file).join(', '),
            next: 'name the table with --table, or narrow the patterns',
        });
    }
    return matching[0];
}

function asExpression(pattern: string): RegExp {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

/** How rows are written, where the declaration does not say: by the ending of the base name. */
export function formatOfName(name: string): 'csv' | 'json' | 'jsonl' | null {
    const ending = /\.([a-z]+)$/i.exec(basename(name).replace(COMPRESSED, ''))?.[1]?.toLowerCase() ?? '';
    const formats = { csv: 'csv', tsv: 'csv', json: 'json', jsonl: 'jsonl', ndjson: 'jsonl' } as const;
    return Object.hasOwn(formats, ending) ? formats[ending as keyof typeof formats] : null;
}
