import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { faultsAfterCrash, finalContent, isMigrated, killedAfter, verified } from '../support/crash.ts';
import { elt, workFolder } from '../support/elt.ts';

/**
 * Promises 1 and 5 under `kill -9`: whatever moment a real process dies at, the file is whole, the staged rows are
 * those that the ledger counts and hashes, the marts are what their definitions give, and the same command goes on to
 * the same end. `FC_RUNS=n` makes n kills of each command, `FC_SEED=n` chooses other moments.
 */

const KILLS = Number(process.env.FC_RUNS ?? 6);
const SEED = Number(process.env.FC_SEED ?? 1);

const cwd = workFolder();
const at = (name: string): string => join(cwd, name);

beforeAll(async () => {
    for (const [name, words] of [
        ['first.json', ['--records', '12000']],
        ['second.json', ['--records', '3000', '--mix', 'changes']],
    ] as const) {
        const made = await elt(['sample', 'payments', ...words]);
        expect(made.status).toBe(0);
        writeFileSync(at(name), made.stdout);
    }
    expect((await elt(['migrate', '--db', at('empty.db')], { cwd })).status).toBe(0);
    copyFileSync(at('empty.db'), at('loaded.db'));
    expect((await elt(['load', 'first.json', '--db', at('loaded.db')], { cwd })).status).toBe(0);
    copyFileSync(at('loaded.db'), at('transformed.db'));
    expect((await elt(['transform', '--db', at('transformed.db')], { cwd })).status).toBe(0);
    copyFileSync(at('transformed.db'), at('behind.db'));
    expect((await elt(['load', 'second.json', '--db', at('behind.db')], { cwd })).status).toBe(0);
});

/** A number in [0, 1) for the nth kill: spread evenly, moved by the seed. */
function moment(kill: number): number {
    return (kill * 0.6180339887 + SEED * 0.3819660113) % 1;
}

function remove(file: string): void {
    for (const end of ['', '-wal', '-shm', '-journal']) {
        rmSync(file + end, { force: true });
    }
}

const commands: readonly { readonly what: string; readonly from: string | null; readonly words: readonly string[] }[] =
    [
        { what: 'load into an empty database', from: 'empty.db', words: ['load', 'first.json'] },
        { what: 'load behind others', from: 'transformed.db', words: ['load', 'second.json'] },
        { what: 'transform for the first time', from: 'loaded.db', words: ['transform'] },
        { what: 'transform what is new', from: 'behind.db', words: ['transform'] },
        { what: 'run', from: null, words: ['run', 'first.json'] },
    ];

describe.each(commands)('elt $words, killed: $what', ({ from, words }) => {
    test(`${KILLS} times at any moment`, async () => {
        const start = (file: string): void => {
            remove(file);
            if (from !== null) {
                copyFileSync(at(from), file);
            }
        };
        const calm = at('calm.db');
        start(calm);
        const began = performance.now();
        expect((await elt([...words, '--db', calm], { cwd })).status).toBe(0);
        const lastsMs = performance.now() - began;
        const expected = finalContent(calm);

        const file = at('killed.db');
        let kills = 0;
        for (let kill = 0; kill < KILLS; kill++) {
            start(file);
            if (await killedAfter(moment(kill) * lastsMs, [...words, '--db', file], cwd)) {
                kills++;
            }
            expect([kill, existsSync(file) ? faultsAfterCrash(file) : []]).toEqual([kill, []]);
            // The command's own verify takes longer: every third time.
            const [status, text] = kill % 3 === 0 && isMigrated(file) ? await verified(file, cwd) : [0, ''];
            expect([kill, status, text]).toEqual([kill, 0, '']);
            const ran = await elt([...words, '--db', file], { cwd });
            expect([ran.status, ran.stderr]).toEqual([0, '']);
            expect([kill, finalContent(file)]).toEqual([kill, expected]);
        }
        expect(kills).toBeGreaterThan(KILLS / 3);
    });
});
