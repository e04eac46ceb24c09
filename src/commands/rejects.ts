import type { Source } from '../capture/source.ts';
import { EltError, escapeControls, shorten } from '../errors.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { loadSource } from '../pipeline.ts';
import { textTable } from '../report/text-table.ts';
import { sqlFolder } from '../settings.ts';
import { readRowSources } from '../sources/read-row-sources.ts';
import { readPipelineSettings } from '../sqlfile/pipeline-settings.ts';
import { markRetried, type RejectRow, readReject, readRejects } from '../store/rejects.ts';
import type { RunCommand } from './command.ts';
import { withMigrated } from './open.ts';
import { wholeNumber } from './show.ts';

export const listRejects: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const rejects = readRejects(database);
        const columns = ['number', 'state', 'source', 'record', 'change', 'byte', 'length', 'reason', 'relation'];
        const rows = rejects.map((one) => [
            one.reject_id,
            one.state,
            one.source,
            one.record,
            one.change,
            one.first_byte,
            one.length,
            one.reason,
            one.relation,
        ]);
        for (const line of rejects.length === 0 ? ['no rejects'] : textTable(columns, rows)) {
            output.print(line);
        }
        output.result({ rejects: rejects.map(({ bytes: _, ...facts }) => facts) });
        return 0;
    });
};

export const showReject: RunCommand = async ({ settings, output }, words) => {
    const number = wholeNumber(words[0], 'the number');
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const reject = readReject(database, number);
        if (reject === undefined) {
            throw new EltError({
                code: 'MODEL_UNKNOWN',
                message: `there is no reject ${number}`,
                next: 'see "elt rejects"',
            });
        }
        const { bytes, ...facts } = reject;
        for (const [name, value] of Object.entries(facts)) {
            output.print(`${name.padEnd(12)}${value === null ? '' : escapeControls(String(value))}`);
        }
        output.print('');
        output.print(escapeControls(bytes.toString('utf8')));
        if (reject.whole === 0) {
            output.print(output.dim(`(the first ${bytes.length} of ${reject.length} bytes)`));
        }
        output.result({ reject });
        return 0;
    });
};

export const retryRejects: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, {}, async (database) => {
        const interrupt = listenForInterrupt();
        const rowSources = readRowSources(sqlFolder(settings), settings.pipeline);
        const retried: number[] = [];
        const left: { readonly number: number; readonly reason: string }[] = [];
        try {
            for (const reject of readRejects(database).filter((one) => one.state === 'open')) {
                if (reject.whole === 0) {
                    left.push({
                        number: reject.reject_id,
                        reason: 'only the head of its bytes is kept: load the source again',
                    });
                    continue;
                }
                const rows = rowSources.find((source) => `public.${source.table}` === reject.relation);
                if (rows?.format === 'csv') {
                    left.push({
                        number: reject.reject_id,
                        reason: 'a row of CSV has no header of its own: load the corrected row as a file with one',
                    });
                    continue;
                }
                try {
                    const source = sourceOf(reject);
                    await loadSource(database, source, {
                        asNew: false,
                        strict: true,
                        ignorePositions: true,
                        interrupt,
                        settings: readPipelineSettings(sqlFolder(settings), settings.pipeline),
                        ...(rows === undefined ? {} : { rows: { ...rows, format: 'jsonl' } }),
                    });
                    markRetried(database, reject.reject_id);
                    retried.push(reject.reject_id);
                } catch (error) {
                    if (!(error instanceof EltError) || error.exitStatus !== 3) {
                        throw error;
                    }
                    left.push({ number: reject.reject_id, reason: error.facts.found ?? error.message });
                }
            }
        } finally {
            interrupt.dispose();
        }
        for (const number of retried) {
            output.print(`landed   reject ${number}, behind everything that has landed`);
        }
        for (const { number, reason } of left) {
            output.print(`left     reject ${number}: ${escapeControls(shorten(reason))}`);
        }
        output.print(retried.length + left.length === 0 ? 'no open rejects' : '');
        output.result({ retried, left });
        return left.length === 0 ? 0 : 4;
    });
};

/**
 * A reject's bytes as a source: a change stands in its list again. As many line feeds as its number come first, so that
 * two rejects with the same bytes are two sources, and one that was landed just before a crash is known again.
 */
function sourceOf(reject: RejectRow): Source {
    const text =
        reject.change === null ? [reject.bytes] : [Buffer.from('{"change":['), reject.bytes, Buffer.from(']}')];
    const bytes = Buffer.concat([Buffer.from('\n'.repeat(reject.reject_id)), ...text]);
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
