import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, elt, NODE, runProgram, workFolder } from '../../support/elt.ts';

/** Writes the name of each package that the process loads. */
const WATCH = `data:text/javascript,import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
    if (/^[a-z]/.test(name) && !/^(node|file|data):/.test(name)) process.stderr.write('package ' + name + '\\n');
    return next(name, context);
} });`;

test('the parser of CSV is loaded for rows alone', async () => {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'wal.json'), (await elt(['sample', 'payments', '--records', '10'])).stdout);
    writeFileSync(join(cwd, 'orders.csv'), 'id\n1\n');
    const packagesOf = async (...words: string[]): Promise<string[]> => {
        const { stderr } = await runProgram(NODE, ['--import', WATCH, CLI, ...words], { cwd });
        return [...stderr.matchAll(/^package (.*)$/gm)].map((match) => match[1] as string);
    };
    const ofStream = await packagesOf('run', 'wal.json');
    expect(ofStream).toContain('better-sqlite3');
    expect(ofStream.filter((name) => name.startsWith('csv-parse'))).toEqual([]);
    expect(await packagesOf('load', '--table', 'orders', 'orders.csv')).toContain('csv-parse/sync');
});
