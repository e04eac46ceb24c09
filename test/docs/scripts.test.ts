import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readPages } from './pages.ts';

/** What the pages tell a contributor to type exists: scripts of package.json with their options, test files. */

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
};
const pages = readPages();

describe.each(pages)('$name', ({ text }) => {
    it('names scripts of package.json', () => {
        const named = [...text.matchAll(/\bnpm run (?:--silent )?([a-z:]+(?:-[a-z]+)*)/g)].map(
            ([, name]) => name as string,
        );
        expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
    });

    it('names options that a script has', () => {
        const unknown = [...text.matchAll(/\bnpm run ([a-z:-]+) -- ([^`\n]+)/g)].flatMap(
            ([, script = '', words = '']) => {
                // `npm run oracle` runs `node test/oracle/main.ts`, which names its options.
                const file = / (\S+\.ts)$/.exec(scripts[script] ?? '')?.[1];
                const source = file === undefined ? '' : readFileSync(join(ROOT, file), 'utf8');
                return [...words.matchAll(/(?<=^| )--([a-z-]+)/g)]
                    .map(([, option]) => option as string)
                    .filter((option) => !new RegExp(`\\s'?${option}'?: \\{`).test(source))
                    .map((option) => `${script} --${option}`);
            },
        );
        expect(unknown).toEqual([]);
    });

    it('names tests that exist', () => {
        const named = [...text.matchAll(/\bnpx vitest run --config (\S+) ([\w/.-]+)/g)].flatMap(
            ([, ...files]) => files,
        );
        expect(named.filter((name) => !existsSync(join(ROOT, name as string)))).toEqual([]);
    });
});
