import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../errors.ts';
import { type HeaderKey, parseHeader } from './header.ts';

/** What a pipeline says about itself in the head of `sql/<pipeline>/pipeline.sql`; the file may be missing. */
export interface PipelineSettings {
    /** What happens when a relation drifts: `evolve` follows it, `freeze` stops the load and lands nothing of it. */
    readonly drift: 'evolve' | 'freeze';
    /** Columns kept as PostgreSQL's text whatever their type: `schema.table` to column names. */
    readonly text: ReadonlyMap<string, ReadonlySet<string>>;
}

const KEYS: readonly HeaderKey[] = [
    { name: 'why' },
    { name: 'drift', values: ['evolve', 'freeze'] },
    { name: 'text', repeatable: true },
];

export function readPipelineSettings(sqlFolder: string, pipeline: string): PipelineSettings {
    const path = join(sqlFolder, pipeline, 'pipeline.sql');
    const file = `sql/${pipeline}/pipeline.sql`;
    const head = existsSync(path) ? parseHeader(readFileSync(path, 'utf8'), file, KEYS) : [];
    const text = new Map<string, Set<string>>();
    for (const entry of head.filter(({ key }) => key === 'text')) {
        const match = /^([^.]+\.[^.]+)\.([^.]+)$/.exec(entry.value);
        if (match === null) {
            throw new EltError({
                code: 'SQL_HEADER',
                message: `The head of "${file}" names no column with "text".`,
                where: `${file}:${entry.line}`,
                found: `"${entry.value}"; expected schema.table.column`,
                next: 'Write one column a line.',
            });
        }
        const [, relation = '', column = ''] = match;
        text.set(relation, (text.get(relation) ?? new Set()).add(column));
    }
    const drift = head.find(({ key }) => key === 'drift')?.value === 'freeze' ? 'freeze' : 'evolve';
    return { drift, text };
}

/** Whether a column is declared text: what decoding and landing ask. */
export function declaredText(settings: PipelineSettings): (relation: string, column: string) => 'TEXT' | undefined {
    return (relation, column) => (settings.text.get(relation)?.has(column) === true ? 'TEXT' : undefined);
}
