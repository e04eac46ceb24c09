import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI } from '../support/elt.ts';

/** What a start of a program in dist/ loads at once: a file too many costs each process its time and memory. */

const DIST = dirname(CLI);

function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
    if (!seen.has(file)) {
        seen.add(file);
        const text = readFileSync(join(DIST, file), 'utf8');
        for (const [, name = ''] of text.matchAll(/^(?:import|export) (?:[^"]*from )?"\.\/([^"]+)";$/gm)) {
            loadedWith(name, seen);
        }
    }
    return seen;
}

test.each([
    ['follow.js', ['landing.js', 'models.js'], ['brokers.js', 'fetch-worker.js', 'marts.js', 'migrations.js']],
    ['run.js', ['landing.js', 'models.js'], ['brokers.js', 'fetch-worker.js', 'marts.js', 'follow.js']],
    ['status.js', ['models.js'], ['brokers.js', 'landing.js', 'marts.js']],
    ['follow-topics.js', ['brokers.js'], ['fetch-worker.js', 'marts.js']],
    ['fetch-worker.js', ['brokers.js'], ['start.js', 'models.js', 'landing.js', 'follow-topics.js']],
    ['stream-worker.js', [], ['start.js', 'models.js', 'brokers.js']],
])('%s', (file, some, none) => {
    const loaded = loadedWith(file);
    expect(some.filter((name) => !loaded.has(name))).toEqual([]);
    expect(none.filter((name) => loaded.has(name))).toEqual([]);
});
