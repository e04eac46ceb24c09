import { EltError } from '../core/errors.ts';
import { FIGURE_KEYS } from './figure-head.ts';
import { QUESTION_KEYS } from './question-head.ts';

const NAMES = [...QUESTION_KEYS, ...FIGURE_KEYS].map(({ name }) => name);
const KEY_LINE = new RegExp(`^--[ \\t]{0,2}(?:${NAMES.join('|')})[ \\t]*:`);

/** Whether a file begins as a question or a figure does, with one key at least. */
export function hasReadableHead(text: string): boolean {
    const lines = text
        .replace(/^\ufeff/, '')
        .trimStart()
        .split('\n');
    const end = lines.findIndex((line) => !line.startsWith('--'));
    return lines.slice(0, end === -1 ? lines.length : end).some((line) => KEY_LINE.test(line));
}

/** An error without what it quotes of its file: a file without a head of ours may be anything, a password too. */
export function withoutExcerpt(error: EltError, file: string): EltError {
    const { code, where } = error.facts;
    return new EltError({
        code,
        message: `"${file}" cannot be read as a question`,
        where: where?.startsWith(`${file}:`) === true ? where : file,
        found: 'no head: the file does not begin with lines like "-- row: what one row is"',
        next: 'write the head, then the error says more',
    });
}
