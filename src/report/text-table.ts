import { escapeControls, shorten } from '../core/errors.ts';

const CELL_CHARACTERS_MAX = 48;

/** A table for people: a row a line, columns two blanks apart, numbers right-aligned. */
export function textTable(columns: readonly string[], rows: readonly (readonly unknown[])[]): readonly string[] {
    const cells = rows.map((row) => columns.map((_, index) => cellText(row[index])));
    const widths = columns.map((column, index) =>
        Math.max(displayWidth(column), ...cells.map((row) => displayWidth(row[index] ?? ''))),
    );
    const isNumber = columns.map((_, index) =>
        rows.every((row) => row[index] === null || row[index] === undefined || isNumeric(row[index])),
    );
    const line = (row: readonly string[]): string =>
        row
            .map((cell, index) => {
                const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(cell)));
                return isNumber[index] ? padding + cell : cell + padding;
            })
            .join('  ')
            .trimEnd();
    return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)];
}

function cellText(value: unknown): string {
    if (value === null || value === undefined) {
        return '';
    }
    const text = Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : String(value);
    return escapeControls(shorten(text, CELL_CHARACTERS_MAX)).replaceAll('\n', '\\n');
}

function isNumeric(value: unknown): boolean {
    return typeof value === 'number' || typeof value === 'bigint';
}

/** Code points, not UTF-16 units: a good approximation without a table of wide characters. */
function displayWidth(text: string): number {
    return [...text].length;
}

/** `1,234`; digits are grouped the same way in every locale. */
export function grouped(count: number | bigint): string {
    return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 change`, `1,000 changes`. */
export function counted(number: number, noun: string): string {
    return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** `3.2 MB`, in powers of ten as disks and networks count. */
export function bytesText(bytes: number): string {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let value = bytes;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `12 ms`, `3.4 s`, `2 min 5 s`. */
export function durationText(milliseconds: number): string {
    if (milliseconds < 1000) {
        return `${Math.round(milliseconds)} ms`;
    }
    const seconds = milliseconds / 1000;
    const whole = Math.round(seconds);
    return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
