import { readFileSync } from 'node:fs';
import { type Input, sampleFile } from '../workshop.ts';

/** New changes in the three forms in which they are taken. */
export interface Batch extends Input {
    readonly changes: number;
    /** A record a line, as a receiver appends them. */
    readonly lines: string;
    /** Inserts for the server. */
    readonly statements: string;
}

interface InsertRecord {
    readonly change: readonly {
        readonly table: string;
        readonly columnnames: readonly string[];
        readonly columnvalues: readonly unknown[];
    }[];
}

/** So many inserts of the sample; each seed gives other keys. */
export function batchOf(size: number, seed: number): Batch {
    const input = sampleFile(size, 'inserts', seed);
    const records = JSON.parse(readFileSync(input.path, 'utf8')) as InsertRecord[];
    const changes = records.flatMap(({ change }) => change);
    return {
        ...input,
        changes: changes.length,
        lines: records.map((record) => `${JSON.stringify(record)}\n`).join(''),
        statements: changes
            .map(({ table, columnnames, columnvalues }) => {
                const names = columnnames.map((name) => `"${name}"`).join(', ');
                return `insert into "${table}" (${names}) values (${columnvalues.map(literal).join(', ')});`;
            })
            .join('\n'),
    };
}

/** A value as PostgreSQL reads it into a column of any type. */
export function literal(value: unknown): string {
    return value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`;
}
