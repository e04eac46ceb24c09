import { lsnNumber, lsnText } from '../../core/lsn.ts';

const PAGE_BYTES = 8_192n;
/** The longest header of a page of the log. */
const PAGE_HEADER_BYTES = 40n;

/** A place behind the header of a new page is reached at the page's beginning: there the last record ends. */
export function reachable(lsn: string): string {
    const position = lsnNumber(lsn) ?? 0n;
    return position % PAGE_BYTES > PAGE_HEADER_BYTES ? lsn : lsnText(position - (position % PAGE_BYTES));
}
