import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../../src/core/errors.ts';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { faultsAfterCrash, finalContent, isMigrated, killedAt, type Lasting, verified } from './crash.ts';
import type { DiskFaults } from './disk-faults.ts';
import { elt, workFolder } from './elt.ts';

/** A command that is disturbed, and the database that it begins with. */
export interface DisturbedCommand {
    readonly what: string;
    /** A file of the ground; null: there is none yet. */
    readonly from: 'empty.db' | 'loaded.db' | 'transformed.db' | 'behind.db' | null;
    readonly words: readonly string[];
}

export const DISTURBED: readonly DisturbedCommand[] = [
    { what: 'migrate a file that is not there', from: null, words: ['migrate'] },
    { what: 'load into an empty database', from: 'empty.db', words: ['load', 'first.json'] },
    { what: 'load behind others', from: 'transformed.db', words: ['load', 'second.json'] },
    { what: 'transform for the first time', from: 'loaded.db', words: ['transform'] },
    { what: 'transform what is new', from: 'behind.db', words: ['transform'] },
    { what: 'rebuild', from: 'behind.db', words: ['rebuild'] },
    { what: 'run', from: null, words: ['run', 'first.json'] },
    { what: 'run behind others', from: 'transformed.db', words: ['run', 'second.json'] },
];

/** What an undisturbed run gave. */
export interface Calm {
    readonly lasting: Lasting;
    readonly hash: string;
}

/**
 * A folder with sources and databases in the states in which a command may be disturbed, and one round of each kind of
 * fault. A round returns what is wrong after it; nothing is right.
 */
export class FaultGround {
    readonly cwd = workFolder();

