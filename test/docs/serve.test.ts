import { expect, it } from 'vitest';
import { HTTP_ERRORS } from '../../src/serve/http/http-error.ts';
import { readPages } from './pages.ts';

it('docs/serve.md lists the codes that exist only over HTTP, as the server has them', () => {
    const text = readPages().find(({ name }) => name === 'docs/serve.md')?.text ?? '';
    const listed = [...text.matchAll(/^\| ([A-Z_]+) \| (\d{3}) \| (.+) \|$/gm)].map(([, ...cells]) =>
        cells.join(' | '),
    );
    const known = Object.entries(HTTP_ERRORS).map(([code, { status, cause }]) => `${code} | ${status} | ${cause}`);
    expect(listed.sort()).toEqual(known.sort());
});
