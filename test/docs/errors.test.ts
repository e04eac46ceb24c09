import { expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/core/error-codes.ts';
import { sourceFiles } from '../support/source-files.ts';
import { readPages } from './pages.ts';

const page = readPages().find((one) => one.name === 'docs/errors.md');

/** `## 3: …` then `### SOURCE_TRUNCATED` …: each code with the status above it. */
function listed(): readonly (readonly [code: string, status: number])[] {
    let status = Number.NaN;
    const found: [string, number][] = [];
    for (const line of page?.text.split('\n') ?? []) {
        status = Number(/^## (\d+):/.exec(line)?.[1] ?? status);
        const code = /^### ([A-Z0-9_]+)$/.exec(line)?.[1];
        if (code !== undefined) {
            found.push([code, status]);
        }
    }
    return found;
}

it('lists the codes of the table, each once under its status', () => {
    const wanted = Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status] as const);
    const byCode = (left: readonly [string, number], right: readonly [string, number]) => (left[0] < right[0] ? -1 : 1);
    expect([...listed()].sort(byCode)).toEqual([...wanted].sort(byCode));
});

it('says a cause and a fix for each', () => {
    const sections = (page?.text ?? '').split(/^### /m).slice(1);
    const lacking = sections.filter((text) => !/^\*\*Cause\.\*\* \S/m.test(text) || !/^\*\*Fix\.\*\* \S/m.test(text));
    expect(lacking.map((text) => text.split('\n')[0])).toEqual([]);
});

it('docs/loading.md says of each reason of a reject what it means', () => {
    // A reason is the only text of words and hyphens that these modules hold.
    const reasons = sourceFiles()
        // Names of Avro's logical types look the same.
        .filter(({ name }) => /^(capture\/(?!postgres\/)|decode\/(?!avro\/avro-fields)|land\/)/.test(name))
        .flatMap(({ text }) => [...text.matchAll(/'([a-z]+(?:-[a-z]+)+)'/g)].map((match) => match[1]));
    const loading = readPages().find((one) => one.name === 'docs/loading.md')?.text ?? '';
    expect(reasons.length).toBeGreaterThan(20);
    expect([...new Set(reasons)].filter((reason) => !loading.includes(`\`${reason}\``))).toEqual([]);
});
