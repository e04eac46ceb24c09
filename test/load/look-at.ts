import { type LoadResult, loadSource } from '../../src/load/load-source.ts';
import { undeclaredSource } from '../../src/project/declared-source.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { memorySource, QUIET } from '../support/bench-database.ts';

export type Kind = 'csv' | 'jsonl' | 'stream';

/** Loads what a file holds of `bytes` at that time. */
export async function look(
    database: Database,
    kind: Kind,
    bytes: Buffer,
    strict = false,
    canGrow = true,
): Promise<LoadResult> {
    const rows = { ...undeclaredSource('t'), format: kind === 'csv' ? 'csv' : 'jsonl' } as const;
    return await loadSource(database, memorySource(bytes, { path: '/in', chunkBytes: 7, canGrow }), {
        asNew: false,
        strict,
        settings: { drift: 'evolve', text: new Map() },
        interrupt: QUIET,
        ...(kind === 'stream' ? {} : { rows: { rows, expected: [] } }),
    });
}

/** A change of a stream, on one line. */
export const change = (id: number): string =>
    `{"action":"I","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":${id}},{"name":"x","type":"text","value":"é{"}]}`;
