import { expect, it } from 'vitest';
import { readPages } from './pages.ts';

/** Words that stop a reader, and what the pages say instead; CONTRIBUTING.md lists more, which have good uses too. */
const INSTEAD: readonly (readonly [word: RegExp, instead: string])[] = [
    [/\bmend(s|ed|ing)?\b/, 'fix'],
    [/\bwhom?ever\b/, 'the caller, the reader, …'],
    [/\b(goes|went) on (to|with|from|where)\b/, 'continues'],
    [/\b(is|are|was|were) told\b/, 'is called, receives, is reported'],
    [/\ba mistake of ours\b/, 'an internal error'],
    [/\bdearer\b/, 'more expensive'],
];

it.each(INSTEAD)('no page says %s, but "%s"', (word) => {
    const found = readPages()
        .filter(({ name }) => name !== 'CONTRIBUTING.md')
        .flatMap(({ name, text }) =>
            text
                .split('\n')
                .flatMap((line, index) => (word.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])),
        );
    expect(found).toEqual([]);
});
