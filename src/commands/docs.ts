import { writeFileSync } from 'node:fs';
import { fileError } from '../core/file-error.ts';
import { refuseUnknownPipeline } from '../project/settings.ts';
import { leftOutLines } from '../query/read-each.ts';
import type { RunCommand } from './command.ts';
import { modelsHtml } from './models-html.ts';

/** Writes the page of a pipeline's models, which needs no other file. */
export const docs: RunCommand = async ({ settings, output, options }) => {
    refuseUnknownPipeline(settings);
    const { html, entries, wrong } = await modelsHtml(settings);
    const file = typeof options.out === 'string' ? options.out : `${settings.pipeline}-models.html`;
    try {
        writeFileSync(file, html);
    } catch (error) {
        throw fileError(error, file, 'nothing was changed');
    }
    leftOutLines(wrong).forEach(output.note);
    output.print(`written  ${file}`);
    output.result({
        file,
        entries: entries.map(({ name, kind, upstream, columns }) => ({ name, kind, upstream, columns })),
    });
    return 0;
};
