/** Every case that a run of the oracle must have produced, in the order of the printed table. */
export const COVERAGE_CASES = [
    'insert',
    'insert of many rows',
    'update',
    'update without a change',
    'update of many rows',
    'upsert',
    'value to null and back',
    'update with absent column',
    'key update',
    'key update with absent column',
    'chain of key updates on one row',
    'chain of key updates over rows',
    'swap of keys',
    'delete',
    'delete then insert of the same key',
    'insert, update and delete in one transaction',
    'toasted key column',
    'truncate one',
    'truncate many',
    'truncate then insert',
    'identity default',
    'identity full',
    'identity using index',
    'identity nothing',
    'identity changed on the way',
    'deferrable key',
    'composite key',
    'table without a key',
    'table without a key, full',
    'partitions',
    'row moved between partitions',
    'rolled back transaction',
    'rolled back savepoint',
    'released savepoint',
    'failed transaction',
    'empty transaction',
    'interleaved transactions',
    'large transaction',
    'prepared transaction',
    'message',
    'message outside of a transaction',
    'column added',
    'column added with default',
    'column added inside a transaction',
    'column dropped',
    'dropped column added again',
    'column renamed',
    'column retyped, same text',
    'column retyped',
    'column retyped inside a transaction',
    'table renamed',
    'table created on the way',
    'table dropped',
    'odd table name',
    'odd column name',
    'bookkeeping name',
    'names that differ only in case',
    'tables that differ only in case',
    'colliding table names',
    'schema other than public',
    '1,600 columns',
    'quoted type name',
    'generated column',
    'no columns',
    'payments tables',
    'generated tables',
    'format 1',
    'format 2',
    'with positions',
    'without positions',
    'defaults in the stream',
    'lines',
    'array',
    'list of batches',
    'concatenated',
    'pretty-printed',
    'chunked output',
    'compressed',
    'standard input',
    'growing file',
    'cut into pieces',
    'cut inside a transaction',
    'sent twice',
    'compared between deliveries',
    'batch by batch',
    'same source again',
    'load and transform apart',
    'nothing new',
    'rebuilt database',
    'scaffold again',
    'key decided by a person',
] as const;

export type CoverageCase = (typeof COVERAGE_CASES)[number];

/** Cases that only a run with `elt` can produce. */
export const ELT_CASES: ReadonlySet<CoverageCase> = new Set([
    'compared between deliveries',
    'batch by batch',
    'same source again',
    'load and transform apart',
    'nothing new',
    'rebuilt database',
    'scaffold again',
    'key decided by a person',
]);

/** Counts how often each named case occurred; a case that never did is a hole in the proof. */
export class Coverage {
    readonly #counts = new Map<CoverageCase, number>(COVERAGE_CASES.map((name) => [name, 0]));

    hit(name: CoverageCase, times = 1): void {
        this.#counts.set(name, this.count(name) + times);
    }

    count(name: CoverageCase): number {
        return this.#counts.get(name) ?? 0;
    }

    /** The names that occurred `times` times at most, in the order of the table. */
    rare(times = 0): CoverageCase[] {
        return COVERAGE_CASES.filter((name) => this.count(name) <= times);
    }

    /** The counts as text, three cases a line. */
    table(): string {
        const cells = COVERAGE_CASES.map((name) => `${String(this.count(name)).padStart(7)}  ${name.padEnd(44)}`);
        const lines: string[] = [];
        for (let index = 0; index < cells.length; index += 3) {
            lines.push(
                cells
                    .slice(index, index + 3)
                    .join('')
                    .trimEnd(),
            );
        }
        return lines.join('\n');
    }
}
