import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readPages } from './pages.ts';

const pages = readPages();

describe.each(pages)('$name', ({ name, text }) => {
    it('has links that lead somewhere', () => {
        expect(linksOf(text).flatMap((link) => problemOf(name, link) ?? [])).toEqual([]);
    });

    it('names files of the project that exist', () => {
        // `sql/payments/marts/metrics.sql` in backticks; <…>, * and … stand for many files.
        const named = [...text.matchAll(/`((?:src|sql|migrations|test|docs|bench|\.ci)\/[^`\s]+)`/g)].map(
            ([, path]) => path as string,
        );
        const missing = named.filter(
            (path) => !/[<*…]/.test(path) && !existsSync(join(ROOT, path)) && !isMade(text, path),
        );
        expect(missing).toEqual([]);
    });
});

/** Every page can be reached from the README. */
it('leads from the README to every page', () => {
    const linked = new Set<string>();
    const queue = ['README.md'];
    while (queue.length > 0) {
        const name = queue.shift() as string;
        linked.add(name);
        const page = pages.find((one) => one.name === name);
        for (const link of linksOf(page?.text ?? '')) {
            const target = join(dirname(name), link.split('#')[0] ?? '');
            if (!linked.has(target) && pages.some((one) => one.name === target)) {
                queue.push(target);
            }
        }
    }
    expect(pages.map((page) => page.name).filter((name) => !linked.has(name))).toEqual([]);
});

/** A promise is kept by tests: at least one file of its number. */
it('has a test for every promise', () => {
    const files = readdirSync(join(ROOT, 'test', 'promises'));
    const missing = [1, 2, 3, 4, 5, 6, 7, 8].filter((n) => !files.some((file) => file.startsWith(`0${n}-`)));
    expect(missing).toEqual([]);
});

function linksOf(text: string): readonly string[] {
    const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
    return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string);
}

function problemOf(page: string, link: string): string | undefined {
    if (/^https?:/.test(link)) {
        return undefined;
    }
    const [path = '', fragment] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, target))) {
        return `${link}: no such file`;
    }
    if (fragment === undefined || statSync(join(ROOT, target)).isDirectory()) {
        return undefined;
    }
    const text = pages.find((one) => one.name === target)?.text ?? '';
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading as string));
    return anchors.includes(fragment) ? undefined : `${link}: no such heading`;
}

/** As GitHub makes it from a heading. */
function anchorOf(heading: string): string {
    return heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-');
}

/** A page may tell its reader to write a file. */
function isMade(text: string, path: string): boolean {
    return text.includes(`<!-- file: ${path} -->`);
}
