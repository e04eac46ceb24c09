const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** SQLite's `lower` and `upper` know ASCII letters only. */
export function asciiLower(text: string): string {
    return `translate(${text}, '${UPPER}', '${UPPER.toLowerCase()}')`;
}

export function asciiUpper(text: string): string {
    return `translate(${text}, '${UPPER.toLowerCase()}', '${UPPER}')`;
}

/**
 * A pattern of `glob` as a regular expression of the whole text; undefined for what is not written the same way in all
 * engines. Source: https://www.sqlite.org/lang_expr.html#the_like_glob_regexp_match_and_extract_operators
 */
export function globPattern(glob: string): string | undefined {
    let pattern = '';
    for (let at = 0; at < glob.length; ) {
        const [set, negated, members] = /^\[(\^?)(\]?[^\]]*)\]/.exec(glob.slice(at)) ?? [];
        const character = glob.charAt(at);
        if (set !== undefined && members !== undefined) {
            if (!/^[-A-Za-z0-9+_. :,/]+$/.test(members)) {
                return undefined;
            }
            const hyphens = members.replace(/^-|-$/g, '\\-');
            pattern += `[${negated}${hyphens}]`;
            at += set.length;
            continue;
        }
        if (character === '[') {
            return undefined;
        }
        pattern += character === '*' ? '.*' : character === '?' ? '.' : character.replace(/[\\^$.|+(){}\]]/g, '\\$&');
        at++;
    }
    return pattern;
}
