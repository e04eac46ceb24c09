import { readFileSync } from 'node:fs';
import { EltError } from '../../core/errors.ts';

/** Where a server's token may come from. */
interface TokenSources {
    /** `--token TEXT`; false: `--no-token`. */
    readonly option: string | false | undefined;
    /** `--token-file FILE`. */
    readonly file: string | undefined;
    readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Tokens that are shorter are worth a word at the start: they can be guessed. */
export const TOKEN_CHARACTERS_SAFE = 16;

/** What the header `Authorization: Bearer …` can carry: visible ASCII. Source: RFC 9110, section 5.5; RFC 6750, 2.1. */
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * The token that requests must bring; null: none was asked for. What is given but cannot be a token is an error: a
 * secret that was lost on its way here must not open the server.
 * @throws EltError COMMAND_WRONG
 */
export function serverToken({ option, file, environment }: TokenSources): string | null {
    if (typeof option === 'string' && file !== undefined) {
        throw wrong('the token is given twice', '--token and --token-file', 'give one of them');
    }
    if (option === false && file !== undefined) {
        throw wrong('a token is given and refused', '--no-token and --token-file', 'give one of them');
    }
    if (option === false) {
        return null;
    }
    if (option !== undefined) {
        return checked(option, '--token');
    }
    if (file !== undefined) {
        return checked(tokenIn(file), `--token-file ${file}`);
    }
    if (environment.ELT_TOKEN !== undefined) {
        return checked(environment.ELT_TOKEN, 'ELT_TOKEN');
    }
    const named = environment.ELT_TOKEN_FILE;
    return named === undefined ? null : checked(tokenIn(named), `ELT_TOKEN_FILE ${named}`);
}

/** The file holds the token and nothing else; an editor's line feed at its end does not count. */
function tokenIn(file: string): string {
    try {
        return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `the file of the token, "${file}", cannot be read`,
            state: 'nothing is served',
            next: 'correct --token-file, or write the file',
            cause: error,
        });
    }
}

function checked(token: string, source: string): string {
    const makeOne = 'make one with "openssl rand -hex 32", or say --no-token if everybody may read';
    if (token === '') {
        throw wrong('the token is empty', source, makeOne);
    }
    if (!SENDABLE.test(token)) {
        const found = `${source} has blanks, line feeds or characters beyond ASCII; expected visible ASCII`;
        throw wrong('the token cannot be sent in a header', found, makeOne);
    }
    return token;
}

/** Never with the token itself. */
function wrong(message: string, found: string, next: string): EltError {
    return new EltError({ code: 'COMMAND_WRONG', message, found, state: 'nothing is served', next });
}
