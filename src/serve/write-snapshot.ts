import { renameSync, writeFileSync } from 'node:fs';
import { EltError, shorten } from '../core/errors.ts';
import type { ServeOptions } from './answers/serve-options.ts';
import { contextOf } from './context-of.ts';
import { dashboardJson } from './dashboard/dashboard-data.ts';
import { titleOf } from './dashboard/dashboard-pages.ts';
import { pageRequest } from './dashboard/page-request.ts';
import { ServedDashboards } from './dashboard/served-dashboards.ts';
import { snapshotBody } from './dashboard/snapshot-page.ts';

/**
 * Writes the dashboards of all pipelines as one file of HTML, which needs nothing else: figures as tables, as they are
 * now.
 */
export async function writeSnapshot(
    options: ServeOptions,
    file: string,
    at: Date,
): Promise<{ readonly figures: number; readonly failed: number }> {
    const { context, close } = contextOf(options);
    try {
        const dashboards = new ServedDashboards(options.sqlFolder);
        const parts: string[] = [];
        let figures = 0;
        let failed = 0;
        for (const pipeline of context.pipelines.values()) {
            const page = pageRequest(pipeline, dashboards.of(pipeline.name), new Map());
            const { text } = await dashboardJson(context, page);
            const json = text.toString('utf8');
            const all = (JSON.parse(json) as { readonly figures: readonly { readonly error?: object }[] }).figures;
            figures += all.length;
            failed += all.filter(({ error }) => error !== undefined).length;
            parts.push(snapshotBody(json, titleOf(pipeline.name), at));
        }
        const style = context.assets.text('page.css');
        const titles = [...context.pipelines.keys()].map(titleOf).join(', ');
        write(
            file,
            `<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${titles.replaceAll(/[<>&]/g, '')}</title>
<style>${style.replaceAll('</', '<\\/')}</style>
</head>
<body>
<main id="main">
${parts.join('\n')}
</main>
</body>
</html>
`,
        );
        return { figures, failed };
    } finally {
        close();
    }
}

/** Under another name first: a browser, or a mail, must not get half of it. */
function write(file: string, text: string): void {
    try {
        writeFileSync(`${file}.part`, text);
        renameSync(`${file}.part`, file);
    } catch (error) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${shorten(file)}" cannot be written`,
            state: 'the file is as it was',
            next: 'name a file in a folder that exists and can be written',
            cause: shorten(error instanceof Error ? error.message : String(error), 300),
        });
    }
}
