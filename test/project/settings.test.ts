import { mkdirSync, writeFileSync } from 'node:fs';
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
        [{ pipeline: 'shop' }, {}, { pipeline: 'shop', db: 'shop.db' }],
        [{}, { ELT_PIPELINE: 'shop' }, { pipeline: 'shop', db: 'shop.db' }],
        [{ pipeline: 'one' }, { ELT_PIPELINE: 'two', ELT_DB: 'x.db' }, { pipeline: 'one', db: 'x.db' }],
        [{ db: 'y.db', pipeline: 'one' }, { ELT_DB: 'x.db' }, { db: 'y.db' }],
        [{ pipeline: 'one' }, { ELT_DB: '' }, { db: 'one.db' }],
        [{ project: '/a/b', pipeline: 'one' }, { ELT_PROJECT: '/c' }, { project: resolve('/a/b') }],
        [{ pipeline: 'one' }, { ELT_PROJECT: '/c' }, { project: resolve('/c') }],
    ])('%j with %j', (options, environment, expected) => {
        expect(settingsOf(options, environment)).toMatchObject(expected);
    });

    test.each(['', '../x', 'a/b', '.hidden', 'a b', '-x', 'ü'])('%j cannot be a pipeline', (pipeline) => {
        expect(() => settingsOf({ pipeline }, {})).toThrow(expect.objectContaining({ code: 'COMMAND_WRONG' }));
    });

    test('the project is the current folder if it is one, else what comes with elt', () => {
        const folder = workFolder();
        inFolder(folder);
        expect(settingsOf({ pipeline: 'payments' }, {}).project).toBe(packageFolder());
        mkdirSync(join(folder, 'sql', 'shop'), { recursive: true });
        expect(settingsOf({ pipeline: 'shop' }, {}).project).toBe(process.cwd());
        mkdirSync(join(folder, 'migrations'));
        expect(settingsOf({ pipeline: 'payments' }, {}).project).toBe(process.cwd());
    });
});

describe('where no pipeline is named', () => {
    const project = (...names: readonly string[]): string => {
        const folder = workFolder();
        inFolder(folder);
        for (const name of names) {
            mkdirSync(join(folder, 'sql', name), { recursive: true });
        }
        return folder;
    };
    const wrong = (found: string) =>
        expect.objectContaining({ code: 'COMMAND_WRONG', facts: expect.objectContaining({ found }) });

    test('the only one of the folder is meant', () => {
        project('shop', '.hidden');
        writeFileSync(join('sql', 'notes.txt'), '');
        expect(settingsOf({}, {})).toMatchObject({ pipeline: 'shop', db: 'shop.db', project: process.cwd() });
        expect(settingsOf({}, { ELT_PIPELINE: '', ELT_DB: '' })).toMatchObject({ pipeline: 'shop', db: 'shop.db' });
        expect(settingsOf({ db: 'x.db' }, {})).toMatchObject({ pipeline: 'shop', db: 'x.db' });
    });

    test('the only one of the project that is named is meant', () => {
        const folder = project('shop');
        inFolder(workFolder());
        expect(settingsOf({ project: folder }, {})).toMatchObject({ pipeline: 'shop', project: folder });
        expect(settingsOf({}, { ELT_PROJECT: folder })).toMatchObject({ pipeline: 'shop', project: folder });
    });

    test('several are listed, and the folder is this one', () => {
        project('shop', 'game');
        expect(() => settingsOf({}, {}).pipeline).toThrow(wrong('pipelines here: game, shop'));
        expect(() => settingsOf({}, {}).db).toThrow(wrong('pipelines here: game, shop'));
        expect(settingsOf({}, {}).project).toBe(resolve('.'));
    });

    test('those that come with elt are not taken', () => {
        project();
        const listed = 'pipelines that come with elt: card_spend, cash_flow, game, payments, payments_v1';
        expect(() => settingsOf({}, {}).pipeline).toThrow(wrong(listed));
        expect(settingsOf({ db: 'x.db' }, {}).db).toBe('x.db');
    });
});
