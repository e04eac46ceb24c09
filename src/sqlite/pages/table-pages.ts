/**
 * Pages of a SQLite table b-tree, built from rows in order of rowid.
 * Source: https://www.sqlite.org/fileformat2.html#b_tree_pages
 */

/** SQLite's largest page: few rows overflow it, and few pages are needed above the leaves. */
export const PAGE_BYTES = 65_536;

const LEAF = 0x0d;
const INTERIOR = 0x05;
const LEAF_HEADER_BYTES = 8;
const INTERIOR_HEADER_BYTES = 12;
const POINTER_BYTES = 2;
const PAGE_NUMBER_BYTES = 4;
/** In a cell: the varints of the payload's length and the rowid, and the number of an overflow page. */
const CELL_HEAD_BYTES_MAX = 9 + 9 + PAGE_NUMBER_BYTES;
/** SQLite treats no cell as shorter, because it needs this room to record a free block. */
const CELL_BYTES_MIN = 4;
/** A longer payload continues in overflow pages. */
const LOCAL_BYTES_MAX = PAGE_BYTES - 35;
const LOCAL_BYTES_MIN = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23;

/** Rows stored one after the other: record `i` is `bytes[ends[i - 1], ends[i])`, its rowid `rowids[i]`. */
export interface PackedRows {
    readonly bytes: Buffer;
    readonly ends: readonly number[];
    readonly rowids: readonly number[];
}

/** A page of a table's tree, with the largest rowid in it or below it. */
export interface TreePage {
    readonly page: number;
    readonly rowid: number;
}

/** Writes a page and returns its number. The bytes may be reused afterwards. */
type WritePage = (page: Buffer) => number;

/** Writes the rows `[from, to)` as leaves; their overflow pages come before them. */
export function writeLeaves(rows: PackedRows, from: number, to: number, write: WritePage): TreePage[] {
    const leaves: TreePage[] = [];
    const leaf = new LeafPage(0);
    for (let row = from; row < to; row++) {
        if (!leaf.add(rows, row, write)) {
            leaves.push({ page: write(leaf.finish()), rowid: rows.rowids[row - 1] as number });
            leaf.clear();
            leaf.add(rows, row, write);
        }
    }
    if (to > from) {
        leaves.push({ page: write(leaf.finish()), rowid: rows.rowids[to - 1] as number });
    }
    return leaves;
}

/** One leaf whose header begins at `offset`; undefined if the rows do not fit it. */
export function singleLeaf(rows: PackedRows, offset: number, write: WritePage): Buffer | undefined {
    const leaf = new LeafPage(offset);
    const isWhole = rows.rowids.every((_, row) => leaf.add(rows, row, write));
    return isWhole ? leaf.finish() : undefined;
}

/** Writes the pages above `pages` up to the root and returns its number. An empty table is one empty leaf. */
export function writeRoot(pages: readonly TreePage[], write: WritePage): number {
    let level = pages.length === 0 ? [{ page: write(new LeafPage(0).finish()), rowid: 0 }] : pages;
    while (level.length > 1) {
        const above: TreePage[] = [];
        for (let from = 0; from < level.length; ) {
            const [page, count] = interiorPage(level, from, 0);
            above.push({ page: write(page), rowid: (level[from + count - 1] as TreePage).rowid });
            from += count;
        }
        level = above;
    }
    return (level[0] as TreePage).page;
}

/** The page above as many of `pages[from…]` as fit, and their number; its header begins at `offset`. */
export function interiorPage(pages: readonly TreePage[], from: number, offset: number): [Buffer, number] {
    const page = Buffer.alloc(PAGE_BYTES);
    let pointer = offset + INTERIOR_HEADER_BYTES;
    let content = PAGE_BYTES;
    let last = from;
    // The last child has no cell: it is the page's right-most pointer.
    while (last + 1 < pages.length && content - pointer > CELL_HEAD_BYTES_MAX + POINTER_BYTES) {
        const { page: child, rowid } = pages[last] as TreePage;
        content -= PAGE_NUMBER_BYTES + varintLength(rowid);
        page.writeUInt32BE(child, content);
        writeVarint(page, content + PAGE_NUMBER_BYTES, rowid);
        pointer = page.writeUInt16BE(content, pointer);
        last++;
    }
    page[offset] = INTERIOR;
    page.writeUInt16BE(last - from, offset + 3);
    page.writeUInt16BE(content % PAGE_BYTES, offset + 5);
    page.writeUInt32BE((pages[last] as TreePage).page, offset + 8);
    return [page, last - from + 1];
}

