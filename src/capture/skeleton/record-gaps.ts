import { arrayElements, type Member, memberNamed, type Span, skipSpace, uniqueMembers } from '../../core/json-spans.ts';

const MEMBERS = ['xid', 'lsn', 'nextlsn', 'timestamp'];
const SIDES = ['columns', 'identity'];

/**
 * The values of a row change, or of a transaction's begin or end; null if the record is not one of wal2json's, or not on
 * one line: repetitions of a skeleton need no search for line feeds.
 */
export function recordGaps(text: string): Member[] | null {
    const members = text.includes('\n') ? null : uniqueMembers(text, skipSpace(text, 0));
    const action = members === null ? undefined : memberNamed(members, 'action');
    if (members === null || action === undefined || !/^"[BCIUDT]"$/.test(text.slice(action.start, action.end))) {
        return null;
    }
    const gaps: Member[] = [];
    for (const member of members) {
        if (MEMBERS.includes(member.name)) {
            if (!isScalar(text, member)) {
                return null;
            }
            gaps.push(member);
        } else if (SIDES.includes(member.name)) {
            const side = valuesOf(text, member);
            if (side === null) {
                return null;
            }
            gaps.push(...side);
        }
    }
    return gaps;
}

function valuesOf(text: string, side: Member): Member[] | null {
    if (text[side.start] !== '[') {
        return null;
    }
    const gaps: Member[] = [];
    for (const element of arrayElements(text, side.start)) {
        const members = text[element.start] === '{' ? uniqueMembers(text, element.start) : null;
        const value = members === null ? undefined : memberNamed(members, 'value');
        if (value === undefined || !isScalar(text, value)) {
            return null;
        }
        gaps.push({ name: side.name, start: value.start, end: value.end });
    }
    return gaps;
}

function isScalar(text: string, { start }: Span): boolean {
    return text[start] !== '{' && text[start] !== '[';
}
