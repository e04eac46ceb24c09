import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageFolder, settingsOf } from '../../src/project/settings.ts';
import { workFolder } from '../support/elt.ts';

function inFolder(folder: string): void {
    const before = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
}

describe('settings', () => {
    test.each([
        [{}, {}, { pipeline: 'payments', db: 'payments.db' }],
        [{ pipeline: 'shop' }, {}, { pipeline: 'shop', db: 'shop.db' }],
        [{}, { ELT_PIPELINE: 'shop' }, { pipeline: 'shop', db: 'shop.db' }],
        [{ pipeline: 'one' }, { ELT_PIPELINE: 'two', ELT_DB: 'x.db' }, { pipeline: 'one', db: 'x.db' }],
        [{ db: 'y.db' }, { ELT_DB: 'x.db' }, { db: 'y.db' }],
        [{}, { ELT_DB: '', ELT_PIPELINE: '' }, { pipeline: 'payments', db: 'payments.db' }],
        [{ project: '/a/b' }, { ELT_PROJECT: '/c' }, { project: resolve('/a/b') }],
        [{}, { ELT_PROJECT: '/c' }, { project: resolve('/c') }],
    ])('%j with %j', (options, environment, expected) => {
        expect(settingsOf(options, environment)).toMatchObject(expected);
    });

    test.each(['', '../x', 'a/b', '.hidden', 'a b', '-x', 'ü'])('%j cannot be a pipeline', (pipeline) => {
        expect(() => settingsOf({ pipeline }, {})).toThrow(expect.objectContaining({ code: 'COMMAND_WRONG' }));
    });

    test('the project is the current folder if it is one, else what comes with elt', () => {
        const folder = workFolder();
        inFolder(folder);
        expect(settingsOf({}, {}).project).toBe(packageFolder());
        mkdirSync(join(folder, 'sql', 'shop'), { recursive: true });
        expect(settingsOf({ pipeline: 'shop' }, {}).project).toBe(process.cwd());
        mkdirSync(join(folder, 'migrations'));
        expect(settingsOf({}, {}).project).toBe(process.cwd());
    });
});
