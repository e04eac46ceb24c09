import type { Source } from '../capture/source/source.ts';
import { csvLine } from '../core/csv-text.ts';
import { EltError } from '../core/errors.ts';
import { readLoad } from '../ledger/loads.ts';
import { markRetried, type RejectRow, readRejects } from '../ledger/rejects.ts';
import { loadSource } from '../load/load-source.ts';
import type { Interrupt } from '../process/interrupt.ts';
import { type DeclaredSource, undeclaredSource } from '../project/declared-source.ts';
import { readPipelineSettings } from '../project/pipeline-settings.ts';
import { readDeclaredSources } from '../project/read-declared-sources.ts';
import { type Settings, sqlFolder } from '../project/settings.ts';
import type { Database } from '../sqlite/database.ts';

/** The result for the open rejects: those that landed, and those that remain, with the reason. */
interface Retried {
    readonly retried: readonly number[];
    readonly left: readonly { readonly number: number; readonly reason: string }[];
}

/** Decodes the open rejects again and lands those that can be decoded, after everything that has landed. */
export async function retryRejects(database: Database, settings: Settings, interrupt: Interrupt): Promise<Retried> {
    const retried: number[] = [];
    const left: { readonly number: number; readonly reason: string }[] = [];
    for (const reject of readRejects(database).filter((one) => one.state === 'open')) {
        const reason = await retry(database, reject, settings, interrupt);
        if (reason === null) {
            markRetried(database, reject.reject_id);
            retried.push(reject.reject_id);
        } else {
            left.push({ number: reject.reject_id, reason });
        }
    }
    return { retried, left };
}

/** Lands one reject as a source of its own. Null: it landed; else the reason why not. */
async function retry(
    database: Database,
    reject: RejectRow,
    settings: Settings,
    interrupt: Interrupt,
): Promise<string | null> {
    if (reject.whole === 0) {
        return 'only the head of its bytes is kept: load the source again';
    }
    const declared = readDeclaredSources(sqlFolder(settings), settings.pipeline);
    if (reject.message !== null) {
        const { retryMessage } = await import('./kafka/retry-message.ts');
        return retryMessage(database, reject, declared, readPipelineSettings(sqlFolder(settings), settings.pipeline));
    }
    const rows = rowsOf(database, reject, declared);
    try {
        await loadSource(database, sourceOf(reject, rows), {
            asNew: false,
            strict: true,
            ignorePositions: true,
            interrupt,
            settings: readPipelineSettings(sqlFolder(settings), settings.pipeline),
            ...(rows === null ? {} : { rows: { rows: rows.source, expected: [] } }),
        });
        return null;
    } catch (error) {
        if (!(error instanceof EltError) || error.exitStatus !== 3) {
            throw error;
        }
        return error.facts.found ?? error.message;
    }
}

/** How a rejected row is read again: by its source's present declaration, framed as in its load. */
interface RetriedRows {
    readonly source: DeclaredSource;
    readonly before: string;
    readonly after: string;
}

/** The stored framing of rows; a change stream has no `kind`. */
type FramedRows =
    | { readonly kind?: never }
    | { readonly kind: 'array' }
    | { readonly kind: 'lines' }
    | { readonly kind: 'csv'; readonly state: { readonly names: readonly string[]; readonly delimiter: string } };

/** Null: the reject is of a change stream. */
function rowsOf(database: Database, reject: RejectRow, declared: readonly DeclaredSource[]): RetriedRows | null {
    const framed = JSON.parse(readLoad(database, reject.load_id).frame_state) as FramedRows | null;
    if (framed?.kind === undefined || reject.relation === null) {
        return null;
    }
    const source = sourceOfRelation(reject.relation, declared);
    if (framed.kind === 'array') {
        return { source: { ...source, format: 'json' }, before: '[', after: ']' };
    }
    if (framed.kind === 'lines') {
        return { source: { ...source, format: 'jsonl' }, before: '', after: '' };
    }
    // A row of CSV has no header; the ledger keeps that of its source.
    const { names, delimiter } = framed.state;
    const header = csvLine(names, delimiter);
    return { source: { ...source, format: 'csv', delimiter }, before: header, after: '' };
}

/** A schema's name holds no full stop, or the row is read as one of a table of that whole name. */
function sourceOfRelation(relation: string, declared: readonly DeclaredSource[]): DeclaredSource {
    const [schema = '', ...rest] = relation.split('.');
    const table = rest.join('.');
    if (schema !== 'public') {
        return { ...undeclaredSource(table), schema, isCopy: true };
    }
    return declared.find((one) => one.table === table) ?? undeclaredSource(table);
}

/**
 * A reject's bytes as a source: a change inside a list, a row after its header. They are preceded by as many line feeds
 * as the reject's number, so that two rejects with the same bytes are two sources, and one that landed just before a
 * crash is recognised.
 */
function sourceOf(reject: RejectRow, rows: RetriedRows | null): Source {
    const [before, after] =
        rows !== null ? [rows.before, rows.after] : reject.change === null ? ['', ''] : ['{"change":[', ']}'];
    const bytes = Buffer.concat([
        Buffer.from('\n'.repeat(reject.reject_id) + before),
        reject.bytes,
        Buffer.from(after),
    ]);
    return {
        name: `reject ${reject.reject_id}`,
        path: null,
        seekable: true,
        sizeBytes: bytes.length,
        open: () => ({
            bytesRead: bytes.length,
            async *[Symbol.asyncIterator]() {
                yield bytes;
            },
        }),
    };
}
