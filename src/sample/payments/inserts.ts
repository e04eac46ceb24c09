import type { RandomSource } from '../../core/random-source.ts';
import { paymentsRows } from './rows.ts';
import { PAYMENTS_TABLES, type SampleTable } from './tables.ts';

/**
 * `records` records of wal2json's format 1, one insert each, without positions, with a blank after each colon and
 * comma: `{"change": [{"kind": "insert", …}]}`, as in the file of the payments document.
 */
export function* paymentsInserts(random: RandomSource, records: number): Generator<string, void> {
    const heads = new Map(PAYMENTS_TABLES.map((table) => [table, recordHead(table)]));
    const rows = paymentsRows(random);
    for (let record = 0; record < records; record++) {
        const { table, values } = rows.next().value;
        yield `${heads.get(table)}${values.join(', ')}]}]}`;
    }
}

/** The part of a record before the values, the same for every row of `table`. */
function recordHead(table: SampleTable): string {
    const names = table.columns.map(([name]) => JSON.stringify(name)).join(', ');
    const types = table.columns.map(([, type]) => JSON.stringify(type)).join(', ');
    return (
        `{"change": [{"kind": "insert", "schema": "public", "table": ${JSON.stringify(table.name)}, ` +
        `"columnnames": [${names}], "columntypes": [${types}], "columnvalues": [`
    );
}
