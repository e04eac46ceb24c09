/** Reads what records are made of: numbers of variable length, and bytes after their length. */
export class VarintReader {
    readonly source: Buffer;
    at: number;

    constructor(source: Buffer, at: number) {
        this.source = source;
        this.at = at;
    }

    /** A signed number in zigzag form, as records hold lengths and distances. */
    varint(): number {
        const { source } = this;
        let byte = source[this.at++] as number;
        if (byte < 0x80) {
            return (byte >>> 1) ^ -(byte & 1);
        }
        let value = byte & 0x7f;
        let scale = 128;
        do {
            byte = source[this.at++] as number;
            value += (byte & 0x7f) * scale;
            scale *= 128;
        } while (byte >= 0x80);
        // Beyond 32 bits the operators on bits would cut.
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }

    /** The length of what follows, plus one; as the newer requests and answers hold lengths. */
    compactLength(): number {
        let value = 0;
        for (let shift = 0; ; shift += 7) {
            const byte = this.source[this.at++] as number;
            value |= (byte & 0x7f) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
    }

    int16(): number {
        this.at += 2;
        return this.source.readInt16BE(this.at - 2);
    }

    int32(): number {
        this.at += 4;
        return this.source.readInt32BE(this.at - 4);
    }

    /** As a number: offsets beyond 2^53 are none that a broker reaches. */
    int64(): number {
        this.at += 8;
        return Number(this.source.readBigInt64BE(this.at - 8));
    }

    uuid(): string {
        this.at += 16;
        const hex = this.source.toString('hex', this.at - 16, this.at);
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    }

    /** Members that a version added without a new version: `take` reads those it knows. */
    tags(take: (tag: number) => boolean = () => false): void {
        for (let count = this.compactLength(); count > 0; count--) {
            const tag = this.compactLength();
            const size = this.compactLength();
            const end = this.at + size;
            take(tag);
            this.at = end;
        }
    }
}
