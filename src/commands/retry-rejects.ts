import { escapeControls, shorten } from '../core/errors.ts';
import { retryRejects as retryOpenRejects } from '../load/retry-rejects.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { withMigrated } from '../project/open-database.ts';
import type { RunCommand } from './command.ts';

export const retryRejects: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, {}, async (database) => {
        const interrupt = listenForInterrupt();
        try {
            const { retried, left } = await retryOpenRejects(database, settings, interrupt);
            for (const number of retried) {
                output.print(`landed   reject ${number}, after everything that has landed`);
            }
            for (const { number, reason } of left) {
                output.print(`left     reject ${number}: ${escapeControls(shorten(reason))}`);
            }
            if (retried.length + left.length === 0) {
                output.print('no open rejects');
            }
            output.result({ retried, left });
            return left.length === 0 ? 0 : 4;
        } finally {
            interrupt.dispose();
        }
    });
};
