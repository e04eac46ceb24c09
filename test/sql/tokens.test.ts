import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameOf, significantTokens, sqlTokens } from '../../src/sql/tokens.ts';
import { propertyRuns } from '../support/properties.ts';

describe('kinds of tokens', () => {
    const cases: readonly (readonly [name: string, sql: string, tokens: readonly string[]])[] = [
        ['a string with a doubled quote', "'it''s;'", ["string 'it''s;'"]],
        ['two strings with a blank between', "'a' 'b'", ["string 'a'", 'space  ', "string 'b'"]],
        [
            'three kinds of quoted names',
            '"a;" `b;` [c;]',
            ['identifier "a;"', 'space  ', 'identifier `b;`', 'space  ', 'identifier [c;]'],
        ],
        ['a doubled double quote', '"a""b"', ['identifier "a""b"']],
        ['a bracket does not nest', '[a[b]', ['identifier [a[b]']],
        ['a line comment ends before the line feed', '-- x;\n1', ['comment -- x;', 'space \n', 'number 1']],
        ['a block comment', '/* ; */1', ['comment /* ; */', 'number 1']],
        ['block comments do not nest', '/* /* */ 1', ['comment /* /* */', 'space  ', 'number 1']],
        ['a slash after the opening does not close', '/*/ 1', ['comment /*/ 1']],
        ['an unclosed block comment', '1 /* x', ['number 1', 'space  ', 'comment /* x']],
        ['an opening at the very end is two operators', '1/*', ['number 1', 'operator /', 'operator *']],
        ['a blob', "x'0aF' x'0a'", ["illegal x'0aF'", 'space  ', "blob x'0a'"]],
        [
            'numbers',
            '1 1.5 .5 1. 1e5 1e+5 0xFf 1_000',
            ['1', '1.5', '.5', '1.', '1e5', '1e+5', '0xFf', '1_000'].flatMap((text, index) => [
                ...(index > 0 ? ['space  '] : []),
                `number ${text}`,
            ]),
        ],
        ['a number glued to a word', '1abc', ['illegal 1abc']],
        ['an exponent without digits', '1e', ['illegal 1e']],
        ['words', 'a_1 ä$ naïve', ['word a_1', 'space  ', 'word ä$', 'space  ', 'word naïve']],
        [
            'variables',
            ':a @b $c ?1 ?',
            [
                'variable :a',
                'space  ',
                'variable @b',
                'space  ',
                'variable $c',
                'space  ',
                'variable ?1',
                'space  ',
                'variable ?',
            ],
        ],
        ['operators', '->>->||<>!===', ['->>', '->', '||', '<>', '!=', '=='].map((text) => `operator ${text}`)],
        ['an unclosed string', "'a;", ["illegal 'a;"]],
        ['an unclosed string that ends in a doubled quote', "'a''", ["illegal 'a''"]],
        ['a byte order mark', '\ufeff1', ['space \ufeff', 'number 1']],
        ['a vertical tab inside and at the start of white space', ' \v1\v', ['space  \v', 'number 1', 'illegal \v']],
        ['a lone colon', ':', ['illegal :']],
    ];
    test.each(cases)('%s', (_, sql, tokens) => {
        expect(sqlTokens(sql).map((token) => `${token.kind} ${token.text}`)).toEqual(tokens);
    });
});

test('names without their quotes', () => {
    const names = significantTokens(`a "b""c" \`d\`\`e\` [f] 'g''h' 1`).map(nameOf);
    expect(names).toEqual(['a', 'b"c', 'd`e', 'f', "g'h", undefined]);
});

test('lines and offsets', () => {
    const tokens = significantTokens("a\n/*\n*/ 'x\ny' b");
    expect(tokens.map(({ line, offset }) => [line, offset])).toEqual([
        [1, 0],
        [3, 8],
        [4, 14],
    ]);
});

test('a megabyte of anything takes linear time', () => {
    const size = 1_000_000;
    const begin = performance.now();
    for (const piece of ["'", "''", '"', '[', '/*', '--', '-', 'x', "x'", '1', '1_', ' ', ';', '(', 'é', '\0', '`']) {
        expect(sqlTokens(piece.repeat(Math.ceil(size / piece.length))).length).toBeGreaterThan(0);
    }
    // A quadratic scan of one of them would take minutes.
    expect(performance.now() - begin).toBeLessThan(20_000);
});

/** Pieces that begin, end or break tokens. */
const fragment = fc.oneof(
    fc.constantFrom(
        "'",
        '"',
        '`',
        '[',
        ']',
        '--',
        '/*',
        '*/',
        '/',
        '*',
        '\n',
        ' ',
        '\t',
        '\v',
        '\f',
        '\r',
        ';',
        '.',
        'x',
    ),
    fc.constantFrom(
        "x'",
        "X'0a'",
        '0x',
        '1',
        '1.',
        '.5',
        'e',
        'e+1',
        '_',
        '$',
        ':a',
        '@',
        '#',
        '?',
        '?1',
        '->',
        '>',
        '<',
    ),
    fc.constantFrom(
        '=',
        '!',
        '|',
        '&',
        '~',
        '%',
        '(',
        ')',
        ',',
        'é',
        '😀',
        '\ufeff',
        '{',
        '\\',
        '^',
        '\u0001',
        '-',
        '+',
    ),
    fc.string({ maxLength: 4 }).map((text) => text.replaceAll('\0', '')),
);
const soup = fc.array(fragment, { maxLength: 12 }).map((pieces) => pieces.join(''));

test('the concatenated tokens are the text', () => {
    fc.assert(
        fc.property(soup, (text) => {
            const tokens = sqlTokens(text);
            expect(tokens.map((token) => token.text).join('')).toBe(text);
            for (const token of tokens) {
                expect(text.slice(token.offset, token.offset + token.text.length)).toBe(token.text);
                expect(token.line).toBe(text.slice(0, token.offset).split('\n').length);
            }
        }),
        propertyRuns(500),
    );
});

test('the first token is the one that SQLite sees', () => {
    const database = new Database(':memory:');
    // After `savepoint name` SQLite accepts only a semicolon, so its message names the token that follows.
    const seenBySqlite = (text: string): string => {
        try {
            database.prepare(`savepoint [x]${text}`);
            return '';
        } catch (error) {
            const message = (error as Error).message;
            return /^(?:near|unrecognized token:) "([\s\S]*?)"(?:: syntax error)?$/.exec(message)?.[1] ?? message;
        }
    };
    const seenByUs = (text: string): string => significantTokens(text)[0]?.text ?? '';
    fc.assert(
        fc.property(soup, (text) => {
            fc.pre(significantTokens(text)[0]?.kind !== 'semicolon');
            expect(seenBySqlite(text)).toBe(seenByUs(text));
        }),
        propertyRuns(2000),
    );
    database.close();
});
