import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elt, eltJson } from '../support/elt.ts';
import { labProject } from '../support/server.ts';

/** docs/json.md: what JSON has no form for is text, whichever command prints it. */

const VALUES = `select x'0001ff' as bytes, 9223372036854775807 as large, 9007199254740991 as safe, 1e999 as up,
    -1e999 as down, 0.1 as fraction, null as absent`;
const ROW = ['AAH/', '9223372036854775807', 9007199254740991, 'Infinity', '-Infinity', 0.1, null];

test('values without a form in JSON are text in every answer', async () => {
    const { words, project } = await labProject({ 'api/all.sql': `-- row: one\n${VALUES};\n` });
    writeFileSync(join(project, 'migrations/lab/0002_all.sql'), `create view all_values as ${VALUES};\n`);
    expect(await elt([...words, 'migrate'])).toMatchObject({ status: 0, stderr: '' });
    const asked = JSON.parse((await elt([...words, 'query', 'all', '--json'])).stdout);
    expect(asked.map((row: object) => Object.values(row))).toEqual([ROW]);
    expect(await eltJson([...words, 'show', 'all_values'])).toMatchObject({ rows: [ROW] });
});
