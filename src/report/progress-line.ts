import { bytesText, durationText, grouped } from './text-table.ts';

const REDRAW_MS = 100;
const BAR_CHARACTERS = 24;

/** A line on standard error that is drawn over itself; draws nothing if that is not a terminal. */
export class ProgressLine {
    readonly #isShown: boolean;
    #drawn = 0;

    constructor(isShown: boolean) {
        this.#isShown = isShown;
    }

    /** Draws the text, but not too often. */
    draw(text: () => string): void {
        const now = performance.now();
        if (this.#isShown && now - this.#drawn >= REDRAW_MS) {
            this.#drawn = now;
            process.stderr.write(`\r\u001b[K${text()}`);
        }
    }

    clear(): void {
        if (this.#isShown && this.#drawn > 0) {
            process.stderr.write('\r\u001b[K');
        }
    }
}

/** `wal.json [#####-----]  48 %  210.3 MB  102,400 changes/s  12 s left`. */
export function loadProgress(
    label: string,
    bytes: number,
    bytesTotal: number | null,
    changes: number,
    elapsedMs: number,
): string {
    const rate = `${grouped(Math.round((changes * 1000) / Math.max(1, elapsedMs)))} changes/s`;
    if (bytesTotal === null || bytesTotal === 0) {
        return `${label}  ${bytesText(bytes)}  ${rate}`;
    }
    const share = Math.min(1, bytes / bytesTotal);
    const filled = Math.round(share * BAR_CHARACTERS);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_CHARACTERS - filled)}]`;
    const left = share > 0.01 ? `  ${durationText((elapsedMs * (1 - share)) / share)} left` : '';
    return `${label} ${bar} ${percent(Math.min(bytes, bytesTotal), bytesTotal)}  ${bytesText(bytes)}  ${rate}${left}`;
}

/** `metrics   48 %  4,800 of 10,000 rows`. */
export function rowProgress(label: string, rows: number, rowsTotal: number): string {
    return `${label}  ${percent(rows, rowsTotal)}  ${grouped(rows)} of ${grouped(rowsTotal)} rows`;
}

function percent(part: number, whole: number): string {
    return `${String(Math.floor((part * 100) / Math.max(1, whole))).padStart(3)} %`;
}
