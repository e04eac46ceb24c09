import { expect, it } from 'vitest';
import { sourceFiles } from '../support/source-files.ts';
import { readPages } from './pages.ts';

/** Words that stop a reader, and what the pages say instead; CONTRIBUTING.md lists more, which have good uses too. */
const INSTEAD: readonly (readonly [word: RegExp, instead: string])[] = [
    [/\bmend(s|ed|ing)?\b/, 'fix'],
    [/\bwhom?ever\b/i, 'the caller, the reader, …'],
    [/\b(goes|went|going) on\b/i, 'continues'],
    [/\bwhere to go on\b/, 'where to continue'],
    [/\ba mistake of ours\b/, 'an internal error'],
    [/\bdearer\b/, 'more expensive'],
];
/** Of code these have good uses: what is told apart, what columns are told by. */
const INSTEAD_ON_PAGES: typeof INSTEAD = [[/\b(is|are|was|were) told\b/, 'is called, receives, is reported']];

const pages = readPages().filter(({ name }) => name !== 'CONTRIBUTING.md');
const code = sourceFiles().map(({ name, text }) => ({ name: `src/${name}`, text }));

it.each([
    ...INSTEAD.map(([word, instead]) => [word, instead, [...pages, ...code]] as const),
    ...INSTEAD_ON_PAGES.map(([word, instead]) => [word, instead, pages] as const),
])('nobody says %s, but "%s"', (word, _, texts) => {
    const found = texts.flatMap(({ name, text }) =>
        text.split('\n').flatMap((line, index) => (word.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
});