/** A leaf that is being filled: pointers from the front, cells from the back. */
class LeafPage {
    readonly #page = Buffer.alloc(PAGE_BYTES);
    readonly #offset: number;
    #pointer = 0;
    #content = PAGE_BYTES;

    constructor(offset: number) {
        this.#offset = offset;
        this.clear();
    }

    clear(): void {
        this.#pointer = this.#offset + LEAF_HEADER_BYTES;
        this.#content = PAGE_BYTES;
    }

    /** False, and nothing done, if the row does not fit. */
    add({ bytes, ends, rowids }: PackedRows, row: number, write: WritePage): boolean {
        const start = row === 0 ? 0 : (ends[row - 1] as number);
        const length = (ends[row] as number) - start;
        const rowid = rowids[row] as number;
        const local = localLength(length);
        const head = varintLength(length) + varintLength(rowid);
        const size = Math.max(CELL_BYTES_MIN, head + local + (local === length ? 0 : PAGE_NUMBER_BYTES));
        const content = this.#content - size;
        if (content < this.#pointer + POINTER_BYTES) {
            return false;
        }
        const page = this.#page;
        let at = writeVarint(page, content, length);
        at = writeVarint(page, at, rowid);
        bytes.copy(page, at, start, start + local);
        if (local < length) {
            page.writeUInt32BE(writeOverflow(bytes, start + local, start + length, write), at + local);
        }
        page[this.#pointer] = content >> 8;
        page[this.#pointer + 1] = content & 0xff;
        this.#pointer += POINTER_BYTES;
        this.#content = content;
        return true;
    }

    finish(): Buffer {
        const page = this.#page;
        const offset = this.#offset;
        page[offset] = LEAF;
        page.writeUInt16BE(0, offset + 1);
        page.writeUInt16BE((this.#pointer - offset - LEAF_HEADER_BYTES) / POINTER_BYTES, offset + 3);
        // The format writes 0 for a content area that begins at 65,536.
        page.writeUInt16BE(this.#content % PAGE_BYTES, offset + 5);
        page[offset + 7] = 0;
        return page;
    }
}

/** How many bytes of a payload stay in the leaf. */
function localLength(length: number): number {
    if (length <= LOCAL_BYTES_MAX) {
        return length;
    }
    const local = LOCAL_BYTES_MIN + ((length - LOCAL_BYTES_MIN) % (PAGE_BYTES - PAGE_NUMBER_BYTES));
    return local <= LOCAL_BYTES_MAX ? local : LOCAL_BYTES_MIN;
}

/** Writes `bytes[start, end)` as a chain of overflow pages, last one first; returns the number of the first. */
function writeOverflow(bytes: Buffer, start: number, end: number, write: WritePage): number {
    const held = PAGE_BYTES - PAGE_NUMBER_BYTES;
    let next = 0;
    for (let from = start + Math.floor((end - start - 1) / held) * held; from >= start; from -= held) {
        const page = Buffer.alloc(PAGE_BYTES);
        page.writeUInt32BE(next, 0);
        bytes.copy(page, PAGE_NUMBER_BYTES, from, Math.min(from + held, end));
        next = write(page);
    }
    return next;
}

/** Bytes that SQLite's varint of a number takes, for numbers up to 2^53. */
export function varintLength(value: number): number {
    let length = 1;
    for (let limit = 0x80; value >= limit && length < 8; limit *= 0x80) {
        length++;
    }
    return length;
}

/** Writes SQLite's varint: seven bits per byte, the highest first. Returns the index after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
    if (value < 0x80) {
        bytes[at] = value;
        return at + 1;
    }
    if (value < 0x4000) {
        bytes[at] = (value >> 7) | 0x80;
        bytes[at + 1] = value & 0x7f;
        return at + 2;
    }
    const length = varintLength(value);
    let rest = value;
    for (let index = at + length - 1; index >= at; index--) {
        bytes[index] = (rest % 0x80) | (index === at + length - 1 ? 0 : 0x80);
        rest = Math.floor(rest / 0x80);
    }
    return at + length;
}