    /** Makes sources of so many records, and the databases. */
    async prepare(first: number, second: number): Promise<void> {
        const sources = [
            ['first.json', ['--records', String(first)]],
            ['second.json', ['--records', String(second), '--mix', 'changes']],
        ] as const;
        for (const [name, words] of sources) {
            writeFileSync(this.#at(name), await this.#done(['sample', 'payments', ...words]));
        }
        await this.#done(['migrate', '--db', this.#at('empty.db')]);
        copyFileSync(this.#at('empty.db'), this.#at('loaded.db'));
        await this.#done(['load', 'first.json', '--db', this.#at('loaded.db')]);
        copyFileSync(this.#at('loaded.db'), this.#at('transformed.db'));
        await this.#done(['transform', '--db', this.#at('transformed.db')]);
        copyFileSync(this.#at('transformed.db'), this.#at('behind.db'));
        await this.#done(['load', 'second.json', '--db', this.#at('behind.db')]);
    }

    /** The command, undisturbed. */
    async calm(command: DisturbedCommand): Promise<Calm> {
        const file = this.#start(command, 'calm.db');
        const began = performance.now();
        await this.#done([...command.words, '--db', file]);
        return { lasting: { ms: performance.now() - began }, hash: contentHash(file) };
    }

    /** Kills the command at each of `moments` (parts of its time), one after the other on the same file. */
    async killRound(
        command: DisturbedCommand,
        calm: Calm,
        moments: readonly number[],
        isVerified: boolean,
    ): Promise<{ readonly kills: number; readonly wrong: readonly unknown[] }> {
        const file = this.#start(command, 'killed.db');
        let kills = 0;
        for (const moment of moments) {
            kills += (await killedAt(moment, calm.lasting, [...command.words, '--db', file], this.cwd)) ? 1 : 0;
            const faults = faultsOf(file);
            if (faults.length > 0) {
                return { kills, wrong: faults };
            }
        }
        if (isVerified && isMigrated(file)) {
            const [status, text] = await verified(file, this.cwd);
            if (status !== 0) {
                return { kills, wrong: [text] };
            }
        }
        return { kills, wrong: await this.#resumed(command, file, calm) };
    }

    /** Lets the nth write, sync or truncation fail; an error must say so, unless all was done in spite of it. */
    async failRound(
        disk: DiskFaults,
        command: DisturbedCommand,
        calm: Calm,
        failAt: number,
        errno: 5 | 28,
        stays: boolean,
    ): Promise<{ readonly failed: boolean; readonly wrong: readonly unknown[] }> {
        const file = this.#start(command, 'failing.db');
        const ran = await disk.run(command.words, file, this.cwd, { failAt, errno, stays });
        const wrong: unknown[] = ran.status === 0 ? [] : wrongError(ran.status, ran.stderr);
        wrong.push(...faultsOf(file));
        if (ran.status === 0 && contentHash(file) !== calm.hash) {
            wrong.push('status 0, but not all is done');
        }
        return { failed: ran.status !== 0, wrong: wrong.length > 0 ? wrong : await this.#resumed(command, file, calm) };
    }

    /** Cuts the power behind the nth of them. What the command had said to be done must be there afterwards. */
    async powerRound(
        disk: DiskFaults,
        command: DisturbedCommand,
        calm: Calm,
        cutAt: number,
        seed: number,
    ): Promise<{ readonly cut: boolean; readonly wrong: readonly unknown[] }> {
        const file = this.#start(command, 'power.db');
        const ran = await disk.run(command.words, file, this.cwd, { cutAt, seed });
        const wrong: unknown[] = [...faultsOf(file)];
        if (wrong.length > 0) {
            return { cut: true, wrong };
        }
        for (const said of ran.stdout.matchAll(/^applied {2}(\S+)/gm)) {
            if (!hasRow(file, `select 1 from elt_migrations where name = '${said[1]}'`)) {
                wrong.push(`"${said[0]}" was said, and is not there`);
            }
        }
        for (const [said, source] of ran.stdout.matchAll(/^landed {2}([\w.]+)/gm)) {
            if (!hasRow(file, `select 1 from elt_loads where source = '${source}' and state = 'loaded'`)) {
                wrong.push(`"${said}" was said, and is not there`);
            }
        }
        if (cutAt === -1 && contentHash(file) !== calm.hash) {
            wrong.push('the command had ended, and not all is there');
        }
        const cut = ran.signal === 'SIGKILL';
        return { cut, wrong: wrong.length > 0 ? wrong : await this.#resumed(command, file, calm) };
    }

    async #resumed(command: DisturbedCommand, file: string, calm: Calm): Promise<readonly unknown[]> {
        const ran = await elt([...command.words, '--db', file], { cwd: this.cwd });
        if (ran.status !== 0 || ran.stderr !== '') {
            return [{ again: ran.status, stderr: ran.stderr }];
        }
        return contentHash(file) === calm.hash ? [] : ['the content is not that of an undisturbed run'];
    }

    /** A copy of what the command begins with. */
    #start({ from }: DisturbedCommand, name: string): string {
        const file = this.#at(name);
        for (const end of ['', '-wal', '-shm', '-journal']) {
            for (const moved of ['', '.gone']) {
                rmSync(file + end + moved, { force: true });
            }
        }
        if (from !== null) {
            copyFileSync(this.#at(from), file);
        }
        return file;
    }

    #at(name: string): string {
        return join(this.cwd, name);
    }

    async #done(words: readonly string[]): Promise<string> {
        const ran = await elt(words, { cwd: this.cwd });
        if (ran.status !== 0) {
            throw new Error(`elt ${words.join(' ')} ended with ${ran.status}: ${ran.stderr}`);
        }
        return ran.stdout;
    }
}

/** What is wrong with the file, which need not be there. */
function faultsOf(file: string): readonly unknown[] {
    try {
        return existsSync(file) ? faultsAfterCrash(file) : [];
    } catch (error) {
        return [error instanceof EltError ? error.facts : String(error)];
    }
}

/** A hash over the rows of staging, models and ledger; times are left out. */
function contentHash(file: string): string {
    return createHash('sha256')
        .update(JSON.stringify(finalContent(file)))
        .digest('hex');
}

/** An error of a disk names its code, SQLite's, the file and what is safe. */
function wrongError(status: number | null, stderr: string): unknown[] {
    const said = [/^error DATABASE_(IO|FULL|REFUSED|LOCKED|DAMAGED): .*failing\.db/m, /^ {2}state: /m, /^ {2}next: /m];
    // The file that we write ourselves has the system's word, all others SQLite's.
    const isOurs = /^error .*failing\.db-part"/m.test(stderr);
    const cause = isOurs ? /^ {2}cause: {2}(EIO|ENOSPC): /m : /^ {2}cause: {2}SQLITE_[A-Z_]+: /m;
    const isTold = [...said, cause].every((line) => line.test(stderr));
    return status === 7 && isTold ? [] : [{ status, stderr }];
}

function hasRow(file: string, sql: string): boolean {
    if (!existsSync(file) || !isMigrated(file)) {
        return false;
    }
    const database = openDatabase(file, { readonly: true });
    try {
        return database.prepare(sql).get() !== undefined;
    } finally {
        closeDatabase(database);
    }
}
