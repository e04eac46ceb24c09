import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { elt, runProgram, startElt, workFolder } from '../support/elt.ts';
import { until } from '../support/follow-world.ts';

/** `elt run -` and `elt load -` on a pipe that stays open: what has come is committed and transformed meanwhile. */

const change = (action: string, id: number, more: object = {}): object => ({
    action,
    schema: 'public',
    table: 't',
    ...(action === 'D' ? {} : { columns: [column('id', 'integer', id), column('note', 'text', `note ${id}`)] }),
    ...(action === 'I' ? {} : { identity: [column('id', 'integer', id)] }),
    pk: [{ name: 'id', type: 'integer' }],
    ...more,
});
const column = (name: string, type: string, value: unknown): object => ({ name, type, value });

/** A transaction as lines; without positions if `position` is null. */
function transaction(position: number | null, ...changes: readonly object[]): string {
    const place =
        position === null ? {} : { lsn: `0/${position.toString(16)}`, nextlsn: `0/${(position + 8).toString(16)}` };
    const xid = position ?? 1;
    return [{ action: 'B', xid, ...place }, ...changes, { action: 'C', xid, ...place }]
        .map((record) => `${JSON.stringify(record)}\n`)
        .join('');
}

describe('a pipe that stays open', () => {
    let cwd: string;
    const children: ChildProcess[] = [];

    beforeEach(async () => {
        cwd = workFolder();
        await elt(['init', 'shop'], { cwd });
        const sample = join(cwd, 'sample.jsonl');
        await runProgram('bash', ['-c', `cat > ${sample}`], { input: transaction(1, change('I', 1)) });
        await elt(['--pipeline', 'shop', '--db', join(cwd, 'sample.db'), 'run', sample], { cwd });
        await elt(['--pipeline', 'shop', '--db', join(cwd, 'sample.db'), 'scaffold', '--all'], { cwd });
    });
    afterEach(() => {
        for (const child of children.splice(0)) {
            child.kill('SIGKILL');
        }
    });

    const start = (words: readonly string[]): ChildProcess => {
        const child = startElt(['--pipeline', 'shop', ...words], { cwd });
        child.stdout?.resume();
        child.stderr?.resume();
        children.push(child);
        return child;
    };
    const rows = (table: string): number => {
        const file = join(cwd, 'shop.db');
        if (!existsSync(file)) {
            return -1;
        }
        const database = new Database(file, { readonly: true });
        try {
            return database.prepare(`select count(*) from ${table}`).pluck().get() as number;
        } catch {
            return -1;
        } finally {
            database.close();
        }
    };
    const reaches = async (table: string, count: number): Promise<void> => {
        await until(
            () => rows(table) === count,
            () => `${count} rows of ${table}, not ${rows(table)}`,
        );
    };

    it('is transformed when it is quiet, again and again, and leaves the file free for others meanwhile', async () => {
        const child = start(['run', '-']);
        for (const id of [1, 2, 3]) {
            child.stdin?.write(transaction(id * 16, change('I', id)));
            await reaches('current_t', id);
        }
        const other = await elt(['--pipeline', 'shop', 'transform'], { cwd });
        expect([other.status, child.exitCode]).toEqual([0, null]);
        child.stdin?.end(transaction(64, change('D', 2)));
        expect(await once(child, 'close')).toEqual([0, null]);
        expect(rows('current_t')).toBe(2);
        const [loads] = [rows('elt_loads')];
        expect(loads).toBe(1);
    });

    it('is transformed every so often when it is never quiet', async () => {
        const child = start(['run', '-', '--every', '1s']);
        let id = 0;
        const writing = setInterval(() => {
            id++;
            child.stdin?.write(transaction(id * 16, change('I', id)));
        }, 20);
        try {
            await until(
                () => rows('current_t') > 60,
                () => `more than 60 rows of current_t, not ${rows('current_t')} of ${id}`,
            );
            expect(child.exitCode).toBeNull();
        } finally {
            clearInterval(writing);
        }
        child.stdin?.end();
        await once(child, 'close');
        expect(rows('current_t')).toBe(id);
    });

    it('keeps a transaction together that comes in two parts', async () => {
        const child = start(['run', '-']);
        const whole = transaction(16, change('I', 1), change('I', 2));
        child.stdin?.write(transaction(8, change('I', 0)) + whole.slice(0, 300));
        await sleep(1_000);
        expect(rows('current_t')).toBeLessThanOrEqual(1);
        child.stdin?.write(whole.slice(300));
        await reaches('current_t', 3);
        child.stdin?.end();
        await once(child, 'close');
    });

    it('ends at once on a signal while it is quiet; a new pipe of the same slot lands what is new', async () => {
        const first = start(['run', '-']);
        first.stdin?.write(transaction(16, change('I', 1)));
        await reaches('current_t', 1);
        first.kill('SIGTERM');
        expect(await once(first, 'close')).toEqual([130, null]);
        const second = start(['run', '-']);
        second.stdin?.write(transaction(16, change('I', 1)) + transaction(32, change('I', 2)));
        await reaches('current_t', 2);
        second.stdin?.end();
        expect(await once(second, 'close')).toEqual([0, null]);
        expect(rows('stg_t')).toBe(2);
    });

    it('of a long stream that has landed, lands only what is new, without waiting for its end', async () => {
        const long = Array.from({ length: 400 }, (_, index) => transaction(16 + index * 16, change('I', index))).join(
            '',
        );
        const first = start(['run', '-']);
        first.stdin?.end(long);
        expect(await once(first, 'close')).toEqual([0, null]);
        const second = start(['run', '-']);
        second.stdin?.write(long + transaction(16_000, change('I', 1_000)));
        await reaches('current_t', 401);
        expect(second.exitCode).toBeNull();
        second.stdin?.end();
        await once(second, 'close');
    });

    it('is committed by elt load, too', async () => {
        await elt(['--pipeline', 'shop', 'migrate'], { cwd });
        const child = start(['load', '-']);
        child.stdin?.write(transaction(null, change('I', 1)));
        await reaches('stg_t', 1);
        expect(child.exitCode).toBeNull();
        child.stdin?.end();
        expect(await once(child, 'close')).toEqual([0, null]);
    });
});
