/** Milliseconds since 1970 of a commit's time as it is staged: `2024-02-29 04:00:00.1+00`. */
export function commitTime(text: string): number | null {
    const time = Date.parse(text.replace(' ', 'T').replace(/\+00$/, 'Z'));
    return Number.isNaN(time) ? null : time;
}
