import { EltError, escapeControls } from '../core/errors.ts';
import { readReject, readRejects } from '../ledger/rejects.ts';
import { readTopicReject } from '../ledger/topics.ts';
import { withMigrated } from '../project/open-database.ts';
import { textTable } from '../report/text-table.ts';
import type { RunCommand } from './command.ts';
import { wholeNumber } from './whole-number.ts';

export const listRejects: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const rejects = readRejects(database);
        const columns = ['number', 'state', 'source', 'record', 'change', 'byte', 'length', 'reason', 'relation'];
        const rows = rejects.map((one) => [
            one.reject_id,
            one.state,
            one.source,
            one.message ?? one.record,
            one.change,
            one.first_byte,
            one.length,
            one.reason,
            one.relation,
        ]);
        output.printLines(rejects.length === 0 ? ['no rejects'] : textTable(columns, rows));
        output.result({
            rejects: rejects.map(({ bytes: _, message, ...facts }) =>
                message === null ? facts : { ...facts, message },
            ),
        });
        return 0;
    });
};

export const showReject: RunCommand = async ({ settings, output }, words) => {
    const number = wholeNumber(words[0], 'the number of the reject');
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const reject = readReject(database, number);
        if (reject === undefined) {
            throw new EltError({
                code: 'MODEL_UNKNOWN',
                message: `there is no reject ${number}`,
                next: 'see "elt rejects"',
            });
        }
        const { bytes, message, ...facts } = reject;
        const topic = message === null ? undefined : readTopicReject(database, number);
        for (const [name, value] of Object.entries(facts)) {
            output.print(`${name.padEnd(12)}${value === null ? '' : escapeControls(String(value))}`);
        }
        if (topic !== undefined) {
            output.print(`message     ${escapeControls(`${message} of ${new Date(topic.record_time).toISOString()}`)}`);
            output.print(`key         ${topic.key === null ? '' : escapeControls(topic.key.toString('utf8'))}`);
            output.print(`headers     ${escapeControls(topic.headers)}`);
        }
        output.print('');
        output.print(escapeControls(bytes.toString('utf8')));
        if (reject.whole === 0) {
            output.print(output.dim(`(the first ${bytes.length} of ${reject.length} bytes)`));
        }
        output.result({ reject: topic === undefined ? { ...facts, bytes } : { ...facts, bytes, message: topic } });
        return 0;
    });
};
