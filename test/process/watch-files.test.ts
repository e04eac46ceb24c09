import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileWatch } from '../../src/process/watch-files.ts';
import { workFolder } from '../support/elt.ts';

const NEVER = (): boolean => false;

/** What a watch reports of `change`, by names below the folder. */
async function seen(folder: string, change: () => void): Promise<readonly string[]> {
    const watch = new FileWatch([folder, join(folder, 'not there')]);
    try {
        const changed = watch.changed(NEVER);
        setTimeout(change, 20);
        return (await changed).map((path) => path.slice(folder.length + 1));
    } finally {
        watch.close();
    }
}

function folderWith(...names: readonly string[]): string {
    const folder = workFolder();
    for (const name of names) {
        mkdirSync(join(folder, name, '..'), { recursive: true });
        writeFileSync(join(folder, name), 'select 1;');
    }
    return folder;
}

test('a file that is written in place', async () => {
    const folder = folderWith('marts/a.sql', 'marts/b.sql');
    expect(await seen(folder, () => writeFileSync(join(folder, 'marts/a.sql'), 'select 2;'))).toEqual(['marts/a.sql']);
});

test('a file that an editor renames over the old one', async () => {
    const folder = folderWith('marts/a.sql');
    const change = (): void => {
        writeFileSync(join(folder, 'marts/.a.sql.swp'), 'swap');
        writeFileSync(join(folder, 'marts/a.sql~'), 'select 1;');
        writeFileSync(join(folder, 'marts/4913'), 'select 2;');
        renameSync(join(folder, 'marts/4913'), join(folder, 'marts/a.sql'));
        rmSync(join(folder, 'marts/.a.sql.swp'));
    };
    expect(await seen(folder, change)).toEqual(['marts/a.sql']);
});

test('files that come in a new folder, and files that go', async () => {
    const folder = folderWith('marts/a.sql');
    const change = (): void => {
        mkdirSync(join(folder, 'views'));
        writeFileSync(join(folder, 'views/new.sql'), 'select 3;');
        rmSync(join(folder, 'marts/a.sql'));
    };
    expect(await seen(folder, change)).toEqual(['marts/a.sql', 'views/new.sql']);
});

test('several steps of one save are one change', async () => {
    const folder = folderWith('marts/a.sql', 'marts/b.sql');
    const change = (): void => {
        writeFileSync(join(folder, 'marts/a.sql'), '');
        setTimeout(() => writeFileSync(join(folder, 'marts/a.sql'), 'select 22;'), 20);
        setTimeout(() => writeFileSync(join(folder, 'marts/b.sql'), 'select 33;'), 40);
    };
    expect(await seen(folder, change)).toEqual(['marts/a.sql', 'marts/b.sql']);
});

test('a wait ends where it is asked to', async () => {
    const watch = new FileWatch([folderWith('marts/a.sql')]);
    let isEnded = false;
    const changed = watch.changed(() => isEnded);
    isEnded = true;
    watch.wake();
    expect(await changed).toEqual([]);
    watch.close();
});
