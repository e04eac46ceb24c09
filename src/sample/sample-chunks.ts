/** The layout of a sample: a JSON array on one line, or one record per line. */
export type SampleShape = 'array' | 'lines';

const CHUNK_CHARACTERS = 65_536;

const FRAMES: Readonly<
    Record<SampleShape, { readonly open: string; readonly between: string; readonly close: string }>
> = {
    array: { open: '[', between: ', ', close: ']' },
    lines: { open: '', between: '\n', close: '\n' },
};

/** `records` in their frame, in chunks of at least 64 KiB characters (the last may be shorter), none of them empty. */
export function* sampleChunks(records: Iterable<string>, shape: SampleShape): Generator<string, void> {
    const { open, between, close } = FRAMES[shape];
    let chunk = open;
    let before = '';
    for (const record of records) {
        chunk += before + record;
        before = between;
        if (chunk.length >= CHUNK_CHARACTERS) {
            yield chunk;
            chunk = '';
        }
    }
    // Without records: an empty array, or no line.
    chunk += shape === 'lines' && before === '' ? '' : close;
    if (chunk !== '') {
        yield chunk;
    }
}
