import { DURATION_FORM, parseDuration } from '../core/duration.ts';
import { type HeaderEntry, type HeaderKey, headError, parseHeader } from './file-head.ts';
import { type Partitions, parentOf, readPartitions } from './partitions.ts';
import { readOptionalSqlFile } from './sql-files.ts';

/** Settings of a pipeline, from the head of `sql/<pipeline>/pipeline.sql`; the file may be missing. */
export interface PipelineSettings {
    /** What happens when a relation drifts: `evolve` follows it, `freeze` stops the load and lands nothing of it. */
    readonly drift: 'evolve' | 'freeze';
    /** Columns stored as PostgreSQL's text whatever their type: `schema.table` to column names. */
    readonly text: ReadonlyMap<string, ReadonlySet<string>>;
    /** Tables of a server that are followed, unless the command says otherwise; none: all. */
    readonly tables?: readonly string[];
    /** Tables that land as parts of one relation. */
    readonly partitions?: readonly Partitions[];
    /** How long one SQL statement may run, and the place of the setting. */
    readonly timeout?: { readonly milliseconds: number; readonly from: string };
}

const KEYS: readonly HeaderKey[] = [
    { name: 'why' },
    { name: 'drift', values: ['evolve', 'freeze'] },
    { name: 'text', repeatable: true },
    { name: 'tables', repeatable: true },
    { name: 'partitions', repeatable: true },
    { name: 'timeout' },
];

export function readPipelineSettings(sqlFolder: string, pipeline: string): PipelineSettings {
    const { file, text: sql } = readOptionalSqlFile(sqlFolder, pipeline, 'pipeline.sql') ?? { file: '', text: '' };
    const head = parseHeader(sql, file, KEYS);
    const text = new Map<string, Set<string>>();
    for (const entry of head.filter(({ key }) => key === 'text')) {
        const match = /^([^.]+\.[^.]+)\.([^.]+)$/.exec(entry.value);
        if (match === null) {
            throw headError(file, entry.line, {
                message: `the head of "${file}" has a wrong value for the key "text"`,
                found: `"${entry.value}"; expected schema.table.column`,
                next: 'name one column per line',
            });
        }
        const [, relation = '', column = ''] = match;
        text.set(relation, (text.get(relation) ?? new Set()).add(column));
    }
    const drift = head.find(({ key }) => key === 'drift')?.value === 'freeze' ? 'freeze' : 'evolve';
    const timeout = head.find(({ key }) => key === 'timeout');
    const tables = head.flatMap(({ key, value }) => (key === 'tables' ? [value] : []));
    const partitions = readPartitions(head, file);
    return { drift, text, tables, partitions, ...(timeout === undefined ? {} : { timeout: timeoutOf(timeout, file) }) };
}

/** A lookup for decoding and landing: `TEXT` for a column that the pipeline keeps as text. */
export function declaredText(settings: PipelineSettings): (relation: string, column: string) => 'TEXT' | undefined {
    const parent = parentOf(settings.partitions ?? []);
    return (relation, column) => {
        const [schema = '', ...table] = relation.split('.');
        const own = parent?.(schema, table.join('.'));
        const name = own === undefined ? relation : `${own.schema}.${own.table}`;
        return settings.text.get(name)?.has(column) === true ? 'TEXT' : undefined;
    };
}

function timeoutOf({ value, line }: HeaderEntry, file: string): NonNullable<PipelineSettings['timeout']> {
    const milliseconds = parseDuration(value);
    if (milliseconds === null) {
        throw headError(file, line, {
            message: `the head of "${file}" has a wrong value for the key "timeout"`,
            found: `"${value}"; expected ${DURATION_FORM}`,
            next: 'correct the value',
        });
    }
    return { milliseconds, from: `${file}:${line}` };
}
