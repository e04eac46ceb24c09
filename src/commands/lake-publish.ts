import { resolve } from 'node:path';
import { EltError } from '../core/errors.ts';
import { grouped, textTable } from '../report/text-table.ts';
import { publishPrinted } from '../scale/run/printed-run.ts';
import type { RunCommand } from './command.ts';

export const lakePublish: RunCommand = async ({ settings, options, output }, [run = '']) => {
    if (typeof options.to !== 'string') {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: 'the lake of the run must be named',
            found: 'no --to',
            next: 'name it with --to DIR',
        });
    }
    const published = await publishPrinted(resolve(options.to), settings.pipeline, run);
    output.printLines(
        textTable(
            ['table', 'rows'],
            published.tables.map(({ table, rows }) => [table, grouped(rows)]),
        ),
    );
    output.print(`published  ${run}`);
    output.result(published);
    return 0;
};
