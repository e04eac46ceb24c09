import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

interface Asked {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
}

/** Permission bits of the group and of others. */
const OTHERS = 0o077;

/**
 * The password of the first line that fits, from `file` or `~/.pgpass`; null where none does. Like libpq, a file that
 * others may read is passed over. Source: https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export function passwordFromFile(asked: Asked, file: string | undefined): string | null {
    const path = file ?? join(homedir(), '.pgpass');
    let text: string;
    try {
        const status = statSync(path);
        if (!status.isFile() || (process.platform !== 'win32' && (status.mode & OTHERS) !== 0)) {
            return null;
        }
        text = readFileSync(path, 'utf8');
    } catch {
        return null;
    }
    const wanted = [
        asked.host.startsWith('/') ? 'localhost' : asked.host,
        String(asked.port),
        asked.database,
        asked.user,
    ];
    for (const line of text.split(/\r?\n/)) {
        const fields = line.startsWith('#') ? [] : fieldsOf(line);
        const isMatch =
            fields.length === 5 &&
            wanted.every(
                (one, index) => fields[index] === '*' || fields[index] === one || isSocket(index, asked, fields),
            );
        if (isMatch) {
            return fields[4] as string;
        }
    }
    return null;
}

/** A unix socket goes by `localhost`, or by its folder. */
function isSocket(index: number, { host }: Asked, fields: readonly string[]): boolean {
    return index === 0 && fields[0] === host;
}

/** `host:port:database:user:password`, with `\:` and `\\`; the password may hold colons. */
function fieldsOf(line: string): string[] {
    const fields: string[] = [''];
    for (let at = 0; at < line.length; at++) {
        const character = line[at] as string;
        if (character === ':' && fields.length < 5) {
            fields.push('');
        } else {
            const isEscaped = character === '\\' && at + 1 < line.length;
            at += isEscaped ? 1 : 0;
            fields.push(`${fields.pop()}${isEscaped ? line[at] : character}`);
        }
    }
    return fields;
}
